//! Prints the raw bytes of every event of a ring of any content type.

mod follow;

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use follow::{Follower, Source, Step};
use monad_event_ring::RawDescriptor;

/// Prints the raw bytes of every event of a ring, whatever it holds
///
/// One line per event: seqno and type in hexadecimal, the payload's size, the four content words that are not zero,
/// then the payload. Events that were lost are named. A snapshot ends by itself, a live ring with Ctrl-C.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    source: Source,

    /// Bytes per line
    #[arg(short, long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..))]
    width: u16,
}

fn main() -> ExitCode {
    follow::exit("hexdump", run(&Options::parse()))
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut follower = Follower::open(&options.source, None)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    loop {
        match follower.next()? {
            Step::Event(event) => print(&mut out, &event, follower.payload(), options.width)?,
            Step::Lost {
                from_seqno,
                to_seqno,
                because,
            } => {
                let count = to_seqno - from_seqno + 1;
                writeln!(
                    out,
                    "-- {count} lost, {from_seqno:#x} to {to_seqno:#x}: {because}"
                )?;
            }
            Step::Restarted => writeln!(out, "-- a new ring: seqnos begin anew")?,
            Step::Idle => out.flush()?,
            Step::End => return Ok(out.flush()?),
        }
    }
}

fn print(
    out: &mut impl Write,
    event: &RawDescriptor,
    payload: &[u8],
    width: u16,
) -> io::Result<()> {
    write!(
        out,
        "{:08x} {:02x} {:6}",
        event.seqno, event.event_type, event.payload_size
    )?;
    for (index, word) in event.content_ext.iter().enumerate() {
        if *word != 0 {
            write!(out, " [{index}]={word:#x}")?;
        }
    }
    writeln!(out)?;
    for line in payload.chunks(width.into()) {
        write!(out, "        ")?;
        for byte in line {
            write!(out, " {byte:02x}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
