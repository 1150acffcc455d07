//! The borrowed event. Made by `decode`, turned into payload bytes by `encode` (feature `writer`), owned by `owned`.

use serde::Serialize;

use super::{ExecEvent, ExecEventType};
use crate::ffi;
use crate::hex::{serialize_bytes, serialize_words};

/// One execution event, borrowing its payload bytes.
///
/// Byte slices have the length that the struct beside them announces; `topic_bytes`, `storage_key_bytes` and
/// `blob_bytes` are whole 32-byte words. `txn_index` counts from 0; where a variant has none, the descriptor's
/// [`ExecEventRingFlowInfo`](super::ExecEventRingFlowInfo) says which transaction or account it is about.
/// Serializes as `{"TxnLog":{…}}` with hex strings. Source: ring-and-events §4.1, sdk-api §6.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(
    missing_docs,
    reason = "variants and fields are the structs of `ffi`, which say what they are"
)]
pub enum ExecEventRef<'ring> {
    RecordError(&'ring ffi::monad_event_record_error),
    BlockStart(&'ring ffi::monad_exec_block_start),
    BlockReject(&'ring ffi::monad_exec_block_reject),
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
    TxnHeaderEnd,
    TxnReject {
        txn_index: usize,
        reject: &'ring ffi::monad_exec_txn_reject,
    },
    TxnPerfEvmEnter,
    TxnPerfEvmExit,
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
    TxnEnd,
    AccountAccessListHeader(&'ring ffi::monad_exec_account_access_list_header),
    AccountAccess(&'ring ffi::monad_exec_account_access),
    StorageAccess(&'ring ffi::monad_exec_storage_access),
    EvmError(&'ring ffi::monad_exec_evm_error),
}

impl ExecEventRef<'_> {
    /// The type of the event.
    #[inline]
    pub fn event_type(&self) -> ExecEventType {
        match self {
            Self::RecordError(_) => ExecEventType::RecordError,
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
            Self::TxnHeaderEnd => ExecEventType::TxnHeaderEnd,
            Self::TxnReject { .. } => ExecEventType::TxnReject,
            Self::TxnPerfEvmEnter => ExecEventType::TxnPerfEvmEnter,
            Self::TxnPerfEvmExit => ExecEventType::TxnPerfEvmExit,
            Self::TxnEvmOutput { .. } => ExecEventType::TxnEvmOutput,
            Self::TxnLog { .. } => ExecEventType::TxnLog,
            Self::TxnCallFrame { .. } => ExecEventType::TxnCallFrame,
            Self::TxnEnd => ExecEventType::TxnEnd,
            Self::AccountAccessListHeader(_) => ExecEventType::AccountAccessListHeader,
            Self::AccountAccess(_) => ExecEventType::AccountAccess,
            Self::StorageAccess(_) => ExecEventType::StorageAccess,
            Self::EvmError(_) => ExecEventType::EvmError,
        }
    }

    /// Copies the payload; allocates only for the byte slices.
    pub fn into_owned(self) -> ExecEvent {
        self.into()
    }
}
