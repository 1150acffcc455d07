//! The writer's faults: what a reader says of a descriptor that lies, a file cut short and a path that leads nowhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::fs;

use harness::{PAYLOAD_BYTES, TestRing, pattern, ready};
use monad_event_ring::{
    NextEvent, OpenError, PathState, PayloadBuffer, RawDescriptor, RawEventRing,
    writer::DescriptorDamage,
};

const INTACT: DescriptorDamage = DescriptorDamage {
    seqno: None,
    event_type: None,
    payload_size: None,
    payload_buf_offset: None,
    content_ext: [None; 4],
};

/// A ring of three events of 48 bytes, the second of which lies as `damage` says; what a reader finds there.
fn read_damaged(damage: DescriptorDamage) -> (NextEvent, Vec<u8>) {
    let ring = TestRing::new();
    for seqno in 1..=3 {
        let payload = pattern::payload(seqno, 48);
        ring.writer
            .record(5, [seqno; 4], Some(seqno), &[&payload])
            .unwrap();
    }
    assert!(ring.writer.damage(2, &damage));
    let mut reader = ring.reader();
    let mut payload = PayloadBuffer::new();
    assert_eq!(ready(&mut reader, &mut payload).seqno, 1);
    let found = reader.next(&mut payload);
    if reader.position() == 3 {
        assert_eq!(ready(&mut reader, &mut payload).seqno, 3);
        assert!(pattern::is_intact(3, payload.as_slice()));
        reader.seek(2);
        assert_eq!(reader.next(&mut payload), found);
    }
    (found, payload.as_slice().to_vec())
}

fn recorded(change: impl Fn(&mut RawDescriptor)) -> RawDescriptor {
    let mut descriptor = RawDescriptor {
        seqno: 2,
        event_type: 5,
        payload_size: 48,
        record_epoch_nanos: 2,
        payload_buf_offset: 48,
        content_ext: [2; 4],
    };
    change(&mut descriptor);
    descriptor
}

#[test]
fn a_descriptor_lies_in_just_the_fields_that_were_damaged() {
    let all = pattern::payload(2, 48);
    let found = read_damaged(INTACT);
    assert_eq!(found, (NextEvent::Ready(recorded(|_| {})), all.clone()));

    let event_type = DescriptorDamage {
        event_type: Some(u16::MAX),
        ..INTACT
    };
    let expected = recorded(|descriptor| descriptor.event_type = u16::MAX);
    assert_eq!(
        read_damaged(event_type),
        (NextEvent::Ready(expected), all.clone())
    );

    let content_ext = DescriptorDamage {
        content_ext: [None, Some(7), None, Some(0)],
        ..INTACT
    };
    let expected = recorded(|descriptor| descriptor.content_ext = [2, 7, 2, 0]);
    assert_eq!(
        read_damaged(content_ext),
        (NextEvent::Ready(expected), all.clone())
    );

    let shorter = DescriptorDamage {
        payload_size: Some(5),
        ..INTACT
    };
    let expected = recorded(|descriptor| descriptor.payload_size = 5);
    assert_eq!(
        read_damaged(shorter),
        (NextEvent::Ready(expected), all[..5].to_vec())
    );

    // One lap further is the same place in the buffer.
    let lap = DescriptorDamage {
        payload_buf_offset: Some(48 + PAYLOAD_BYTES),
        ..INTACT
    };
    let expected = recorded(|descriptor| descriptor.payload_buf_offset = 48 + PAYLOAD_BYTES);
    assert_eq!(read_damaged(lap), (NextEvent::Ready(expected), all));
}

#[test]
fn impossible_payloads_are_malformed_and_impossible_seqnos_wait() {
    let offset = DescriptorDamage {
        payload_buf_offset: Some(49),
        ..INTACT
    };
    let expected = recorded(|descriptor| descriptor.payload_buf_offset = 49);
    assert_eq!(
        read_damaged(offset),
        (NextEvent::Malformed(expected), vec![])
    );

    let size = DescriptorDamage {
        payload_size: Some(u32::MAX),
        ..INTACT
    };
    let expected = recorded(|descriptor| descriptor.payload_size = u32::MAX);
    assert_eq!(read_damaged(size), (NextEvent::Malformed(expected), vec![]));

    for (seqno, is_waiting) in [(0, true), (1, false), (9, false)] {
        let (found, _) = read_damaged(DescriptorDamage {
            seqno: Some(seqno),
            ..INTACT
        });
        let lost = NextEvent::Gap {
            from_seqno: 2,
            to_seqno: 2,
        };
        assert_eq!(
            found,
            if is_waiting {
                NextEvent::NotReady
            } else {
                lost
            },
            "seqno {seqno}"
        );
    }
}

#[test]
fn only_a_committed_event_can_be_damaged() {
    let ring = TestRing::new();
    ring.record(1, 16);
    drop(ring.writer.reserve(1, [0; 4], None, &[]).unwrap());
    for seqno in [0, 2, 3, u64::MAX] {
        assert!(!ring.writer.damage(seqno, &INTACT), "{seqno}");
    }
    assert!(ring.writer.damage(1, &INTACT));
}

#[test]
fn a_truncated_ring_is_left_at_its_path_without_a_lock() {
    let TestRing {
        writer,
        path,
        directory: _directory,
    } = TestRing::new();
    writer.record(1, [0; 4], None, &[]).unwrap();
    let ring = harness::open(&path);
    writer.truncate(1000).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), 1000);
    assert_eq!(ring.path_state(), PathState::Truncated);
    let error = RawEventRing::open_any(&path, 0).unwrap_err();
    assert!(
        matches!(error, OpenError::Truncated { actual: 1000, .. }),
        "{error}"
    );
    // A new writer takes the place over, so nobody holds the lock.
    monad_event_ring::writer::EventRingWriter::create(&path, &harness::SMALL).unwrap();
}

#[test]
fn a_ring_that_vanished_goes_on() {
    let ring = TestRing::new();
    let mut reader = ring.reader();
    ring.writer.vanish().unwrap();
    assert!(!ring.path.exists());
    assert_eq!(reader.ring().path_state(), PathState::Missing);
    ring.record(1, 16);
    assert_eq!(ready(&mut reader, &mut PayloadBuffer::new()).seqno, 1);
    ring.writer.vanish().unwrap();
    // What has taken its place meanwhile is not removed.
    fs::write(&ring.path, b"another").unwrap();
    ring.writer.vanish().unwrap();
    ring.writer.close().unwrap();
    assert!(ring.path.exists());
}
