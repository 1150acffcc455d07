//! More Lifecycle messages than an event has slots for: none is lost, and all keep their order. Source: protocol 3.3, 8.4.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::log::{Entry, LIFECYCLE};
use harness::recorder::Recorder;
use harness::stream::Stream;

fn messages(entries: Vec<Entry>) -> Vec<Entry> {
    entries
        .into_iter()
        .filter(|entry| entry.entry_type == LIFECYCLE)
        .collect()
}

#[test]
fn messages_beyond_an_events_slots_follow_with_the_next_events() {
    let mut recorder = Recorder::new();
    for block in 1..=25 {
        recorder.block_of(10 + block / 20, block, 0);
    }
    let winner = recorder.finalized(11, 25);
    recorder.start(12, 26);
    recorder.header(0, 1);
    let mut stream = Stream::of(&recorder);
    let found = messages(stream.read_all());
    let told: Vec<_> = found[25..]
        .iter()
        .map(|entry| {
            (
                entry.seq / 16,
                entry.seq % 16,
                entry.json()["Lifecycle"]["to_stage"].clone(),
            )
        })
        .collect();
    assert_eq!(told.len(), 1 + 24 + 1);
    let slots: Vec<_> = told.iter().map(|row| (row.0 - winner, row.1)).collect();
    let expected = [(0, 10), (1, 10), (2, 6)]
        .into_iter()
        .flat_map(|(event, count)| (5..5 + count).map(move |slot| (event, slot)));
    assert_eq!(slots, expected.collect::<Vec<_>>());
    assert_eq!(
        (told[0].2.as_str(), told[25].2.as_str()),
        (Some("Finalized"), Some("Proposed"))
    );
    assert!(told[1..25].iter().all(|row| row.2 == "Abandoned"));
    let blocks: Vec<_> = found[26..50]
        .iter()
        .map(|entry| (entry.block_number, entry.proposal))
        .collect();
    assert!(
        blocks.is_sorted(),
        "by number, then as they were seen first: {blocks:?}"
    );
    assert!(
        found[25..50]
            .iter()
            .all(|entry| entry.recorded_us == found[25].recorded_us),
        "the time of the cause"
    );
}

#[test]
fn messages_that_a_recordings_last_event_has_no_slots_for_are_told_at_its_end() {
    let mut recorder = Recorder::new();
    for block in 1..=25 {
        recorder.block_of(10, block, 0);
    }
    let last = recorder.finalized(10, 25);
    let mut stream = Stream::of(&recorder);
    let before = messages(stream.read_all()).len();
    stream.pipeline.end_recording(last).unwrap();
    stream.keep();
    let rest = messages(stream.all_entries());
    assert_eq!((before, rest.len()), (35, 15));
    assert_eq!(
        rest.iter().map(|entry| entry.seq / 16 - last).max(),
        Some(2)
    );
}
