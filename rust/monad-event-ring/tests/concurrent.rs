//! Writers and a reader at full speed in several threads: nothing torn, nothing twice, every loss counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::thread;

use harness::{CAPACITY, TestRing, pattern};
use monad_event_ring::{
    NextEvent, PayloadBuffer, RawDescriptor, RawEventReader, writer::EventRingWriter,
};

/// What became of the events 1..=last.
#[derive(Default, Debug)]
struct Tally {
    received: u64,
    expired: u64,
    lost: u64,
    gaps: u64,
}

/// Records `count` events whose payload and content words follow from `first_seed` on.
fn record(writer: &EventRingWriter, first_seed: u64, count: u64, max_size: u64) {
    for seed in first_seed..first_seed + count {
        let bytes = pattern::payload(seed, pattern::size(seed, max_size));
        writer
            .record((seed % 25) as u16, [seed; 4], Some(seed), &[&bytes])
            .unwrap();
    }
}

fn assert_intact(descriptor: &RawDescriptor, bytes: &[u8], max_size: u64) {
    let seed = descriptor.record_epoch_nanos;
    assert_eq!(
        descriptor.content_ext, [seed; 4],
        "torn descriptor {}",
        descriptor.seqno
    );
    assert_eq!(
        u64::from(descriptor.event_type),
        seed % 25,
        "torn descriptor {}",
        descriptor.seqno
    );
    assert_eq!(
        bytes.len(),
        pattern::size(seed, max_size),
        "event {}",
        descriptor.seqno
    );
    assert!(
        pattern::is_intact(seed, bytes),
        "torn payload of {}",
        descriptor.seqno
    );
}

/// Reads until `last` is behind the reader; now and then waits until the writers are `lag` events ahead.
fn read_all(reader: &mut RawEventReader, last: u64, max_size: u64, lag: u64) -> Tally {
    let (mut tally, mut payload) = (Tally::default(), PayloadBuffer::new());
    let mut next_pause = 1000;
    while reader.position() <= last {
        if reader.position() >= next_pause {
            next_pause = reader.position() + CAPACITY / 2;
            let ahead = (reader.position() + lag).min(last);
            while reader.ring().last_seqno() < ahead {
                thread::yield_now();
            }
        }
        let wanted = reader.position();
        match reader.next(&mut payload) {
            NextEvent::Ready(descriptor) => {
                assert_eq!(descriptor.seqno, wanted);
                assert_intact(&descriptor, payload.as_slice(), max_size);
                tally.received += 1;
            }
            NextEvent::Gap {
                from_seqno,
                to_seqno,
            } => {
                assert!(from_seqno == wanted && to_seqno >= from_seqno);
                tally.lost += to_seqno - from_seqno + 1;
                tally.gaps += 1;
            }
            NextEvent::Expired(descriptor) => {
                assert_eq!(descriptor.seqno, wanted);
                tally.expired += 1;
            }
            NextEvent::NotReady => thread::yield_now(),
            NextEvent::Malformed(descriptor) => panic!("{descriptor:?}"),
        }
    }
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    assert_eq!(
        tally.received + tally.expired + tally.lost,
        last,
        "{tally:?}"
    );
    tally
}

/// Runs `writers` threads that record `each` events against a reader in this thread.
fn race(writers: u64, each: u64, max_size: u64, lag: u64) -> Tally {
    let ring = TestRing::new();
    let mut reader = ring.reader();
    let writer = &ring.writer;
    thread::scope(|scope| {
        for index in 0..writers {
            scope.spawn(move || record(writer, 1 + index * each, each, max_size));
        }
        read_all(&mut reader, writers * each, max_size, lag)
    })
}

#[test]
fn a_reader_that_keeps_up_and_one_that_is_lapped_account_for_every_event() {
    let tally = race(1, 5 * CAPACITY, 40, CAPACITY + 1);
    assert!(tally.received > 0 && tally.gaps > 0, "{tally:?}");
    assert_eq!(tally.expired, 0, "{tally:?}");
}

#[test]
fn several_writers_share_a_ring() {
    let tally = race(3, 2 * CAPACITY, 200, CAPACITY + 1);
    assert!(tally.received > 0 && tally.gaps > 0, "{tally:?}");
}

#[test]
fn payloads_expire_while_they_are_read() {
    // About 700 MB through a buffer of 128 MiB; the reader falls behind by more than the buffer.
    let tally = race(1, 8000, 500_000, 3000);
    assert!(
        tally.received > 0 && tally.expired + tally.lost > 0,
        "{tally:?}"
    );
}
