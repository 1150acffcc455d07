//! What an event needs to know about its surroundings: its block, its transaction's hash, its commit stage, and whether
//! a call frame really moved value. Fed by `pipeline` in ring order; `text` writes what it says, `stages` keeps the ids.

use std::sync::Arc;

use monad_exec_events::ExecEventRef;
use monad_exec_events::ffi::monad_exec_block_start;

use crate::proposals::ProposalIds;
use crate::stages::{BlockId, Proposal, Stage, Stages};
use crate::text::Middle;
use crate::txns::{Txn, Txns};

/// The block between its BlockStart and its end.
#[derive(Debug)]
struct OpenBlock {
    seqno: u64,
    number: u64,
    id: BlockId,
    proposal: Proposal,
    middle: Middle,
    call_frames: u64,
}

/// Where an event belongs.
#[derive(Debug)]
pub struct Place<'a> {
    /// What surrounds its payload.
    pub middle: &'a Middle,
    /// Id of a BlockVerified's block, if known.
    pub verified_id: Option<&'a BlockId>,
    /// Whether the event is a call frame that moved value (protocol 5.1).
    pub is_transfer: bool,
}

/// The state of the chain as far as the stream has come.
#[derive(Debug)]
pub struct Chain {
    stages: Stages,
    block: Option<OpenBlock>,
    txns: Txns,
    outside: Middle,
    verified_id: Option<BlockId>,
    nowhere: Middle,
    /// Chain id of the newest BlockStart; 0 until known.
    pub chain_id: u64,
    /// Number of the newest block seen in any event; 0 until known.
    pub block_number: u64,
    /// Whether the newest whole block with transactions had call frames; unknown before the first (protocol 5.3).
    pub has_call_frames: Option<bool>,
}

impl Chain {
    /// A chain of which nothing is known; `ids` gets the block ids.
    pub fn new(ids: Arc<ProposalIds>) -> Chain {
        Chain {
            stages: Stages::new(ids),
            block: None,
            txns: Txns::default(),
            outside: Middle::new(None, None, None),
            verified_id: None,
            nowhere: Middle::new(None, None, None),
            chain_id: 0,
            block_number: 0,
            has_call_frames: None,
        }
    }

    /// Whether an event whose BlockStart is `block_seqno` (0 for none) belongs to what is known.
    #[inline]
    pub fn knows_block(&self, block_seqno: u64) -> bool {
        block_seqno == 0
            || self
                .block
                .as_ref()
                .is_some_and(|block| block.seqno == block_seqno)
    }

    /// Throws away the open block, half of which was lost, and returns it. Stages stay: they hold by block id.
    pub fn drop_block(&mut self) -> Option<Proposal> {
        self.txns.clear();
        let block = self.block.take()?;
        self.stages.retire(&block.id);
        Some(block.proposal)
    }

    /// Throws away everything that another ring's events cannot continue.
    pub fn clear(&mut self) {
        self.drop_block();
        self.stages.clear();
    }

    /// Applies the event, which its descriptor counts to `txn_index`, and says where it belongs.
    #[inline]
    pub fn place(
        &mut self,
        seqno: u64,
        txn_index: Option<usize>,
        event: &ExecEventRef<'_>,
    ) -> Place<'_> {
        use ExecEventRef as E;
        match *event {
            E::BlockStart(start) => self.open(seqno, start),
            E::BlockEnd(_) => self.close(None),
            E::BlockReject(_) => self.close(Some(Stage::Rejected)),
            E::EvmError(_) if txn_index.is_none() => self.close(Some(Stage::Rejected)),
            E::BlockQC(qc) => self.consensus(
                &qc.block_tag.id.bytes,
                qc.block_tag.block_number,
                Stage::Voted,
            ),
            E::BlockFinalized(tag) => {
                self.consensus(&tag.id.bytes, tag.block_number, Stage::Finalized)
            }
            E::BlockVerified(verified) => self.verified(verified.block_number),
            E::TxnHeaderStart {
                txn_index,
                txn_header_start,
                ..
            } => {
                self.name_txn(txn_index, &txn_header_start.txn_hash.bytes);
                self.in_txn(txn_index, false)
            }
            E::TxnEvmOutput { txn_index, output } => {
                if let Some(txn) = self.txn(txn_index) {
                    txn.transfers.take_output(output.receipt.status);
                }
                self.in_txn(txn_index, false)
            }
            E::TxnCallFrame {
                txn_index,
                txn_call_frame: frame,
                ..
            } => {
                if let Some(block) = &mut self.block {
                    block.call_frames += 1;
                }
                let is_transfer = self
                    .txn(txn_index)
                    .is_some_and(|txn| txn.transfers.take_frame(frame));
                self.in_txn(txn_index, is_transfer)
            }
            E::RecordError(_) | E::BlockPerfEvmEnter | E::BlockPerfEvmExit => self.in_block(),
            E::TxnAccessListEntry { .. }
            | E::TxnAuthListEntry { .. }
            | E::TxnHeaderEnd
            | E::TxnReject { .. }
            | E::TxnPerfEvmEnter
            | E::TxnPerfEvmExit
            | E::TxnLog { .. }
            | E::TxnEnd
            | E::AccountAccessListHeader(_)
            | E::AccountAccess(_)
            | E::StorageAccess(_)
            | E::EvmError(_) => match txn_index {
                Some(index) => self.in_txn(index, false),
                None => self.in_block(),
            },
        }
    }

    fn open(&mut self, seqno: u64, start: &monad_exec_block_start) -> Place<'_> {
        let (id, number) = (start.block_tag.id.bytes, start.block_tag.block_number);
        let proposal = self.stages.start(&id, number);
        self.txns.clear();
        self.chain_id = start.chain_id.limbs[0];
        self.block_number = self.block_number.max(number);
        let middle = Middle::new(Some(&proposal), None, None);
        self.block = Some(OpenBlock {
            seqno,
            number,
            id,
            proposal,
            middle,
            call_frames: 0,
        });
        self.in_block()
    }

    /// Applies the stage that ends the block, if any, and forgets the block after its last event is placed.
    fn close(&mut self, stage: Option<Stage>) -> Place<'_> {
        let Some(block) = self.block.take() else {
            return self.nowhere();
        };
        let proposal = match stage {
            Some(stage) => self.stages.advance(&block.id, block.number, stage),
            None => block.proposal,
        };
        if stage.is_none() && !self.txns.is_empty() {
            self.has_call_frames = Some(block.call_frames > 0);
        }
        self.txns.clear();
        self.outside_of(proposal, None)
    }

    fn consensus(&mut self, id: &BlockId, number: u64, stage: Stage) -> Place<'_> {
        self.block_number = self.block_number.max(number);
        let proposal = self.stages.advance(id, number, stage);
        self.outside_of(proposal, None)
    }

    fn verified(&mut self, number: u64) -> Place<'_> {
        let (id, proposal) = match self.stages.verify(number) {
            Some((id, proposal)) => (Some(id), proposal),
            None => (
                None,
                Proposal {
                    ordinal: 0,
                    block_number: number,
                    stage: Stage::Verified,
                },
            ),
        };
        self.outside_of(proposal, id)
    }

    fn outside_of(&mut self, proposal: Proposal, verified_id: Option<BlockId>) -> Place<'_> {
        self.outside = Middle::new(Some(&proposal), None, None);
        self.verified_id = verified_id;
        Place {
            middle: &self.outside,
            verified_id: self.verified_id.as_ref(),
            is_transfer: false,
        }
    }

    fn nowhere(&self) -> Place<'_> {
        Place {
            middle: &self.nowhere,
            verified_id: None,
            is_transfer: false,
        }
    }

    #[inline]
    fn in_block(&self) -> Place<'_> {
        let middle = self
            .block
            .as_ref()
            .map_or(&self.nowhere, |block| &block.middle);
        Place {
            middle,
            verified_id: None,
            is_transfer: false,
        }
    }

    #[inline]
    fn in_txn(&mut self, index: usize, is_transfer: bool) -> Place<'_> {
        let proposal = self.block.as_ref().map(|block| &block.proposal);
        let middle = match self.txns.get_or_add(index, proposal) {
            Some(txn) => &txn.middle,
            None => &self.nowhere,
        };
        Place {
            middle,
            verified_id: None,
            is_transfer,
        }
    }

    #[inline]
    fn txn(&mut self, index: usize) -> Option<&mut Txn> {
        self.txns
            .get_or_add(index, self.block.as_ref().map(|block| &block.proposal))
    }

    fn name_txn(&mut self, index: usize, hash: &[u8; 32]) {
        let proposal = self.block.as_ref().map(|block| block.proposal);
        if let Some(txn) = self.txn(index) {
            txn.middle = Middle::new(proposal.as_ref(), Some(index as u32), Some(hash));
        }
    }
}
