//! From a borrowed event to what a recorder writes: `content_ext` and payload bytes (feature `writer`).
//! The structs encode themselves (`ffi::layout`); here are the arrays after them.

use zerocopy::IntoBytes;

use super::{ExecEventRef, ExecEventRingFlowInfo};

impl ExecEventRef<'_> {
    /// The descriptor's `content_ext` for an event of the block whose BLOCK_START is `block_seqno` (0 outside a block).
    #[inline]
    pub fn content_ext(&self, block_seqno: u64) -> [u64; 4] {
        let account_idx = match *self {
            Self::StorageAccess { account_index, .. } => account_index,
            _ => 0,
        };
        ExecEventRingFlowInfo {
            block_seqno,
            txn_idx: self.txn_index(),
            account_idx,
        }
        .into()
    }

    /// Replaces `out` by the payload bytes: the struct, then its arrays, without padding between them.
    ///
    /// The lengths that the struct announces are written as they stand; they must be those of the byte slices, or
    /// no reader will decode the payload.
    #[inline]
    pub fn encode_payload(&self, out: &mut Vec<u8>) {
        out.clear();
        match *self {
            Self::RecordError {
                record_error,
                truncated_bytes,
            } => {
                out.extend_from_slice(record_error.as_bytes());
                out.extend_from_slice(truncated_bytes);
            }
            Self::BlockStart(start) => out.extend_from_slice(&start.encode()),
            Self::BlockReject(reason) | Self::TxnReject { reject: reason, .. } => {
                out.extend_from_slice(&reason.to_le_bytes());
            }
            Self::BlockEnd(end) => out.extend_from_slice(&end.encode()),
            Self::BlockQC(qc) => out.extend_from_slice(&qc.encode()),
            Self::BlockFinalized(tag) => out.extend_from_slice(&tag.encode()),
            Self::BlockVerified(verified) => out.extend_from_slice(&verified.encode()),
            Self::TxnHeaderStart {
                txn_header_start,
                data_bytes,
                blob_bytes,
                ..
            } => {
                out.extend_from_slice(&txn_header_start.encode());
                out.extend_from_slice(data_bytes);
                out.extend_from_slice(blob_bytes);
            }
            Self::TxnAccessListEntry {
                txn_access_list_entry,
                storage_key_bytes,
                ..
            } => {
                out.extend_from_slice(&txn_access_list_entry.encode());
                out.extend_from_slice(storage_key_bytes);
            }
            Self::TxnAuthListEntry {
                txn_auth_list_entry,
                ..
            } => {
                out.extend_from_slice(&txn_auth_list_entry.encode());
            }
            Self::TxnEvmOutput { output, .. } => out.extend_from_slice(&output.encode()),
            Self::TxnLog {
                txn_log,
                topic_bytes,
                data_bytes,
                ..
            } => {
                out.extend_from_slice(&txn_log.encode());
                out.extend_from_slice(topic_bytes);
                out.extend_from_slice(data_bytes);
            }
            Self::TxnCallFrame {
                txn_call_frame,
                input_bytes,
                return_bytes,
                ..
            } => {
                out.extend_from_slice(&txn_call_frame.encode());
                out.extend_from_slice(input_bytes);
                out.extend_from_slice(return_bytes);
            }
            Self::AccountAccessListHeader {
                account_access_list_header,
                ..
            } => {
                out.extend_from_slice(&account_access_list_header.encode());
            }
            Self::AccountAccess { account_access, .. } => {
                out.extend_from_slice(&account_access.encode())
            }
            Self::StorageAccess { storage_access, .. } => {
                out.extend_from_slice(&storage_access.encode())
            }
            Self::EvmError { evm_error, .. } => out.extend_from_slice(&evm_error.encode()),
            Self::BlockPerfEvmEnter
            | Self::BlockPerfEvmExit
            | Self::TxnHeaderEnd { .. }
            | Self::TxnPerfEvmEnter { .. }
            | Self::TxnPerfEvmExit { .. }
            | Self::TxnEnd { .. } => {}
        }
    }
}
