//! The frame of a Lifecycle message and its filter keys. Called by `derived`; `lifecycle` knows what they say.

use super::field;
use super::json::Json;
use crate::lifecycle::Message;

/// Most bytes of the frame with its keys.
pub const LIFECYCLE_BOUND: usize = 640;

const GAS_IS_KNOWN: u32 = 1;
const ETH_HASH_IS_KNOWN: u32 = 2;

/// Writes `"Lifecycle":{…}`. Times are milliseconds with at most 3 decimals. Source: protocol 8.4.
pub fn write_lifecycle(json: &mut Json<'_>, message: &Message) {
    json.raw(b"\"Lifecycle\":{\"block_hash\":");
    json.hex(&message.id);
    field!(json, "block_number", number, message.kind.block_number);
    if let Some(from) = message.from {
        field!(json, "from_stage", word, from.name());
    }
    field!(json, "to_stage", word, message.to.name());
    if message.from.is_some() {
        field!(
            json,
            "time_in_previous_stage_ms",
            decimal,
            to_us(message.previous_ns),
            3
        );
    }
    field!(json, "block_age_ms", decimal, to_us(message.age_ns), 3);
    field!(json, "txn_count", number, message.txn_count);
    if let Some(output) = message.output {
        field!(json, "gas_used", number, output.gas_used);
    }
    json.raw(b"}");
}

fn to_us(ns: u64) -> u64 {
    ns / 1000 + u64::from(ns % 1000 >= 500)
}

/// Writes block id 8 words, to stage 1, from stage 1 (0 for none), transaction count 1, flags 1 (bit 0 gas known, bit 1
/// hash known), gas used 2 (low, high), Ethereum's block hash 8.
pub fn write_lifecycle_keys(json: &mut Json<'_>, message: &Message) {
    let (flags, gas_used, hash) = match message.output {
        None => (0, 0, [0; 32]),
        Some(output) => (
            GAS_IS_KNOWN | ETH_HASH_IS_KNOWN,
            output.gas_used,
            output.eth_block_hash,
        ),
    };
    json.align();
    json.raw(&message.id);
    json.word32(message.to as u32);
    json.word32(message.from.map_or(0, |from| from as u32));
    json.word32(u32::try_from(message.txn_count).unwrap_or(u32::MAX));
    json.word32(flags);
    json.raw(&gas_used.to_le_bytes());
    json.raw(&hash);
}
