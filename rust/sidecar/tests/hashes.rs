//! Transaction index and hash around a payload: the hash is there from the TxnHeaderStart on and never in another block.
//! Stages are in `stages`. Source: protocol 4.3.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::events::{hex, id};
use harness::log::Entry;
use harness::recorder::Recorder;
use harness::stream::Stream;
use monad_exec_events::ExecEventRef as E;

/// The `txn_hash` of every entry of a transaction, by name.
fn hashes(entries: &[Entry]) -> Vec<(String, u64, Option<String>)> {
    let hash = |entry: &Entry| entry.json()["txn_hash"].as_str().map(str::to_owned);
    let of_txn = |entry: &&Entry| entry.json()["txn_idx"].is_u64();
    let row = |entry: &Entry| {
        (
            entry.name(),
            entry.json()["txn_idx"].as_u64().unwrap(),
            hash(entry),
        )
    };
    entries.iter().filter(of_txn).map(row).collect()
}

#[test]
fn a_hash_is_there_from_the_header_on_and_ends_with_the_block() {
    let mut recorder = Recorder::new();
    recorder.start(10, 1);
    recorder.put_of(1, E::TxnPerfEvmEnter);
    recorder.put_of(0, E::TxnPerfEvmEnter);
    recorder.header(1, 101);
    recorder.put_of(1, E::TxnHeaderEnd);
    recorder.put_of(0, E::TxnHeaderEnd);
    recorder.header(0, 100);
    recorder.log(1, 0);
    recorder.log(0, 0);
    recorder.put_of(0, E::TxnEnd);
    recorder.put_of(0, E::TxnPerfEvmExit);
    recorder.put(E::TxnReject {
        txn_index: 1,
        reject: &3,
    });
    recorder.put_of(1, E::TxnPerfEvmExit);
    recorder.end();
    recorder.start(11, 2);
    recorder.put_of(0, E::TxnPerfEvmEnter);
    recorder.header(0, 200);
    recorder.put_of(1, E::TxnPerfEvmEnter);
    recorder.reject();
    recorder.start(11, 3);
    recorder.log(0, 0);
    recorder.log(1, 0);
    let hash = |n| Some(hex(&id(n)));
    let expected = [
        ("TxnPerfEvmEnter", 1, None),
        ("TxnPerfEvmEnter", 0, None),
        ("TxnHeaderStart", 1, hash(101)),
        ("TxnHeaderEnd", 1, hash(101)),
        ("TxnHeaderEnd", 0, None),
        ("TxnHeaderStart", 0, hash(100)),
        ("TxnLog", 1, hash(101)),
        ("TxnLog", 0, hash(100)),
        ("TxnEnd", 0, hash(100)),
        ("TxnPerfEvmExit", 0, hash(100)),
        ("TxnReject", 1, hash(101)),
        ("TxnPerfEvmExit", 1, hash(101)),
        ("TxnPerfEvmEnter", 0, None),
        ("TxnHeaderStart", 0, hash(200)),
        ("TxnPerfEvmEnter", 1, None),
        ("TxnLog", 0, None),
        ("TxnLog", 1, None),
    ];
    let expected = expected.map(|(name, txn, hash)| (name.to_owned(), txn, hash));
    assert_eq!(hashes(&Stream::of(&recorder).read()), expected);
}

#[test]
fn a_hash_is_known_although_its_header_is_blocked() {
    let mut recorder = Recorder::new();
    recorder.start(10, 1);
    recorder.header(0, 100);
    recorder.log(0, 0);
    let setup = harness::stream::Setup {
        blocked: &[10],
        ..Default::default()
    };
    let entries = Stream::with(&recorder, setup).read();
    let expected = [("TxnLog".to_owned(), 0, Some(hex(&id(100))))];
    assert_eq!(hashes(&entries), expected);
}

#[test]
fn an_event_of_a_transaction_outside_every_block_borrows_nothing_from_the_last_one() {
    let mut recorder = Recorder::new();
    recorder.block_of(10, 1, 1);
    recorder.put_of(0, E::TxnEnd);
    let entries = Stream::of(&recorder).read();
    let stray = &entries[4];
    assert_eq!((stray.name(), stray.seqno()), ("TxnEnd".to_owned(), 5));
    for key in ["block_number", "txn_hash", "commit_stage"] {
        assert_eq!(stray.json().get(key), None, "{key} in {}", stray.text);
    }
    assert_eq!((stray.block_number, stray.proposal, stray.stage), (0, 0, 0));
}
