//! The part of an event that lies in its descriptor: which block, which transaction, which account.
//! Used by `event::decode` and by consumers that choose events before they copy payloads.

/// What `content_ext` says about an event. Source: ring-and-events §4.3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
pub struct ExecEventRingFlowInfo {
    /// Seqno of the block's BLOCK_START; 0 outside a block.
    pub block_seqno: u64,
    /// Index of the transaction; `None` if the event belongs to none.
    pub txn_idx: Option<usize>,
    /// For STORAGE_ACCESS the index of its ACCOUNT_ACCESS, else 0.
    pub account_idx: u64,
}

impl From<[u64; 4]> for ExecEventRingFlowInfo {
    #[inline]
    fn from([block_seqno, txn_id, account_idx, _]: [u64; 4]) -> Self {
        Self {
            block_seqno,
            txn_idx: txn_id.checked_sub(1).map(|index| index as usize),
            account_idx,
        }
    }
}

impl From<ExecEventRingFlowInfo> for [u64; 4] {
    #[inline]
    fn from(flow: ExecEventRingFlowInfo) -> Self {
        [
            flow.block_seqno,
            flow.txn_idx.map_or(0, |index| index as u64 + 1),
            flow.account_idx,
            0,
        ]
    }
}
