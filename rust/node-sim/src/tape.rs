//! The events of one turn of the chain, encoded and in order, ready to be recorded at their times.
//! Filled by chain/ and txn/, recorded by run.rs; the memory is used again for every turn.

use std::ops::Range;

use monad_exec_events::{ExecEventRef, ExecEventRingFlowInfo, ExecEventType};

/// Stands for "inside the block"; the live ring knows the seqno.
const IN_BLOCK: u64 = 1;

/// Encoded events, in the order in which they are recorded.
#[derive(Default)]
pub struct Tape {
    events: Vec<TapedEvent>,
    payloads: Vec<u8>,
    scratch: Vec<u8>,
}

#[derive(Clone)]
struct TapedEvent {
    event_type: ExecEventType,
    content_ext: [u64; 4],
    payload: Range<usize>,
}

/// Events that were put on a tape and are taken off again, to be put back in another order.
pub(crate) struct Staged(Vec<TapedEvent>);

/// One event, ready to be recorded.
pub struct Event<'tape> {
    /// Its type.
    pub event_type: ExecEventType,
    /// Its content words; a first word other than 0 stands for "in the open block".
    pub content_ext: [u64; 4],
    /// Its payload.
    pub payload: &'tape [u8],
}

impl Tape {
    /// Forgets all events, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.payloads.clear();
    }

    /// Adds an event of the block, of the transaction that it names itself, or of the consensus.
    pub(crate) fn push(&mut self, event: ExecEventRef<'_>) {
        self.push_at(event.flow(0).txn_idx, 0, event);
    }

    /// Adds an event that does not say itself which transaction it belongs to.
    pub(crate) fn push_of(&mut self, txn_index: usize, event: ExecEventRef<'_>) {
        self.push_at(Some(txn_index), 0, event);
    }

    /// Adds an event with everything that only its descriptor says.
    pub(crate) fn push_at(
        &mut self,
        txn_idx: Option<usize>,
        account_idx: u64,
        event: ExecEventRef<'_>,
    ) {
        let event_type = event.event_type();
        let is_consensus = matches!(
            event_type,
            ExecEventType::BlockQC | ExecEventType::BlockFinalized | ExecEventType::BlockVerified
        );
        event.encode_payload(&mut self.scratch);
        let start = self.payloads.len();
        self.payloads.extend_from_slice(&self.scratch);
        let flow = ExecEventRingFlowInfo {
            block_seqno: if is_consensus { 0 } else { IN_BLOCK },
            txn_idx,
            account_idx,
        };
        self.events.push(TapedEvent {
            event_type,
            content_ext: flow.into(),
            payload: start..self.payloads.len(),
        });
    }

    /// Takes off everything from event `start` on.
    pub(crate) fn stage_from(&mut self, start: usize) -> Staged {
        Staged(self.events.split_off(start))
    }

    /// Puts staged event `index` back, behind what is on the tape now.
    pub(crate) fn put_back(&mut self, staged: &Staged, index: usize) {
        self.events.push(staged.0[index].clone());
    }

    /// Number of events.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// True without events.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Event `index`, below [`len`](Self::len).
    pub fn event(&self, index: usize) -> Event<'_> {
        let event = &self.events[index];
        Event {
            event_type: event.event_type,
            content_ext: event.content_ext,
            payload: &self.payloads[event.payload.clone()],
        }
    }
}
