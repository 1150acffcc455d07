//! Payload fields of block, consensus and record-error events, in the order of protocol section 5.
//! Called by `payload`.

use monad_exec_events::block_reject_reason_name;
use monad_exec_events::ffi::{
    monad_event_record_error, monad_exec_block_end, monad_exec_block_qc, monad_exec_block_start, monad_exec_block_tag,
    monad_exec_block_verified,
};

use super::json::{Json, key};
use crate::stages::BlockId;

pub(super) fn record_error(json: &mut Json<'_>, error: &monad_event_record_error) {
    key!(json, "error_type");
    json.number(error.error_type);
    key!(json, "dropped_event_type");
    json.number(error.dropped_event_type);
    key!(json, "truncated_payload_size");
    json.number(error.truncated_payload_size);
    key!(json, "requested_payload_size");
    json.number(error.requested_payload_size);
}

pub(super) fn start(json: &mut Json<'_>, start: &monad_exec_block_start) {
    let input = &start.eth_block_input;
    key!(json, "block_number");
    json.number(start.block_tag.block_number);
    key!(json, "block_id");
    json.bytes32(&start.block_tag.id);
    key!(json, "round");
    json.number(start.round);
    key!(json, "epoch");
    json.number(start.epoch);
    key!(json, "parent_eth_hash");
    json.bytes32(&start.parent_eth_hash);
    key!(json, "timestamp");
    json.number(input.timestamp);
    key!(json, "beneficiary");
    json.address(&input.beneficiary);
    key!(json, "gas_limit");
    json.number(input.gas_limit);
    key!(json, "base_fee_per_gas");
    json.quantity(&input.base_fee_per_gas);
    key!(json, "chain_id");
    json.number(start.chain_id.limbs[0]);
    key!(json, "txn_count");
    json.number(input.txn_count);
    key!(json, "proposal_epoch_nanos");
    json.number(start.proposal_epoch_nanos);
    key!(json, "author");
    let mut author = [0; 33];
    author[0] = start.author.y_parity;
    author[1..].copy_from_slice(&start.author.x);
    json.hex(&author);
    key!(json, "transactions_root");
    json.bytes32(&input.transactions_root);
    key!(json, "prev_randao");
    json.bytes32(&input.prev_randao);
    key!(json, "extra_data");
    let extra_len = usize::try_from(input.extra_data_length).unwrap_or(usize::MAX).min(32);
    json.hex(&input.extra_data.bytes[..extra_len]);
    key!(json, "ommers_hash");
    json.bytes32(&input.ommers_hash);
    key!(json, "difficulty");
    json.number(input.difficulty);
    key!(json, "nonce");
    json.hex(&input.nonce.bytes);
    if input.withdrawals_root.bytes != [0; 32] {
        key!(json, "withdrawals_root");
        json.bytes32(&input.withdrawals_root);
    }
    key!(json, "base_fee_trend");
    json.quantity(&start.monad_block_input.base_fee_trend);
    key!(json, "base_fee_moment");
    json.quantity(&start.monad_block_input.base_fee_moment);
}

pub(super) fn reject(json: &mut Json<'_>, reason: u32) {
    reason_with_name(json, reason, block_reject_reason_name(reason));
}

/// `reason`, and `reason_name` for a code that has a name (protocol 5.2).
pub(super) fn reason_with_name(json: &mut Json<'_>, reason: u32, name: Option<&str>) {
    key!(json, "reason");
    json.number(reason);
    if let Some(name) = name {
        key!(json, "reason_name");
        json.raw(b"\"");
        json.raw(name.as_bytes());
        json.raw(b"\"");
    }
}

pub(super) fn end(json: &mut Json<'_>, end: &monad_exec_block_end) {
    key!(json, "eth_block_hash");
    json.bytes32(&end.eth_block_hash);
    key!(json, "state_root");
    json.bytes32(&end.state_root);
    key!(json, "receipts_root");
    json.bytes32(&end.receipts_root);
    key!(json, "logs_bloom");
    json.hex(&end.logs_bloom.bytes);
    key!(json, "gas_used");
    json.number(end.gas_used);
}

pub(super) fn qc(json: &mut Json<'_>, qc: &monad_exec_block_qc) {
    finalized(json, &qc.block_tag);
    key!(json, "round");
    json.number(qc.round);
    key!(json, "epoch");
    json.number(qc.epoch);
}

pub(super) fn finalized(json: &mut Json<'_>, tag: &monad_exec_block_tag) {
    key!(json, "block_id");
    json.bytes32(&tag.id);
    key!(json, "block_number");
    json.number(tag.block_number);
}

pub(super) fn verified(json: &mut Json<'_>, verified: &monad_exec_block_verified, id: Option<&BlockId>) {
    key!(json, "block_number");
    json.number(verified.block_number);
    if let Some(id) = id {
        key!(json, "block_id");
        json.hex(id);
    }
}
