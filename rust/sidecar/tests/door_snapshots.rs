//! Snapshots behind the door: laps, paces, a start that waits, and a loss at the end.
//! The shipped recordings are in `door_recordings`. Source: design ("Commands"), protocol 3.3.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use harness::door::*;
use harness::log::Entry;
use harness::recorder::Recorder;
use harness::snapshot::snapshot_of;
use harness::until;
use monad_event_ring::ContentType;
use monad_event_ring::writer::{EventRingWriter, WriterConfig};
use monad_exec_events::ExecEventType as T;
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;
use ringcast_sidecar::door::*;
use serde_json::json;
use tempfile::TempDir;

const MIB: usize = 1 << 20;

/// A recording of three blocks, one event each and an end; `seconds` lie between two blocks.
fn recording(seconds: u64) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let config = WriterConfig {
        descriptor_shift: 16,
        payload_shift: 27,
        content_type: ContentType::Exec,
        schema_hash: EXEC_SCHEMA_HASH,
        note: None,
    };
    let writer = EventRingWriter::create(&path, &config).unwrap();
    for number in 0..3u64 {
        let time = Some((1_700_000_000 + number * seconds) * 1_000_000_000);
        writer
            .record(
                T::BlockVerified as u16,
                [0; 4],
                time,
                &[&number.to_le_bytes()],
            )
            .unwrap();
    }
    let snapshot = snapshot_of(&path);
    (directory, snapshot)
}

#[test]
fn a_repeated_recording_is_a_new_ring_with_a_higher_base_each_time() {
    let (_directory, path) = recording(0);
    let more = json!({ "loop": true, "index_capacity": 16 });
    let mut door = Door::open(&path, more, MIB / 8);
    let mut entries = Vec::new();
    until("a hundred laps", || {
        entries.extend(door.take());
        entries.len() >= 300
    });
    assert!(entries.is_sorted_by(|a, b| a.seq < b.seq));
    assert_eq!(entries[0].seq, 16, "the first base is 0");
    for lap in entries.chunks_exact(3) {
        let base = lap[0].seq - 16;
        assert!(base.is_multiple_of(16));
        let seqs: Vec<_> = lap
            .iter()
            .map(|entry| (entry.seqno(), entry.seq - base))
            .collect();
        assert_eq!(seqs, [(1, 16), (2, 32), (3, 48)]);
    }
    assert_ne!(door.state(), ENDED);
}

#[test]
fn a_recording_that_waits_begins_with_play() {
    let (_directory, path) = recording(0);
    let mut door = Door::open(&path, json!({ "wait_for_play": true }), MIB);
    door.reach(READING);
    assert_eq!(
        ringcast_wait(door.handle, 0.0, 50, 0, 0),
        0.0,
        "nothing comes before"
    );
    assert_eq!(ringcast_play(door.handle), OK);
    assert_eq!(door.take_until(|entry| entry.seqno() == 3).len(), 3);
    door.reach(ENDED);
}

#[test]
fn a_recording_is_paced_by_its_timestamps() {
    let (_directory, path) = recording(10);
    let begin = Instant::now();
    let mut door = Door::open(&path, json!({ "speed": 50.0 }), MIB);
    let mut seen = Vec::new();
    until("every event came", || {
        seen.extend(
            door.take()
                .iter()
                .map(|entry| (entry.seqno(), begin.elapsed())),
        );
        seen.len() == 3
    });
    // 20 seconds at 50 times their speed.
    let (first, last) = (seen[0].1, seen[2].1);
    assert!(last - first > Duration::from_millis(250), "{seen:?}");
    assert!(last < Duration::from_secs(15), "{seen:?}");
}

#[test]
fn a_slow_recording_shows_what_is_due_and_closes_at_once() {
    let (_directory, path) = recording(3600);
    let mut door = Door::open(&path, json!({ "speed": 0.05 }), MIB);
    assert_eq!(door.take_until(|entry| entry.seqno() == 1).len(), 1);
    let begin = Instant::now();
    assert_eq!(ringcast_close(door.handle), OK);
    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "20 hours were left"
    );
}

#[test]
fn a_loss_at_the_end_of_a_recording_is_told() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.raw(99, [1, 0, 0, 0], &[]);
    recorder.end();
    let path = snapshot_of(&recorder.path);
    let mut door = Door::open(&path, json!({}), MIB);
    door.reach(ENDED);
    let entries = door.take();
    let names: Vec<String> = entries.iter().map(Entry::name).collect();
    assert_eq!(
        names,
        ["BlockStart", "gap"],
        "10.2: lost input is never silent"
    );
    let (_, dropped, from, to) = entries[1].gap();
    assert_eq!((dropped, from, to), (2, 2, 3));
}
