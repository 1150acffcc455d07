//! Lost input is a gap at its place, with the exact count, and nothing of a half block follows it.
//! Losses that the reader thread finds itself are in `door_damage`, random ones in `gaps_random`. Source: protocol 10.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::log::Entry;
use harness::recorder::{CAPACITY, Recorder};
use harness::stream::{Setup, Stream};

/// Names of events with their seqnos; a gap as its reason, from and to.
fn rows(entries: &[Entry]) -> Vec<(String, u64, u64)> {
    let row = |entry: &Entry| match entry.is_gap() {
        false => (entry.name(), entry.seqno(), entry.seqno()),
        true => {
            let (reason, dropped, from, to) = entry.gap();
            assert_eq!(dropped, to - from + 1, "{}", entry.text);
            (reason, from, to)
        }
    };
    entries.iter().map(row).collect()
}

fn assert_rows(entries: &[Entry], expected: &[(&str, u64, u64)]) {
    let found = rows(entries);
    let found: Vec<_> = found
        .iter()
        .map(|(name, from, to)| (&name[..], *from, *to))
        .collect();
    assert_eq!(found, expected);
    assert!(
        entries.is_sorted_by(|a, b| a.seq < b.seq),
        "seqs increase strictly"
    );
}

#[test]
fn a_reader_that_was_lapped_says_exactly_how_much_it_lost() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 2);
    let (start, _) = recorder.block_of(2, 2, 2);
    let mut stream = Stream::of(&recorder);
    stream.steps(start as usize);
    // Blocks of 22 events and a QC each, until a lap and a half is behind the reader.
    let mut boundaries = Vec::new();
    for number in 3.. {
        let (start, end) = recorder.block_of(number, number, 10);
        boundaries.extend([start, recorder.qc(number, number)]);
        if end > start_of_lap(CAPACITY) {
            break;
        }
    }
    let entries = stream.read();
    let gap = entries.iter().position(Entry::is_gap).unwrap();
    assert_eq!(
        entries[gap - 1].seqno(),
        start,
        "everything before the loss was delivered"
    );
    let (reason, dropped, from, to) = entries[gap].gap();
    assert_eq!(
        (&reason[..], from, dropped),
        ("ring_overrun", start + 1, to - start)
    );
    assert_eq!(entries[gap].seq, 16 * to);
    assert_eq!(
        entries[gap + 1].seqno(),
        to + 1,
        "the stream goes on behind the gap"
    );
    assert!(
        boundaries.contains(&(to + 1)),
        "at a BlockStart or outside a block"
    );
    let oldest = recorder.last() - CAPACITY + 1;
    let margin = CAPACITY / 64 + 22;
    assert!(
        (oldest..oldest + margin).contains(&(to + 1)),
        "{to} of {oldest}"
    );
    let received = entries.iter().filter(|entry| !entry.is_gap()).count() as u64;
    assert_eq!(received + dropped, recorder.last());
    assert_eq!(stream.lost(), dropped);
    assert!(entries.is_sorted_by(|a, b| a.seq < b.seq));
}

fn start_of_lap(capacity: u64) -> u64 {
    capacity + capacity / 2
}

#[test]
fn expired_payloads_are_a_gap_although_their_descriptors_are_there() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 0);
    let start = recorder.start(2, 2);
    let mut stream = Stream::of(&recorder);
    stream.steps(start as usize);
    // 128 MiB of payload in all: the first logs are gone when the last is written.
    for _ in 0..140 {
        recorder.log(0, 1 << 20);
    }
    recorder.end();
    let next = recorder.qc(2, 2);
    let entries = stream.read();
    let expected = [
        ("BlockStart", 1, 1),
        ("BlockEnd", 2, 2),
        ("BlockStart", 3, 3),
        ("payload_expired", start + 1, next - 1),
        ("BlockQC", next, next),
    ];
    assert_rows(&entries, &expected);
    assert_eq!(stream.lost(), next - 1 - start);
}

#[test]
fn an_event_that_makes_no_sense_costs_the_rest_of_its_block() {
    let long = [0; 9];
    let mut bool_of_2 = [0; 24];
    bool_of_2[0] = 2;
    let cases: [(&str, u16, [u64; 4], &[u8]); 13] = [
        ("type 0", 0, [2, 0, 0, 0], &[]),
        ("type 25, which is ours", 25, [2, 1, 0, 0], &[]),
        ("type 31", 31, [2, 1, 0, 0], &[]),
        (
            "type 32, above the table of blocked ones",
            32,
            [2, 1, 0, 0],
            &[],
        ),
        ("type 65535", u16::MAX, [2, 1, 0, 0], &[]),
        ("a payload too short", 18, [2, 1, 0, 0], &long),
        ("a payload where none is due", 20, [2, 1, 0, 0], &long),
        ("a bool of 2", 17, [2, 1, 0, 0], &bool_of_2),
        ("no transaction", 20, [2, 0, 0, 0], &[]),
        ("transaction 65537", 20, [2, (1 << 16) + 1, 0, 0], &[]),
        ("transaction 2^64-1", 20, [2, u64::MAX, 0, 0], &[]),
        ("a block that is not open", 20, [1, 1, 0, 0], &[]),
        ("a block of the future", 20, [7, 1, 0, 0], &[]),
    ];
    for (what, code, content_ext, payload) in cases {
        let mut recorder = Recorder::new();
        recorder.verified(1);
        recorder.start(2, 2);
        recorder.header(0, 1);
        assert_eq!(recorder.raw(code, content_ext, payload), 4);
        recorder.header(1, 2);
        recorder.end();
        recorder.block_of(3, 3, 0);
        let expected = [
            ("BlockVerified", 1, 1),
            ("BlockStart", 2, 2),
            ("TxnHeaderStart", 3, 3),
            ("undecodable", 4, 6),
            ("BlockStart", 7, 7),
            ("BlockEnd", 8, 8),
        ];
        println!("{what}");
        assert_rows(&Stream::of(&recorder).read(), &expected);
    }
}

#[test]
fn a_block_start_that_makes_no_sense_costs_its_block() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 0);
    recorder.raw(2, [3, 0, 0, 0], &[0; 527]);
    recorder.raw(20, [3, 1, 0, 0], &[]);
    recorder.finalized(1, 1);
    let expected = [
        ("BlockStart", 1, 1),
        ("BlockEnd", 2, 2),
        ("undecodable", 3, 4),
        ("BlockFinalized", 5, 5),
    ];
    assert_rows(&Stream::of(&recorder).read(), &expected);
}

#[test]
fn a_record_error_is_a_loss_whether_it_is_blocked_or_not() {
    for blocked in [&[1u8][..], &[]] {
        let mut recorder = Recorder::new();
        recorder.start(1, 1);
        recorder.header(0, 1);
        recorder.record_error();
        recorder.header(1, 2);
        recorder.end();
        recorder.start(2, 2);
        recorder.record_error();
        recorder.block_of(3, 3, 0);
        recorder.record_error();
        recorder.qc(3, 3);
        let mut expected = vec![
            ("BlockStart", 1, 1),
            ("TxnHeaderStart", 2, 2),
            ("RecordError", 3, 3),
            ("record_error", 3, 5),
            ("BlockStart", 6, 6),
            ("RecordError", 7, 7),
            ("record_error", 7, 7),
            ("BlockStart", 8, 8),
            ("BlockEnd", 9, 9),
            ("RecordError", 10, 10),
            ("record_error", 10, 10),
            ("BlockQC", 11, 11),
        ];
        if blocked == [1] {
            expected.retain(|(name, _, _)| *name != "RecordError");
        }
        let mut stream = Stream::with(
            &recorder,
            Setup {
                blocked,
                ..Default::default()
            },
        );
        let entries = stream.read();
        assert_rows(&entries, &expected);
        for error in entries.iter().filter(|entry| entry.entry_type == 1) {
            assert_eq!(error.seq, 16 * error.seqno(), "it has slot 0");
        }
        assert_eq!(stream.lost(), 5);
    }
}

/// A log whose texts are at most 8 KiB.
fn small(blocked: &[u8]) -> Setup<'_> {
    Setup {
        blocked,
        memory: 1024 * 48 + (1 << 16),
        ..Default::default()
    }
}

#[test]
fn an_event_that_is_too_large_for_the_log_costs_the_rest_of_its_block() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.log(0, 1000);
    recorder.log(0, 1 << 14);
    recorder.log(0, 10);
    recorder.end();
    recorder.block_of(2, 2, 0);
    let expected = [
        ("BlockStart", 1, 1),
        ("TxnLog", 2, 2),
        ("too_large", 3, 5),
        ("BlockStart", 6, 6),
        ("BlockEnd", 7, 7),
    ];
    assert_rows(&Stream::with(&recorder, small(&[])).read(), &expected);
}

#[test]
fn a_blocked_event_has_no_text_that_could_be_too_large() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.log(0, 1 << 14);
    recorder.header(0, 1);
    recorder.end();
    let expected = [
        ("BlockStart", 1, 1),
        ("TxnHeaderStart", 3, 3),
        ("BlockEnd", 4, 4),
    ];
    assert_rows(&Stream::with(&recorder, small(&[18])).read(), &expected);
}
