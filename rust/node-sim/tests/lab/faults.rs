//! Every command, one by one: what the ring and its file look like afterwards. damage.rs has those that spoil events.

use std::{fs, sync::Arc, thread};

use monad_event_ring::{
    ContentType, NextEvent, OpenError, PathState, PayloadBuffer, RawDescriptor, RawEventReader,
    RawEventRing, RingExpectation,
};
use monad_exec_events::{ExecEventType, ffi::EXEC_SCHEMA_HASH};

use crate::{
    node::{Node, Place},
    truth::Truth,
};

const EXPECTATION: RingExpectation = RingExpectation {
    content_type: ContentType::Exec,
    schema_hash: EXEC_SCHEMA_HASH,
};

/// A paused node in a small ring, with these arguments besides.
pub fn paused(place: &Place, arguments: &[&str]) -> Node {
    let fixed = [
        "--paused",
        "--descriptor-shift",
        "16",
        "--txns-per-block",
        "20",
    ];
    let arguments = fixed.iter().chain(arguments);
    let mut node = Node::start(
        place,
        &arguments.map(|one| one.to_string()).collect::<Vec<_>>(),
    );
    assert_eq!(node.answer(), "ok pause ring 1 seqno 0");
    node
}

pub fn read_from(ring: &Arc<RawEventRing>, seqno: u64) -> Vec<(RawDescriptor, PayloadBuffer)> {
    let mut reader = RawEventReader::new(Arc::clone(ring), u32::MAX);
    reader.seek(seqno);
    let mut events = Vec::new();
    loop {
        let mut payload = PayloadBuffer::new();
        match reader.next(&mut payload) {
            NextEvent::Ready(descriptor) => events.push((descriptor, payload)),
            NextEvent::NotReady => return events,
            other => panic!("{other:?}"),
        }
    }
}

fn of_type(ring: &Arc<RawEventRing>, event_type: ExecEventType) -> usize {
    let events = read_from(ring, 1);
    let is_one = |(descriptor, _): &&(RawDescriptor, _)| descriptor.event_type == event_type.code();
    events.iter().filter(is_one).count()
}

#[test]
fn a_paused_node_records_as_much_as_it_is_told_and_goes_on_when_it_is_resumed() {
    let place = Place::new();
    let mut node = paused(&place, &["--block-ms", "0"]);
    let ring = place.open();
    assert_eq!(ring.last_seqno(), 0);
    assert_eq!(node.tell("burst 10"), (1, 10));
    assert_eq!(node.tell("burst 990"), (1, 1000));
    assert_eq!(ring.last_seqno(), 1000);
    node.tell("resume");
    while ring.last_seqno() < 5000 {
        thread::yield_now();
    }
    let (_, last) = node.tell("pause");
    assert_eq!(
        (node.tell("burst 1").1, ring.last_seqno()),
        (last + 1, last + 1)
    );
}

#[test]
fn what_is_no_command_is_answered_and_changes_nothing() {
    let place = Place::new();
    let mut node = paused(&place, &[]);
    for wrong in [
        "",
        "dance",
        "burst",
        "burst many",
        "pause -1",
        "fork 4",
        "corrupt everything",
        "truncate 1 2",
    ] {
        node.send(wrong);
        let answer = node.answer();
        assert!(answer.starts_with("error \""), "{answer}");
        assert!(
            answer.contains(wrong.split(' ').next_back().unwrap()),
            "{answer}"
        );
    }
    assert_eq!(node.tell("burst 5"), (1, 5));
}

#[test]
fn a_restart_takes_the_path_away_and_makes_a_new_ring() {
    let place = Place::new();
    let mut node = paused(&place, &[]);
    node.tell("burst 700");
    let old = place.open();
    node.send("restart 300");
    while place.ring().exists() {
        thread::yield_now();
    }
    assert_eq!(old.path_state(), PathState::Missing);
    assert_eq!(node.answer(), "ok restart 300 ring 2 seqno 0");
    assert_eq!(old.path_state(), PathState::Replaced);
    node.tell("burst 2000");
    let new = place.open();
    let block = |ring, at: usize| {
        let events = read_from(ring, 1);
        let is_start =
            |(one, _): &&(RawDescriptor, _)| one.event_type == ExecEventType::BlockStart.code();
        let starts: Vec<_> = events.iter().filter(is_start).collect();
        starts[at].1.as_slice().to_vec()
    };
    assert_eq!(
        block(&old, 1),
        block(&new, 0),
        "the block that was cut begins again"
    );
}

#[test]
fn a_crash_leaves_the_ring_with_an_event_that_was_begun() {
    let place = Place::new();
    let mut node = paused(&place, &[]);
    node.tell("burst 700");
    let old = place.open();
    node.send("crash 300");
    while old.last_seqno() < 701 {
        thread::yield_now();
    }
    assert_eq!(old.path_state(), PathState::Same);
    assert!(old.try_copy(701).is_none() && old.try_copy(700).is_some());
    assert_eq!(node.answer(), "ok crash 300 ring 2 seqno 0");
    assert_eq!(old.path_state(), PathState::Replaced);
}

#[test]
fn a_node_that_dies_leaves_its_ring_and_its_truth() {
    let place = Place::new();
    let mut node = paused(&place, &["--truth-events"]);
    node.tell("burst 700");
    node.send("die");
    assert!(node.answer().starts_with("ok die"));
    assert_eq!(node.wait(), Some(1));
    assert_eq!(read_from(&place.open(), 1).len(), 700);
    let truth = Truth::read(&place.truth());
    truth.check();
    assert_eq!(truth.rings[&1].proposals.last().unwrap().outcome, "cut");
}

#[test]
fn another_schema_is_refused_until_the_node_restarts_again() {
    let place = Place::new();
    let mut node = paused(&place, &[]);
    node.tell("schema");
    node.tell("burst 100");
    let refused = RawEventRing::open(place.ring(), &EXPECTATION, 0);
    assert!(
        matches!(refused, Err(OpenError::SchemaHash { .. })),
        "{refused:?}"
    );
    assert_eq!(node.tell("restart"), (3, 0));
    node.tell("burst 100");
    assert_eq!(read_from(&place.open(), 1).len(), 100);
}

#[test]
fn a_ring_that_vanishes_is_written_on() {
    let place = Place::new();
    let mut node = paused(&place, &[]);
    let ring = place.open();
    node.tell("vanish");
    assert_eq!(ring.path_state(), PathState::Missing);
    node.tell("burst 100");
    assert_eq!(read_from(&ring, 1).len(), 100);
}

#[test]
fn a_truncated_ring_is_short_and_its_node_is_down_until_it_restarts() {
    let place = Place::new();
    let mut node = paused(&place, &[]);
    node.tell("burst 100");
    let ring = place.open();
    node.tell("truncate 4096");
    assert_eq!(fs::metadata(place.ring()).unwrap().len(), 4096);
    assert_eq!(ring.path_state(), PathState::Truncated);
    assert_eq!(node.tell("restart"), (2, 0));
    assert_eq!(node.tell("burst 100"), (2, 100));
}

#[test]
fn an_overrun_goes_round_the_ring_and_an_expiry_takes_payloads_only() {
    let place = Place::new();
    let mut node = paused(&place, &[]);
    let capacity = 1 << 16;
    node.tell("burst 1000");
    assert_eq!(node.tell("overrun"), (1, 1000 + 2 * capacity));
    let ring = place.open();
    assert!(ring.oldest_readable().unwrap() > 1000);
    let (_, before) = node.tell("burst 1");
    let (_, after) = node.tell("expire");
    assert!(after - before < capacity, "{} events", after - before);
    let mut reader = RawEventReader::new(Arc::clone(&ring), u32::MAX);
    reader.seek(before);
    assert!(matches!(
        reader.next(&mut PayloadBuffer::new()),
        NextEvent::Expired(_)
    ));
}

#[test]
fn a_schedule_is_followed_by_block_and_by_event() {
    let place = Place::new();
    let schedule = place.ring().with_file_name("schedule");
    fs::write(
        &schedule,
        "# faults\n\nevent 300 crash\nblock 2 fork 3\n  block 4 reject\n",
    )
    .unwrap();
    let schedule = schedule.to_str().unwrap();
    let mut node = paused(
        &place,
        &["--block-ms", "0", "--schedule", schedule, "--truth-events"],
    );
    node.send("burst 10000");
    assert_eq!(node.answer(), "ok crash ring 2 seqno 0");
    assert!(node.answer().starts_with("ok fork 3 ring 2"));
    assert!(node.answer().starts_with("ok reject"));
    assert_eq!(node.answer(), "ok burst 10000 ring 2 seqno 9700");
    let ring = place.open();
    assert!(of_type(&ring, ExecEventType::BlockReject) == 1);
    node.tell("stop");
    node.wait();
    let truth = Truth::read(&place.truth());
    let proposals = &truth.rings[&2].proposals;
    let at = |number| {
        proposals
            .iter()
            .filter(|one| one.block_number == number)
            .count()
    };
    assert_eq!([1001, 1002, 1003].map(at), [1, 3, 2]);
    assert_eq!(truth.rings[&1].events.len(), 300);
}
