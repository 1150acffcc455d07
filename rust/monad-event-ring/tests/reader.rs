//! RawEventReader step by step: what is ready, not ready, lost, expired and malformed, and where it stands then.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::{CAPACITY, PAYLOAD_BYTES, TestRing, image, pattern, ready};
use monad_event_ring::{NextEvent, PayloadBuffer, RawEventReader};

#[test]
fn an_empty_ring_has_nothing_ready() {
    let ring = TestRing::new();
    let (mut reader, mut payload) = (ring.reader(), PayloadBuffer::new());
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    assert_eq!((reader.position(), reader.oldest_readable()), (1, None));
    reader.reset();
    assert_eq!(reader.position(), 1);
    assert_eq!(reader.try_copy(0), None);
    assert_eq!(reader.try_copy(1), None);
}

#[test]
fn an_event_comes_out_as_it_was_recorded() {
    let ring = TestRing::new();
    let (mut reader, mut payload) = (ring.reader(), PayloadBuffer::new());
    let before = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos() as u64;
    assert_eq!(
        ring.writer.record(
            7,
            [1, 2, 3, u64::MAX],
            None,
            &[b"one ", b"", b"and another"]
        ),
        Ok(1)
    );
    assert_eq!(ring.writer.record(0xfffe, [0; 4], Some(99), &[]), Ok(2));

    let first = ready(&mut reader, &mut payload);
    assert_eq!(payload.as_slice(), b"one and another");
    assert_eq!(
        (
            first.seqno,
            first.event_type,
            first.payload_size,
            first.payload_buf_offset
        ),
        (1, 7, 15, 0)
    );
    assert_eq!(first.content_ext, [1, 2, 3, u64::MAX]);
    assert!((before..before + 60_000_000_000).contains(&first.record_epoch_nanos));

    let second = ready(&mut reader, &mut payload);
    assert_eq!(payload.as_slice(), b"");
    assert_eq!(
        (
            second.event_type,
            second.payload_size,
            second.record_epoch_nanos
        ),
        (0xfffe, 0, 99)
    );
    // An event without a payload has the offset of the next one.
    assert_eq!(second.payload_buf_offset, 16);
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    assert_eq!(
        (reader.try_copy(1), reader.try_copy(2), reader.try_copy(3)),
        (Some(first), Some(second), None)
    );
    assert!(reader.copy_payload(&first, &mut payload));
    assert_eq!(payload.as_slice(), b"one and another");
}

#[test]
fn a_reset_reader_takes_the_newest_event_itself() {
    let ring = TestRing::new();
    ring.record(300, 8);
    let (mut reader, mut payload) = (ring.reader(), PayloadBuffer::new());
    reader.reset();
    assert_eq!(reader.position(), 300);
    assert_eq!(ready(&mut reader, &mut payload).seqno, 300);
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
}

#[test]
fn an_event_in_progress_is_waited_for() {
    let ring = TestRing::new();
    ring.record(2, 8);
    let (mut reader, mut payload) = (ring.reader(), PayloadBuffer::new());
    let third = ring
        .writer
        .reserve(1, [0; 4], Some(0), &[b"third"])
        .unwrap();
    let fourth = ring
        .writer
        .reserve(1, [0; 4], Some(0), &[b"fourth"])
        .unwrap();
    assert_eq!(
        (third.seqno(), third.payload_buf_offset(), fourth.seqno()),
        (3, 32, 4)
    );
    assert_eq!(fourth.commit(), 4);

    reader.seek(3);
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    assert_eq!((reader.try_copy(3), reader.position()), (None, 3));
    assert_eq!(third.commit(), 3);
    ready(&mut reader, &mut payload);
    assert_eq!(payload.as_slice(), b"third");

    // One that is never committed ends what can be read; a reset goes back to the last that was.
    drop(
        ring.writer
            .reserve(1, [0; 4], Some(0), &[b"fifth"])
            .unwrap(),
    );
    reader.reset();
    assert_eq!(ready(&mut reader, &mut payload).seqno, 4);
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    assert_eq!(ring.open().last_seqno(), 5);
}

#[test]
fn a_full_ring_holds_exactly_its_capacity() {
    let ring = TestRing::new();
    let last = CAPACITY + 1000;
    ring.record(last, 0);
    let (mut reader, mut payload) = (ring.reader(), PayloadBuffer::new());
    let oldest = last - CAPACITY + 1;
    assert_eq!(reader.oldest_readable(), Some(oldest));
    assert_eq!(
        (reader.try_copy(oldest - 1), reader.try_copy(last + 1)),
        (None, None)
    );

    reader.seek(oldest);
    assert_eq!(ready(&mut reader, &mut payload).seqno, oldest);
    reader.seek(oldest - 1);
    assert!(matches!(reader.next(&mut payload), NextEvent::Gap { .. }));
    reader.seek(last + 1_000_000);
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    reader.seek(last + 1);
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
}

#[test]
fn a_gap_names_every_lost_event_and_nothing_else() {
    let ring = TestRing::new();
    let last = 3 * CAPACITY + 17;
    ring.record(last, 0);
    let (mut reader, mut payload) = (ring.reader(), PayloadBuffer::new());
    reader.seek(40);
    let oldest = last - CAPACITY + 1;
    let NextEvent::Gap {
        from_seqno,
        to_seqno,
    } = reader.next(&mut payload)
    else {
        panic!("no gap")
    };
    assert_eq!(from_seqno, 40);
    // The margin: a 64th of what can still be read is left to the writer.
    assert_eq!(to_seqno + 1, oldest + (CAPACITY - 1) / 64);
    assert_eq!(reader.position(), to_seqno + 1);
    for seqno in to_seqno + 1..=last {
        assert_eq!(ready(&mut reader, &mut payload).seqno, seqno);
    }
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
}

#[test]
fn the_payload_window_moves_as_measured_on_a_node() {
    let ring = TestRing::new();
    let opened = ring.open();
    let mut seen = vec![];
    for count in 1..=200 {
        ring.record(1, 1_000_003);
        if seen.last() != Some(&opened.buffer_window_start()) {
            seen.push(opened.buffer_window_start());
        }
        assert_eq!(
            opened.buffer_window_start() > 0,
            count >= 118,
            "after {count} events"
        );
    }
    let steps: Vec<u64> = (0..seen.len() as u64).map(|step| step << 24).collect();
    assert_eq!(seen, steps);
    assert!(seen.len() > 4);
}

#[test]
fn the_payload_window_moves_when_its_room_is_exceeded_and_not_when_it_is_full() {
    let ring = TestRing::new();
    let opened = ring.open();
    ring.record(7, 16 << 20);
    assert_eq!(opened.buffer_window_start(), 0);
    ring.record(1, 0);
    assert_eq!(opened.buffer_window_start(), 0);
    ring.record(1, 1);
    assert_eq!(opened.buffer_window_start(), 16 << 20);
}

#[test]
fn an_expired_payload_costs_exactly_its_event() {
    let ring = TestRing::new();
    ring.record(118, 1_000_003);
    let (mut reader, mut payload) = (ring.reader(), PayloadBuffer::new());
    // Event n begins at (n - 1) * 1 000 016, the window at 16 777 216: 17 are expired.
    assert_eq!(reader.oldest_readable(), Some(18));
    for seqno in 1..=17 {
        let NextEvent::Expired(descriptor) = reader.next(&mut payload) else {
            panic!("{seqno} is there")
        };
        assert_eq!((descriptor.seqno, payload.as_slice()), (seqno, &b""[..]));
        assert!(!reader.copy_payload(&descriptor, &mut payload));
    }
    for seqno in 18..=118 {
        assert_eq!(ready(&mut reader, &mut payload).seqno, seqno);
        assert_eq!(payload.as_slice().len(), 1_000_003);
    }
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
}

#[test]
fn a_payload_that_wraps_is_one_piece() {
    let ring = TestRing::new();
    let (mut reader, mut payload) = (ring.reader(), PayloadBuffer::new());
    let mut wrapped = 0;
    for seed in 0..500 {
        let size = 1_000_001 + seed as usize % 16;
        ring.writer
            .record(1, [0; 4], Some(0), &[&pattern::payload(seed, size)])
            .unwrap();
        let descriptor = ready(&mut reader, &mut payload);
        assert_eq!(payload.as_slice().len(), size);
        assert!(pattern::is_intact(seed, payload.as_slice()), "seed {seed}");
        let start = descriptor.payload_buf_offset % PAYLOAD_BYTES;
        wrapped += u64::from(start + size as u64 > PAYLOAD_BYTES);
    }
    assert!(wrapped >= 3, "{wrapped} payloads wrapped");
}

#[test]
fn a_payload_that_cannot_be_one_is_malformed_and_passed() {
    let ring = TestRing::new();
    ring.record(5, 1000);
    image::patch_slot(&ring.path, 2, 24, &1016_u64.to_le_bytes());
    image::patch_slot(&ring.path, 3, 12, &(PAYLOAD_BYTES as u32 + 1).to_le_bytes());
    image::patch_slot(&ring.path, 4, 12, &1001_u32.to_le_bytes());
    let mut reader = RawEventReader::new(ring.open(), 1000);
    let mut payload = PayloadBuffer::new();
    ready(&mut reader, &mut payload);
    for seqno in 2..=4 {
        let NextEvent::Malformed(descriptor) = reader.next(&mut payload) else {
            panic!("{seqno} was read")
        };
        assert_eq!((descriptor.seqno, payload.as_slice()), (seqno, &b""[..]));
    }
    assert_eq!(ready(&mut reader, &mut payload).seqno, 5);

    // Without a limit of the reader the ring's size is one.
    let mut reader = RawEventReader::new(ring.open(), u32::MAX);
    reader.seek(3);
    assert!(matches!(reader.next(&mut payload), NextEvent::Malformed(_)));
    assert_eq!(ready(&mut reader, &mut payload).payload_size, 1001);
}

#[test]
fn a_damaged_slot_is_a_gap_of_one_event() {
    let ring = TestRing::new();
    ring.record(5, 16);
    image::patch_slot(&ring.path, 5, 0, &(5 + 7 * CAPACITY).to_le_bytes());
    let (mut reader, mut payload) = (ring.reader(), PayloadBuffer::new());
    reader.seek(5);
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    ring.record(2, 16);
    assert_eq!(
        reader.next(&mut payload),
        NextEvent::Gap {
            from_seqno: 5,
            to_seqno: 5
        }
    );
    assert_eq!(ready(&mut reader, &mut payload).seqno, 6);
}
