//! The builder of executed blocks: at most one open block, its transactions by index.
//! `txn` keeps each transaction, `access` the state accesses; `crate::block` and `crate::accesses` are what comes out.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use monad_event_ring::{EventDescriptor, EventPayloadResult};

use super::access::PendingAccesses;
use super::txn::PendingTxn;
use super::{BlockBuilderError, BlockBuilderResult, BlockPlace, ReassemblyError};
use crate::accesses::ExecutedBlockAccesses;
use crate::block::ExecutedBlock;
use crate::ffi::{monad_exec_block_end, monad_exec_block_start};
use crate::{ExecEvent, ExecEventDecoder, ExecEventRef, ExecEventRingFlowInfo, ExecEventType};

/// Puts executed blocks together from the events of a ring, whatever block they later become.
///
/// Feed it every event in the order of the ring. It keeps one open block; memory grows with the events that came,
/// never with the counts that they announce. Events of transactions may interleave; within one transaction they
/// come in order. After a gap call [`reset`](Self::reset). Source: ring-and-events §5.2, §5.3.
#[derive(Debug, Default)]
pub struct ExecutedBlockBuilder {
    include_call_frames: bool,
    include_accesses: bool,
    open: Option<PendingBlock>,
    accesses: Option<ExecutedBlockAccesses>,
}

#[derive(Debug)]
struct PendingBlock {
    start: monad_exec_block_start,
    txns: BTreeMap<usize, PendingTxn>,
    accesses: PendingAccesses,
}

impl ExecutedBlockBuilder {
    /// A builder without an open block; `include_call_frames` says whether blocks keep their call frames.
    pub fn new(include_call_frames: bool) -> Self {
        Self {
            include_call_frames,
            ..Self::default()
        }
    }

    /// Also puts the account and storage accesses of blocks together, for [`take_accesses`](Self::take_accesses).
    ///
    /// A block whose lists of accesses are incomplete is dropped then. Not part of the official type.
    pub fn with_accesses(self) -> Self {
        Self {
            include_accesses: true,
            ..self
        }
    }

    /// The accesses of the block that was completed last, once; `None` after the next BLOCK_START, after a reset, and
    /// unless they were [asked for](Self::with_accesses). Not part of the official type.
    pub fn take_accesses(&mut self) -> Option<ExecutedBlockAccesses> {
        self.accesses.take()
    }

    /// Forgets the open block.
    pub fn reset(&mut self) {
        self.open = None;
        self.accesses = None;
    }

    /// Takes the next event and what its descriptor says about it; `Some` when it completes a block or ends one without completing it.
    ///
    /// Outside a block everything but BLOCK_START is ignored. A BLOCK_START inside a block reports the open block as
    /// dropped and opens the new one. RECORD_ERROR changes nothing: what it lost is found missing at BLOCK_END.
    pub fn process_event(
        &mut self,
        flow: ExecEventRingFlowInfo,
        event: ExecEventRef<'_>,
    ) -> Option<BlockBuilderResult<ExecutedBlock>> {
        if !self.wants(event.event_type()) {
            return None;
        }
        self.apply(flow, event.into_owned())
    }

    /// As [`process_event`](Self::process_event), with the payload still in the ring; what is ignored is not copied.
    ///
    /// An event that cannot be decoded is found missing at BLOCK_END, like one that was never recorded.
    pub fn process_event_descriptor(
        &mut self,
        event_descriptor: &EventDescriptor<'_, ExecEventDecoder>,
    ) -> Option<BlockBuilderResult<ExecutedBlock>> {
        let event = ExecEventType::try_from(event_descriptor.raw().event_type).ok()?;
        if !self.wants(event) {
            return None;
        }
        match event_descriptor.try_read() {
            EventPayloadResult::Ready(event) => {
                self.apply(event_descriptor.info().flow_info, event)
            }
            EventPayloadResult::Expired => {
                self.reset();
                Some(Err(BlockBuilderError::PayloadExpired))
            }
        }
    }

    /// Chooses the events that matter now, before their payloads are copied.
    fn wants(&self, event: ExecEventType) -> bool {
        use ExecEventType::*;
        match event {
            BlockStart => true,
            BlockReject | BlockEnd | TxnHeaderStart | TxnAccessListEntry | TxnAuthListEntry
            | TxnReject | TxnEvmOutput | TxnLog | EvmError => self.open.is_some(),
            TxnCallFrame => self.open.is_some() && self.include_call_frames,
            AccountAccessListHeader | AccountAccess | StorageAccess => {
                self.open.is_some() && self.include_accesses
            }
            RecordError | BlockPerfEvmEnter | BlockPerfEvmExit | BlockQC | BlockFinalized
            | BlockVerified | TxnHeaderEnd | TxnPerfEvmEnter | TxnPerfEvmExit | TxnEnd => false,
        }
    }

    /// Takes an event that was chosen, and what its descriptor says about it.
    fn apply(
        &mut self,
        flow: ExecEventRingFlowInfo,
        event: ExecEvent,
    ) -> Option<BlockBuilderResult<ExecutedBlock>> {
        match event {
            ExecEvent::BlockStart(start) => {
                self.accesses = None;
                let dropped = self.open.replace(PendingBlock {
                    start,
                    txns: BTreeMap::new(),
                    accesses: PendingAccesses::default(),
                })?;
                Some(Err(dropped.drop_because(
                    ReassemblyError::UnterminatedBlock {
                        unexpected_header: start,
                    },
                )))
            }
            ExecEvent::BlockReject(_) | ExecEvent::TxnReject { .. } | ExecEvent::EvmError(_) => {
                self.open.take().map(|_| Err(BlockBuilderError::Rejected))
            }
            ExecEvent::BlockEnd(end) => Some(self.finish(end)?),
            event => match self.open.as_mut()?.add(flow, event) {
                Ok(()) => None,
                Err(error) => self
                    .open
                    .take()
                    .map(|dropped| Err(dropped.drop_because(error))),
            },
        }
    }

    /// Ends the open block.
    fn finish(&mut self, end: monad_exec_block_end) -> Option<BlockBuilderResult<ExecutedBlock>> {
        let mut open = self.open.take()?;
        let (start, accesses) = (open.start, std::mem::take(&mut open.accesses));
        let finished = open.finish(self.include_call_frames).and_then(|txns| {
            if self.include_accesses {
                self.accesses = Some(accesses.finish(txns.len())?);
            }
            Ok(ExecutedBlock { start, end, txns })
        });
        Some(
            finished.map_err(|reassembly_error| BlockBuilderError::ImplicitDrop {
                block: start,
                reassembly_error,
            }),
        )
    }
}

impl PendingBlock {
    /// Adds an event of a transaction, or of the block's prologue or epilogue.
    fn add(
        &mut self,
        flow: ExecEventRingFlowInfo,
        event: ExecEvent,
    ) -> Result<(), ReassemblyError> {
        let txn_count = self.start.eth_block_input.txn_count;
        if let Some(txn_index) = flow.txn_idx
            && txn_index as u64 >= txn_count
        {
            return Err(ReassemblyError::TransactionOutOfRange {
                txn_index,
                txn_count,
            });
        }
        match event {
            ExecEvent::TxnHeaderStart {
                txn_index,
                txn_header_start,
                data_bytes,
                blob_bytes,
            } => match self.txns.entry(txn_index) {
                Entry::Vacant(place) => {
                    place.insert(PendingTxn::new(
                        txn_index,
                        txn_header_start,
                        data_bytes,
                        &blob_bytes,
                    ));
                    Ok(())
                }
                Entry::Occupied(_) => Err(ReassemblyError::DuplicateEvent {
                    event: ExecEventType::TxnHeaderStart,
                    place: BlockPlace::Txn(txn_index),
                }),
            },
            ExecEvent::TxnAccessListEntry { txn_index, .. }
            | ExecEvent::TxnAuthListEntry { txn_index, .. }
            | ExecEvent::TxnEvmOutput { txn_index, .. }
            | ExecEvent::TxnLog { txn_index, .. }
            | ExecEvent::TxnCallFrame { txn_index, .. } => match self.txns.get_mut(&txn_index) {
                Some(txn) => txn.add(event),
                None => Err(ReassemblyError::MissingTransaction { txn_index }),
            },
            event => self.accesses.add(flow, &event),
        }
    }

    /// The block's transactions, if all of them have come.
    fn finish(self, with_call_frames: bool) -> Result<Box<[crate::ExecutedTxn]>, ReassemblyError> {
        let mut txns = Vec::with_capacity(self.txns.len());
        for (txn_index, txn) in self.txns {
            if txn_index != txns.len() {
                break;
            }
            txns.push(txn.finish(with_call_frames)?);
        }
        if txns.len() as u64 == self.start.eth_block_input.txn_count {
            return Ok(txns.into());
        }
        Err(ReassemblyError::MissingTransaction {
            txn_index: txns.len(),
        })
    }

    fn drop_because(self, reassembly_error: ReassemblyError) -> BlockBuilderError {
        BlockBuilderError::ImplicitDrop {
            block: self.start,
            reassembly_error,
        }
    }
}
