//! Damaged headers and damaged rings: every outcome is a typed error or a ring that can be used without a fault.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::{os::unix::fs::FileExt, path::Path};

use harness::{CAPACITY, EXPECTED, TOTAL, image};
use monad_event_ring::{NextEvent, OpenError, PayloadBuffer, RawEventReader, RawEventRing};
use proptest::prelude::*;

/// Calls everything a reader has on a ring that may hold nonsense.
fn exercise(ring: RawEventRing) {
    let ring = std::sync::Arc::new(ring);
    let mut payload = PayloadBuffer::new();
    let mut reader = RawEventReader::new(ring.clone(), 1 << 20);
    let starts = [1, 2, CAPACITY, ring.last_seqno(), u64::MAX];
    for start in starts.into_iter().chain(ring.oldest_readable()) {
        reader.seek(start);
        for _ in 0..50 {
            let before = reader.position();
            match reader.next(&mut payload) {
                NextEvent::Ready(descriptor) => {
                    assert_eq!(payload.as_slice().len(), descriptor.payload_size as usize);
                    assert_eq!(descriptor.seqno, before);
                }
                NextEvent::Gap {
                    from_seqno,
                    to_seqno,
                } => {
                    assert_eq!(from_seqno, before);
                    assert!(from_seqno <= to_seqno && reader.position() == to_seqno + 1);
                }
                NextEvent::Expired(_) | NextEvent::Malformed(_) => {
                    assert_eq!(payload.as_slice(), b"")
                }
                NextEvent::NotReady => break,
            }
        }
        if let Some(descriptor) = reader.try_copy(start) {
            reader.copy_payload(&descriptor, &mut payload);
        }
    }
    reader.reset();
    ring.recorder_note();
    ring.path_state();
}

/// What a header with bit `bit` of byte `byte` turned over must lead to.
fn is_expected(byte: usize, bit: usize, opened: &Result<RawEventRing, OpenError>) -> bool {
    match (byte, opened) {
        (0..6, Err(OpenError::BadMagic { .. })) => true,
        (6..8, Err(OpenError::ContentType { .. })) => true,
        (8..40, Err(OpenError::SchemaHash { .. })) => true,
        (40..56, Err(OpenError::Geometry { .. })) => true,
        // A context area: up to 8 bytes are within the tolerance, up to 2^40 the file is too short for.
        (56..64, opened) => match (byte - 56) * 8 + bit {
            0..4 => opened.is_ok(),
            4..=40 => matches!(opened, Err(OpenError::Truncated { .. })),
            _ => matches!(opened, Err(OpenError::Geometry { .. })),
        },
        (64.., Ok(_)) => true,
        _ => false,
    }
}

#[test]
fn every_single_bit_of_the_header_is_checked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let header = image::small_header();
    let file = image::write(&path, &header, TOTAL);
    for (byte, bit) in (0..header.len()).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
        let mut damaged = header;
        damaged[byte] ^= 1 << bit;
        file.write_all_at(&damaged, 0).unwrap();
        let opened = RawEventRing::open(&path, &EXPECTED, 0);
        assert!(
            is_expected(byte, bit, &opened),
            "bit {bit} of byte {byte} led to {:?}",
            opened.err().map(|error| error.to_string())
        );
        if let Ok(ring) = opened {
            exercise(ring);
        }
    }
}

/// Slots of a damaged ring: near-valid seqnos, sizes and offsets, so that every check is reached.
fn slots() -> impl Strategy<Value = Vec<(u64, [u64; 8])>> {
    let seqno = prop_oneof![0..8_u64, CAPACITY - 3..CAPACITY + 8, any::<u64>()];
    let size = prop_oneof![
        0..100_u64,
        Just(1 << 20),
        Just((1 << 20) + 1),
        0..=u64::from(u32::MAX)
    ];
    let offset = prop_oneof![
        (0..64_u64).prop_map(|at| at * 16),
        (0..64_u64).prop_map(|at| harness::PAYLOAD_BYTES - at * 16),
        any::<u64>()
    ];
    let slot = (seqno, size, offset, any::<u64>()).prop_map(|(seqno, size, offset, rest)| {
        [seqno, size << 32 | 1, rest, offset, rest, rest, rest, rest]
    });
    prop::collection::vec((prop_oneof![0..8_u64, CAPACITY - 8..CAPACITY], slot), 0..16)
}

fn write_slots(path: &Path, slots: &[(u64, [u64; 8])]) {
    for (slot, words) in slots {
        image::patch_slot(path, slot + 1, 0, &words.map(u64::to_le_bytes).concat());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 1..300)) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ring");
        image::write(&path, &bytes, bytes.len() as u64);
        prop_assert!(RawEventRing::open(&path, &EXPECTED, 0).is_err());
    }

    #[test]
    fn a_ring_of_nonsense_can_be_read_without_a_fault(
        control in [0..20_u64, 0..1 << 40, 0..1 << 30],
        wild in prop::option::of((0..3_usize, any::<u64>())),
        slots in slots(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ring");
        let mut control = control;
        if let Some((at, value)) = wild {
            control[at] = value;
        }
        let mut header = image::small_header();
        for (offset, value) in [64, 72, 128].into_iter().zip(control) {
            header[offset..offset + 8].copy_from_slice(&value.to_le_bytes());
        }
        image::write(&path, &header, TOTAL);
        write_slots(&path, &slots);
        exercise(RawEventRing::open(&path, &EXPECTED, 0).unwrap());
    }
}
