//! Damage that the reader thread meets in a live ring: descriptors that make no sense, and a loss that nothing follows.
//! The pipeline's own losses are in `gaps`. Source: protocol 10.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;

use harness::door::*;
use harness::log::Entry;
use harness::recorder::Recorder;
use harness::until;
use serde_json::json;

const MIB: usize = 1 << 20;

fn open(path: &Path) -> Door {
    Door::open(path, json!({}), MIB)
}

fn is_event(seqno: u64) -> impl Fn(&Entry) -> bool {
    move |entry| !entry.is_gap() && entry.seqno() == seqno
}

#[test]
fn a_loss_before_the_end_of_a_ring_is_told() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.raw(99, [1, 0, 0, 0], &[]);
    recorder.end();
    let mut door = open(&recorder.path);
    door.take_until(is_event(1));
    until("the ring was read", || {
        door.status("events") >= 1.0 && door.state() == READING
    });
    drop(recorder);
    let gaps = door.take_until(Entry::is_gap);
    let from: Vec<_> = gaps
        .iter()
        .map(|gap| gap.json()["Warning"]["from_seqno"].clone())
        .collect();
    assert_eq!(
        from[0], 2,
        "10.2: events 2 and 3 are lost, the gaps begin at {from:?}"
    );
}

/// Overwrites a word of the descriptor of `seqno`.
fn damage(path: &Path, seqno: u64, offset: u64, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(bytes, (2 << 20) + (seqno - 1) * 64 + offset)
        .unwrap();
}

fn assert_damaged(seqno: u64, offset: u64, bytes: &[u8]) {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.log(0, 100);
    recorder.log(0, 100);
    recorder.end();
    recorder.qc(1, 1);
    damage(&recorder.path, seqno, offset, bytes);
    let entries = open(&recorder.path).take_until(is_event(5));
    let gap = entries.iter().find(|entry| entry.is_gap()).unwrap().gap();
    assert_eq!((gap.1, gap.2, gap.3), (5 - seqno, seqno, 4));
    assert_eq!(gap.0, "undecodable", "10.2: it is damaged and not large");
}

#[test]
fn a_payload_size_that_is_not_its_events_is_undecodable() {
    assert_damaged(2, 12, &131u32.to_le_bytes());
}

#[test]
fn a_payload_size_larger_than_the_ring_is_undecodable() {
    assert_damaged(2, 12, &u32::MAX.to_le_bytes());
}

#[test]
fn a_payload_offset_that_no_recorder_gives_is_undecodable() {
    assert_damaged(3, 24, &(528u64 + 144 + 8).to_le_bytes());
}
