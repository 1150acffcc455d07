//! A small block with accesses in every part, as a recorder would write it.

use monad_exec_events::ffi::*;
use monad_exec_events::{ExecEventRef, ExecEventRingFlowInfo};

pub type Event = ExecEventRef<'static>;

/// An event and what its descriptor says about it.
pub type Placed = (ExecEventRingFlowInfo, Event);

/// An event of that transaction, or of none.
pub fn placed(txn_idx: Option<usize>, event: Event) -> Placed {
    let flow = ExecEventRingFlowInfo {
        txn_idx,
        ..event.flow(1)
    };
    (flow, event)
}

pub fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

pub fn header_start(txn_index: usize) -> Placed {
    let event = Event::TxnHeaderStart {
        txn_index,
        txn_header_start: leak(monad_exec_txn_header_start::default()),
        data_bytes: b"",
        blob_bytes: b"",
    };
    placed(Some(txn_index), event)
}

pub fn output(txn_index: usize) -> Placed {
    let output = leak(monad_exec_txn_evm_output::default());
    placed(Some(txn_index), Event::TxnEvmOutput { txn_index, output })
}

fn context(txn_index: Option<usize>, is_epilogue: bool) -> u8 {
    match txn_index {
        Some(_) => MONAD_ACCT_ACCESS_TRANSACTION,
        None if is_epilogue => MONAD_ACCT_ACCESS_BLOCK_EPILOGUE,
        None => MONAD_ACCT_ACCESS_BLOCK_PROLOGUE,
    }
}

pub fn list(txn_index: Option<usize>, is_epilogue: bool, entry_count: u32) -> Placed {
    let header = leak(monad_exec_account_access_list_header {
        entry_count,
        access_context: context(txn_index, is_epilogue),
    });
    placed(txn_index, Event::AccountAccessListHeader(header))
}

/// An account whose address begins with `address`; its nonce becomes 9.
pub fn account(
    txn_index: Option<usize>,
    index: u32,
    address: u8,
    (storage_key_count, transient_count): (u32, u32),
) -> Placed {
    let access = leak(monad_exec_account_access {
        index,
        address: [address; 20].into(),
        access_context: context(txn_index, false),
        is_nonce_modified: true,
        modified_nonce: 9,
        storage_key_count,
        transient_count,
        ..Default::default()
    });
    placed(txn_index, Event::AccountAccess(access))
}

/// A slot whose key begins with `key`.
pub fn slot(
    txn_index: Option<usize>,
    account_idx: u64,
    address: u8,
    (transient, index): (bool, u32),
    key: u8,
) -> Placed {
    let access = leak(monad_exec_storage_access {
        address: [address; 20].into(),
        index,
        access_context: context(txn_index, false),
        transient,
        key: [key; 32].into(),
        ..Default::default()
    });
    let (flow, event) = placed(txn_index, Event::StorageAccess(access));
    let flow = ExecEventRingFlowInfo {
        account_idx,
        ..flow
    };
    (flow, event)
}

/// Two transactions whose lists interleave, a prologue of one account and an empty epilogue.
pub fn block() -> Vec<Placed> {
    let mut start = monad_exec_block_start::default();
    start.block_tag.block_number = 1;
    start.eth_block_input.txn_count = 2;
    let (first, second) = (Some(0), Some(1));
    vec![
        placed(None, Event::BlockStart(leak(start))),
        list(None, false, 1),
        account(None, 0, 1, (1, 0)),
        slot(None, 0, 1, (false, 0), 10),
        header_start(1),
        header_start(0),
        output(1),
        output(0),
        list(first, false, 2),
        list(second, false, 1),
        account(first, 0, 2, (2, 1)),
        account(second, 0, 4, (1, 0)),
        slot(first, 0, 2, (false, 0), 20),
        slot(first, 0, 2, (false, 1), 21),
        slot(second, 0, 4, (false, 0), 40),
        slot(first, 0, 2, (true, 0), 22),
        account(first, 1, 3, (0, 2)),
        slot(first, 1, 3, (true, 0), 30),
        slot(first, 1, 3, (true, 1), 31),
        list(None, true, 0),
        placed(None, Event::BlockEnd(leak(monad_exec_block_end::default()))),
    ]
}
