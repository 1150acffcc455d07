//! The ways back to consensus events: what is gone, expired, damaged or overtaken here; every position of random rings
//! in `positions`, and the shipped recording in `recorded`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod positions;
mod recorded;

#[path = "../harness/fixture.rs"]
mod fixture;
#[path = "../harness/live.rs"]
mod live;
#[path = "../harness/seed.rs"]
mod seed;

use std::sync::atomic::{AtomicBool, Ordering};

use live::LiveRing;
use monad_event_ring::{DecodedEventRing, EventNextResult};
use monad_exec_events::ExecEventType::{self, BlockFinalized, BlockStart, TxnLog};
use monad_exec_events::ffi::*;
use monad_exec_events::{
    ExecEventDescriptorExt, ExecEventReaderExt, ExecEventRef, ExecEventReplayExt,
};

fn ring() -> LiveRing {
    LiveRing::new(EXEC_SCHEMA_HASH).unwrap()
}

fn start(block_number: u64) -> monad_exec_block_start {
    monad_exec_block_start {
        block_tag: tag(block_number),
        ..Default::default()
    }
}

fn tag(block_number: u64) -> monad_exec_block_tag {
    monad_exec_block_tag {
        id: [block_number as u8; 32].into(),
        block_number,
    }
}

/// Records a whole block; returns the seqno of its BLOCK_START.
fn record_block(ring: &LiveRing, block_number: u64) -> u64 {
    let seqno = ring.writer.next_seqno();
    ring.record(ExecEventRef::BlockStart(&start(block_number)), seqno);
    ring.record(ExecEventRef::BlockPerfEvmEnter, seqno);
    ring.record(ExecEventRef::BlockEnd(&Default::default()), seqno);
    seqno
}

/// No way leads back from `position`, and the reader stays there.
fn assert_stuck(ring: &LiveRing, position: u64) {
    let mut reader = ring.ring.create_reader();
    reader.seek(position);
    for filter in [None, Some(BlockStart), Some(BlockFinalized), Some(TxnLog)] {
        assert!(reader.consensus_prev(filter).is_none(), "{filter:?}");
        assert!(reader.block_number_prev(1, filter).is_none(), "{filter:?}");
        let id = tag(1).id;
        assert!(reader.block_id_prev(&id, filter).is_none(), "{filter:?}");
        assert_eq!(reader.position(), position);
    }
    assert!(reader.rewind_for_simple_replay(1).is_none());
    assert_eq!(reader.position(), position);
}

#[test]
fn an_empty_ring_and_the_end_of_a_ring_have_no_way_back() {
    let ring = ring();
    assert_stuck(&ring, 1);
    record_block(&ring, 1);
    assert_stuck(&ring, 4);
}

#[test]
fn a_fresh_reader_starts_over_at_the_block_it_came_into() {
    let ring = ring();
    record_block(&ring, 1);
    let second = record_block(&ring, 2);
    let mut reader = ring.ring.create_reader();
    assert_eq!(reader.position(), 6);
    let found = reader.consensus_prev(Some(BlockStart)).unwrap();
    assert_eq!(found.info().seqno, second);
    let EventNextResult::Ready(next) = reader.next_descriptor() else {
        panic!("nothing is ready")
    };
    assert_eq!(next.info().seqno, second);
}

#[test]
fn a_block_start_that_was_written_over_ends_the_way_back() {
    let ring = ring();
    let seqno = record_block(&ring, 1);
    for _ in 0..1 << 16 {
        ring.record(ExecEventRef::BlockPerfEvmEnter, seqno);
    }
    let newest = ring.writer.next_seqno() - 1;
    assert_stuck(&ring, newest);
    let event = ring.ring.create_reader().descriptor_at(newest).unwrap();
    assert_eq!(event.get_block_number(), None);
    assert!(!event.block_id_matches(&tag(1).id));
}

#[test]
fn an_expired_payload_has_no_number_and_ends_the_search_by_number() {
    let ring = ring();
    record_block(&ring, 1);
    let final_seqno = ring.record(ExecEventRef::BlockFinalized(&tag(1)), 0);
    let large = vec![0; 16 << 20];
    while ring.ring.raw().buffer_window_start() == 0 {
        let log = ExecEventType::TxnLog.code();
        ring.writer
            .record(log, [0, 1, 0, 0], None, &[&large])
            .unwrap();
    }
    let second = record_block(&ring, 2);
    let mut reader = ring.ring.create_reader();
    reader.seek(second);
    assert!(reader.block_number_prev(1, None).is_none());
    assert!(reader.block_id_prev(&tag(1).id, None).is_none());
    assert!(reader.rewind_for_simple_replay(1).is_none());
    assert_eq!(reader.position(), second);
    // Without its payload the event is still one of its type.
    let found = reader.consensus_prev(Some(BlockFinalized)).unwrap();
    assert_eq!(
        (found.info().seqno, found.get_block_number()),
        (final_seqno, None)
    );
}

#[test]
fn damaged_descriptors_end_the_way_back() {
    let ring = ring();
    record_block(&ring, 1);
    let code = ExecEventType::TxnLog.code();
    // An event of a block that begins after it, at itself, and at an event that begins none.
    for block_seqno in [1_000, u64::MAX, ring.writer.next_seqno() + 2, 3] {
        ring.writer
            .record(code, [block_seqno, 1, 0, 0], None, &[])
            .unwrap();
        assert_stuck(&ring, ring.writer.next_seqno() - 1);
    }
}

#[test]
fn an_event_that_names_a_later_block_does_not_send_the_walk_round_in_circles() {
    let ring = ring();
    record_block(&ring, 1);
    let damaged = ring.writer.next_seqno();
    let code = ExecEventType::TxnLog.code();
    ring.writer
        .record(code, [damaged + 1, 1, 0, 0], None, &[])
        .unwrap();
    let second = record_block(&ring, 2);
    assert_eq!(second, damaged + 1);
    assert_stuck(&ring, damaged);
    let mut reader = ring.ring.create_reader();
    reader.seek(second);
    assert!(reader.consensus_prev(None).is_none());
    assert_eq!(reader.position(), second);
}

#[test]
fn an_event_of_another_type_between_blocks_is_passed_by() {
    let ring = ring();
    let first = record_block(&ring, 1);
    ring.record(ExecEventRef::RecordError(&Default::default()), 0);
    let second = record_block(&ring, 2);
    let mut reader = ring.ring.create_reader();
    reader.seek(second);
    assert_eq!(
        reader.consensus_prev(None).unwrap().info().seqno,
        second - 1
    );
    reader.seek(second);
    assert_eq!(
        reader.block_number_prev(1, None).unwrap().info().seqno,
        first
    );
}

#[test]
fn a_writer_that_laps_the_walk_does_not_make_it_endless_or_wrong() {
    let ring = ring();
    for number in 0..30_000 {
        record_block(&ring, number);
    }
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 30_000;
            while !is_over.load(Ordering::Relaxed) {
                record_block(&ring, number);
                number += 1;
            }
        });
        let mut reader = ring.ring.create_reader();
        for round in 0..50 {
            reader.reset();
            let position = reader.position();
            // Further back than the ring reaches: the walk meets the writer.
            assert!(reader.block_number_prev(u64::MAX, None).is_none());
            assert!(reader.consensus_prev(Some(TxnLog)).is_none());
            assert_eq!(reader.position(), position, "round {round}");
            if let Some(found) = reader.consensus_prev(Some(BlockStart)) {
                assert_eq!(found.raw().event_type, MONAD_EXEC_BLOCK_START);
                assert_eq!(reader.position(), found.raw().seqno);
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
}
