//! Block-oriented reading: which block an event belongs to, and the way back to an earlier consensus event.
//! Stands on the ring crate's official reader. Consensus events are BLOCK_START, BLOCK_QC, BLOCK_FINALIZED and
//! BLOCK_VERIFIED. Source: ring-and-events §2.5.

use monad_event_ring::{EventDescriptor, EventPayloadResult, EventReader};

use crate::ffi::{MONAD_EXEC_BLOCK_START, monad_c_bytes32};
use crate::{ExecEventDecoder, ExecEventRef, ExecEventType};

type Descriptor<'ring> = EventDescriptor<'ring, ExecEventDecoder>;

/// Which block an event belongs to.
pub trait ExecEventDescriptorExt {
    /// The number of the event's block: that of its BLOCK_START inside a block, its own for a consensus event.
    ///
    /// `None` for other events outside a block, and if the payload that says it has expired.
    fn get_block_number(&self) -> Option<u64>;

    /// Whether the event belongs to the block `block_id`; `false` for BLOCK_VERIFIED, which has no id, and if the
    /// payload that says it has expired.
    fn block_id_matches(&self, block_id: &monad_c_bytes32) -> bool;
}

/// Moves a reader back to an earlier consensus event.
///
/// On success the event is returned and is the one that the reader gives next; otherwise the reader stays where it
/// is. A walk ends where the ring does: each step goes to a lower seqno, so no ring makes it endless.
pub trait ExecEventReaderExt<'ring> {
    /// The consensus event before the reader's position, of type `filter` if there is one.
    ///
    /// From inside a block the first step leads to that block's BLOCK_START. Without an event at the position, as at
    /// the end of a ring that was read up, there is no way back; after [`EventReader::reset`] there is.
    fn consensus_prev(&mut self, filter: Option<ExecEventType>) -> Option<Descriptor<'ring>>;

    /// The consensus event of block `block_number` before the position; `filter` is a consensus event type or `None`.
    ///
    /// For BLOCK_FINALIZED and BLOCK_VERIFIED, which come in the order of numbers, the search ends below the number.
    fn block_number_prev(
        &mut self,
        block_number: u64,
        filter: Option<ExecEventType>,
    ) -> Option<Descriptor<'ring>>;

    /// The consensus event of block `block_id` before the position; `filter` is `None` or one of BLOCK_START, BLOCK_QC
    /// and BLOCK_FINALIZED.
    fn block_id_prev(
        &mut self,
        block_id: &monad_c_bytes32,
        filter: Option<ExecEventType>,
    ) -> Option<Descriptor<'ring>>;
}

/// Positions for a replay; official in C only.
pub trait ExecEventReplayExt<'ring> {
    /// Goes back to where everything follows that may be unseen, if block `block_number` is the last finalized one that
    /// was seen: to the consensus event behind the BLOCK_START of that number.
    ///
    /// Returns that event, which comes next, as [`ExecEventReaderExt`] does; `None` without moving, if BLOCK_FINALIZED
    /// or BLOCK_START of that number is not in the ring any more.
    fn rewind_for_simple_replay(&mut self, block_number: u64) -> Option<Descriptor<'ring>>;
}

impl ExecEventDescriptorExt for Descriptor<'_> {
    fn get_block_number(&self) -> Option<u64> {
        read(self, |event| match event {
            ExecEventRef::BlockStart(start) => Some(start.block_tag.block_number),
            ExecEventRef::BlockQC(qc) => Some(qc.block_tag.block_number),
            ExecEventRef::BlockFinalized(tag) => Some(tag.block_number),
            ExecEventRef::BlockVerified(verified) => Some(verified.block_number),
            _ => None,
        })
    }

    fn block_id_matches(&self, block_id: &monad_c_bytes32) -> bool {
        read(self, |event| match event {
            ExecEventRef::BlockStart(start) => Some(start.block_tag.id),
            ExecEventRef::BlockQC(qc) => Some(qc.block_tag.id),
            ExecEventRef::BlockFinalized(tag) => Some(tag.id),
            _ => None,
        }) == Some(*block_id)
    }
}

impl<'ring> ExecEventReaderExt<'ring> for EventReader<'ring, ExecEventDecoder> {
    fn consensus_prev(&mut self, filter: Option<ExecEventType>) -> Option<Descriptor<'ring>> {
        let here = self.descriptor_at(self.position())?;
        let found = before(here, filter)?;
        self.seek(found.raw().seqno);
        Some(found)
    }

    fn block_number_prev(
        &mut self,
        block_number: u64,
        filter: Option<ExecEventType>,
    ) -> Option<Descriptor<'ring>> {
        let here = self.descriptor_at(self.position())?;
        let found = number_before(here, block_number, filter)?;
        self.seek(found.raw().seqno);
        Some(found)
    }

    fn block_id_prev(
        &mut self,
        block_id: &monad_c_bytes32,
        filter: Option<ExecEventType>,
    ) -> Option<Descriptor<'ring>> {
        let has_id = |filter| is_consensus(filter) && filter != ExecEventType::BlockVerified;
        if filter.is_some_and(|filter| !has_id(filter)) {
            return None;
        }
        let mut at = self.descriptor_at(self.position())?;
        loop {
            at = before(at, filter)?;
            if at.block_id_matches(block_id) {
                self.seek(at.raw().seqno);
                return Some(at);
            }
        }
    }
}

impl<'ring> ExecEventReplayExt<'ring> for EventReader<'ring, ExecEventDecoder> {
    fn rewind_for_simple_replay(&mut self, block_number: u64) -> Option<Descriptor<'ring>> {
        let here = self.descriptor_at(self.position())?;
        let mut behind = number_before(here, block_number, Some(ExecEventType::BlockFinalized))?;
        loop {
            let at = before(behind, None)?;
            if is_start(&at) && at.get_block_number() == Some(block_number) {
                self.seek(behind.raw().seqno);
                return Some(behind);
            }
            behind = at;
        }
    }
}

/// The consensus event of a block before `at`, as [`ExecEventReaderExt::block_number_prev`] says.
fn number_before<'ring>(
    mut at: Descriptor<'ring>,
    block_number: u64,
    filter: Option<ExecEventType>,
) -> Option<Descriptor<'ring>> {
    use ExecEventType::{BlockFinalized, BlockVerified};
    if filter.is_some_and(|filter| !is_consensus(filter)) {
        return None;
    }
    let is_ordered = matches!(filter, Some(BlockFinalized | BlockVerified));
    loop {
        at = before(at, filter)?;
        match at.get_block_number() {
            Some(number) if number == block_number => return Some(at),
            Some(number) if number < block_number && is_ordered => return None,
            Some(_) => {}
            // An expired payload: those before it have expired, too. Another event has no number and is passed by.
            None if ExecEventType::try_from(at.raw().event_type).is_ok_and(is_consensus) => {
                return None;
            }
            None => {}
        }
    }
}

/// The event before `at`, or the start of the block around it; going on until the type is `filter`'s.
fn before<'ring>(
    at: Descriptor<'ring>,
    filter: Option<ExecEventType>,
) -> Option<Descriptor<'ring>> {
    let is_wanted = |event: &Descriptor<'_>| {
        filter.is_none_or(|filter| filter.code() == event.raw().event_type)
    };
    let seqno = at.raw().seqno;
    let mut at = leave_block(at)?;
    // Only a jump out of a block counts as a step at once.
    if at.raw().seqno < seqno && is_wanted(&at) {
        return Some(at);
    }
    loop {
        at = leave_block(at.descriptor_at(at.raw().seqno - 1)?)?;
        if is_wanted(&at) {
            return Some(at);
        }
    }
}

/// The BLOCK_START of the block around `at`; `at` itself outside a block.
fn leave_block(at: Descriptor<'_>) -> Option<Descriptor<'_>> {
    let block_seqno = at.info().flow_info.block_seqno;
    if block_seqno == 0 || is_start(&at) {
        return Some(at);
    }
    // A damaged descriptor may name any event; only going back keeps the walk finite.
    if block_seqno >= at.raw().seqno {
        return None;
    }
    at.descriptor_at(block_seqno).filter(is_start)
}

/// Reads the event, or the BLOCK_START of the block around it.
fn read<R>(at: &Descriptor<'_>, f: fn(ExecEventRef<'_>) -> Option<R>) -> Option<R> {
    let block_seqno = at.info().flow_info.block_seqno;
    let start = if block_seqno == 0 || is_start(at) {
        None
    } else {
        Some(at.descriptor_at(block_seqno)?)
    };
    match start.as_ref().unwrap_or(at).try_filter_map(f) {
        EventPayloadResult::Ready(value) => value,
        EventPayloadResult::Expired => None,
    }
}

fn is_start(event: &Descriptor<'_>) -> bool {
    event.raw().event_type == MONAD_EXEC_BLOCK_START
}

fn is_consensus(event: ExecEventType) -> bool {
    use ExecEventType::{BlockFinalized, BlockQC, BlockStart, BlockVerified};
    matches!(event, BlockStart | BlockQC | BlockFinalized | BlockVerified)
}
