//! Filter keys: what a filter looks at, in binary, right behind the text of an entry, so that nobody parses the text.
//! Written by `entry` in the same pass; JavaScript reads them as little-endian u32 words (`src/native/log.ts`).

use monad_exec_events::ExecEventRef;
use monad_exec_events::ffi::monad_c_uint256_ne;

use super::json::Json;

/// Keys of an event with `payload_size` bytes of payload take at most this much, and never more than its payload: the
/// longest are the topics of a log, of which there are at most 255.
pub const MAX_KEYS: usize = 28 + 32 * 255;

/// Data that begin with a function selector.
const HAS_SELECTOR: u32 = 2;

/// Writes the words of an event, at the next multiple of 4; nothing for types that no filter looks into.
///
/// Addresses and hashes are their bytes, numbers one word, 256-bit values eight words, the most significant first:
/// - TxnHeaderStart: sender 5, to 5, flags 1 (bit 0 contract creation, bit 1 at least 4 bytes of data), selector 1, value 8
/// - TxnAccessListEntry, AccountAccess, StorageAccess: address 5
/// - TxnEvmOutput: status 1
/// - TxnLog: address 5, log index 1, topic count 1, topics 8 each
/// - TxnCallFrame and NativeTransfer: caller 5, call target 5, value 8
#[inline]
pub fn write_event_keys(json: &mut Json<'_>, event: &ExecEventRef<'_>) {
    use ExecEventRef as E;
    match *event {
        E::TxnHeaderStart {
            txn_header_start: start,
            data_bytes,
            ..
        } => {
            let header = &start.txn_header;
            let selector = data_bytes.first_chunk::<4>();
            let mut flags = u32::from(header.is_contract_creation);
            if selector.is_some() {
                flags |= HAS_SELECTOR;
            }
            json.align();
            json.fill::<80>(|room| {
                room[..20].copy_from_slice(&start.sender.bytes);
                room[20..40].copy_from_slice(&header.to.bytes);
                room[40..44].copy_from_slice(&flags.to_le_bytes());
                room[44..48].copy_from_slice(selector.unwrap_or(&[0; 4]));
                write_value(&header.value, &mut room[48..]);
                80
            });
        }
        E::TxnAccessListEntry {
            txn_access_list_entry: entry,
            ..
        } => write_bytes(json, &entry.entry.address.bytes),
        E::AccountAccess(access) => write_bytes(json, &access.address.bytes),
        E::StorageAccess(access) => write_bytes(json, &access.address.bytes),
        E::TxnEvmOutput { output, .. } => {
            write_bytes(json, &u32::from(output.receipt.status).to_le_bytes());
        }
        E::TxnLog {
            txn_log,
            topic_bytes,
            ..
        } => {
            json.align();
            json.fill::<28>(|room| {
                room[..20].copy_from_slice(&txn_log.address.bytes);
                room[20..24].copy_from_slice(&txn_log.index.to_le_bytes());
                room[24..].copy_from_slice(&u32::from(txn_log.topic_count).to_le_bytes());
                28
            });
            json.raw(topic_bytes);
        }
        E::TxnCallFrame {
            txn_call_frame: frame,
            ..
        } => {
            json.align();
            json.fill::<72>(|room| {
                room[..20].copy_from_slice(&frame.caller.bytes);
                room[20..40].copy_from_slice(&frame.call_target.bytes);
                write_value(&frame.value, &mut room[40..]);
                72
            });
        }
        _ => {}
    }
}

#[inline]
fn write_bytes<const N: usize>(json: &mut Json<'_>, bytes: &[u8; N]) {
    json.align();
    json.padded(bytes, N);
}

/// Writes eight words, the most significant first.
#[inline(always)]
fn write_value(value: &monad_c_uint256_ne, room: &mut [u8]) {
    for (limb, words) in value.limbs.iter().rev().zip(room.chunks_exact_mut(8)) {
        words.copy_from_slice(&limb.rotate_left(32).to_le_bytes());
    }
}
