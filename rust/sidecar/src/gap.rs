//! Why input is missing from the stream, and what is skipped until it goes on. Used by `pipeline` and `reader`.

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
