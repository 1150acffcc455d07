//! Payload fields of block, consensus and record-error events, in the order of protocol section 5.
//! Called by `payload`.

use monad_exec_events::block_reject_reason_name;
use monad_exec_events::ffi::{
    monad_event_record_error, monad_exec_block_end, monad_exec_block_qc, monad_exec_block_start,
    monad_exec_block_tag, monad_exec_block_verified,
};

use super::field;
use super::json::Json;
use crate::stages::BlockId;

pub(super) fn record_error(json: &mut Json<'_>, error: &monad_event_record_error) {
    field!(json, "error_type", number, error.error_type);
    field!(json, "dropped_event_type", number, error.dropped_event_type);
    field!(
        json,
        "truncated_payload_size",
        number,
        error.truncated_payload_size
    );
    field!(
        json,
        "requested_payload_size",
        number,
        error.requested_payload_size
    );
}

pub(super) fn start(json: &mut Json<'_>, start: &monad_exec_block_start) {
    let input = &start.eth_block_input;
    field!(json, "block_number", number, start.block_tag.block_number);
    field!(json, "block_id", bytes32, &start.block_tag.id);
    field!(json, "round", number, start.round);
    field!(json, "epoch", number, start.epoch);
    field!(json, "parent_eth_hash", bytes32, &start.parent_eth_hash);
    field!(json, "timestamp", number, input.timestamp);
    field!(json, "beneficiary", address, &input.beneficiary);
    field!(json, "gas_limit", number, input.gas_limit);
    field!(json, "base_fee_per_gas", quantity, &input.base_fee_per_gas);
    field!(json, "chain_id", number, start.chain_id.limbs[0]);
    field!(json, "txn_count", number, input.txn_count);
    field!(
        json,
        "proposal_epoch_nanos",
        wide,
        start.proposal_epoch_nanos
    );
    let mut author = [0; 33];
    author[0] = start.author.y_parity;
    author[1..].copy_from_slice(&start.author.x);
    field!(json, "author", hex, &author);
    field!(json, "transactions_root", bytes32, &input.transactions_root);
    field!(json, "prev_randao", bytes32, &input.prev_randao);
    let extra_len = usize::try_from(input.extra_data_length)
        .unwrap_or(usize::MAX)
        .min(32);
    field!(
        json,
        "extra_data",
        hex,
        &input.extra_data.bytes[..extra_len]
    );
    field!(json, "ommers_hash", bytes32, &input.ommers_hash);
    field!(json, "difficulty", number, input.difficulty);
    field!(json, "nonce", hex, &input.nonce.bytes);
    if input.withdrawals_root.bytes != [0; 32] {
        field!(json, "withdrawals_root", bytes32, &input.withdrawals_root);
    }
    field!(
        json,
        "base_fee_trend",
        quantity,
        &start.monad_block_input.base_fee_trend
    );
    field!(
        json,
        "base_fee_moment",
        quantity,
        &start.monad_block_input.base_fee_moment
    );
}

pub(super) fn reject(json: &mut Json<'_>, reason: u32) {
    reason_with_name(json, reason, block_reject_reason_name(reason));
}

/// `reason`, and `reason_name` for a code that has a name (protocol 5.2).
pub(super) fn reason_with_name(json: &mut Json<'_>, reason: u32, name: Option<&str>) {
    field!(json, "reason", number, reason);
    if let Some(name) = name {
        field!(json, "reason_name", word, name);
    }
}

pub(super) fn end(json: &mut Json<'_>, end: &monad_exec_block_end) {
    field!(json, "eth_block_hash", bytes32, &end.eth_block_hash);
    field!(json, "state_root", bytes32, &end.exec_output.state_root);
    field!(
        json,
        "receipts_root",
        bytes32,
        &end.exec_output.receipts_root
    );
    field!(json, "logs_bloom", hex, &end.exec_output.logs_bloom.bytes);
    field!(json, "gas_used", number, end.exec_output.gas_used);
}

pub(super) fn qc(json: &mut Json<'_>, qc: &monad_exec_block_qc) {
    finalized(json, &qc.block_tag);
    field!(json, "round", number, qc.round);
    field!(json, "epoch", number, qc.epoch);
}

pub(super) fn finalized(json: &mut Json<'_>, tag: &monad_exec_block_tag) {
    field!(json, "block_id", bytes32, &tag.id);
    field!(json, "block_number", number, tag.block_number);
}

pub(super) fn verified(
    json: &mut Json<'_>,
    verified: &monad_exec_block_verified,
    id: Option<&BlockId>,
) {
    field!(json, "block_number", number, verified.block_number);
    if let Some(id) = id {
        field!(json, "block_id", hex, id);
    }
}
