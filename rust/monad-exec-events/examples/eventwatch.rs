//! Prints execution events as they are recorded.

#[path = "../../monad-event-ring/examples/follow/mod.rs"]
mod follow;

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use follow::{Follower, Source, Step};
use monad_event_ring::{ContentType, PayloadBuffer, RawDescriptor, RingExpectation};
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;
use monad_exec_events::{ExecEventRef, ExecEventType};

/// Prints execution events as they are recorded
///
/// A live ring is followed from the beginning of the block that is being executed; events that were lost are named
/// with their exact number, and a restarted node is followed into its new ring. A snapshot is printed from its first
/// event and ends by itself, a live ring ends with Ctrl-C. Times are UTC.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    source: Source,

    /// Show the payload in hexadecimal, 16 bytes per line
    #[arg(short, long)]
    dump_payload: bool,

    /// Show the decoded payload as one line of JSON
    #[arg(short, long)]
    json: bool,
}

fn main() -> ExitCode {
    follow::exit("eventwatch", run(&Options::parse()))
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let expected = RingExpectation {
        content_type: ContentType::Exec,
        schema_hash: EXEC_SCHEMA_HASH,
    };
    let mut follower = Follower::open(&options.source, Some(expected))?;
    seek_block_start(&mut follower);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut block = Block::default();
    loop {
        match follower.next()? {
            Step::Event(event) => {
                block.enter(&mut follower, &event);
                print(&mut out, options, &event, follower.payload(), block.number)?;
            }
            Step::Lost {
                from_seqno,
                to_seqno,
                because,
            } => {
                let count = to_seqno - from_seqno + 1;
                writeln!(
                    out,
                    "-- {count} lost, SEQ {from_seqno} to {to_seqno}: {because}"
                )?;
            }
            Step::Restarted => writeln!(out, "-- the node was restarted: its new ring")?,
            Step::Idle => out.flush()?,
            Step::End => return Ok(out.flush()?),
        }
    }
}

/// Goes back from inside a block to its BLOCK_START, if the ring still holds it.
fn seek_block_start(follower: &mut Follower) {
    let reader = follower.reader();
    let here = reader.try_copy(reader.position());
    let start = here.map_or(0, |event| event.content_ext[0]);
    if start != 0 && reader.try_copy(start).is_some() {
        reader.seek(start);
    }
}

/// The block that events belong to.
#[derive(Default)]
struct Block {
    seqno: u64,
    number: Option<u64>,
}

impl Block {
    /// Notes the block of `event`, looking its number up when it is another one than before.
    fn enter(&mut self, follower: &mut Follower, event: &RawDescriptor) {
        let seqno = event.content_ext[0];
        if seqno != self.seqno || event.seqno == seqno {
            self.seqno = seqno;
            self.number = number_of(follower, seqno);
        }
    }
}

/// The number in the BLOCK_START at `seqno`; `None` outside a block or if it is gone.
fn number_of(follower: &mut Follower, seqno: u64) -> Option<u64> {
    let reader = follower.reader();
    let (start, mut payload) = (reader.try_copy(seqno)?, PayloadBuffer::new());
    if !reader.copy_payload(&start, &mut payload) {
        return None;
    }
    match ExecEventRef::decode(start.event_type, start.content_ext, payload.as_slice()) {
        Ok(ExecEventRef::BlockStart(start)) => Some(start.block_tag.block_number),
        _ => None,
    }
}

fn print(
    out: &mut impl Write,
    options: &Options,
    event: &RawDescriptor,
    payload: &[u8],
    number: Option<u64>,
) -> Result<(), Box<dyn Error>> {
    let (seconds, nanos) = (
        event.record_epoch_nanos / 1_000_000_000,
        event.record_epoch_nanos % 1_000_000_000,
    );
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    let code = event.event_type;
    let name = ExecEventType::try_from(code).map_or("UNKNOWN", ExecEventType::c_name);
    write!(
        out,
        "{hours:02}:{minutes:02}:{:02}.{nanos:09}: {name} [{code} {code:#x}] SEQ: {} LEN: {} BUF_OFF: {}",
        seconds % 60,
        event.seqno,
        event.payload_size,
        event.payload_buf_offset
    )?;
    let decoded = ExecEventRef::decode(code, event.content_ext, payload);
    let number = match &decoded {
        Ok(ExecEventRef::BlockQC(qc)) => Some(qc.block_tag.block_number),
        Ok(ExecEventRef::BlockFinalized(tag)) => Some(tag.block_number),
        Ok(ExecEventRef::BlockVerified(verified)) => Some(verified.block_number),
        _ => number,
    };
    if let Some(number) = number {
        write!(out, " BLK: {number}")?;
    }
    if let Some(txn_index) = event.content_ext[1].checked_sub(1) {
        write!(out, " TXN: {txn_index}")?;
    }
    writeln!(out)?;
    if let Err(error) = &decoded {
        writeln!(out, "-- {error}")?;
    }
    if let (true, Ok(decoded)) = (options.json, &decoded) {
        serde_json::to_writer(&mut *out, decoded).map_err(io::Error::from)?;
        writeln!(out)?;
    }
    if options.dump_payload {
        dump(out, payload)?;
    }
    Ok(())
}

/// Sixteen bytes per line: offset, hexadecimal, printable characters.
fn dump(out: &mut impl Write, payload: &[u8]) -> io::Result<()> {
    for (index, line) in payload.chunks(16).enumerate() {
        write!(out, "{:08x} ", index * 16)?;
        for at in 0..16 {
            let gap = if at == 8 { " " } else { "" };
            match line.get(at) {
                Some(byte) => write!(out, "{gap} {byte:02x}")?,
                None => write!(out, "{gap}   ")?,
            }
        }
        let text: String = line
            .iter()
            .map(|byte| {
                if matches!(byte, b' '..=b'~') {
                    char::from(*byte)
                } else {
                    '.'
                }
            })
            .collect();
        writeln!(out, "  |{text}|")?;
    }
    Ok(())
}
