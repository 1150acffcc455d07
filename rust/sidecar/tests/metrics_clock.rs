//! TPS becomes 0 when no block ends any more: by the clock of the reader, and with the ring. Source: protocol 8.1, 3.3.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::time::{Duration, Instant};

use harness::clocked::{Clocked, SECOND};
use harness::door::Door;
use harness::log::{Entry, TPS};
use harness::stream::Stream;
use serde_json::{Value, json};

#[test]
fn without_blocks_tps_becomes_0_once_in_the_timers_slot() {
    let mut ring = Clocked::new();
    (1..=3).for_each(|number| {
        ring.start(number, 50);
        ring.end(SECOND);
    });
    let last = ring.recorder.last();
    let mut stream = Stream::of(&ring.recorder);
    stream.read_all();
    let mut look = |after: u64| {
        let now = Instant::now() + Duration::from_millis(after);
        stream.pipeline.look_at_clock(now).unwrap();
        stream.keep();
        stream.all_entries()
    };
    assert_eq!(look(1000), []);
    let fall = look(2000);
    assert_eq!(
        (fall.len(), fall[0].seq, fall[0].entry_type, fall[0].keys[0]),
        (1, 16 * last + 15, TPS, 0)
    );
    assert_eq!(
        fall[0].text,
        format!(r#"{{"seq":{},"TPS":0}}"#, 16 * last + 15)
    );
    assert_eq!(look(9000), []);
}

#[test]
fn a_live_reader_looks_at_the_clock_and_a_ring_that_goes_away_counts_nothing() {
    let mut ring = Clocked::new();
    (1..=3).for_each(|number| {
        ring.start(number, 50);
        ring.end(SECOND);
    });
    let mut door = Door::open(&ring.recorder.path, json!({}), 1 << 20);
    let mut entries = Vec::new();
    harness::until("TPS became 0", || {
        entries.extend(door.take_all());
        entries
            .last()
            .is_some_and(|entry: &Entry| entry.seq % 16 == 15)
    });
    let tps: Vec<Value> = entries
        .iter()
        .filter(|entry| entry.entry_type == TPS)
        .map(|entry| entry.json()["TPS"].clone())
        .collect();
    assert_eq!(tps, [0, 50, 50, 0]);

    let mut stream = Stream::of(&ring.recorder);
    stream.read_all();
    let last = ring.recorder.last();
    stream.pipeline.lose_ring(last).unwrap();
    stream.keep();
    let end = stream.all_entries();
    assert_eq!(
        end.iter()
            .map(|entry| (entry.entry_type, entry.seq - 16 * last))
            .collect::<Vec<_>>(),
        [(TPS, 15), (30, 16)]
    );
}
