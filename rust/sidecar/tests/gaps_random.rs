//! Random chains with random losses: what is delivered and what the gaps say together are the whole ring, and nothing
//! of a half block follows a gap. Single kinds of losses are in `gaps`. Source: protocol 3.3, 3.4, 10.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::collections::HashSet;

use harness::events::{CALL, Frame};
use harness::log::{Entry, TRANSFER};
use harness::recorder::Recorder;
use harness::seed::seeded;
use harness::stream::{Setup, Stream};
use monad_exec_events::ExecEventRef as E;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use ringcast_sidecar::gap::GapReason;

/// What a random chain records.
#[derive(Clone, Copy, Debug)]
enum Step {
    Start,
    Txn(usize),
    Frame(usize),
    End,
    Reject,
    Consensus,
    RecordError,
    Garbage,
    GarbageStart,
}

/// Where an event stands, for the model.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Boundary,
    Inside,
}

struct Chain {
    recorder: Recorder,
    /// By seqno - 1.
    places: Vec<Place>,
    lost: HashSet<u64>,
    errors: HashSet<u64>,
}

fn write(steps: &[Step]) -> Chain {
    let recorder = Recorder::new();
    let mut chain = Chain {
        recorder,
        places: vec![],
        lost: HashSet::new(),
        errors: HashSet::new(),
    };
    let mut number = 0;
    chain.recorder.verified(0);
    chain.places.push(Place::Boundary);
    for step in steps {
        let recorder = &mut chain.recorder;
        let block = recorder.block();
        let (mut place, mut is_lost) = (Place::Inside, false);
        match (*step, block) {
            (Step::Start, _) => {
                number += 1;
                recorder.start(number, number);
                place = Place::Boundary;
            }
            (Step::RecordError, _) => {
                let seqno = recorder.record_error();
                chain.errors.insert(seqno);
                is_lost = true;
                if block == 0 {
                    place = Place::Boundary;
                }
            }
            (Step::GarbageStart, 0) => {
                let seqno = recorder.writer.next_seqno();
                recorder.raw(2, [seqno, 0, 0, 0], &[1, 2, 3]);
                (place, is_lost) = (Place::Boundary, true);
            }
            (Step::Consensus, 0) => {
                recorder.qc(number, number);
                place = Place::Boundary;
            }
            (_, 0) => {
                recorder.finalized(number, number);
                place = Place::Boundary;
            }
            (Step::Txn(txn_index), _) => drop(recorder.output(txn_index, true)),
            (Step::Frame(txn), _) => drop(recorder.frame(txn, Frame::new(0, CALL, 1, 0))),
            (Step::End, _) => drop(recorder.end()),
            (Step::Reject, _) => drop(recorder.reject()),
            (Step::Garbage | Step::GarbageStart, _) => {
                recorder.raw(18, [block, 1, 0, 0], &[9; 31]);
                is_lost = true;
            }
            (Step::Consensus, _) => drop(recorder.put_of(0, E::TxnEnd)),
        }
        chain.places.push(place);
        if is_lost {
            chain.lost.insert(chain.places.len() as u64);
        }
    }
    if chain.recorder.block() != 0 {
        chain.recorder.end();
        chain.places.push(Place::Inside);
    }
    chain.recorder.verified(0);
    chain.places.push(Place::Boundary);
    chain
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Start),
        4 => (0..4usize).prop_map(Step::Txn),
        4 => (0..4usize).prop_map(Step::Frame),
        3 => Just(Step::End),
        1 => Just(Step::Reject),
        3 => Just(Step::Consensus),
        1 => Just(Step::RecordError),
        1 => Just(Step::Garbage),
        1 => Just(Step::GarbageStart),
    ]
}

/// Asserts everything that 10.2 promises and returns how much was dropped.
fn check(chain: &Chain, entries: &[Entry], is_error_blocked: bool) -> u64 {
    assert!(
        entries.is_sorted_by(|a, b| a.seq < b.seq),
        "3.4: seqs increase strictly"
    );
    let place = |seqno: u64| chain.places[seqno as usize - 1];
    // The first seqno that no entry has spoken of, and whether the last word was a gap.
    let (mut next, mut is_behind_gap, mut dropped) = (1, false, 0);
    for entry in entries {
        if entry.is_gap() {
            let (_, count, from, to) = entry.gap();
            assert_eq!((from, count), (next, to + 1 - from), "{}", entry.text);
            assert!(
                to >= from && (16 * to..16 * to + 16).contains(&entry.seq),
                "{}",
                entry.text
            );
            assert!(chain.lost.contains(&from), "nothing was lost at {from}");
            for seqno in from..=to {
                let skipped = place(seqno) == Place::Inside || chain.lost.contains(&seqno);
                assert!(
                    skipped,
                    "the stream could have gone on at {seqno}: {}",
                    entry.text
                );
            }
            (next, is_behind_gap, dropped) = (to + 1, true, dropped + count);
            continue;
        }
        let seqno = entry.seqno();
        if entry.entry_type == TRANSFER {
            assert_eq!((seqno + 1, entry.seq), (next, 16 * seqno + 1));
            continue;
        }
        assert_eq!(
            (seqno, entry.seq),
            (next, 16 * seqno),
            "nothing is skipped in silence"
        );
        assert!(
            !is_behind_gap || place(seqno) == Place::Boundary,
            "half a block: {}",
            entry.text
        );
        if chain.errors.contains(&seqno) {
            // It is delivered, and its place is where the gap begins.
            assert!(!is_error_blocked);
            continue;
        }
        assert!(
            !chain.lost.contains(&seqno),
            "a lost event was delivered: {}",
            entry.text
        );
        (next, is_behind_gap) = (seqno + 1, false);
    }
    assert_eq!(
        next,
        chain.places.len() as u64 + 1,
        "everything up to the end is told"
    );
    dropped
}

#[test]
fn what_is_delivered_and_what_is_said_to_be_lost_are_the_whole_ring() {
    let losses = prop::collection::vec((1..400u64, 1..6u64), 0..8);
    let strategy = (
        prop::collection::vec(any_step(), 1..400),
        losses,
        any::<bool>(),
    );
    let (all_dropped, all_received) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let result = TestRunner::new(seeded(120)).run(&strategy, |(steps, losses, is_blocked)| {
        let mut chain = write(&steps);
        let last = chain.recorder.last();
        assert_eq!(last, chain.places.len() as u64);
        // Garbage and record errors are taken and lost by themselves. The first event and the last are left, so that
        // every gap has an end.
        let ranges = losses
            .iter()
            .flat_map(|(from, count)| from + 1..from + 1 + count);
        let passed_over: HashSet<u64> = ranges
            .filter(|seqno| *seqno < last && !chain.lost.contains(seqno))
            .collect();
        chain.lost.extend(&passed_over);
        let blocked: &[u8] = if is_blocked { &[1] } else { &[] };
        let mut stream = Stream::with(
            &chain.recorder,
            Setup {
                blocked,
                ..Default::default()
            },
        );
        while stream.reader.position() <= last {
            let seqno = stream.reader.position();
            let reason = match seqno.is_multiple_of(3) {
                true => GapReason::RingOverrun,
                false => GapReason::PayloadExpired,
            };
            match passed_over.contains(&seqno) {
                true => stream.skip(reason),
                false => assert!(stream.step()),
            }
        }
        stream.keep();
        let entries = stream.entries();
        let dropped = check(&chain, &entries, is_blocked);
        let received = entries
            .iter()
            .filter(|entry| ![1, TRANSFER].contains(&entry.entry_type) && !entry.is_gap())
            .count() as u64;
        prop_assert_eq!(
            received + dropped,
            last,
            "received and dropped are all that was written"
        );
        prop_assert_eq!(stream.lost(), dropped);
        all_dropped.set(all_dropped.get() + dropped);
        all_received.set(all_received.get() + received);
        Ok(())
    });
    result.unwrap();
    let (dropped, received) = (all_dropped.get(), all_received.get());
    assert!(
        dropped > 500 && received > 500,
        "{dropped} dropped and {received} received test little"
    );
}
