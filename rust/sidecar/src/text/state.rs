//! Payload fields of state-access and EVM-error events, in the order of protocol section 5.
//! Called by `payload`.

use monad_exec_events::ExecEventRingFlowInfo;
use monad_exec_events::ffi::{
    monad_exec_account_access, monad_exec_account_access_list_header, monad_exec_evm_error,
    monad_exec_storage_access,
};

use super::field;
use super::json::Json;
use super::payload::txn_index;

pub(super) fn list_header(
    json: &mut Json<'_>,
    index: Option<usize>,
    header: &monad_exec_account_access_list_header,
) {
    txn_index(json, index);
    field!(json, "entry_count", number, header.entry_count);
    field!(json, "access_context", number, header.access_context);
}

pub(super) fn account(
    json: &mut Json<'_>,
    index: Option<usize>,
    access: &monad_exec_account_access,
) {
    txn_index(json, index);
    field!(json, "address", address, &access.address);
    field!(json, "balance", quantity, &access.prestate.balance);
    field!(json, "nonce", number, access.prestate.nonce);
    field!(json, "code_hash", bytes32, &access.prestate.code_hash);
    field!(json, "index", number, access.index);
    field!(json, "access_context", number, access.access_context);
    if access.is_balance_modified {
        field!(json, "modified_balance", quantity, &access.modified_balance);
    }
    if access.is_nonce_modified {
        field!(json, "modified_nonce", number, access.modified_nonce);
    }
    field!(json, "storage_key_count", number, access.storage_key_count);
    field!(json, "transient_count", number, access.transient_count);
}

pub(super) fn storage(
    json: &mut Json<'_>,
    flow: &ExecEventRingFlowInfo,
    access: &monad_exec_storage_access,
) {
    txn_index(json, flow.txn_idx);
    field!(json, "account_index", number, flow.account_idx);
    field!(json, "key", bytes32, &access.key);
    field!(json, "value", bytes32, &access.start_value);
    field!(json, "address", address, &access.address);
    field!(json, "index", number, access.index);
    field!(json, "access_context", number, access.access_context);
    field!(json, "modified", boolean, access.modified);
    if access.modified {
        field!(json, "end_value", bytes32, &access.end_value);
    }
    field!(json, "transient", boolean, access.transient);
}

pub(super) fn evm_error(json: &mut Json<'_>, index: Option<usize>, error: &monad_exec_evm_error) {
    field!(json, "domain_id", number, error.domain_id);
    field!(json, "status_code", signed, error.status_code);
    txn_index(json, index);
}
