//! The official snapshots: what they hold is what the reference says, and our writer records the same bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::sync::Arc;

use harness::{EXEC, fixture, ready};
use monad_event_ring::{
    NextEvent, PathState, PayloadBuffer, RawEventReader, RawEventRing, RingKind,
    writer::{EventRingWriter, WriterConfig},
};

const ONE_BLOCK: &str = "emn-1b-15m.snapshot.zst";
const THIRTY_BLOCKS: &str = "emn-30b-15m.snapshot.zst";

fn open(name: &str) -> Arc<RawEventRing> {
    Arc::new(RawEventRing::open(fixture(name), &EXEC, 1 << 30).unwrap())
}

/// Events by code, from 0 to 24 (ring-and-events §7).
fn count_by_type(ring: &Arc<RawEventRing>) -> [u64; 25] {
    let mut counts = [0; 25];
    let (mut reader, mut payload) = (
        RawEventReader::new(ring.clone(), u32::MAX),
        PayloadBuffer::new(),
    );
    for seqno in 1..=ring.last_seqno() {
        let descriptor = ready(&mut reader, &mut payload);
        assert_eq!(descriptor.seqno, seqno);
        assert_eq!(payload.as_slice().len(), descriptor.payload_size as usize);
        counts[usize::from(descriptor.event_type)] += 1;
    }
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    counts
}

#[test]
fn the_thirty_block_snapshot_holds_what_the_reference_counts() {
    let ring = open(THIRTY_BLOCKS);
    assert_eq!(ring.kind(), RingKind::Snapshot);
    assert_eq!(ring.path_state(), PathState::Same);
    assert_eq!(ring.recorder_note(), None);
    assert_eq!(ring.geometry().total_size(), 153_092_096);
    assert_eq!(
        (ring.last_seqno(), ring.buffer_window_start()),
        (136_891, 0)
    );
    assert_eq!(ring.oldest_readable(), Some(1));
    let counts = count_by_type(&ring);
    assert_eq!(
        counts,
        [
            0, 0, 30, 0, 30, 30, 30, 30, 30, 29, 6187, 121, 0, 6187, 0, 6187, 6187, 6187, 8299,
            21077, 6187, 6247, 25530, 38286, 0
        ]
    );
    assert_eq!(counts.iter().sum::<u64>(), 136_891);
}

#[test]
fn the_one_block_snapshot_recorded_again_is_the_same_ring() {
    let official = open(ONE_BLOCK);
    assert_eq!(official.geometry().total_size(), 140_509_184);
    assert_eq!(
        (official.last_seqno(), official.buffer_window_start()),
        (6_597, 0)
    );
    let counts = count_by_type(&official);
    assert_eq!(
        counts,
        [
            0, 0, 1, 0, 1, 1, 1, 1, 1, 0, 229, 0, 0, 229, 0, 229, 229, 229, 483, 1179, 229, 231,
            1079, 2245, 0
        ]
    );

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let config = WriterConfig {
        descriptor_shift: official.geometry().descriptor_capacity().ilog2() as u8,
        payload_shift: official.geometry().payload_buf_size().ilog2() as u8,
        content_type: EXEC.content_type,
        schema_hash: EXEC.schema_hash,
        note: None,
    };
    let writer = EventRingWriter::create(&path, &config).unwrap();
    let again = Arc::new(RawEventRing::open(&path, &EXEC, 0).unwrap());
    assert_eq!(again.geometry(), official.geometry());

    let (mut theirs, mut their_bytes) = (
        RawEventReader::new(official.clone(), u32::MAX),
        PayloadBuffer::new(),
    );
    let (mut ours, mut our_bytes) = (RawEventReader::new(again, u32::MAX), PayloadBuffer::new());
    for _ in 0..official.last_seqno() {
        let expected = ready(&mut theirs, &mut their_bytes);
        // In parts of odd lengths, which the writer has to join to the same bytes.
        let bytes = their_bytes.as_slice();
        let (head, tail) = bytes.split_at(bytes.len() / 3);
        let seqno = writer
            .record(
                expected.event_type,
                expected.content_ext,
                Some(expected.record_epoch_nanos),
                &[head, tail],
            )
            .unwrap();
        assert_eq!(seqno, expected.seqno);
        assert_eq!(ready(&mut ours, &mut our_bytes), expected);
        assert_eq!(
            our_bytes.as_slice(),
            their_bytes.as_slice(),
            "payload of {seqno}"
        );
    }
    assert_eq!(ours.next(&mut our_bytes), NextEvent::NotReady);
    assert_eq!(writer.next_seqno(), 6_598);
}

#[test]
fn a_decompressed_snapshot_that_is_eight_bytes_short_is_a_ring_file() {
    let zstd = std::fs::File::open(fixture(ONE_BLOCK)).unwrap();
    let mut frame = ruzstd::decoding::StreamingDecoder::new(zstd).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("image");
    let mut file = std::fs::File::create(&path).unwrap();
    assert_eq!(std::io::copy(&mut frame, &mut file).unwrap(), 140_509_176);

    let ring = Arc::new(RawEventRing::open(&path, &EXEC, 0).unwrap());
    assert_eq!(ring.kind(), RingKind::File);
    assert_eq!(ring.path_state(), PathState::Same);
    assert_eq!(count_by_type(&ring).iter().sum::<u64>(), 6_597);
}

#[test]
fn a_checksum_that_differs_is_corruption() {
    let mut zstd = std::fs::read(fixture(ONE_BLOCK)).unwrap();
    *zstd.last_mut().unwrap() ^= 1;
    let error = RawEventRing::from_zstd_bytes("flipped", &zstd, Some(&EXEC), 1 << 30)
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .contains("flipped is corrupt (its checksum"),
        "{error}"
    );
}
