//! Metrics case by case: literal frames, prologues and transient storage, losses, bounds.
//! Whole chains are in `metrics`, the clock in `metrics_clock`. Source: protocol 8.1 to 8.3.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clocked::{Clocked, SECOND};
use harness::events::hex;
use harness::log::{CONTENTION_DATA, TOP_ACCESSES, TPS};
use monad_exec_events::ExecEventRef as E;
use monad_exec_events::ffi::*;
use serde_json::json;

#[test]
fn the_frames_of_a_small_block_are_literally_these() {
    let mut ring = Clocked::new();
    ring.start(7, 3);
    ring.access(None, 1, 9, true, false);
    ring.header(1000, 0);
    ring.header(500, 1);
    ring.header(0, 2);
    ring.access(Some(0), 2, 1, false, false);
    ring.access(Some(1), 1, 1, true, false);
    ring.access(Some(1), 2, 1, false, false);
    ring.access(Some(1), 2, 2, true, false);
    ring.access(Some(0), 1, 1, false, false);
    ring.access(Some(2), 2, 3, false, true);
    ring.put_of(2000, Some(1), E::TxnEnd);
    ring.put_of(500, Some(0), E::TxnEnd);
    ring.put_of(0, Some(0), E::TxnEnd);
    ring.end(0);
    let (one, two) = (hex(&[1; 20]), hex(&[2; 20]));
    let key = |n: u8| hex(&[n; 32]);
    // 5,000 ns of transactions in 4,000 ns; 3 slots of which 2 are shared, one of them modified.
    let expected = format!(
        r#"{{"seq":243,"ContentionData":{{"block_number":7,"block_wall_time_ns":4000,"total_tx_time_ns":5000,"parallel_efficiency_pct":20,"total_unique_slots":3,"contended_slot_count":2,"contention_ratio":0.6667,"total_txn_count":3,"top_contended_slots":[{{"address":"{one}","slot":"{}","txn_count":2,"access_count":2}},{{"address":"{two}","slot":"{}","txn_count":2,"access_count":2}}],"top_contended_contracts":[{{"address":"{one}","total_slots":1,"contended_slots":1,"total_accesses":2,"contention_score":1}},{{"address":"{two}","total_slots":2,"contended_slots":1,"total_accesses":3,"contention_score":0.5}}],"contract_edges":[{{"contract_a":"{one}","contract_b":"{two}","shared_txn_count":2}}],"write_contended_slot_count":1}}}}"#,
        key(1),
        key(1)
    );
    assert_eq!(ring.read(CONTENTION_DATA)[0].text, expected, "8.2");
    assert_eq!(ring.read(TPS)[0].text, r#"{"seq":242,"TPS":0}"#, "8.1");
    let top = &ring.read(TOP_ACCESSES)[0].text;
    let first = format!(
        r#"{{"seq":244,"TopAccesses":{{"account":[],"storage":[{{"key":["{one}","{}"],"count":2}},{{"key":["{two}","{}"],"count":2}},{{"key":["{one}","{}"],"count":1}}"#,
        key(1),
        key(1),
        key(9)
    );
    assert!(top.starts_with(&first), "8.3: {top}");
}

#[test]
fn an_empty_block_divides_by_nothing() {
    let mut ring = Clocked::new();
    ring.start(7, 0);
    ring.end(0);
    let json = ring.read(CONTENTION_DATA)[0].json();
    let data = &json["ContentionData"];
    assert_eq!(
        (&data["parallel_efficiency_pct"], &data["contention_ratio"]),
        (&json!(0), &json!(0))
    );
    assert!(ring.read(TOP_ACCESSES).is_empty(), "nothing was accessed");
}

#[test]
fn top_accesses_come_once_a_second_and_begin_anew_after_five_minutes() {
    let mut ring = Clocked::new();
    for number in 1..=1000 {
        ring.start(number, 1);
        ring.access(Some(0), 1, 1, false, false);
        ring.end(400_000_000);
    }
    let found: Vec<(u64, u64)> = ring
        .read(TOP_ACCESSES)
        .iter()
        .map(|entry| {
            (
                entry.block_number,
                entry.json()["TopAccesses"]["storage"][0]["count"]
                    .as_u64()
                    .unwrap(),
            )
        })
        .collect();
    // A block every 0.4 s gives a frame with every third; the first behind 300 s is block 751's.
    let numbers: Vec<u64> = (1..=1000).step_by(3).collect();
    assert_eq!(found.iter().map(|row| row.0).collect::<Vec<_>>(), numbers);
    let restart = found
        .windows(2)
        .position(|pair| pair[1].1 < pair[0].1)
        .unwrap();
    assert_eq!((found[restart], found[restart + 1]), ((751, 751), (754, 3)));
}

#[test]
fn a_loss_throws_the_open_block_and_the_window_of_tps_away() {
    let mut ring = Clocked::new();
    for number in 1..=8 {
        ring.start(number, 100);
        if number == 5 {
            ring.put(0, E::RecordError(&monad_event_record_error::default()));
        }
        ring.end(SECOND);
    }
    let tps: Vec<_> = ring
        .read(TPS)
        .iter()
        .map(|entry| (entry.block_number, entry.keys[0]))
        .collect();
    assert_eq!(
        tps,
        [
            (1, 0),
            (2, 100),
            (3, 100),
            (4, 100),
            (6, 0),
            (7, 100),
            (8, 100)
        ]
    );
    let blocks: Vec<_> = ring
        .read(CONTENTION_DATA)
        .iter()
        .map(|entry| entry.block_number)
        .collect();
    assert_eq!(blocks, [1, 2, 3, 4, 6, 7, 8]);
}

#[test]
fn a_transaction_of_a_thousand_contracts_has_edges_and_of_ten_thousand_none() {
    let edges = |contracts: u32| {
        let mut ring = Clocked::new();
        ring.start(1, 1);
        for contract in 0..contracts {
            let mut access = monad_exec_storage_access::default();
            access.address.bytes[16..].copy_from_slice(&contract.to_be_bytes());
            let storage_access = &access;
            ring.put_of(0, Some(0), E::StorageAccess(storage_access));
        }
        ring.end(SECOND);
        let json = ring.read(CONTENTION_DATA)[0].json();
        assert_eq!(json["ContentionData"]["total_unique_slots"], contracts);
        json["ContentionData"]["contract_edges"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((edges(1000), edges(10_000)), (15, 0));
}
