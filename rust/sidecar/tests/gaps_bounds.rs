//! Where a stream begins and where it ends: in the middle of a block, at a wanted block, with a loss that nothing follows.
//! Losses in between are in `gaps`. Source: protocol 10.2, design (`--from`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::log::Entry;
use harness::recorder::Recorder;
use harness::stream::{Setup, Stream};
use ringcast_sidecar::gap::GapReason;

fn names(entries: &[Entry]) -> Vec<(String, u64)> {
    let row = |entry: &Entry| (entry.name(), if entry.is_gap() { 0 } else { entry.seqno() });
    entries.iter().map(row).collect()
}

fn named(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected
        .iter()
        .map(|(name, seqno)| ((*name).to_owned(), *seqno))
        .collect()
}

#[test]
fn a_stream_that_begins_inside_a_block_begins_with_the_next_whole_one() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 2);
    recorder.block_of(2, 2, 0);
    let mut stream = Stream::with(
        &recorder,
        Setup {
            from_seqno: 3,
            ..Default::default()
        },
    );
    assert_eq!(
        names(&stream.read()),
        named(&[("BlockStart", 7), ("BlockEnd", 8)])
    );
    assert_eq!(stream.lost(), 0, "what precedes the stream is not lost");
}

#[test]
fn a_stream_that_begins_inside_a_block_begins_with_a_consensus_event_if_one_comes_first() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 2);
    recorder.qc(1, 1);
    recorder.block_of(2, 2, 0);
    let mut stream = Stream::with(
        &recorder,
        Setup {
            from_seqno: 2,
            ..Default::default()
        },
    );
    let expected = named(&[("BlockQC", 7), ("BlockStart", 8), ("BlockEnd", 9)]);
    assert_eq!(names(&stream.read()), expected);
}

#[test]
fn a_loss_before_the_beginning_is_none() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 2);
    recorder.raw(99, [1, 0, 0, 0], &[]);
    recorder.block_of(2, 2, 0);
    let mut stream = Stream::with(
        &recorder,
        Setup {
            from_seqno: 2,
            ..Default::default()
        },
    );
    stream.skip(GapReason::PayloadExpired);
    assert_eq!(
        names(&stream.read()),
        named(&[("BlockStart", 8), ("BlockEnd", 9)])
    );
    assert_eq!(stream.lost(), 0);
}

#[test]
fn a_stream_from_a_block_begins_with_the_first_of_its_or_a_higher_number() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 1);
    recorder.qc(1, 1);
    recorder.block_of(3, 3, 0);
    recorder.qc(1, 1);
    recorder.block_of(2, 4, 0);
    let from = |first_block| {
        let mut stream = Stream::with(
            &recorder,
            Setup {
                first_block,
                ..Default::default()
            },
        );
        names(&stream.read())
    };
    let all = from(0);
    assert_eq!(all.len(), 10);
    assert_eq!(from(1), all);
    let third = [
        ("BlockStart", 6),
        ("BlockEnd", 7),
        ("BlockQC", 8),
        ("BlockStart", 9),
        ("BlockEnd", 10),
    ];
    assert_eq!(
        from(2),
        named(&third),
        "a lower number may follow once the stream has begun"
    );
    assert_eq!(from(3), named(&third));
    assert_eq!(from(4), []);
}

#[test]
fn the_end_of_a_ring_is_a_gap_of_unknown_length() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 0);
    let mut stream = Stream::of(&recorder);
    stream.read();
    stream.pipeline.lose_ring(2).unwrap();
    stream.keep();
    let entries = stream.entries();
    assert_eq!(entries.len(), 1);
    assert_eq!(
        entries[0].seq,
        16 * 2 + 15,
        "3.3: behind everything of the last event"
    );
    let warning = &entries[0].json()["Warning"];
    assert_eq!(
        (&warning["type"], &warning["reason"]),
        (&"gap".into(), &"source_restarted".into())
    );
    assert_eq!(warning["from_seqno"], 3);
    assert_eq!(
        (warning.get("dropped"), warning.get("to_seqno")),
        (None, None),
        "it is not known"
    );
    assert_eq!(stream.lost(), 0);
}

/// The lowest `from_seqno` of the gaps.
fn first_lost(entries: &[Entry]) -> Option<u64> {
    let from = |entry: &Entry| entry.json()["Warning"]["from_seqno"].as_u64();
    entries
        .iter()
        .filter(|entry| entry.is_gap())
        .filter_map(from)
        .min()
}

#[test]
fn a_loss_that_the_end_of_its_ring_follows_is_not_silent() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.record_error();
    recorder.header(0, 1);
    let last = recorder.end();
    let mut stream = Stream::with(
        &recorder,
        Setup {
            blocked: &[1],
            ..Default::default()
        },
    );
    assert_eq!(names(&stream.read()), named(&[("BlockStart", 1)]));
    stream.pipeline.lose_ring(last).unwrap();
    stream.keep();
    let entries = stream.entries();
    assert_eq!(
        first_lost(&entries),
        Some(2),
        "10.2: the events 2 to 4 were lost as well: {entries:?}"
    );
}

#[test]
fn a_ring_without_any_event_ends_too() {
    let recorder = Recorder::new();
    let mut stream = Stream::with(
        &recorder,
        Setup {
            base: 1600,
            ..Default::default()
        },
    );
    assert_eq!(stream.read(), []);
    stream.pipeline.lose_ring(0).unwrap();
    stream.keep();
    let entries = stream.entries();
    assert_eq!((entries.len(), entries[0].seq), (1, 1615));
    assert_eq!(first_lost(&entries), Some(1));
    stream.pipeline.begin_ring(0);
    let mut recorder = recorder;
    recorder.qc(1, 1);
    assert!(stream.read()[0].seq > 1615);
}
