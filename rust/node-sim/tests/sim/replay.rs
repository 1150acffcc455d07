//! Replays of a real recording: the same payloads, new seqnos, and laps that do not repeat block ids or numbers.

use std::{collections::HashSet, path::Path, sync::LazyLock};

use monad_event_ring::{
    ContentType,
    writer::{EventRingWriter, WriterConfig},
};
use monad_exec_events::{
    ExecEventRef, ExecEventType,
    ffi::{EXEC_SCHEMA_HASH, monad_exec_block_end, monad_exec_block_start, monad_exec_block_tag},
};
use node_sim::{LiveRing, Pace, Recording, ReplayOptions, SimError, Stop, replay};

use crate::recorded::{Recorded, fixture, open, read_all};

const FIXTURE: &str = "emn-1b-15m.snapshot.zst";

static ORIGINAL: LazyLock<Vec<Recorded>> = LazyLock::new(|| read_all(&open(&fixture(FIXTURE))));

fn replayed(file: &Path, laps: u64, pace: Pace) -> Vec<Recorded> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let mut recording = Recording::open(file).unwrap();
    let mut ring = LiveRing::create(&path, 18, 27).unwrap();
    let options = ReplayOptions {
        pace,
        laps: Some(laps),
    };
    let count = replay(&mut recording, &options, &mut ring, &Stop::default()).unwrap();
    let events = read_all(&open(&path));
    assert_eq!(count, events.len() as u64);
    events
}

/// Block tags of START, QC and FINALIZED, in order.
fn tags(events: &[Recorded]) -> Vec<monad_exec_block_tag> {
    let tag = |one: &Recorded| match one.event() {
        ExecEventRef::BlockStart(start) => {
            assert_eq!(start.eth_block_input.number, start.block_tag.block_number);
            Some(start.block_tag)
        }
        ExecEventRef::BlockQC(qc) => Some(qc.block_tag),
        ExecEventRef::BlockFinalized(tag) => Some(*tag),
        _ => None,
    };
    events.iter().filter_map(tag).collect()
}

#[test]
fn one_lap_repeats_every_payload() {
    let events = replayed(&fixture(FIXTURE), 1, Pace::Max);
    assert_eq!(events.len(), 6597);
    for (one, original) in events.iter().zip(ORIGINAL.iter()) {
        let (new, old) = (one.descriptor, original.descriptor);
        assert_eq!(new.event_type, old.event_type);
        assert_eq!(
            new.content_ext, old.content_ext,
            "the first block starts at seqno 1"
        );
        assert!(one.payload() == original.payload(), "event {}", new.seqno);
        assert!(new.record_epoch_nanos > old.record_epoch_nanos);
    }
}

#[test]
fn laps_continue_each_other() {
    let events = replayed(&fixture(FIXTURE), 3, Pace::Max);
    let lap = ORIGINAL.len();
    assert_eq!(events.len(), 3 * lap);
    let original_tags = tags(&ORIGINAL);
    let mut ids = HashSet::new();
    for (number, events) in events.chunks(lap).enumerate() {
        let block_seqno = (number * lap + 1) as u64;
        for (one, original) in events.iter().zip(ORIGINAL.iter()) {
            let (new, old) = (one.descriptor.content_ext, original.descriptor.content_ext);
            assert_eq!(new[0], if old[0] == 0 { 0 } else { block_seqno });
            assert_eq!(new[1..], old[1..]);
        }
        let tags = tags(events);
        assert_eq!(tags.len(), original_tags.len());
        for (tag, original) in tags.iter().zip(&original_tags) {
            assert_eq!(tag.block_number, original.block_number + number as u64);
            assert_eq!(tag.id, tags[0].id, "one block, one id");
        }
        assert!(ids.insert(tags[0].id), "lap {number} repeats an id");
    }
}

#[test]
fn a_factor_stretches_the_recorded_times() {
    let nanos = |events: &[Recorded]| {
        let time = |one: &Recorded| one.descriptor.record_epoch_nanos;
        events.iter().map(time).max().unwrap() - time(&events[0])
    };
    let recorded = nanos(&ORIGINAL);
    // Slow enough that half a second passes, whatever the machine took when it was recorded.
    let factor = recorded as f64 / 500_000_000.0;
    let played = nanos(&replayed(&fixture(FIXTURE), 1, Pace::Recorded(factor)));
    println!("recorded in {recorded} ns, played in {played} ns");
    assert!(played >= 490_000_000, "played in {played} ns");
}

#[test]
fn a_burst_waits_for_its_time_and_not_within() {
    let events = ORIGINAL.len() as u64;
    let played = replayed(&fixture(FIXTURE), 2, Pace::Bursts(events * 2));
    let starts: Vec<usize> = (0..played.len())
        .filter(|index| played[*index].event().event_type() == ExecEventType::BlockStart)
        .collect();
    let time = |index: usize| played[index].descriptor.record_epoch_nanos;
    assert!(time(starts[1]) - time(starts[0]) >= 490_000_000);
    let within = time(starts[1] - 1) - time(starts[0]);
    let between = time(starts[1]) - time(starts[1] - 1);
    println!("{within} ns within a block, {between} ns before the next one");
    // Evenly, the time between would be a few microseconds.
    assert!(between > 10_000_000);
}

#[test]
fn a_stop_ends_a_replay_without_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let mut recording = Recording::open(&fixture(FIXTURE)).unwrap();
    let mut ring = LiveRing::create(&path, 18, 27).unwrap();
    let reader = open(&path);
    let stop = Stop::default();
    let options = ReplayOptions {
        pace: Pace::Rate(10_000),
        laps: None,
    };
    let requester = {
        let (reader, stop) = (reader.clone(), stop.clone());
        std::thread::spawn(move || {
            while reader.last_seqno() < 100 {
                std::thread::yield_now();
            }
            stop.request();
        })
    };
    let count = replay(&mut recording, &options, &mut ring, &stop).unwrap();
    requester.join().unwrap();
    // The block that was open is there to its end; what would come after it is not.
    let end = ORIGINAL
        .iter()
        .position(|one| matches!(one.event(), ExecEventRef::BlockEnd(_)))
        .unwrap();
    assert_eq!(count, end as u64 + 1);
    assert_eq!(reader.last_seqno(), count);
}

/// Writes a recording: the events with their block's seqno, in the order given.
fn record(path: &Path, events: &[(ExecEventRef<'_>, u64)]) {
    let config = WriterConfig {
        descriptor_shift: 16,
        payload_shift: 27,
        content_type: ContentType::Exec,
        schema_hash: EXEC_SCHEMA_HASH,
        note: None,
    };
    let writer = EventRingWriter::create(path, &config).unwrap();
    let mut payload = Vec::new();
    for (event, block_seqno) in events {
        event.encode_payload(&mut payload);
        let flow = event.flow(*block_seqno);
        let code = event.event_type().code();
        writer.record(code, flow.into(), None, &[&payload]).unwrap();
    }
    writer.abandon();
}

#[test]
fn a_block_that_began_before_the_recording_is_left_out() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("recording");
    let end = monad_exec_block_end::default();
    record(
        &file,
        &[
            (ExecEventRef::BlockPerfEvmExit, 1),
            (ExecEventRef::BlockEnd(&end), 1),
            (
                ExecEventRef::BlockFinalized(&monad_exec_block_tag::default()),
                0,
            ),
            (
                ExecEventRef::BlockStart(&monad_exec_block_start::default()),
                4,
            ),
            (ExecEventRef::BlockPerfEvmEnter, 4),
            (ExecEventRef::BlockEnd(&end), 4),
        ],
    );
    let events = replayed(&file, 2, Pace::Max);
    let lap = [
        (ExecEventType::BlockFinalized, 0),
        (ExecEventType::BlockStart, 2),
        (ExecEventType::BlockPerfEvmEnter, 2),
        (ExecEventType::BlockEnd, 2),
    ];
    let second =
        lap.map(|(event_type, seqno)| (event_type, if seqno == 0 { 0 } else { seqno + 4 }));
    let found: Vec<_> = events
        .iter()
        .map(|one| (one.event().event_type(), one.descriptor.content_ext[0]))
        .collect();
    assert_eq!(found, [lap, second].concat());
}

#[test]
fn a_recording_without_a_block_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("recording");
    let tag = monad_exec_block_tag::default();
    record(&file, &[(ExecEventRef::BlockFinalized(&tag), 0)]);
    let refused = Recording::open(&file).err().unwrap();
    assert!(matches!(refused, SimError::NoBlock { .. }), "{refused}");
}
