//! Payload fields of transaction events, in the order of protocol section 5.
//! Called by `payload`; NativeTransfer shares `call_frame`.

use monad_exec_events::ffi::{
    monad_exec_txn_access_list_entry, monad_exec_txn_auth_list_entry, monad_exec_txn_call_frame,
    monad_exec_txn_evm_output, monad_exec_txn_header_start, monad_exec_txn_log,
};
use monad_exec_events::{opcode_name, txn_reject_reason_name};

use super::block::reason_with_name;
use super::field;
use super::json::Json;
use super::payload::txn_index;

/// EIP-4844, the only type with blob fields.
const BLOB_TXN_TYPE: u8 = 3;

pub(super) fn header_start(
    json: &mut Json<'_>,
    index: usize,
    start: &monad_exec_txn_header_start,
    data: &[u8],
    blobs: &[u8],
) {
    let header = &start.txn_header;
    txn_index(json, Some(index));
    field!(json, "txn_hash", bytes32, &start.txn_hash);
    field!(json, "sender", address, &start.sender);
    field!(json, "txn_type", number, header.txn_type);
    field!(json, "chain_id", quantity, &header.chain_id);
    field!(json, "nonce", number, header.nonce);
    field!(json, "gas_limit", number, header.gas_limit);
    field!(json, "max_fee_per_gas", quantity, &header.max_fee_per_gas);
    field!(
        json,
        "max_priority_fee_per_gas",
        quantity,
        &header.max_priority_fee_per_gas
    );
    field!(json, "value", quantity, &header.value);
    field!(json, "data", hex, data);
    field!(json, "to", address, &header.to);
    field!(
        json,
        "is_contract_creation",
        boolean,
        header.is_contract_creation
    );
    field!(json, "r", quantity, &header.r);
    field!(json, "s", quantity, &header.s);
    field!(json, "y_parity", boolean, header.y_parity);
    field!(json, "access_list_count", number, header.access_list_count);
    field!(json, "auth_list_count", number, header.auth_list_count);
    if header.txn_type == BLOB_TXN_TYPE {
        field!(
            json,
            "max_fee_per_blob_gas",
            quantity,
            &header.max_fee_per_blob_gas
        );
        field!(json, "blob_versioned_hashes", hex_list, blobs, 32);
    }
}

pub(super) fn access_list_entry(
    json: &mut Json<'_>,
    index: usize,
    entry: &monad_exec_txn_access_list_entry,
    keys: &[u8],
) {
    txn_index(json, Some(index));
    field!(json, "address", address, &entry.entry.address);
    field!(json, "storage_keys", hex_list, keys, 32);
    field!(json, "index", number, entry.index);
}

pub(super) fn auth_list_entry(
    json: &mut Json<'_>,
    index: usize,
    entry: &monad_exec_txn_auth_list_entry,
) {
    txn_index(json, Some(index));
    field!(json, "address", address, &entry.entry.address);
    field!(json, "index", number, entry.index);
    field!(json, "chain_id", quantity, &entry.entry.chain_id);
    field!(json, "nonce", number, entry.entry.nonce);
    field!(json, "y_parity", boolean, entry.entry.y_parity);
    field!(json, "r", quantity, &entry.entry.r);
    field!(json, "s", quantity, &entry.entry.s);
    field!(json, "authority", address, &entry.authority);
    field!(
        json,
        "is_valid_authority",
        boolean,
        entry.is_valid_authority
    );
}

pub(super) fn reject(json: &mut Json<'_>, index: usize, reason: u32) {
    txn_index(json, Some(index));
    reason_with_name(json, reason, txn_reject_reason_name(reason));
}

pub(super) fn evm_output(json: &mut Json<'_>, index: usize, output: &monad_exec_txn_evm_output) {
    txn_index(json, Some(index));
    field!(json, "log_count", number, output.receipt.log_count);
    field!(json, "status", boolean, output.receipt.status);
    field!(json, "gas_used", number, output.receipt.gas_used);
    field!(json, "call_frame_count", number, output.call_frame_count);
}

pub(super) fn log(
    json: &mut Json<'_>,
    index: usize,
    log: &monad_exec_txn_log,
    topics: &[u8],
    data: &[u8],
) {
    txn_index(json, Some(index));
    field!(json, "log_index", number, log.index);
    field!(json, "address", address, &log.address);
    field!(json, "topics", hex_list, topics, 32);
    field!(json, "data", hex, data);
}

pub(super) fn call_frame(
    json: &mut Json<'_>,
    index: usize,
    frame: &monad_exec_txn_call_frame,
    input: &[u8],
    output: &[u8],
) {
    txn_index(json, Some(index));
    field!(json, "depth", number, frame.depth);
    field!(json, "caller", address, &frame.caller);
    field!(json, "call_target", address, &frame.call_target);
    field!(json, "value", quantity, &frame.value);
    field!(json, "input", hex, input);
    field!(json, "output", hex, output);
    field!(json, "index", number, frame.index);
    field!(json, "opcode", number, frame.opcode);
    if let Some(name) = opcode_name(frame.opcode) {
        field!(json, "opcode_name", word, name);
    }
    field!(json, "gas", number, frame.gas);
    field!(json, "gas_used", number, frame.gas_used);
    field!(json, "evmc_status", signed, frame.evmc_status);
}
