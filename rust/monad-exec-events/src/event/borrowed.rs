//! The borrowed event. Made by `decode`, turned into payload bytes by `encode` (feature `writer`), owned by `owned`.

use serde::Serialize;

use super::{ExecEvent, ExecEventType};
use crate::ffi;
use crate::hex::{serialize_bytes, serialize_words};

/// One execution event, borrowing its payload bytes.
///
/// Byte slices have the length that the struct beside them announces; `topic_bytes`, `storage_key_bytes` and
/// `blob_bytes` are whole 32-byte words. `txn_index` counts from 0. Serializes as `{"TxnLog":{…}}` with hex strings.
/// Source: ring-and-events §4.1, sdk-api §6.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(
    missing_docs,
    reason = "variants and fields are the structs of `ffi`, which say what they are"
)]
pub enum ExecEventRef<'ring> {
    RecordError {
        record_error: &'ring ffi::monad_event_record_error,
        /// What was kept of the dropped payload: its struct, then its arrays, cut off.
        #[serde(serialize_with = "serialize_bytes")]
        truncated_bytes: &'ring [u8],
    },
    BlockStart(&'ring ffi::monad_exec_block_start),
    BlockReject(ffi::monad_exec_block_reject),
    BlockPerfEvmEnter,
    BlockPerfEvmExit,
    BlockEnd(&'ring ffi::monad_exec_block_end),
    BlockQC(&'ring ffi::monad_exec_block_qc),
    BlockFinalized(&'ring ffi::monad_exec_block_finalized),
    BlockVerified(&'ring ffi::monad_exec_block_verified),
    TxnHeaderStart {
        txn_index: usize,
        txn_header_start: &'ring ffi::monad_exec_txn_header_start,
        #[serde(serialize_with = "serialize_bytes")]
        data_bytes: &'ring [u8],
        #[serde(serialize_with = "serialize_words")]
        blob_bytes: &'ring [u8],
    },
    TxnAccessListEntry {
        txn_index: usize,
        txn_access_list_entry: &'ring ffi::monad_exec_txn_access_list_entry,
        #[serde(serialize_with = "serialize_words")]
        storage_key_bytes: &'ring [u8],
    },
    TxnAuthListEntry {
        txn_index: usize,
        txn_auth_list_entry: &'ring ffi::monad_exec_txn_auth_list_entry,
    },
    TxnHeaderEnd {
        txn_index: usize,
    },
    TxnReject {
        txn_index: usize,
        reject: ffi::monad_exec_txn_reject,
    },
    TxnPerfEvmEnter {
        txn_index: usize,
    },
    TxnPerfEvmExit {
        txn_index: usize,
    },
    TxnEvmOutput {
        txn_index: usize,
        output: &'ring ffi::monad_exec_txn_evm_output,
    },
    TxnLog {
        txn_index: usize,
        txn_log: &'ring ffi::monad_exec_txn_log,
        #[serde(serialize_with = "serialize_words")]
        topic_bytes: &'ring [u8],
        #[serde(serialize_with = "serialize_bytes")]
        data_bytes: &'ring [u8],
    },
    TxnCallFrame {
        txn_index: usize,
        txn_call_frame: &'ring ffi::monad_exec_txn_call_frame,
        #[serde(serialize_with = "serialize_bytes")]
        input_bytes: &'ring [u8],
        #[serde(serialize_with = "serialize_bytes")]
        return_bytes: &'ring [u8],
    },
    TxnEnd {
        txn_index: usize,
    },
    AccountAccessListHeader {
        txn_index: Option<usize>,
        account_access_list_header: &'ring ffi::monad_exec_account_access_list_header,
    },
    AccountAccess {
        txn_index: Option<usize>,
        account_access: &'ring ffi::monad_exec_account_access,
    },
    StorageAccess {
        txn_index: Option<usize>,
        /// Index of the ACCOUNT_ACCESS that the slot belongs to.
        account_index: u64,
        storage_access: &'ring ffi::monad_exec_storage_access,
    },
    EvmError {
        txn_index: Option<usize>,
        evm_error: &'ring ffi::monad_exec_evm_error,
    },
}

impl ExecEventRef<'_> {
    /// The type of the event.
    #[inline]
    pub fn event_type(&self) -> ExecEventType {
        match self {
            Self::RecordError { .. } => ExecEventType::RecordError,
            Self::BlockStart(_) => ExecEventType::BlockStart,
            Self::BlockReject(_) => ExecEventType::BlockReject,
            Self::BlockPerfEvmEnter => ExecEventType::BlockPerfEvmEnter,
            Self::BlockPerfEvmExit => ExecEventType::BlockPerfEvmExit,
            Self::BlockEnd(_) => ExecEventType::BlockEnd,
            Self::BlockQC(_) => ExecEventType::BlockQC,
            Self::BlockFinalized(_) => ExecEventType::BlockFinalized,
            Self::BlockVerified(_) => ExecEventType::BlockVerified,
            Self::TxnHeaderStart { .. } => ExecEventType::TxnHeaderStart,
            Self::TxnAccessListEntry { .. } => ExecEventType::TxnAccessListEntry,
            Self::TxnAuthListEntry { .. } => ExecEventType::TxnAuthListEntry,
            Self::TxnHeaderEnd { .. } => ExecEventType::TxnHeaderEnd,
            Self::TxnReject { .. } => ExecEventType::TxnReject,
            Self::TxnPerfEvmEnter { .. } => ExecEventType::TxnPerfEvmEnter,
            Self::TxnPerfEvmExit { .. } => ExecEventType::TxnPerfEvmExit,
            Self::TxnEvmOutput { .. } => ExecEventType::TxnEvmOutput,
            Self::TxnLog { .. } => ExecEventType::TxnLog,
            Self::TxnCallFrame { .. } => ExecEventType::TxnCallFrame,
            Self::TxnEnd { .. } => ExecEventType::TxnEnd,
            Self::AccountAccessListHeader { .. } => ExecEventType::AccountAccessListHeader,
            Self::AccountAccess { .. } => ExecEventType::AccountAccess,
            Self::StorageAccess { .. } => ExecEventType::StorageAccess,
            Self::EvmError { .. } => ExecEventType::EvmError,
        }
    }

    /// The transaction that the event belongs to.
    #[inline]
    pub fn txn_index(&self) -> Option<usize> {
        match *self {
            Self::TxnHeaderStart { txn_index, .. }
            | Self::TxnAccessListEntry { txn_index, .. }
            | Self::TxnAuthListEntry { txn_index, .. }
            | Self::TxnHeaderEnd { txn_index }
            | Self::TxnReject { txn_index, .. }
            | Self::TxnPerfEvmEnter { txn_index }
            | Self::TxnPerfEvmExit { txn_index }
            | Self::TxnEvmOutput { txn_index, .. }
            | Self::TxnLog { txn_index, .. }
            | Self::TxnCallFrame { txn_index, .. }
            | Self::TxnEnd { txn_index } => Some(txn_index),
            Self::AccountAccessListHeader { txn_index, .. }
            | Self::AccountAccess { txn_index, .. }
            | Self::StorageAccess { txn_index, .. }
            | Self::EvmError { txn_index, .. } => txn_index,
            _ => None,
        }
    }

    /// Copies the payload; allocates only for the byte slices.
    pub fn into_owned(self) -> ExecEvent {
        self.into()
    }
}
