//! Payload fields of transaction events, in the order of protocol section 5.
//! Called by `payload`; NativeTransfer shares `call_frame`.

use monad_exec_events::ffi::{
    monad_exec_txn_access_list_entry, monad_exec_txn_auth_list_entry, monad_exec_txn_call_frame,
    monad_exec_txn_evm_output, monad_exec_txn_header_start, monad_exec_txn_log,
};
use monad_exec_events::{opcode_name, txn_reject_reason_name};

use super::block::reason_with_name;
use super::json::{Json, key};
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
    key!(json, "txn_hash");
    json.bytes32(&start.txn_hash);
    key!(json, "sender");
    json.address(&start.sender);
    key!(json, "txn_type");
    json.number(header.txn_type);
    key!(json, "chain_id");
    json.quantity(&header.chain_id);
    key!(json, "nonce");
    json.number(header.nonce);
    key!(json, "gas_limit");
    json.number(header.gas_limit);
    key!(json, "max_fee_per_gas");
    json.quantity(&header.max_fee_per_gas);
    key!(json, "max_priority_fee_per_gas");
    json.quantity(&header.max_priority_fee_per_gas);
    key!(json, "value");
    json.quantity(&header.value);
    key!(json, "data");
    json.hex(data);
    key!(json, "to");
    json.address(&header.to);
    key!(json, "is_contract_creation");
    json.boolean(header.is_contract_creation);
    key!(json, "r");
    json.quantity(&header.r);
    key!(json, "s");
    json.quantity(&header.s);
    key!(json, "y_parity");
    json.boolean(header.y_parity);
    key!(json, "access_list_count");
    json.number(header.access_list_count);
    key!(json, "auth_list_count");
    json.number(header.auth_list_count);
    if header.txn_type == BLOB_TXN_TYPE {
        key!(json, "max_fee_per_blob_gas");
        json.quantity(&header.max_fee_per_blob_gas);
        key!(json, "blob_versioned_hashes");
        json.hex_list(blobs, 32);
    }
}

pub(super) fn access_list_entry(
    json: &mut Json<'_>,
    index: usize,
    entry: &monad_exec_txn_access_list_entry,
    keys: &[u8],
) {
    txn_index(json, Some(index));
    key!(json, "address");
    json.address(&entry.entry.address);
    key!(json, "storage_keys");
    json.hex_list(keys, 32);
    key!(json, "index");
    json.number(entry.index);
}

pub(super) fn auth_list_entry(json: &mut Json<'_>, index: usize, entry: &monad_exec_txn_auth_list_entry) {
    txn_index(json, Some(index));
    key!(json, "address");
    json.address(&entry.entry.address);
    key!(json, "index");
    json.number(entry.index);
    key!(json, "chain_id");
    json.quantity(&entry.entry.chain_id);
    key!(json, "nonce");
    json.number(entry.entry.nonce);
    key!(json, "y_parity");
    json.boolean(entry.entry.y_parity);
    key!(json, "r");
    json.quantity(&entry.entry.r);
    key!(json, "s");
    json.quantity(&entry.entry.s);
    key!(json, "authority");
    json.address(&entry.authority);
    key!(json, "is_valid_authority");
    json.boolean(entry.is_valid_authority);
}

pub(super) fn reject(json: &mut Json<'_>, index: usize, reason: u32) {
    txn_index(json, Some(index));
    reason_with_name(json, reason, txn_reject_reason_name(reason));
}

pub(super) fn evm_output(json: &mut Json<'_>, index: usize, output: &monad_exec_txn_evm_output) {
    txn_index(json, Some(index));
    key!(json, "log_count");
    json.number(output.receipt.log_count);
    key!(json, "status");
    json.boolean(output.receipt.status);
    key!(json, "gas_used");
    json.number(output.receipt.gas_used);
    key!(json, "call_frame_count");
    json.number(output.call_frame_count);
}

pub(super) fn log(json: &mut Json<'_>, index: usize, log: &monad_exec_txn_log, topics: &[u8], data: &[u8]) {
    txn_index(json, Some(index));
    key!(json, "log_index");
    json.number(log.index);
    key!(json, "address");
    json.address(&log.address);
    key!(json, "topics");
    json.hex_list(topics, 32);
    key!(json, "data");
    json.hex(data);
}

pub(super) fn call_frame(
    json: &mut Json<'_>,
    index: usize,
    frame: &monad_exec_txn_call_frame,
    input: &[u8],
    output: &[u8],
) {
    txn_index(json, Some(index));
    key!(json, "depth");
    json.number(frame.depth);
    key!(json, "caller");
    json.address(&frame.caller);
    key!(json, "call_target");
    json.address(&frame.call_target);
    key!(json, "value");
    json.quantity(&frame.value);
    key!(json, "input");
    json.hex(input);
    key!(json, "output");
    json.hex(output);
    key!(json, "index");
    json.number(frame.index);
    key!(json, "opcode");
    json.number(frame.opcode);
    if let Some(name) = opcode_name(frame.opcode) {
        key!(json, "opcode_name");
        json.raw(b"\"");
        json.raw(name.as_bytes());
        json.raw(b"\"");
    }
    key!(json, "gas");
    json.number(frame.gas);
    key!(json, "gas_used");
    json.number(frame.gas_used);
    key!(json, "evmc_status");
    json.number(frame.evmc_status);
}
