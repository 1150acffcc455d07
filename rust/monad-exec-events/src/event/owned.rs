//! The owned event: what `borrowed` says, outliving the payload bytes.

use serde::Serialize;

use super::ExecEventRef;
use crate::ffi;
use crate::hex::{serialize_bytes, serialize_words};

/// One execution event with its own payload; fields as in [`ExecEventRef`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(
    missing_docs,
    reason = "variants and fields are the structs of `ffi`, which say what they are"
)]
#[allow(clippy::large_enum_variant, reason = "the official shape, by value")]
pub enum ExecEvent {
    RecordError(ffi::monad_event_record_error),
    BlockStart(ffi::monad_exec_block_start),
    BlockReject(ffi::monad_exec_block_reject),
    BlockPerfEvmEnter,
    BlockPerfEvmExit,
    BlockEnd(ffi::monad_exec_block_end),
    BlockQC(ffi::monad_exec_block_qc),
    BlockFinalized(ffi::monad_exec_block_finalized),
    BlockVerified(ffi::monad_exec_block_verified),
    TxnHeaderStart {
        txn_index: usize,
        txn_header_start: ffi::monad_exec_txn_header_start,
        #[serde(serialize_with = "serialize_bytes")]
        data_bytes: Box<[u8]>,
        #[serde(serialize_with = "serialize_words")]
        blob_bytes: Box<[u8]>,
    },
    TxnAccessListEntry {
        txn_index: usize,
        txn_access_list_entry: ffi::monad_exec_txn_access_list_entry,
        #[serde(serialize_with = "serialize_words")]
        storage_key_bytes: Box<[u8]>,
    },
    TxnAuthListEntry {
        txn_index: usize,
        txn_auth_list_entry: ffi::monad_exec_txn_auth_list_entry,
    },
    TxnHeaderEnd,
    TxnReject {
        txn_index: usize,
        reject: ffi::monad_exec_txn_reject,
    },
    TxnPerfEvmEnter,
    TxnPerfEvmExit,
    TxnEvmOutput {
        txn_index: usize,
        output: ffi::monad_exec_txn_evm_output,
    },
    TxnLog {
        txn_index: usize,
        txn_log: ffi::monad_exec_txn_log,
        #[serde(serialize_with = "serialize_words")]
        topic_bytes: Box<[u8]>,
        #[serde(serialize_with = "serialize_bytes")]
        data_bytes: Box<[u8]>,
    },
    TxnCallFrame {
        txn_index: usize,
        txn_call_frame: ffi::monad_exec_txn_call_frame,
        #[serde(serialize_with = "serialize_bytes")]
        input_bytes: Box<[u8]>,
        #[serde(serialize_with = "serialize_bytes")]
        return_bytes: Box<[u8]>,
    },
    TxnEnd,
    AccountAccessListHeader(ffi::monad_exec_account_access_list_header),
    AccountAccess(ffi::monad_exec_account_access),
    StorageAccess(ffi::monad_exec_storage_access),
    EvmError(ffi::monad_exec_evm_error),
}

impl From<ExecEventRef<'_>> for ExecEvent {
    fn from(event: ExecEventRef<'_>) -> Self {
        use ExecEventRef as Ref;
        match event {
            Ref::RecordError(error) => Self::RecordError(*error),
            Ref::BlockStart(start) => Self::BlockStart(*start),
            Ref::BlockReject(reject) => Self::BlockReject(*reject),
            Ref::BlockPerfEvmEnter => Self::BlockPerfEvmEnter,
            Ref::BlockPerfEvmExit => Self::BlockPerfEvmExit,
            Ref::BlockEnd(end) => Self::BlockEnd(*end),
            Ref::BlockQC(qc) => Self::BlockQC(*qc),
            Ref::BlockFinalized(tag) => Self::BlockFinalized(*tag),
            Ref::BlockVerified(verified) => Self::BlockVerified(*verified),
            Ref::TxnHeaderStart {
                txn_index,
                txn_header_start,
                data_bytes,
                blob_bytes,
            } => Self::TxnHeaderStart {
                txn_index,
                txn_header_start: *txn_header_start,
                data_bytes: data_bytes.into(),
                blob_bytes: blob_bytes.into(),
            },
            Ref::TxnAccessListEntry {
                txn_index,
                txn_access_list_entry,
                storage_key_bytes,
            } => Self::TxnAccessListEntry {
                txn_index,
                txn_access_list_entry: *txn_access_list_entry,
                storage_key_bytes: storage_key_bytes.into(),
            },
            Ref::TxnAuthListEntry {
                txn_index,
                txn_auth_list_entry,
            } => Self::TxnAuthListEntry {
                txn_index,
                txn_auth_list_entry: *txn_auth_list_entry,
            },
            Ref::TxnHeaderEnd => Self::TxnHeaderEnd,
            Ref::TxnReject { txn_index, reject } => Self::TxnReject {
                txn_index,
                reject: *reject,
            },
            Ref::TxnPerfEvmEnter => Self::TxnPerfEvmEnter,
            Ref::TxnPerfEvmExit => Self::TxnPerfEvmExit,
            Ref::TxnEvmOutput { txn_index, output } => Self::TxnEvmOutput {
                txn_index,
                output: *output,
            },
            Ref::TxnLog {
                txn_index,
                txn_log,
                topic_bytes,
                data_bytes,
            } => Self::TxnLog {
                txn_index,
                txn_log: *txn_log,
                topic_bytes: topic_bytes.into(),
                data_bytes: data_bytes.into(),
            },
            Ref::TxnCallFrame {
                txn_index,
                txn_call_frame,
                input_bytes,
                return_bytes,
            } => Self::TxnCallFrame {
                txn_index,
                txn_call_frame: *txn_call_frame,
                input_bytes: input_bytes.into(),
                return_bytes: return_bytes.into(),
            },
            Ref::TxnEnd => Self::TxnEnd,
            Ref::AccountAccessListHeader(header) => Self::AccountAccessListHeader(*header),
            Ref::AccountAccess(access) => Self::AccountAccess(*access),
            Ref::StorageAccess(access) => Self::StorageAccess(*access),
            Ref::EvmError(error) => Self::EvmError(*error),
        }
    }
}
