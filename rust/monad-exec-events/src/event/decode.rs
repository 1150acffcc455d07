//! From descriptor fields and payload bytes to a borrowed event: no copy, no allocation, no panic on any bytes.
//! Sizes are checked by `payload`; the sidecar calls this for every event of the ring.

use super::payload::Payload;
use super::{DecodeError, ExecEventRef, ExecEventRingFlowInfo, ExecEventType};
use crate::ffi;

/// Bytes of a topic, a storage key and a blob hash.
const WORD: u64 = 32;

impl<'ring> ExecEventRef<'ring> {
    /// The event of a descriptor's `event_type` and `content_ext` and of its `payload`.
    ///
    /// `payload` is the whole payload and starts at a multiple of 16 bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the type is unknown, the payload is not exactly the struct and the arrays that it announces,
    /// a bool is neither 0 nor 1, extra data exceed 32 bytes, the transaction's index is missing, or the payload is not aligned.
    /// Source: ring-and-events §4.1–4.3.
    #[inline]
    pub fn decode(
        event_type: u16,
        content_ext: [u64; 4],
        payload: &'ring [u8],
    ) -> Result<Self, DecodeError> {
        Self::decode_with_flow(event_type, content_ext.into(), payload)
    }

    /// As [`decode`](Self::decode), with `content_ext` already understood.
    #[inline]
    pub(crate) fn decode_with_flow(
        event_type: u16,
        flow: ExecEventRingFlowInfo,
        payload: &'ring [u8],
    ) -> Result<Self, DecodeError> {
        let event = ExecEventType::try_from(event_type)?;
        let payload = Payload {
            event,
            bytes: payload,
        };
        match event {
            ExecEventType::RecordError => Self::decode_record_error(payload),
            ExecEventType::BlockStart => {
                let start: &ffi::monad_exec_block_start = payload.exact()?;
                let actual = start.eth_block_input.extra_data_length;
                if actual > WORD {
                    return Err(DecodeError::ExtraDataLength { actual });
                }
                Ok(Self::BlockStart(start))
            }
            ExecEventType::BlockReject => Ok(Self::BlockReject(payload.exact()?)),
            ExecEventType::BlockPerfEvmEnter => payload.empty().map(|()| Self::BlockPerfEvmEnter),
            ExecEventType::BlockPerfEvmExit => payload.empty().map(|()| Self::BlockPerfEvmExit),
            ExecEventType::BlockEnd => Ok(Self::BlockEnd(payload.exact()?)),
            ExecEventType::BlockQC => Ok(Self::BlockQC(payload.exact()?)),
            ExecEventType::BlockFinalized => Ok(Self::BlockFinalized(payload.exact()?)),
            ExecEventType::BlockVerified => Ok(Self::BlockVerified(payload.exact()?)),
            ExecEventType::AccountAccessListHeader => {
                Ok(Self::AccountAccessListHeader(payload.exact()?))
            }
            ExecEventType::AccountAccess => Ok(Self::AccountAccess(payload.exact()?)),
            ExecEventType::StorageAccess => Ok(Self::StorageAccess(payload.exact()?)),
            ExecEventType::EvmError => Ok(Self::EvmError(payload.exact()?)),
            _ => {
                let txn_index = flow.txn_idx.ok_or(DecodeError::MissingTxnIndex { event })?;
                Self::decode_of_txn(txn_index, payload)
            }
        }
    }

    /// An event that always belongs to a transaction.
    #[inline]
    fn decode_of_txn(txn_index: usize, payload: Payload<'ring>) -> Result<Self, DecodeError> {
        Ok(match payload.event {
            ExecEventType::TxnHeaderStart => {
                let (txn_header_start, tail): (&ffi::monad_exec_txn_header_start, _) =
                    payload.prefix()?;
                let header = &txn_header_start.txn_header;
                let blobs = u64::from(header.blob_versioned_hash_length) * WORD;
                let (data_bytes, blob_bytes) =
                    payload.split(tail, header.data_length.into(), blobs)?;
                Self::TxnHeaderStart {
                    txn_index,
                    txn_header_start,
                    data_bytes,
                    blob_bytes,
                }
            }
            ExecEventType::TxnAccessListEntry => {
                let (txn_access_list_entry, tail): (&ffi::monad_exec_txn_access_list_entry, _) =
                    payload.prefix()?;
                let keys = u64::from(txn_access_list_entry.entry.storage_key_count) * WORD;
                let (storage_key_bytes, _) = payload.split(tail, keys, 0)?;
                Self::TxnAccessListEntry {
                    txn_index,
                    txn_access_list_entry,
                    storage_key_bytes,
                }
            }
            ExecEventType::TxnAuthListEntry => Self::TxnAuthListEntry {
                txn_index,
                txn_auth_list_entry: payload.exact()?,
            },
            ExecEventType::TxnReject => Self::TxnReject {
                txn_index,
                reject: payload.exact()?,
            },
            ExecEventType::TxnEvmOutput => Self::TxnEvmOutput {
                txn_index,
                output: payload.exact()?,
            },
            ExecEventType::TxnLog => {
                let (txn_log, tail): (&ffi::monad_exec_txn_log, _) = payload.prefix()?;
                let topics = u64::from(txn_log.topic_count) * WORD;
                let (topic_bytes, data_bytes) =
                    payload.split(tail, topics, txn_log.data_length.into())?;
                Self::TxnLog {
                    txn_index,
                    txn_log,
                    topic_bytes,
                    data_bytes,
                }
            }
            ExecEventType::TxnCallFrame => {
                let (txn_call_frame, tail): (&ffi::monad_exec_txn_call_frame, _) =
                    payload.prefix()?;
                let (input, output) = (txn_call_frame.input_length, txn_call_frame.return_length);
                let (input_bytes, return_bytes) = payload.split(tail, input, output)?;
                Self::TxnCallFrame {
                    txn_index,
                    txn_call_frame,
                    input_bytes,
                    return_bytes,
                }
            }
            marker => {
                payload.empty()?;
                match marker {
                    ExecEventType::TxnHeaderEnd => Self::TxnHeaderEnd,
                    ExecEventType::TxnPerfEvmEnter => Self::TxnPerfEvmEnter,
                    ExecEventType::TxnPerfEvmExit => Self::TxnPerfEvmExit,
                    _ => Self::TxnEnd,
                }
            }
        })
    }

    /// The struct alone, or with the bytes that were kept of the dropped payload, which no event shows.
    fn decode_record_error(payload: Payload<'ring>) -> Result<Self, DecodeError> {
        let (record_error, tail): (&ffi::monad_event_record_error, _) = payload.prefix()?;
        if !tail.is_empty() {
            payload.split(tail, record_error.truncated_payload_size.into(), 0)?;
        }
        Ok(Self::RecordError(record_error))
    }
}
