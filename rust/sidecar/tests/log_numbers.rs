//! Numbers of a record that only a damaged ring has: they never turn negative or go back. Source: protocol 3.4.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::events::tag;
use harness::recorder::Recorder;
use harness::stream::Stream;
use monad_event_ring::{NextEvent, PayloadBuffer, RawEventReader, RawEventRing};
use monad_exec_events::ExecEventRef as E;
use std::os::unix::fs::FileExt;

#[test]
fn a_block_number_of_any_size_is_a_positive_number() {
    for number in [0, 1 << 53, (1 << 63) - 1, 1 << 63, u64::MAX] {
        let mut recorder = Recorder::new();
        recorder.put(E::BlockFinalized(&tag(number, 1)));
        let entries = Stream::of(&recorder).read();
        assert_eq!(
            entries[0].block_number,
            number.min(i64::MAX as u64) as f64 as u64
        );
        let json = entries[0].json();
        assert_eq!(json["block_number"], number, "the text has every digit");
    }
}

/// A header and a slot that speak of an event further on than any ring comes.
#[test]
fn no_reader_follows_a_header_to_a_seqno_that_no_ring_reaches() {
    const FAR: u64 = 1 << 60;
    let mut recorder = Recorder::new();
    recorder.verified(7);
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(&recorder.path)
        .unwrap();
    file.write_all_at(&FAR.to_le_bytes(), 64).unwrap();
    let slot = (2 << 20) + (FAR - 1) % (1 << 16) * 64;
    file.write_all_at(&FAR.to_le_bytes(), slot).unwrap();

    let ring = RawEventRing::open_any(&recorder.path, 0).unwrap();
    assert_eq!(ring.last_seqno(), monad_event_ring::layout::MAX_SEQNO);
    assert_eq!(ring.oldest_readable(), None);
    let mut reader = RawEventReader::new(ring.into(), 1 << 20);
    let mut payload = PayloadBuffer::new();
    assert!(matches!(reader.next(&mut payload), NextEvent::Ready(_)));
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    // Even where it would have to skip, it waits.
    reader.seek((FAR - 1) % (1 << 16) + 1);
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
}
