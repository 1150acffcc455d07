//! The source behind the door: missing, unusable, replaced, and where reading begins.
//! Damaged events are in `door_damage`, recordings in `door_snapshots`. Source: protocol 3.3, 10.2, design ("Commands").
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use harness::door::*;
use harness::log::Entry;
use harness::recorder::{Recorder, ring_config};
use harness::until;
use monad_event_ring::writer::{EventRingWriter, WriterConfig};
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;
use ringcast_sidecar::door::*;
use serde_json::json;
use tempfile::TempDir;

const MIB: usize = 1 << 20;

/// A directory and the path of a ring that is not there yet.
fn place() -> (TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    (directory, path)
}

fn open(path: &Path) -> Door {
    Door::open(path, json!({}), MIB)
}

fn is_event(seqno: u64) -> impl Fn(&Entry) -> bool {
    move |entry| !entry.is_gap() && entry.seqno() == seqno
}

fn now_us() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_micros() as u64
}

#[test]
fn a_missing_ring_is_waited_for() {
    let (_directory, path) = place();
    let mut door = open(&path);
    door.reach(MISSING);
    assert!(
        door.message().contains(path.to_str().unwrap()),
        "{}",
        door.message()
    );
    assert_eq!(
        (door.status("source_kind"), door.status("head")),
        (0.0, 0.0)
    );
    let before = now_us();
    let mut recorder = Recorder::create(&path);
    recorder.block_of(1, 1, 1);
    let entries = door.take_until(is_event(4));
    assert_eq!(entries.len(), 4, "from the beginning");
    assert!(
        entries[0].seq - 16 >= before,
        "3.3: the base is at least the time in microseconds"
    );
    door.reach(READING);
    assert_eq!(
        (door.status("source_kind"), door.message()),
        (1.0, String::new())
    );
}

#[test]
fn a_first_ring_that_cannot_be_used_has_failed_for_good() {
    let (directory, path) = place();
    let schema = EventRingWriter::create(&path, &ring_config([7; 32])).unwrap();
    let test_path = directory.path().join("test");
    let content = monad_event_ring::ContentType::Test;
    let config = WriterConfig {
        content_type: content,
        ..ring_config([0; 32])
    };
    let test = EventRingWriter::create(&test_path, &config).unwrap();
    let empty = directory.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    let short = directory.path().join("short");
    std::fs::write(&short, "RING01").unwrap();
    let other = directory.path().join("other");
    std::fs::write(&other, "#!/bin/sh\necho this is no ring\n").unwrap();
    let zstd = directory.path().join("zstd");
    std::fs::write(&zstd, [0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, 0xff, 0xff]).unwrap();
    for (path, word) in [
        (&path, "schema"),
        (&test_path, "content type"),
        (&empty, "empty"),
        (&short, "bytes"),
        (&other, "no event ring"),
        (&zstd, "zstd"),
        (&directory.path().to_owned(), "directory"),
    ] {
        let door = open(path);
        door.reach(FAILED);
        let message = door.message();
        assert!(
            message.contains(word) && message.contains(path.to_str().unwrap()),
            "{message}"
        );
        assert_eq!(
            (door.status("head"), ringcast_close(door.handle)),
            (0.0, OK)
        );
    }
    drop((schema, test));
}

#[test]
fn a_ring_that_cannot_be_used_later_is_waited_out() {
    let (_directory, path) = place();
    let mut door = open(&path);
    door.reach(MISSING);
    let wrong = EventRingWriter::create(&path, &ring_config([7; 32])).unwrap();
    door.reach(DOWN);
    assert!(door.message().contains("schema"), "{}", door.message());
    wrong.close().unwrap();
    let mut recorder = Recorder::create(&path);
    recorder.block_of(1, 1, 0);
    assert_eq!(door.take_until(is_event(2)).len(), 2);
    drop(recorder);
    until("the end is noticed", || door.state() == DOWN);
    let wrong = EventRingWriter::create(&path, &ring_config([7; 32])).unwrap();
    until("the schema is refused", || {
        door.message().contains("schema")
    });
    assert_eq!(door.state(), DOWN, "clients stay");
    drop(wrong);
}

/// Reads a ring to its end, lets `end` end it, and reads the next one at the same path.
fn assert_restart(end: impl FnOnce(Recorder)) {
    let (_directory, path) = place();
    let mut recorder = Recorder::create(&path);
    recorder.block_of(1, 1, 1);
    recorder.start(2, 2);
    recorder.header(0, 5);
    let mut door = open(&path);
    let first = door.take_until(is_event(6));
    let base = first[0].seq - 16;
    end(recorder);
    let mut recorder = Recorder::create(&path);
    recorder.qc(2, 2);
    recorder.block_of(2, 2, 1);
    let second = door.take_until(is_event(5));
    assert!(second[0].is_gap(), "{:?}", second[0]);
    let warning = &second[0].json()["Warning"];
    assert_eq!(
        (&warning["reason"], &warning["from_seqno"]),
        (&json!("source_restarted"), &json!(7))
    );
    assert!(
        warning.get("dropped").is_none(),
        "how much was lost is not known"
    );
    assert_eq!(second[0].seq, base + 16 * 6 + 15);
    let next_base = second[1].seq - 16;
    assert!(
        next_base > second[0].seq && next_base.is_multiple_of(16),
        "a higher base"
    );
    let seqs: Vec<u64> = second[1..].iter().map(|entry| entry.seq).collect();
    assert_eq!(
        seqs,
        (1..=5)
            .map(|seqno| next_base + 16 * seqno)
            .collect::<Vec<_>>()
    );
    assert_eq!(
        second[4].json().get("txn_hash"),
        second[3].json().get("txn_hash")
    );
    assert_eq!(second[2].stage().unwrap(), "Voted");
    assert_eq!(door.status("gaps"), 1.0);
    door.reach(READING);
}

#[test]
fn a_node_that_stops_in_order_and_starts_again_is_followed() {
    assert_restart(|recorder| recorder.writer.close().unwrap());
}

#[test]
fn a_node_that_is_killed_and_starts_again_is_followed() {
    assert_restart(|recorder| recorder.writer.abandon());
}

#[test]
fn a_ring_that_is_removed_is_down_at_once_and_the_gap_says_so() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 0);
    let path = recorder.path.clone();
    let mut door = open(&path);
    door.take_until(is_event(2));
    drop(recorder);
    let entries = door.take_until(Entry::is_gap);
    assert_eq!(entries.len(), 1);
    door.reach(DOWN);
    let message = door.message();
    assert!(
        message.contains(path.to_str().unwrap()) || message.contains("removed"),
        "{message}"
    );
}

#[test]
fn a_stream_begins_where_the_options_say() {
    let mut recorder = Recorder::new();
    for number in 1..=5 {
        recorder.block_of(number, number, 0);
    }
    recorder.qc(5, 5);
    let from = |from| Door::open(&recorder.path, json!({ "from": from }), MIB);
    let mut oldest = from(json!("oldest"));
    let mut third = from(json!({ "block": 3 }));
    let mut newest = from(json!("newest"));
    newest.reach(READING);
    let written = recorder.finalized(5, 5);
    let first = |door: &mut Door| door.take_until(is_event(written))[0].seqno();
    assert_eq!((first(&mut oldest), first(&mut third)), (1, 5));
    assert_eq!((first(&mut newest), newest.status("lost")), (written, 0.0));
}

#[test]
fn a_simulated_node_is_told_from_a_real_one() {
    let (_directory, path) = place();
    let config = WriterConfig {
        note: Some("ringcast node-sim"),
        ..ring_config(EXEC_SCHEMA_HASH)
    };
    let _writer = EventRingWriter::create(&path, &config).unwrap();
    let door = open(&path);
    door.reach(READING);
    assert_eq!(door.status("source_kind"), 3.0);
}
