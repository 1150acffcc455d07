//! TPS, ContentionData and TopAccesses of a recording and of simulated chains against their definitions in `naive`.
//! Source: protocol 8.1 to 8.3, 8.5, 3.3, 10.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::chain::Simulation;
use harness::fixture;
use harness::log::{CONTENTION_DATA, Entry, TOP_ACCESSES, TPS};
use harness::naive::Naive;
use harness::seed::seed;
use harness::stream::{Setup, Stream};
use serde_json::Value;

/// Compares what follows every event with what must; numbers with decimals may differ in the last one, where a half is
/// not exact in binary.
fn check(naive: &mut Naive, entries: &[Entry]) {
    let mut expected: Vec<(u64, Value)> = Vec::new();
    for entry in entries {
        let slot = match entry.entry_type {
            TPS => 2,
            CONTENTION_DATA => 3,
            TOP_ACCESSES => 4,
            _ if entry.is_metric() => continue,
            _ => {
                assert!(expected.is_empty(), "not told: {expected:?}");
                expected = naive.take(entry);
                expected.iter_mut().for_each(|row| row.0 += entry.seq);
                continue;
            }
        };
        assert!(!expected.is_empty(), "unexpected: {}", entry.text);
        let (seq, message) = expected.remove(0);
        assert_eq!((entry.seq, seq % 16), (seq, slot), "{}", entry.text);
        let mut json = entry.json();
        assert_eq!(json["seq"], seq);
        let ordered: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        assert_eq!(ordered.len(), 2);
        json.as_object_mut().unwrap().remove("seq");
        assert_same(&json, &message, &entry.text);
        assert_eq!((entry.proposal, entry.txn, entry.stage), (0, 0, 0));
        if entry.entry_type == TPS {
            assert_eq!(u64::from(entry.keys[0]), message["TPS"]);
        }
    }
    assert!(expected.is_empty(), "not told: {expected:?}");
}

fn assert_same(found: &Value, expected: &Value, text: &str) {
    match (found, expected) {
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(
                a.keys().collect::<Vec<_>>(),
                b.keys().collect::<Vec<_>>(),
                "{text}"
            );
            a.iter()
                .for_each(|(key, value)| assert_same(value, &b[key], text));
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{text}");
            a.iter().zip(b).for_each(|(a, b)| assert_same(a, b, text));
        }
        (Value::Number(a), Value::Number(b)) if b.is_f64() => {
            let difference = (a.as_f64().unwrap() - b.as_f64().unwrap()).abs();
            assert!(difference < 1.01e-4, "{a} and {b}: {text}");
            let decimals = a
                .to_string()
                .split_once('.')
                .map_or(0, |(_, decimals)| decimals.len());
            assert!(decimals <= 4, "{a}: {text}");
        }
        _ => assert_eq!(found, expected, "{text}"),
    }
}

#[test]
fn the_metrics_of_thirty_recorded_blocks_are_those_of_their_definitions() {
    let mut stream = Stream::open(&fixture("emn-30b-15m.snapshot.zst"), Setup::default());
    let mut naive = Naive::default();
    let mut blocks = 0;
    while stream.step() {
        let entries = stream.all_entries();
        blocks += entries
            .iter()
            .filter(|entry| entry.entry_type == CONTENTION_DATA)
            .count();
        check(&mut naive, &entries);
    }
    assert_eq!(
        (blocks, naive.contended, naive.edges),
        (30, 29, 29),
        "one block has no transactions"
    );
    assert!(
        naive.replaced > 10_000,
        "{} counters were replaced",
        naive.replaced
    );
}

#[test]
fn the_metrics_of_chains_with_forks_failures_and_losses_are_those_of_their_definitions() {
    let mut simulation = Simulation::new(seed(), 8, &[]);
    let (mut naive, mut gaps, mut tps, mut tops) = (Naive::default(), 0, 0, 0);
    for turn in 0..150 {
        if turn % 3 == 0 {
            simulation.wish();
        }
        let loses = simulation.random.below(10) == 0;
        let entries = simulation.turn(loses);
        check(&mut naive, &entries);
        gaps += entries.iter().filter(|entry| entry.is_gap()).count();
        let is_above_0 = |entry: &&Entry| entry.entry_type == TPS && entry.keys[0] > 0;
        tps += entries.iter().filter(is_above_0).count();
        tops += entries
            .iter()
            .filter(|entry| entry.entry_type == TOP_ACCESSES)
            .count();
    }
    assert!(
        gaps > 3 && tps > 20 && tops > 10 && naive.contended > 50 && naive.edges > 50,
        "{gaps} gaps, {tps} above 0, {tops} tops, {} contended, {} edges",
        naive.contended,
        naive.edges
    );
}

#[test]
fn metrics_and_lifecycle_do_not_depend_on_what_is_blocked() {
    let seed = seed();
    let metrics = |blocked: &[u8]| {
        let mut simulation = Simulation::new(seed, 5, blocked);
        let entries: Vec<Entry> = (0..40)
            .flat_map(|_| {
                simulation.wish();
                simulation.turn(false)
            })
            .filter(|entry| entry.is_metric())
            .collect();
        entries
            .into_iter()
            .map(|entry| (entry.seq, entry.text))
            .collect::<Vec<_>>()
    };
    let all: Vec<u8> = (1..=25).collect();
    let free = metrics(&[]);
    assert!(free.len() > 100);
    assert_eq!(free, metrics(&all));
}
