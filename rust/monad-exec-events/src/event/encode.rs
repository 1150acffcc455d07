//! From a borrowed event to the payload bytes that a recorder writes (feature `writer`), and what the event knows of
//! its descriptor. The structs encode themselves (`ffi::layout`); here are the arrays after them.

use zerocopy::IntoBytes;

use super::{ExecEventRef, ExecEventRingFlowInfo};

impl ExecEventRef<'_> {
    /// What the descriptor says about an event of the block whose BLOCK_START is `block_seqno` (0 outside a block), as
    /// far as the event itself knows: the recorder adds the transaction of markers, accesses and errors, and the
    /// account of a storage access.
    #[inline]
    pub fn flow(&self, block_seqno: u64) -> ExecEventRingFlowInfo {
        let txn_idx = match *self {
            Self::TxnHeaderStart { txn_index, .. }
            | Self::TxnAccessListEntry { txn_index, .. }
            | Self::TxnAuthListEntry { txn_index, .. }
            | Self::TxnReject { txn_index, .. }
            | Self::TxnEvmOutput { txn_index, .. }
            | Self::TxnLog { txn_index, .. }
            | Self::TxnCallFrame { txn_index, .. } => Some(txn_index),
            _ => None,
        };
        ExecEventRingFlowInfo {
            block_seqno,
            txn_idx,
            account_idx: 0,
        }
    }

    /// Replaces `out` by the payload bytes: the struct, then its arrays, without padding between them.
    ///
    /// The lengths that the struct announces are written as they stand; they must be those of the byte slices, or
    /// no reader will decode the payload.
    #[inline]
    pub fn encode_payload(&self, out: &mut Vec<u8>) {
        out.clear();
        match *self {
            Self::RecordError(error) => out.extend_from_slice(error.as_bytes()),
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
            Self::AccountAccessListHeader(header) => out.extend_from_slice(&header.encode()),
            Self::AccountAccess(access) => out.extend_from_slice(&access.encode()),
            Self::StorageAccess(access) => out.extend_from_slice(&access.encode()),
            Self::EvmError(error) => out.extend_from_slice(&error.encode()),
            Self::BlockPerfEvmEnter
            | Self::BlockPerfEvmExit
            | Self::TxnHeaderEnd
            | Self::TxnPerfEvmEnter
            | Self::TxnPerfEvmExit
            | Self::TxnEnd => {}
        }
    }
}
