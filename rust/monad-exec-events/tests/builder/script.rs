//! Events of a small block, as a recorder would write them.
//! Changed by the tests of this folder.

use monad_exec_events::ExecEventRef;
use monad_exec_events::ffi::*;

pub type Event = ExecEventRef<'static>;

pub fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

pub fn block_start(block_number: u64, txn_count: u64) -> Event {
    let mut start = monad_exec_block_start::default();
    start.block_tag.block_number = block_number;
    start.eth_block_input.txn_count = txn_count;
    Event::BlockStart(leak(start))
}

pub fn header(txn_index: usize, access_list_count: u32, auth_list_count: u32) -> Event {
    let mut start = monad_exec_txn_header_start::default();
    start.txn_header.nonce = txn_index as u64;
    start.txn_header.access_list_count = access_list_count;
    start.txn_header.auth_list_count = auth_list_count;
    Event::TxnHeaderStart {
        txn_index,
        txn_header_start: leak(start),
        data_bytes: b"data",
        blob_bytes: &[7; 64],
    }
}

pub fn access(txn_index: usize, index: u32) -> Event {
    let mut entry = monad_exec_txn_access_list_entry {
        index,
        ..Default::default()
    };
    entry.entry.storage_key_count = 1;
    Event::TxnAccessListEntry {
        txn_index,
        txn_access_list_entry: leak(entry),
        storage_key_bytes: &[3; 32],
    }
}

pub fn authorization(txn_index: usize, index: u32) -> Event {
    let entry = monad_exec_txn_auth_list_entry {
        index,
        is_valid_authority: true,
        ..Default::default()
    };
    Event::TxnAuthListEntry {
        txn_index,
        txn_auth_list_entry: leak(entry),
    }
}

pub fn output(txn_index: usize, log_count: u32, call_frame_count: u32) -> Event {
    let mut output = monad_exec_txn_evm_output {
        call_frame_count,
        ..Default::default()
    };
    output.receipt.log_count = log_count;
    Event::TxnEvmOutput {
        txn_index,
        output: leak(output),
    }
}

pub fn log(txn_index: usize, index: u32) -> Event {
    let log = monad_exec_txn_log {
        index,
        topic_count: 5,
        data_length: 1,
        ..Default::default()
    };
    Event::TxnLog {
        txn_index,
        txn_log: leak(log),
        topic_bytes: &[9; 160],
        data_bytes: b"!",
    }
}

pub fn frame(txn_index: usize, index: u32) -> Event {
    let frame = monad_exec_txn_call_frame {
        index,
        ..Default::default()
    };
    Event::TxnCallFrame {
        txn_index,
        txn_call_frame: leak(frame),
        input_bytes: b"in",
        return_bytes: b"out",
    }
}

pub fn block_end() -> Event {
    let mut end = monad_exec_block_end::default();
    end.exec_output.gas_used = 21;
    Event::BlockEnd(leak(end))
}

/// Two transactions whose events interleave, the second one's output first.
pub fn block() -> Vec<Event> {
    vec![
        block_start(1, 2),
        Event::BlockPerfEvmEnter,
        header(1, 0, 1),
        header(0, 2, 0),
        authorization(1, 0),
        access(0, 0),
        access(0, 1),
        output(1, 1, 1),
        output(0, 2, 1),
        log(0, 0),
        log(1, 0),
        frame(1, 0),
        log(0, 1),
        frame(0, 0),
        Event::TxnEnd,
        block_end(),
    ]
}
