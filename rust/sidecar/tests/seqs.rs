//! The numbers of entries and the frame of a gap.
//! What is lost when is in `gaps`. Source: protocol 3.3, 10.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::recorder::Recorder;
use harness::stream::{Setup, Stream};

#[test]
fn a_seq_is_the_base_plus_16_per_seqno_and_every_ring_has_a_higher_base() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 2);
    let setup = Setup {
        base: 1_700_000_000_000_007,
        ..Default::default()
    };
    let mut stream = Stream::with(&recorder, setup);
    let first = stream.read();
    let base = first[0].seq - 16;
    assert!((setup.base..setup.base + 16).contains(&base));
    assert_eq!(
        first
            .iter()
            .map(|entry| entry.seq - 16 * entry.seqno())
            .max(),
        Some(base)
    );
    let newest = first.last().unwrap().seq;
    stream.pipeline.begin_ring(0);
    stream.reader.seek(1);
    let second = stream.read();
    let base = second[0].seq - 16;
    assert!(base > newest && base.is_multiple_of(16));
    assert_eq!(
        second
            .iter()
            .map(|entry| entry.seq - 16 * entry.seqno())
            .min(),
        Some(base)
    );
}

#[test]
fn a_snapshot_has_base_0() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 1);
    let seqs: Vec<u64> = Stream::of(&recorder)
        .read()
        .iter()
        .map(|entry| entry.seq)
        .collect();
    assert_eq!(seqs, [16, 32, 48, 64]);
}

#[test]
fn the_frame_of_a_gap_is_a_warning_of_type_gap() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.raw(99, [1, 0, 0, 0], &[]);
    recorder.header(0, 1);
    recorder.end();
    recorder.qc(1, 1);
    let entries = Stream::of(&recorder).read();
    let expected = r#"{"seq":0,"Warning":{"type":"gap","dropped":3,"reason":"undecodable","from_seqno":2,"to_seqno":4}}"#;
    assert_eq!(entries[1].text, expected, "10.2");
    assert_eq!(
        entries[1].seq,
        16 * 4,
        "3.3: counted by its last lost event"
    );
    let kind = (
        entries[1].block_number,
        entries[1].txn,
        entries[1].proposal,
        entries[1].stage,
    );
    assert_eq!((kind, entries[1].stage_at), ((0, 0, 0, 0), 0));
}
