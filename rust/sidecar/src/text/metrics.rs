//! The frames of metrics. Called by `derived`; `metrics` knows what they say.

use super::field;
use super::json::Json;
use crate::metrics::{BlockMetrics, Report, TopAccessesReport};

/// Most bytes of a TPS frame with its key.
pub const TPS_BOUND: usize = 128;
/// Most bytes of a ContentionData frame: 20 slots of at most 190 bytes, 15 contracts of 190 and 15 edges of 160.
pub const CONTENTION_BOUND: usize = 10 << 10;
/// Most bytes of a TopAccesses frame: 10 accounts of at most 80 bytes, 10 slots of 160.
pub const TOP_ACCESSES_BOUND: usize = 3 << 10;

/// Decimals of ratios and percentages.
const PLACES: u32 = 4;

/// Writes `"TPS":N`. Source: protocol 8.1.
pub fn write_tps(json: &mut Json<'_>, tps: u64) {
    json.raw(b"\"TPS\":");
    json.number(tps);
}

/// Writes the one word behind a TPS frame.
pub fn write_tps_key(json: &mut Json<'_>, tps: u64) {
    json.align();
    json.word32(u32::try_from(tps).unwrap_or(u32::MAX));
}

/// Writes `"ContentionData":{…}`. Source: protocol 8.2.
pub fn write_contention(json: &mut Json<'_>, block: &BlockMetrics<'_>, report: &Report) {
    let idle_ns = block.txn_ns.saturating_sub(block.wall_ns);
    json.raw(b"\"ContentionData\":{\"block_number\":");
    json.number(block.block_number);
    field!(json, "block_wall_time_ns", number, block.wall_ns);
    field!(json, "total_tx_time_ns", number, block.txn_ns);
    let percent = share(idle_ns, block.txn_ns, 100);
    field!(json, "parallel_efficiency_pct", decimal, percent, PLACES);
    field!(json, "total_unique_slots", number, report.unique_slots);
    field!(json, "contended_slot_count", number, report.contended_slots);
    let ratio = share(report.contended_slots, report.unique_slots, 1);
    field!(json, "contention_ratio", decimal, ratio, PLACES);
    field!(json, "total_txn_count", number, block.txn_count);
    json.raw(b",\"top_contended_slots\":[");
    objects(json, &report.top_slots, |json, row| {
        json.raw(b"\"address\":");
        json.hex(&row.slot[..20]);
        field!(json, "slot", hex, &row.slot[20..]);
        field!(json, "txn_count", number, row.txn_count);
        field!(json, "access_count", number, row.access_count);
    });
    json.raw(b"],\"top_contended_contracts\":[");
    objects(json, &report.top_contracts, |json, row| {
        json.raw(b"\"address\":");
        json.hex(&row.address);
        field!(json, "total_slots", number, row.total_slots);
        field!(json, "contended_slots", number, row.contended_slots);
        field!(json, "total_accesses", number, row.total_accesses);
        let score = share(row.contended_slots.into(), row.total_slots.into(), 1);
        field!(json, "contention_score", decimal, score, PLACES);
    });
    json.raw(b"],\"contract_edges\":[");
    objects(json, &report.edges, |json, edge| {
        json.raw(b"\"contract_a\":");
        json.hex(&edge.contract_a);
        field!(json, "contract_b", hex, &edge.contract_b);
        field!(json, "shared_txn_count", number, edge.shared_txn_count);
    });
    json.raw(b"]");
    let written = report.write_contended_slots;
    field!(json, "write_contended_slot_count", number, written);
    json.raw(b"}");
}

/// Writes `"TopAccesses":{…}`. Source: protocol 8.3.
pub fn write_top_accesses(json: &mut Json<'_>, report: &TopAccessesReport<'_>) {
    json.raw(b"\"TopAccesses\":{\"account\":[");
    objects(json, &report.accounts, |json, (address, count)| {
        json.raw(b"\"key\":");
        json.hex(&address[..]);
        field!(json, "count", number, *count);
    });
    json.raw(b"],\"storage\":[");
    objects(json, &report.slots, |json, (slot, count)| {
        json.raw(b"\"key\":[");
        json.hex(&slot[..20]);
        json.raw(b",");
        json.hex(&slot[20..]);
        json.raw(b"]");
        field!(json, "count", number, *count);
    });
    json.raw(b"]}");
}

/// Writes rows as objects with commas between them.
fn objects<T>(json: &mut Json<'_>, rows: &[T], write: impl Fn(&mut Json<'_>, &T)) {
    for (at, row) in rows.iter().enumerate() {
        json.raw(if at == 0 { b"{" } else { b",{" });
        write(json, row);
        json.raw(b"}");
    }
}

/// `part / whole * factor` in units of the last decimal, rounded; 0 of nothing.
fn share(part: u64, whole: u64, factor: u64) -> u64 {
    let unit = u128::from(factor) * 10u128.pow(PLACES);
    let whole = u128::from(whole);
    match whole {
        0 => 0,
        _ => ((u128::from(part) * unit + whole / 2) / whole) as u64,
    }
}
