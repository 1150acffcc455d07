//! Damaged, oversized and foreign zstd files: typed errors, bounded work, no fault.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::{CAPACITY, EXPECTED, PAYLOAD_BYTES, TOTAL, image, zstd};
use monad_event_ring::{
    NextEvent, OpenError, PayloadBuffer, RawEventReader, RawEventRing, RingKind,
};
use proptest::prelude::*;
use zstd::Part::{Bytes, Zeros};

fn open(bytes: &[u8], limit: u64) -> Result<RawEventRing, OpenError> {
    RawEventRing::from_zstd_bytes("memory", bytes, Some(&EXPECTED), limit)
}

/// A snapshot of the smallest ring with two events in it, `missing` bytes short.
fn snapshot(missing: u64) -> Vec<u8> {
    let mut header = image::small_header();
    header[64] = 2;
    header[72] = 16;
    let mut slots = [0; 128];
    for (at, seqno, payload) in [(0, 1, 3), (64, 2, 0)] {
        slots[at] = seqno;
        slots[at + 12] = payload;
        slots[at + 24] = 16 * (seqno - 1);
    }
    zstd::frame(
        &[
            Bytes(&header),
            Zeros((2 << 20) - 192),
            Bytes(&slots),
            Zeros(CAPACITY * 64 - 128),
            Bytes(b"abc"),
            Zeros(PAYLOAD_BYTES - 3 - missing),
        ],
        None,
    )
}

fn assert_two_events(ring: RawEventRing) {
    assert_eq!(ring.kind(), RingKind::Snapshot);
    let (mut reader, mut payload) = (
        RawEventReader::new(ring.into(), u32::MAX),
        PayloadBuffer::new(),
    );
    assert!(matches!(reader.next(&mut payload), NextEvent::Ready(_)));
    assert_eq!(payload.as_slice(), b"abc");
    assert!(matches!(reader.next(&mut payload), NextEvent::Ready(_)));
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
}

#[test]
fn a_snapshot_opens_from_memory_and_from_a_file() {
    assert_two_events(open(&snapshot(0), TOTAL).unwrap());
    assert_two_events(open(&snapshot(15), TOTAL).unwrap());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring.zst");
    std::fs::write(&path, snapshot(8)).unwrap();
    assert_two_events(RawEventRing::open(&path, &EXPECTED, TOTAL).unwrap());
}

#[test]
fn a_snapshot_that_lacks_more_is_truncated() {
    let error = open(&snapshot(16), TOTAL).unwrap_err();
    let OpenError::Truncated {
        expected, actual, ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!((expected, actual), (TOTAL, TOTAL - 16));
}

#[test]
fn a_zstd_file_of_something_else_is_no_ring() {
    for content in [&b""[..], b"RING0", b"some text, compressed"] {
        let error = open(&zstd::frame(&[Bytes(content)], None), TOTAL)
            .err()
            .unwrap();
        assert!(
            matches!(error, OpenError::SnapshotWithoutRing { .. }),
            "{error}"
        );
    }
    let error = open(&zstd::frame(&[Bytes(b"RING01 and no more")], None), TOTAL)
        .err()
        .unwrap();
    assert!(
        matches!(
            error,
            OpenError::Truncated {
                expected: 192,
                actual: 18,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn anything_behind_the_frame_is_refused() {
    for rest in [&b"\0"[..], &snapshot(0)] {
        let error = open(&[&snapshot(0), rest].concat(), TOTAL).unwrap_err();
        assert!(
            matches!(error, OpenError::MoreThanOneFrame { .. }),
            "{error}"
        );
    }
}

#[test]
fn a_bomb_stops_at_what_its_ring_announces() {
    let header = image::small_header();
    let error = open(
        &zstd::frame(&[Bytes(&header), Zeros(1 << 34)], None),
        u64::MAX,
    )
    .err()
    .unwrap();
    assert!(
        matches!(
            error,
            OpenError::Overlong {
                expected: TOTAL,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_ring_above_the_limit_is_refused_before_it_is_decompressed() {
    let header = image::header(1 << 32, 1 << 40, 0);
    let bomb = zstd::frame(&[Bytes(&header), Zeros(1 << 34)], None);
    let error = open(&bomb, 1 << 30).unwrap_err();
    let OpenError::TooLarge {
        limit, announced, ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (limit, announced),
        (1 << 30, (2 << 20) + (1 << 38) + (1 << 40))
    );
    assert!(
        error.to_string().contains("the limit is 1073741824"),
        "{error}"
    );
    assert!(matches!(
        open(&snapshot(0), TOTAL - 1),
        Err(OpenError::TooLarge { .. })
    ));
}

#[test]
fn a_window_of_two_gigabytes_is_refused() {
    let mut huge = snapshot(0);
    huge[5] = (31 - 10) << 3;
    assert!(matches!(
        open(&huge, TOTAL),
        Err(OpenError::CorruptSnapshot { .. })
    ));
}

#[test]
fn a_checksum_is_compared() {
    let header = image::small_header();
    let wrong = zstd::frame(&[Bytes(&header), Zeros(TOTAL - 192)], Some(0x1234_5678));
    let error = open(&wrong, TOTAL).unwrap_err();
    assert!(error.to_string().contains("checksum differs"), "{error}");
}

proptest! {
    // Few cases, as each may decompress 134 MB; they are other ones on every run.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_frame_cut_anywhere_is_an_error(cut in any::<prop::sample::Index>()) {
        let whole = snapshot(0);
        let cut = cut.index(whole.len());
        let opened = open(&whole[..cut], TOTAL);
        prop_assert!(opened.is_err(), "{cut} of {} bytes were a snapshot", whole.len());
    }

    #[test]
    fn a_frame_with_flipped_bits_is_an_error_or_a_ring(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u32), 1..4),
    ) {
        let mut frame = snapshot(0);
        for (at, bit) in flips {
            let at = at.index(frame.len());
            frame[at] ^= 1 << bit;
        }
        if let Ok(ring) = open(&frame, TOTAL) {
            let (mut reader, mut payload) = (RawEventReader::new(ring.into(), 1 << 20), PayloadBuffer::new());
            while reader.next(&mut payload) != NextEvent::NotReady {}
        }
    }

    #[test]
    fn an_official_snapshot_with_flipped_bits_is_an_error(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u32), 1..4),
    ) {
        let original = std::fs::read(harness::fixture("emn-1b-15m.snapshot.zst")).unwrap();
        let mut frame = original.clone();
        for (at, bit) in flips {
            // The two bytes behind the magic have bits that zstd ignores; all others are under the checksum.
            let at = at.index(frame.len() - 6) + 6;
            frame[at] ^= 1 << bit;
        }
        let opened = RawEventRing::from_zstd_bytes("flipped", &frame, None, 1 << 30);
        prop_assert!(frame == original || opened.is_err());
    }
}
