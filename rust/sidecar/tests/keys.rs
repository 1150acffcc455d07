//! Filter keys say what the text says, for every type that has some: of a recording and of simulated chains.
//! Keys of TPS and Lifecycle are in `metrics` and `lifecycle_chains`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::collections::HashMap;

use harness::chain::Simulation;
use harness::fixture;
use harness::log::{Entry, TRANSFER};
use harness::recorder::Recorder;
use harness::seed::seed;
use harness::stream::{Setup, Stream};
use monad_exec_events::ExecEventRef as E;
use monad_exec_events::ffi::*;
use serde_json::Value;

fn bytes(text: &Value) -> Vec<u8> {
    const_hex::decode(text.as_str().unwrap()).unwrap()
}

/// The words of a byte string.
fn words(text: &Value) -> Vec<u32> {
    let bytes = bytes(text);
    assert_eq!(bytes.len() % 4, 0);
    bytes
        .chunks(4)
        .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
        .collect()
}

/// The words of a quantity, the most significant first.
fn value(text: &Value) -> Vec<u32> {
    let digits = format!("{:0>64}", text.as_str().unwrap().trim_start_matches("0x"));
    (0..8)
        .map(|at| u32::from_str_radix(&digits[8 * at..8 * at + 8], 16).unwrap())
        .collect()
}

fn number(value: &Value) -> Vec<u32> {
    vec![u32::try_from(value.as_u64().unwrap()).unwrap()]
}

/// What stands behind an event, by its text.
fn expected(entry: &Entry) -> Vec<u32> {
    let json = entry.json();
    let field = |name: &str| &json["payload"][name];
    match entry.entry_type {
        10 => {
            let data = bytes(field("data"));
            let flags =
                u32::from(field("is_contract_creation") == true) | u32::from(data.len() >= 4) << 1;
            let selector = data
                .first_chunk()
                .map_or(0, |first| u32::from_le_bytes(*first));
            [
                words(field("sender")),
                words(field("to")),
                vec![flags, selector],
                value(field("value")),
            ]
            .concat()
        }
        11 | 22 | 23 => words(field("address")),
        17 => vec![u32::from(field("status") == true)],
        18 => {
            let topics = field("topics").as_array().unwrap();
            let count = vec![topics.len() as u32];
            [
                words(field("address")),
                number(field("log_index")),
                count,
                topics.iter().flat_map(words).collect(),
            ]
            .concat()
        }
        19 | TRANSFER => [
            words(field("caller")),
            words(field("call_target")),
            value(field("value")),
        ]
        .concat(),
        _ => Vec::new(),
    }
}

fn check(entries: &[Entry], seen: &mut HashMap<u8, u64>) {
    for entry in entries
        .iter()
        .filter(|entry| !entry.is_metric() && !entry.is_gap())
    {
        let expected = expected(entry);
        assert_eq!(entry.keys[..expected.len()], expected, "{}", entry.text);
        if !expected.is_empty() {
            *seen.entry(entry.entry_type).or_default() += 1;
        }
    }
}

#[test]
fn keys_of_recorded_and_simulated_events_are_those_of_their_texts() {
    let mut seen = HashMap::new();
    let mut stream = Stream::open(&fixture("emn-1b-15m.snapshot.zst"), Setup::default());
    while stream.step() {
        check(&stream.entries(), &mut seen);
    }
    let mut simulation = Simulation::new(seed(), 10, &[]);
    for _ in 0..60 {
        simulation.wish();
        check(&simulation.turn(false), &mut seen);
    }
    for code in [10, 11, 17, 18, 19, 22, 23, TRANSFER] {
        assert!(
            seen.get(&code).copied().unwrap_or(0) > 20,
            "type {code}: {seen:?}"
        );
    }
}

#[test]
fn data_shorter_than_a_selector_and_the_largest_value_have_keys_of_their_own() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    for (txn_index, len) in [0, 1, 3, 4, 5].into_iter().enumerate() {
        let data = &[0xab, 0xcd, 0xef, 0x01, 0x23][..len];
        let mut start = monad_exec_txn_header_start::default();
        start.txn_header.data_length = len as u32;
        start.txn_header.is_contract_creation = len == 3;
        start.txn_header.value.limbs = [u64::MAX, 1, 2 << 32, 7];
        let (txn_header_start, blob_bytes) = (&start, &[][..]);
        recorder.put(E::TxnHeaderStart {
            txn_index,
            txn_header_start,
            data_bytes: data,
            blob_bytes,
        });
    }
    let entries = Stream::of(&recorder).read();
    check(&entries, &mut HashMap::new());
    let flags: Vec<_> = entries[1..]
        .iter()
        .map(|entry| (entry.keys[10], entry.keys[11]))
        .collect();
    assert_eq!(
        flags,
        [(0, 0), (0, 0), (1, 0), (2, 0x01ef_cdab), (2, 0x01ef_cdab)]
    );
    assert_eq!(
        entries[1].keys[12..],
        [0, 7, 2, 0, 0, 1, u32::MAX, u32::MAX]
    );
}

#[test]
fn an_access_list_entry_has_its_address() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    for count in 0..4 {
        let mut entry = monad_exec_txn_access_list_entry::default();
        entry.entry.address = [0xa0 + count as u8; 20].into();
        entry.entry.storage_key_count = count;
        let storage_key_bytes = &vec![7; 32 * count as usize];
        recorder.put(E::TxnAccessListEntry {
            txn_index: 0,
            txn_access_list_entry: &entry,
            storage_key_bytes,
        });
    }
    let mut seen = HashMap::new();
    check(&Stream::of(&recorder).read(), &mut seen);
    assert_eq!(seen, HashMap::from([(11, 4)]));
}

#[test]
fn a_log_of_255_topics_is_held_with_all_of_them() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    let topic_bytes: Vec<u8> = (0..255u32 * 32).map(|byte| (byte * 7) as u8).collect();
    let txn_log = &monad_exec_txn_log {
        topic_count: 255,
        ..Default::default()
    };
    for txn_index in 0..40 {
        recorder.put(E::TxnLog {
            txn_index,
            txn_log,
            topic_bytes: &topic_bytes,
            data_bytes: &[],
        });
    }
    let setup = Setup {
        memory: 1 << 20,
        ..Setup::default()
    };
    let entries = Stream::with(&recorder, setup).read();
    assert_eq!(entries.len(), 41);
    for entry in &entries[1..] {
        let expected = expected(entry);
        assert_eq!((expected.len(), entry.keys[6]), (7 + 255 * 8, 255));
        assert_eq!(entry.keys[..], expected[..entry.keys.len()]);
    }
}
