//! The builder of executed blocks: at most one open block, its transactions by index.
//! `txn` keeps each transaction; `crate::block` is what comes out.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use monad_event_ring::{EventDescriptor, EventPayloadResult};

use super::txn::PendingTxn;
use super::{BlockBuilderError, BlockBuilderResult, ReassemblyError};
use crate::block::ExecutedBlock;
use crate::ffi::{monad_exec_block_end, monad_exec_block_start};
use crate::{ExecEvent, ExecEventDecoder, ExecEventRef, ExecEventType};

/// Puts executed blocks together from the events of a ring, whatever block they later become.
///
/// Feed it every event in the order of the ring. It keeps one open block; memory grows with the events that came,
/// never with the counts that they announce. Events of transactions may interleave; within one transaction they
/// come in order. After a gap call [`reset`](Self::reset). Source: ring-and-events §5.2, §5.3.
#[derive(Debug, Default)]
pub struct ExecutedBlockBuilder {
    include_call_frames: bool,
    open: Option<PendingBlock>,
}

#[derive(Debug)]
struct PendingBlock {
    start: monad_exec_block_start,
    txns: BTreeMap<usize, PendingTxn>,
}

impl ExecutedBlockBuilder {
    /// A builder without an open block; `include_call_frames` says whether blocks keep their call frames.
    pub fn new(include_call_frames: bool) -> Self {
        Self {
            include_call_frames,
            open: None,
        }
    }

    /// Forgets the open block.
    pub fn reset(&mut self) {
        self.open = None;
    }

    /// Takes the next event; `Some` when it completes a block or ends one without completing it.
    ///
    /// Outside a block everything but BLOCK_START is ignored. A BLOCK_START inside a block reports the open block as
    /// dropped and opens the new one. RECORD_ERROR changes nothing: what it lost is found missing at BLOCK_END.
    pub fn process_event(
        &mut self,
        event: ExecEventRef<'_>,
    ) -> Option<BlockBuilderResult<ExecutedBlock>> {
        self.selector()(event).and_then(|event| self.apply(event))
    }

    /// As [`process_event`](Self::process_event), with the payload still in the ring.
    ///
    /// An event that cannot be decoded is found missing at BLOCK_END, like one that was never recorded.
    pub fn process_event_descriptor(
        &mut self,
        event_descriptor: &EventDescriptor<'_, ExecEventDecoder>,
    ) -> Option<BlockBuilderResult<ExecutedBlock>> {
        match event_descriptor.try_filter_map(self.selector()) {
            EventPayloadResult::Ready(event) => event.and_then(|event| self.apply(event)),
            EventPayloadResult::Expired => {
                self.reset();
                Some(Err(BlockBuilderError::PayloadExpired))
            }
        }
    }

    /// Chooses the events that matter, before their payloads are copied.
    fn selector(&self) -> fn(ExecEventRef<'_>) -> Option<ExecEvent> {
        if self.include_call_frames {
            select_with_call_frames
        } else {
            select
        }
    }

    /// Takes an event that was chosen.
    fn apply(&mut self, event: ExecEvent) -> Option<BlockBuilderResult<ExecutedBlock>> {
        match event {
            ExecEvent::BlockStart(start) => {
                let dropped = self.open.replace(PendingBlock {
                    start,
                    txns: BTreeMap::new(),
                })?;
                Some(Err(dropped.drop_because(ReassemblyError::UnterminatedBlock)))
            }
            ExecEvent::BlockReject(_)
            | ExecEvent::TxnReject { .. }
            | ExecEvent::EvmError { .. } => {
                self.open.take().map(|_| Err(BlockBuilderError::Rejected))
            }
            ExecEvent::BlockEnd(end) => {
                Some(self.open.take()?.finish(end, self.include_call_frames))
            }
            event => match self.open.as_mut()?.add(event) {
                Ok(()) => None,
                Err(error) => self
                    .open
                    .take()
                    .map(|dropped| Err(dropped.drop_because(error))),
            },
        }
    }
}

impl PendingBlock {
    /// Adds an event of a transaction.
    fn add(&mut self, event: ExecEvent) -> Result<(), ReassemblyError> {
        let txn_count = self.start.eth_block_input.txn_count;
        let (txn_index, header) = match event {
            ExecEvent::TxnHeaderStart {
                txn_index,
                txn_header_start,
                data_bytes,
                blob_bytes,
            } => (
                txn_index,
                Ok(PendingTxn::new(
                    txn_index,
                    txn_header_start,
                    data_bytes,
                    &blob_bytes,
                )),
            ),
            ExecEvent::TxnAccessListEntry { txn_index, .. }
            | ExecEvent::TxnAuthListEntry { txn_index, .. }
            | ExecEvent::TxnEvmOutput { txn_index, .. }
            | ExecEvent::TxnLog { txn_index, .. }
            | ExecEvent::TxnCallFrame { txn_index, .. } => (txn_index, Err(event)),
            _ => return Ok(()),
        };
        if txn_index as u64 >= txn_count {
            return Err(ReassemblyError::TransactionOutOfRange {
                txn_index,
                txn_count,
            });
        }
        match (self.txns.entry(txn_index), header) {
            (Entry::Vacant(place), Ok(txn)) => {
                place.insert(txn);
                Ok(())
            }
            (Entry::Occupied(mut txn), Err(event)) => txn.get_mut().add(event),
            (Entry::Vacant(_), Err(_)) => Err(ReassemblyError::MissingTransaction { txn_index }),
            (Entry::Occupied(_), Ok(_)) => Err(ReassemblyError::DuplicateEvent {
                event: ExecEventType::TxnHeaderStart,
                txn_index,
            }),
        }
    }

    /// The block, if all of it has come.
    fn finish(
        self,
        end: monad_exec_block_end,
        with_call_frames: bool,
    ) -> BlockBuilderResult<ExecutedBlock> {
        let start = self.start;
        let block_tag = start.block_tag;
        let mut txns = Vec::with_capacity(self.txns.len());
        let all = self.txns.into_iter().try_for_each(|(txn_index, txn)| {
            if txn_index != txns.len() {
                return Err(ReassemblyError::MissingTransaction {
                    txn_index: txns.len(),
                });
            }
            txns.push(txn.finish(with_call_frames)?);
            Ok(())
        });
        let missing = ReassemblyError::MissingTransaction {
            txn_index: txns.len(),
        };
        match all {
            Ok(()) if txns.len() as u64 == start.eth_block_input.txn_count => Ok(ExecutedBlock {
                start,
                end,
                txns: txns.into(),
            }),
            Ok(()) => Err(BlockBuilderError::ImplicitDrop {
                block_tag,
                reassembly_error: missing,
            }),
            Err(reassembly_error) => Err(BlockBuilderError::ImplicitDrop {
                block_tag,
                reassembly_error,
            }),
        }
    }

    fn drop_because(self, reassembly_error: ReassemblyError) -> BlockBuilderError {
        BlockBuilderError::ImplicitDrop {
            block_tag: self.start.block_tag,
            reassembly_error,
        }
    }
}

fn select(event: ExecEventRef<'_>) -> Option<ExecEvent> {
    matches!(
        event,
        ExecEventRef::BlockStart(_)
            | ExecEventRef::BlockReject(_)
            | ExecEventRef::BlockEnd(_)
            | ExecEventRef::TxnHeaderStart { .. }
            | ExecEventRef::TxnAccessListEntry { .. }
            | ExecEventRef::TxnAuthListEntry { .. }
            | ExecEventRef::TxnReject { .. }
            | ExecEventRef::TxnEvmOutput { .. }
            | ExecEventRef::TxnLog { .. }
            | ExecEventRef::EvmError { .. }
    )
    .then(|| event.into_owned())
}

fn select_with_call_frames(event: ExecEventRef<'_>) -> Option<ExecEvent> {
    match event {
        ExecEventRef::TxnCallFrame { .. } => Some(event.into_owned()),
        other => select(other),
    }
}
