//! From BLOCK_START to BLOCK_END: prologue, transactions in any mixture, epilogue, each at its place.

use monad_exec_events::{
    ExecEventRef, ExecEventRingFlowInfo, ExecEventType, ffi::monad_exec_block_start,
};

use super::{list::OpenList, txn::Txn};

pub(super) struct Block {
    pub(super) seqno: u64,
    pub(super) start: monad_exec_block_start,
    before: Vec<ExecEventType>,
    txns: Vec<Txn>,
    outputs: usize,
    gas_used: u64,
    list: Option<OpenList>,
    lists: Vec<u8>,
}

impl Block {
    pub(super) fn new(seqno: u64, start: monad_exec_block_start) -> Self {
        let count = start.eth_block_input.txn_count as usize;
        Self {
            seqno,
            start,
            before: Vec::new(),
            txns: (0..count).map(|_| Txn::Expected).collect(),
            outputs: 0,
            gas_used: 0,
            list: None,
            lists: Vec::new(),
        }
    }

    pub(super) fn check(&mut self, flow: ExecEventRingFlowInfo, event: ExecEventRef<'_>) {
        let txn_index = flow.txn_idx;
        if let Some(list) = &mut self.list {
            if list.take(flow, event) {
                self.list = None;
            }
            return;
        }
        let is_entered = self.before.contains(&ExecEventType::BlockPerfEvmEnter);
        let is_left = self.before.contains(&ExecEventType::BlockPerfEvmExit);
        let is_over = self.txns.iter().all(|txn| matches!(txn, Txn::Left));
        match event {
            ExecEventRef::BlockPerfEvmEnter => assert!(self.before.is_empty()),
            ExecEventRef::AccountAccessListHeader(header) => {
                match txn_index {
                    None if self.lists.is_empty() => {
                        assert!(is_entered && header.access_context == 0)
                    }
                    None => assert!(is_over && header.access_context == 2 && self.lists == [0]),
                    Some(index) => {
                        assert_eq!(header.access_context, 1);
                        self.txns[index].list();
                    }
                }
                if txn_index.is_none() {
                    self.lists.push(header.access_context);
                }
                self.list = OpenList::new(txn_index, header);
            }
            ExecEventRef::BlockPerfEvmExit => assert!(is_over && self.lists == [0, 2]),
            ExecEventRef::BlockEnd(end) => {
                assert!(is_left);
                assert_eq!(end.exec_output.gas_used, self.gas_used);
                assert!(end.exec_output.gas_used <= self.start.eth_block_input.gas_limit);
            }
            event => {
                let index = txn_index.expect("an event of a transaction");
                assert_eq!(self.lists, [0], "transactions come after the prologue");
                if let ExecEventRef::TxnEvmOutput { output, .. } = event {
                    assert_eq!(index, self.outputs, "outputs come in order");
                    self.outputs += 1;
                    self.gas_used += output.receipt.gas_used;
                }
                self.txns[index].check(event);
            }
        }
        if txn_index.is_none() {
            self.before.push(event.event_type());
        }
    }
}
