//! Checks the order of events as a node of today records them (ring-and-events §5.1, §5.2): what may follow what,
//! announced counts, ascending indices, content_ext. Fed by chain.rs; block.rs, list.rs and txn.rs are its parts.

mod block;
mod list;
mod txn;

use monad_exec_events::{
    ExecEventRef, ExecEventRingFlowInfo, ExecEventType,
    ffi::{monad_exec_block_start, monad_exec_block_tag},
};

use crate::recorded::Recorded;
use block::Block;

/// Whole chain so far.
#[derive(Default)]
pub struct Grammar {
    open: Option<Block>,
    last: Option<ExecEventType>,
    voted: Option<monad_exec_block_tag>,
    /// Tag and Ethereum hash of every ended block.
    pub ended: Vec<(monad_exec_block_tag, [u8; 32])>,
    pub finalized: Vec<monad_exec_block_tag>,
    pub verified: Vec<u64>,
}

impl Grammar {
    pub fn check(&mut self, recorded: &Recorded) {
        let event = recorded.event();
        let seqno = recorded.descriptor.seqno;
        let flow = ExecEventRingFlowInfo::from(recorded.descriptor.content_ext);
        assert_eq!(recorded.descriptor.content_ext[3], 0);
        match (&mut self.open, event) {
            (None, ExecEventRef::BlockStart(start)) => {
                assert_eq!(flow.block_seqno, seqno);
                self.start(seqno, start);
            }
            (None, event) => {
                assert_eq!(recorded.descriptor.content_ext, [0; 4], "outside a block");
                self.consensus(event);
            }
            (Some(block), event) => {
                assert_eq!(flow.block_seqno, block.seqno, "event {seqno}");
                let named = event.flow(0).txn_idx;
                assert!(named.is_none() || named == flow.txn_idx);
                block.check(flow, event);
                if let ExecEventRef::BlockEnd(end) = event {
                    self.ended
                        .push((block.start.block_tag, end.eth_block_hash.bytes));
                    self.open = None;
                }
            }
        }
        self.last = Some(event.event_type());
    }

    fn start(&mut self, seqno: u64, start: &monad_exec_block_start) {
        if let Some((parent, eth_hash)) = self.ended.last() {
            assert_eq!(start.block_tag.block_number, parent.block_number + 1);
            assert_eq!(start.parent_eth_hash.bytes, *eth_hash);
            assert_eq!(self.last, Some(ExecEventType::BlockQC));
            assert_eq!(self.voted, Some(*parent));
        } else {
            assert_eq!(self.last, None);
        }
        assert_eq!(start.eth_block_input.number, start.block_tag.block_number);
        self.open = Some(Block::new(seqno, *start));
    }

    fn consensus(&mut self, event: ExecEventRef<'_>) {
        let newest = self.ended.len() - 1;
        match event {
            ExecEventRef::BlockQC(qc) => self.voted = Some(qc.block_tag),
            ExecEventRef::BlockFinalized(tag) => {
                assert_eq!(self.last, Some(ExecEventType::BlockEnd));
                assert_eq!(*tag, self.ended[newest - 2].0);
                self.finalized.push(*tag);
            }
            ExecEventRef::BlockVerified(verified) => {
                assert_eq!(self.last, Some(ExecEventType::BlockFinalized));
                let finalized = self.finalized.last().unwrap().block_number;
                assert_eq!(verified.block_number, finalized - 3);
                self.verified.push(verified.block_number);
            }
            other => panic!("{:?} outside a block", other.event_type()),
        }
    }
}
