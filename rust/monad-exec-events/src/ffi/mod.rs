//! What execution records, as the C structs of the node: official names, fields and offsets.
//! `layout` declares structs, `primitive`, `block`, `txn` and `state` are the structs, `code` and `metadata` name the
//! events.
//! `crate::event` views payload bytes as these structs.

mod block;
mod code;
mod layout;
mod metadata;
mod primitive;
mod state;
mod txn;

pub(crate) use layout::Field;
pub(crate) use metadata::NAMES;

pub use block::{
    monad_c_eth_block_exec_output, monad_c_eth_block_input, monad_c_native_block_input,
    monad_c_secp256k1_pubkey, monad_exec_block_end, monad_exec_block_finalized,
    monad_exec_block_qc, monad_exec_block_reject, monad_exec_block_start, monad_exec_block_tag,
    monad_exec_block_verified,
};
pub use code::*;
pub use metadata::{
    DEFAULT_FILE_NAME, EXEC_SCHEMA_HASH, MONAD_EXEC_EVENT_COUNT, g_monad_exec_event_metadata,
    g_monad_exec_event_schema_hash, monad_event_metadata,
};
pub use monad_event_ring::ffi::monad_event_record_error;
pub use primitive::{
    monad_c_address, monad_c_b64, monad_c_bloom256, monad_c_bytes32, monad_c_uint128_ne,
    monad_c_uint256_ne,
};
pub use state::{
    MONAD_ACCT_ACCESS_BLOCK_EPILOGUE, MONAD_ACCT_ACCESS_BLOCK_PROLOGUE,
    MONAD_ACCT_ACCESS_TRANSACTION, monad_c_eth_account_state, monad_exec_account_access,
    monad_exec_account_access_context, monad_exec_account_access_list_header, monad_exec_evm_error,
    monad_exec_storage_access,
};
pub use txn::{
    MONAD_TXN_EIP1559, MONAD_TXN_EIP2930, MONAD_TXN_EIP4844, MONAD_TXN_EIP7702, MONAD_TXN_LEGACY,
    monad_c_access_list_entry, monad_c_auth_list_entry, monad_c_eth_txn_header,
    monad_c_eth_txn_log, monad_c_eth_txn_receipt, monad_c_transaction_type,
    monad_exec_txn_access_list_entry, monad_exec_txn_auth_list_entry, monad_exec_txn_call_frame,
    monad_exec_txn_evm_output, monad_exec_txn_header_start, monad_exec_txn_log,
    monad_exec_txn_reject,
};

/// The official name of the RECORD_ERROR payload.
#[allow(non_camel_case_types, reason = "the official name")]
pub type monad_exec_record_error = monad_event_record_error;
