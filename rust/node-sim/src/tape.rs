//! The events of one turn of the chain, encoded and in order, ready to be recorded at their times.
//! Filled by chain/ and txn/, recorded by run.rs; the memory is used again for every turn.

use std::ops::Range;

use monad_exec_events::{ExecEventRef, ExecEventType};

use crate::{error::SimError, live_ring::LiveRing};

/// Stands for "inside the block"; the live ring knows the seqno.
const IN_BLOCK: u64 = 1;

/// Encoded events one behind the other.
#[derive(Default)]
pub struct Tape {
    events: Vec<TapedEvent>,
    payloads: Vec<u8>,
    scratch: Vec<u8>,
}

struct TapedEvent {
    event_type: ExecEventType,
    content_ext: [u64; 4],
    payload: Range<usize>,
}

impl Tape {
    /// Forgets all events, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.payloads.clear();
    }

    /// Adds an event.
    pub(crate) fn push(&mut self, event: ExecEventRef<'_>) {
        let event_type = event.event_type();
        let is_consensus = matches!(
            event_type,
            ExecEventType::BlockQC | ExecEventType::BlockFinalized | ExecEventType::BlockVerified
        );
        event.encode_payload(&mut self.scratch);
        let start = self.payloads.len();
        self.payloads.extend_from_slice(&self.scratch);
        self.events.push(TapedEvent {
            event_type,
            content_ext: event.content_ext(if is_consensus { 0 } else { IN_BLOCK }),
            payload: start..self.payloads.len(),
        });
    }

    /// Number of events.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// True without events.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Records event `index` (below [`len`](Self::len)) now.
    ///
    /// # Errors
    /// [`SimError::Record`] if the ring is too small for the payload.
    pub fn record(&self, index: usize, ring: &mut LiveRing) -> Result<(), SimError> {
        let event = &self.events[index];
        let payload = &self.payloads[event.payload.clone()];
        ring.record(event.event_type.code(), event.content_ext, payload)
    }
}
