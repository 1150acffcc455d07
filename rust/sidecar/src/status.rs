//! What the reader thread reports of itself: numbers for `/v1/status` and Hello, and the state of the source.
//! Written by `reader` and `pipeline`, read through `door` by `src/native/log.ts`.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::proposals::ProposalIds;

/// What the source is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum SourceState {
    /// The ring is being opened; large snapshots take a moment.
    Opening = 0,
    /// What the ring still holds is being read.
    Filling = 1,
    /// Everything that is there has been read; events come as they are recorded.
    Reading = 2,
    /// There is no ring yet.
    Missing = 3,
    /// The snapshot has been read to its end.
    Ended = 4,
    /// The ring went away or cannot be used any more; a new one is waited for.
    Down = 5,
    /// The ring cannot be used, and it was the first one tried: the process should end.
    Failed = 6,
}

/// Fields of [`Status::numbers`], in order, as `ringcast_describe` reports them.
pub const STATUS_FIELDS: [&str; 12] = [
    "head",
    "oldest",
    "newest_seq",
    "block_number",
    "chain_id",
    "events",
    "gaps",
    "lost",
    "recorded_us",
    "call_frames",
    "source_state",
    "source_kind",
];

/// What is being read. Source: protocol 14.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum SourceKind {
    /// Nothing was opened yet.
    Unknown = 0,
    /// A node's ring.
    Live = 1,
    /// A recording.
    Snapshot = 2,
    /// A ring that says of itself that no node writes it.
    Simulated = 3,
}

/// The reader's report. Numbers are independent of each other; each is exact on its own.
#[derive(Debug, Default)]
pub struct Status {
    /// Largest seq in the log.
    pub newest_seq: AtomicU64,
    /// Newest block number seen.
    pub block_number: AtomicU64,
    /// Chain id, 0 until known.
    pub chain_id: AtomicU64,
    /// Ring events that were read.
    pub events: AtomicU64,
    /// Gaps that were written.
    pub gaps: AtomicU64,
    /// Ring events that the gaps swallowed, where known.
    pub lost: AtomicU64,
    /// When the newest event was recorded, in microseconds since 1970.
    pub recorded_us: AtomicU64,
    /// 0 unknown, 1 the node records no call frames, 2 it does.
    pub call_frames: AtomicU32,
    /// The block ids behind the ordinals of the log.
    pub proposals: Arc<ProposalIds>,
    source_state: AtomicU32,
    source_kind: AtomicU32,
    message: Mutex<String>,
}

impl Status {
    /// Every number, in the order of [`STATUS_FIELDS`]; `log` is the log's head and oldest entry.
    pub fn numbers(&self, log: (u64, u64)) -> [f64; STATUS_FIELDS.len()] {
        let wide = |word: &AtomicU64| word.load(Ordering::Relaxed) as f64;
        [
            log.0 as f64,
            log.1 as f64,
            wide(&self.newest_seq),
            wide(&self.block_number),
            wide(&self.chain_id),
            wide(&self.events),
            wide(&self.gaps),
            wide(&self.lost),
            wide(&self.recorded_us),
            f64::from(self.call_frames.load(Ordering::Relaxed)),
            f64::from(self.source_state.load(Ordering::Acquire)),
            f64::from(self.source_kind.load(Ordering::Relaxed)),
        ]
    }

    /// Changes the state of the source; `message` says it as a sentence.
    pub fn set_source(&self, state: SourceState, message: impl Into<String>) {
        *self.message.lock().unwrap_or_else(PoisonError::into_inner) = message.into();
        self.source_state.store(state as u32, Ordering::Release);
    }

    /// Says what is being read.
    pub fn set_kind(&self, kind: SourceKind) {
        self.source_kind.store(kind as u32, Ordering::Relaxed);
    }

    /// The sentence that goes with the state of the source.
    pub fn message(&self) -> String {
        self.message
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
