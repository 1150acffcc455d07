//! Why input is missing from the stream, what is skipped until it goes on, and the entry that says so.
//! Used by `pipeline`; `reader` names the reasons.

use crate::log::{EntryKind, GAP, LogWriter, Record, Stopped};
use crate::text::{Json, field};

/// Why input was lost. Source: protocol 10.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapReason {
    /// The writer overtook the reader.
    RingOverrun,
    /// The payload's bytes were reused before they were read.
    PayloadExpired,
    /// The node made a new ring.
    SourceRestarted,
    /// The node's recorder dropped an event.
    RecordError,
    /// The event's bytes make no sense.
    Undecodable,
    /// The event is larger than the log takes.
    TooLarge,
}

impl GapReason {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            GapReason::RingOverrun => "ring_overrun",
            GapReason::PayloadExpired => "payload_expired",
            GapReason::SourceRestarted => "source_restarted",
            GapReason::RecordError => "record_error",
            GapReason::Undecodable => "undecodable",
            GapReason::TooLarge => "too_large",
        }
    }
}

/// What is being skipped, until an event outside a block or a BlockStart comes.
#[derive(Clone, Copy, Debug)]
pub enum Skipping {
    /// Every event is taken.
    Nothing,
    /// The stream has not begun: what precedes its first whole block is not lost, it never was part.
    Beginning,
    /// Events were lost, and half a block is no block.
    Lost {
        /// The first event that was lost.
        from_seqno: u64,
        /// Why.
        reason: GapReason,
    },
}

/// Input that was lost, as an entry of the log.
#[derive(Clone, Copy, Debug)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// The first lost event.
    pub from_seqno: u64,
    /// The last one; unknown when the ring itself went away.
    pub to_seqno: Option<u64>,
}

/// Bytes of the longest gap frame.
const LONGEST_TEXT: usize = 256;

impl Gap {
    /// How many events were lost, if that is known.
    pub fn dropped(&self) -> Option<u64> {
        self.to_seqno
            .map(|to_seqno| (to_seqno + 1).saturating_sub(self.from_seqno))
    }

    /// Appends the whole frame that clients get in its place. Source: protocol 10.2.
    pub fn append(&self, log: &mut LogWriter, seq: u64, recorded_us: u64) -> Result<(), Stopped> {
        let mut json = Json::new(log.reserve(LONGEST_TEXT)?);
        json.raw(b"{\"seq\":0,\"Warning\":{\"type\":\"gap\"");
        if let Some(dropped) = self.dropped() {
            field!(json, "dropped", number, dropped);
        }
        field!(json, "reason", word, self.reason.name());
        field!(json, "from_seqno", number, self.from_seqno);
        if let Some(to_seqno) = self.to_seqno {
            field!(json, "to_seqno", number, to_seqno);
        }
        json.raw(b"}}");
        let record = Record {
            seq,
            text_at: 0,
            text_len: json.len() as u32,
            recorded_us,
            entry_type: GAP,
            stage_at: 0,
            kind: &EntryKind::default(),
        };
        log.commit(&record, 0);
        Ok(())
    }
}
