//! The C door with a live ring behind it: open, wait, read, gather, release, close, and a ring that laps a full log.
//! Wrong calls are in `door_refusals`, sources in `door_sources`, recordings in `door_snapshots`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::thread;
use std::time::Duration;

use harness::door::*;
use harness::recorder::Recorder;
use harness::until;
use ringcast_sidecar::door::*;
use serde_json::json;

const MIB: usize = 1 << 20;

/// Entries of a block without transactions: BlockStart, Lifecycle, BlockEnd, TPS, ContentionData.
const BLOCK: f64 = 5.0;
/// Entries of its BlockQC: that and Lifecycle.
const QC: f64 = 2.0;

#[test]
fn a_ring_goes_through_the_door_while_it_is_written() {
    const BLOCKS: u64 = 1500;
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 3);
    // A small log: it fills and is released many times.
    let mut door = Door::open(&recorder.path, json!({ "index_capacity": 256 }), MIB / 4);
    let writer = thread::spawn(move || {
        for number in 2..=BLOCKS {
            recorder.block_of(number, number, (number % 7) as usize);
            recorder.qc(number, number);
            if number.is_multiple_of(100) {
                thread::yield_now();
            }
        }
        recorder
    });
    let entries = door.take_until(|entry| entry.entry_type == 7 && entry.block_number == BLOCKS);
    let recorder = writer.join().unwrap();
    assert_eq!(
        entries.len() as u64,
        recorder.last(),
        "every event, nothing twice"
    );
    let base = entries[0].seq - 16;
    assert!(
        base >= 1_600_000_000_000_000 && base.is_multiple_of(16),
        "3.3: at least the time"
    );
    for (seqno, entry) in (1..).zip(&entries) {
        assert_eq!((entry.seqno(), entry.seq), (seqno, base + 16 * seqno));
        assert_eq!(entry.json()["block_number"], entry.block_number);
    }
    until("the report is complete", || {
        door.status("events") as u64 == recorder.last()
    });
    until("every entry came", || {
        assert!(door.take().is_empty());
        door.metrics == 4 * BLOCKS - 1
    });
    for (name, value) in [
        ("head", recorder.last() + door.metrics),
        ("oldest", recorder.last() + door.metrics),
        ("newest_seq", base + 16 * recorder.last() + 5),
        ("block_number", BLOCKS),
        ("chain_id", 10143),
        ("gaps", 0),
        ("lost", 0),
        ("call_frames", 1),
        ("source_state", READING.into()),
        ("source_kind", 1),
    ] {
        assert_eq!(door.status(name) as u64, value, "{name}");
    }
}

#[test]
fn a_log_that_nobody_releases_makes_the_ring_lap_and_the_gap_is_exact() {
    let mut recorder = Recorder::new();
    let (start, _) = recorder.block_of(1, 1, 1);
    let mut door = Door::open(&recorder.path, json!({ "index_capacity": 64 }), MIB / 4);
    for number in 2..200 {
        recorder.block_of(number, number, 1);
    }
    until("the log is full", || door.status("head") as u64 == 64);
    let number = 1 << 20;
    while recorder.last() < 100_000 {
        recorder.block_of(number, number, 20);
    }
    recorder.qc(number, number);
    let entries = door.take_until(|entry| entry.entry_type == 7);
    let base = entries[0].seq - 16 * start;
    let gaps: Vec<_> = entries.iter().filter(|entry| entry.is_gap()).collect();
    assert!(!gaps.is_empty(), "the writer was a lap ahead");
    let mut next = start;
    let mut dropped = 0;
    for entry in &entries {
        let (from, to) = match entry.is_gap() {
            true => {
                let (reason, count, from, to) = entry.gap();
                assert_eq!((&reason[..], count), ("ring_overrun", to + 1 - from));
                dropped += count;
                (from, to)
            }
            false => (entry.seqno(), entry.seqno()),
        };
        assert_eq!((from, entry.seq), (next, base + 16 * to));
        next = to + 1;
    }
    assert_eq!(
        (next, dropped as f64),
        (recorder.last() + 1, door.status("lost"))
    );
    assert_eq!(door.status("gaps"), gaps.len() as f64);
}

#[test]
fn a_wait_ends_with_the_next_entry_its_time_or_the_log() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 0);
    let door = Door::open(&recorder.path, json!({}), MIB);
    until("the block is there", || {
        ringcast_wait(door.handle, BLOCK - 1.0, 1000, 0, 0) == BLOCK
    });
    assert_eq!(
        ringcast_wait(door.handle, BLOCK, 1, 0, 0),
        BLOCK,
        "nothing new within a millisecond"
    );
    let handle = door.handle;
    let waiting = thread::spawn(move || ringcast_wait(handle, BLOCK, u32::MAX, 0, 0));
    recorder.qc(1, 1);
    assert_eq!(waiting.join().unwrap(), BLOCK + QC);
    let waiting = thread::spawn(move || ringcast_wait(handle, BLOCK + QC, u32::MAX, 0, 0));
    // Whether the wait has begun by now or not, the close ends it.
    thread::sleep(Duration::from_millis(20));
    assert_eq!(ringcast_close(handle), OK);
    assert!([BLOCK + QC, -1.0].contains(&waiting.join().unwrap()));
    assert_eq!(ringcast_wait(handle, 0.0, u32::MAX, 0, 0), -1.0);
}
