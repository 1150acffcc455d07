//! Payload fields of state-access and EVM-error events, in the order of protocol section 5.
//! Called by `payload`.

use monad_exec_events::ffi::{
    monad_exec_account_access, monad_exec_account_access_list_header, monad_exec_evm_error, monad_exec_storage_access,
};

use super::json::{Json, key};
use super::payload::txn_index;

pub(super) fn list_header(
    json: &mut Json<'_>,
    index: Option<usize>,
    header: &monad_exec_account_access_list_header,
) {
    txn_index(json, index);
    key!(json, "entry_count");
    json.number(header.entry_count);
    key!(json, "access_context");
    json.number(header.access_context);
}

pub(super) fn account(json: &mut Json<'_>, index: Option<usize>, access: &monad_exec_account_access) {
    txn_index(json, index);
    key!(json, "address");
    json.address(&access.address);
    key!(json, "balance");
    json.quantity(&access.prestate.balance);
    key!(json, "nonce");
    json.number(access.prestate.nonce);
    key!(json, "code_hash");
    json.bytes32(&access.prestate.code_hash);
    key!(json, "index");
    json.number(access.index);
    key!(json, "access_context");
    json.number(access.access_context);
    if access.is_balance_modified {
        key!(json, "modified_balance");
        json.quantity(&access.modified_balance);
    }
    if access.is_nonce_modified {
        key!(json, "modified_nonce");
        json.number(access.modified_nonce);
    }
    key!(json, "storage_key_count");
    json.number(access.storage_key_count);
    key!(json, "transient_count");
    json.number(access.transient_count);
}

pub(super) fn storage(
    json: &mut Json<'_>,
    index: Option<usize>,
    account_index: u64,
    access: &monad_exec_storage_access,
) {
    txn_index(json, index);
    key!(json, "account_index");
    json.number(account_index);
    key!(json, "key");
    json.bytes32(&access.key);
    key!(json, "value");
    json.bytes32(&access.start_value);
    key!(json, "address");
    json.address(&access.address);
    key!(json, "index");
    json.number(access.index);
    key!(json, "access_context");
    json.number(access.access_context);
    key!(json, "modified");
    json.boolean(access.modified);
    if access.modified {
        key!(json, "end_value");
        json.bytes32(&access.end_value);
    }
    key!(json, "transient");
    json.boolean(access.transient);
}

pub(super) fn evm_error(json: &mut Json<'_>, index: Option<usize>, error: &monad_exec_evm_error) {
    key!(json, "domain_id");
    json.number(error.domain_id);
    key!(json, "status_code");
    json.number(error.status_code);
    txn_index(json, index);
}
