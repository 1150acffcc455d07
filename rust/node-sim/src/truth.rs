//! What really was recorded, as lines of JSON for whoever checks a reader: proposals with their contents and fate,
//! votes and finality, faults, and on request every event. Fed by run/player.rs with what it records.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use monad_exec_events::{
    ExecEventType,
    ffi::{monad_c_bytes32, monad_exec_block_tag, monad_exec_block_verified},
};
use serde::Serialize;
use zerocopy::TryFromBytes;

use crate::digest::digest_event;

/// Writes the truth of one run.
///
/// - A proposal's line comes when its height is finalized, or at the end: `{"block_number","block_id","first_seqno",
///   "last_seqno","events":{type: count},"outcome","winner","ring"}`. `outcome` is `"ended"`, `"rejected"`,
///   `"failed"`, or `"cut"` if the node died inside the block; `winner` is null if nothing was finalized at its height.
/// - A vote or finality: `{"consensus":type,"ring","seqno","block_number","block_id"}`, without an id for verification.
/// - A fault: `{"fault":command,"ring","seqno"}`, with the last seqno before it; `corrupt` and `record-error` come with
///   the seqno of the event that they met.
/// - With events: `{"event":type,"ring","seqno","size","digest"}`, the digest as [`digest_event`] makes it.
///
/// Rings count from 1; a restart makes the next one. Ids are hexadecimal.
pub struct Truth {
    out: BufWriter<File>,
    with_events: bool,
    open: Option<Proposal>,
    /// Proposals of heights that are not finalized.
    undecided: BTreeMap<u64, Vec<Proposal>>,
}

#[derive(Serialize)]
struct Proposal {
    block_number: u64,
    block_id: String,
    first_seqno: u64,
    last_seqno: u64,
    events: BTreeMap<&'static str, u64>,
    outcome: &'static str,
    winner: Option<bool>,
    ring: u32,
}

#[derive(Serialize)]
struct Consensus<'a> {
    consensus: &'a str,
    ring: u32,
    seqno: u64,
    block_number: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    block_id: Option<String>,
}

#[derive(Serialize)]
struct Fault<'a> {
    fault: &'a str,
    ring: u32,
    seqno: u64,
}

#[derive(Serialize)]
struct Event {
    event: &'static str,
    ring: u32,
    seqno: u64,
    size: usize,
    digest: String,
}

impl Truth {
    /// Begins a file, in place of one that is there.
    ///
    /// # Errors
    /// The system's.
    pub fn create(path: &Path, with_events: bool) -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::with_capacity(1 << 20, File::create(path)?),
            with_events,
            open: None,
            undecided: BTreeMap::new(),
        })
    }

    /// Takes an event as it was recorded.
    pub(crate) fn recorded(
        &mut self,
        ring: u32,
        seqno: u64,
        event_type: ExecEventType,
        content_ext: [u64; 4],
        payload: &[u8],
    ) -> io::Result<()> {
        if self.with_events {
            self.line(&Event {
                event: event_type.name(),
                ring,
                seqno,
                size: payload.len(),
                digest: format!(
                    "{:016x}",
                    digest_event(event_type.code(), content_ext, payload)
                ),
            })?;
        }
        if let Some(open) = &mut self.open {
            *open.events.entry(event_type.name()).or_default() += 1;
            open.last_seqno = seqno;
        }
        match event_type {
            ExecEventType::BlockStart => {
                let tag = tag_of(payload)?;
                self.open = Some(Proposal {
                    block_number: tag.block_number,
                    block_id: hex(&tag.id),
                    first_seqno: seqno,
                    last_seqno: seqno,
                    events: BTreeMap::from([(event_type.name(), 1)]),
                    outcome: "cut",
                    winner: None,
                    ring,
                });
                Ok(())
            }
            ExecEventType::BlockEnd => self.close("ended"),
            ExecEventType::BlockReject => self.close("rejected"),
            // That of a transaction comes before that of its block.
            ExecEventType::EvmError if content_ext[1] == 0 => self.close("failed"),
            ExecEventType::BlockQC => self.consensus(event_type, ring, seqno, &tag_of(payload)?),
            ExecEventType::BlockFinalized => {
                let tag = tag_of(payload)?;
                self.consensus(event_type, ring, seqno, &tag)?;
                self.decide(&tag)
            }
            ExecEventType::BlockVerified => {
                let verified = monad_exec_block_verified::try_read_from_bytes(payload);
                self.line(&Consensus {
                    consensus: event_type.name(),
                    ring,
                    seqno,
                    block_number: verified.map_err(|_| not_an_event())?.block_number,
                    block_id: None,
                })
            }
            _ => Ok(()),
        }
    }

    /// Takes a fault.
    pub(crate) fn fault(&mut self, ring: u32, seqno: u64, command: &str) -> io::Result<()> {
        self.line(&Fault {
            fault: command,
            ring,
            seqno,
        })?;
        self.out.flush()
    }

    /// Notes that the node died: nothing more comes of an open block.
    pub(crate) fn cut(&mut self) -> io::Result<()> {
        self.close("cut")
    }

    /// Writes what is not decided, and everything to the file.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.close("cut")?;
        for proposal in std::mem::take(&mut self.undecided).into_values().flatten() {
            self.line(&proposal)?;
        }
        self.out.flush()
    }

    fn close(&mut self, outcome: &'static str) -> io::Result<()> {
        if let Some(mut closed) = self.open.take() {
            closed.outcome = outcome;
            let height = self.undecided.entry(closed.block_number).or_default();
            height.push(closed);
        }
        self.out.flush()
    }

    fn consensus(
        &mut self,
        event_type: ExecEventType,
        ring: u32,
        seqno: u64,
        tag: &monad_exec_block_tag,
    ) -> io::Result<()> {
        self.line(&Consensus {
            consensus: event_type.name(),
            ring,
            seqno,
            block_number: tag.block_number,
            block_id: Some(hex(&tag.id)),
        })
    }

    /// Writes the proposals of every height up to a finalized one.
    fn decide(&mut self, finalized: &monad_exec_block_tag) -> io::Result<()> {
        let later = self.undecided.split_off(&(finalized.block_number + 1));
        let winner = hex(&finalized.id);
        for mut proposal in std::mem::replace(&mut self.undecided, later)
            .into_values()
            .flatten()
        {
            proposal.winner = Some(proposal.block_id == winner);
            self.line(&proposal)?;
        }
        Ok(())
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }
}

/// The tag that BLOCK_START, BLOCK_QC and BLOCK_FINALIZED begin with.
fn tag_of(payload: &[u8]) -> io::Result<monad_exec_block_tag> {
    monad_exec_block_tag::try_read_from_prefix(payload)
        .map(|(tag, _)| tag)
        .map_err(|_| not_an_event())
}

fn not_an_event() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a payload is too short")
}

fn hex(id: &monad_c_bytes32) -> String {
    let digits = id.bytes.iter().map(|byte| format!("{byte:02x}"));
    ["0x".to_owned()].into_iter().chain(digits).collect()
}
