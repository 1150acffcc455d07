//! Chooses the payload fields of an event; the fields themselves are in `block`, `txn` and `state`.
//! Called by `envelope`; `pipeline` asks for the bound before it reserves room in the log.

use monad_exec_events::{ExecEventRef, ExecEventRingFlowInfo};

use super::field;
use super::json::Json;
use super::keys::MAX_KEYS;
use super::{block, state, txn};
use crate::stages::BlockId;

/// Bytes of the fixed parts of the longest texts and of keys.
const FIXED: usize = 4096;

/// Most bytes that the text of an event with `payload_size` bytes of payload and its filter keys can take.
///
/// Every payload byte becomes two hex digits; quotes and commas of lists take 5 bytes per 32; the longest fixed part
/// (BlockStart, BlockEnd, TxnHeaderStart) stays below 3 KiB with its envelope. Keys repeat bytes of the payload.
#[inline]
pub fn text_bound(payload_size: u32) -> usize {
    let size = payload_size as usize;
    size * 2 + size / 4 + size.min(MAX_KEYS) + FIXED
}

/// Largest payload whose bound is at most `max_text`.
pub fn largest_payload(max_text: usize) -> u32 {
    let room = max_text.saturating_sub(FIXED);
    let largest = match room * 4 / 13 {
        small if small <= MAX_KEYS => small,
        _ => (room - MAX_KEYS) * 4 / 9,
    };
    u32::try_from(largest).unwrap_or(u32::MAX)
}

/// Writes the fields after `type`, each with its leading comma. Source: protocol section 5.
#[inline]
pub(super) fn write_payload(
    json: &mut Json<'_>,
    flow: &ExecEventRingFlowInfo,
    event: &ExecEventRef<'_>,
    verified_id: Option<&BlockId>,
) {
    use ExecEventRef as E;
    match *event {
        E::BlockPerfEvmEnter
        | E::BlockPerfEvmExit
        | E::TxnHeaderEnd
        | E::TxnPerfEvmEnter
        | E::TxnPerfEvmExit
        | E::TxnEnd => {}
        E::RecordError(error) => block::record_error(json, error),
        E::BlockStart(start) => block::start(json, start),
        E::BlockReject(reason) => block::reject(json, *reason),
        E::BlockEnd(end) => block::end(json, end),
        E::BlockQC(qc) => block::qc(json, qc),
        E::BlockFinalized(tag) => block::finalized(json, tag),
        E::BlockVerified(verified) => block::verified(json, verified, verified_id),
        E::TxnHeaderStart {
            txn_index,
            txn_header_start,
            data_bytes,
            blob_bytes,
        } => {
            txn::header_start(json, txn_index, txn_header_start, data_bytes, blob_bytes);
        }
        E::TxnAccessListEntry {
            txn_index,
            txn_access_list_entry,
            storage_key_bytes,
        } => {
            txn::access_list_entry(json, txn_index, txn_access_list_entry, storage_key_bytes);
        }
        E::TxnAuthListEntry {
            txn_index,
            txn_auth_list_entry,
        } => {
            txn::auth_list_entry(json, txn_index, txn_auth_list_entry);
        }
        E::TxnReject { txn_index, reject } => txn::reject(json, txn_index, *reject),
        E::TxnEvmOutput { txn_index, output } => txn::evm_output(json, txn_index, output),
        E::TxnLog {
            txn_index,
            txn_log,
            topic_bytes,
            data_bytes,
        } => {
            txn::log(json, txn_index, txn_log, topic_bytes, data_bytes);
        }
        E::TxnCallFrame {
            txn_index,
            txn_call_frame,
            input_bytes,
            return_bytes,
        } => {
            txn::call_frame(json, txn_index, txn_call_frame, input_bytes, return_bytes);
        }
        E::AccountAccessListHeader(header) => state::list_header(json, flow.txn_idx, header),
        E::AccountAccess(access) => state::account(json, flow.txn_idx, access),
        E::StorageAccess(access) => state::storage(json, flow, access),
        E::EvmError(error) => state::evm_error(json, flow.txn_idx, error),
    }
}

/// `txn_index`, the first field of most transaction events; absent outside a transaction.
#[inline]
pub(super) fn txn_index(json: &mut Json<'_>, index: Option<usize>) {
    if let Some(index) = index {
        field!(json, "txn_index", number, index as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_payload_is_the_largest_whose_bound_fits() {
        for max_text in (FIXED..200_000).step_by(37) {
            let largest = largest_payload(max_text);
            assert!(text_bound(largest) <= max_text, "{largest} in {max_text}");
            // Two divisions round down.
            assert!(
                text_bound(largest + 4) > max_text,
                "{largest} in {max_text}"
            );
        }
        assert_eq!(largest_payload(0), 0);
    }
}
