//! Lifecycle messages case by case: literal texts, blocks that are executed twice, heard of early, cut by a loss.
//! More messages than an event has slots are in `lifecycle_slots`, whole chains in `lifecycle_chains`. Source: protocol 8.4, 3.3, 10.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::sync::atomic::Ordering::Relaxed;

use harness::events::{block_start, hex, id};
use harness::log::{Entry, LIFECYCLE};
use harness::recorder::Recorder;
use harness::stream::Stream;
use monad_exec_events::ExecEventRef as E;
use monad_exec_events::ffi::monad_exec_block_end;
use ringcast_sidecar::gap::GapReason;

fn messages(entries: Vec<Entry>) -> Vec<Entry> {
    entries
        .into_iter()
        .filter(|entry| entry.entry_type == LIFECYCLE)
        .collect()
}

/// Seqno of the cause, block id (by its number) and stage of every message.
fn steps(entries: Vec<Entry>) -> Vec<(u64, u64, String)> {
    let step = |entry: Entry| {
        let json = entry.json();
        let message = &json["Lifecycle"];
        let block = (1..100)
            .find(|n| message["block_hash"] == hex(&id(*n)))
            .unwrap();
        (
            entry.seq / 16,
            block,
            message["to_stage"].as_str().unwrap().to_owned(),
        )
    };
    messages(entries).into_iter().map(step).collect()
}

fn assert_steps(recorder: &Recorder, expected: &[(u64, u64, &str)]) {
    let found = steps(Stream::of(recorder).read_all());
    let found: Vec<_> = found
        .iter()
        .map(|(seqno, block, stage)| (*seqno, *block, &stage[..]))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_message_has_its_keys_in_their_order_and_times_of_the_events() {
    let mut recorder = Recorder::new();
    let mut start = block_start(10, 1);
    start.eth_block_input.txn_count = 150;
    let mut end = monad_exec_block_end::default();
    end.exec_output.gas_used = 1 << 40;
    recorder.put(E::BlockStart(&start));
    recorder.put(E::BlockEnd(&end));
    recorder.qc(10, 1);
    recorder.finalized(10, 1);
    let id = hex(&id(1));
    // One event per 1,000,003 ns.
    let expected = [
        format!(
            r#"{{"seq":21,"Lifecycle":{{"block_hash":"{id}","block_number":10,"to_stage":"Proposed","block_age_ms":0,"txn_count":150}}}}"#
        ),
        format!(
            r#"{{"seq":53,"Lifecycle":{{"block_hash":"{id}","block_number":10,"from_stage":"Proposed","to_stage":"Voted","time_in_previous_stage_ms":2,"block_age_ms":2,"txn_count":150,"gas_used":1099511627776}}}}"#
        ),
        format!(
            r#"{{"seq":69,"Lifecycle":{{"block_hash":"{id}","block_number":10,"from_stage":"Voted","to_stage":"Finalized","time_in_previous_stage_ms":1,"block_age_ms":3,"txn_count":150,"gas_used":1099511627776}}}}"#
        ),
    ];
    let found = messages(Stream::of(&recorder).read_all());
    assert_eq!(
        found
            .iter()
            .map(|entry| &entry.text[..])
            .collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn times_have_at_most_three_decimals_and_are_never_negative() {
    let recorder = Recorder::new();
    let mut payload = Vec::new();
    let second = 1_000_000_000u64;
    let mut record = |event: E<'_>, time_ns: u64, block: u64| {
        event.encode_payload(&mut payload);
        let code = event.event_type().code();
        recorder
            .writer
            .record(code, [block, 0, 0, 0], Some(time_ns), &[&payload])
            .unwrap();
    };
    record(E::BlockStart(&block_start(10, 1)), second, 1);
    record(E::BlockEnd(&monad_exec_block_end::default()), second, 1);
    let qc = monad_exec_events::ffi::monad_exec_block_qc {
        block_tag: harness::events::tag(10, 1),
        round: 1,
        epoch: 1,
    };
    record(E::BlockQC(&qc), second + 412_500_499, 0);
    record(
        E::BlockFinalized(&harness::events::tag(10, 1)),
        second - 5,
        0,
    );
    let found = messages(Stream::of(&recorder).read_all());
    assert!(
        found[1]
            .text
            .contains(r#""time_in_previous_stage_ms":412.5,"block_age_ms":412.5,"#),
        "{}",
        found[1].text
    );
    assert!(
        found[2]
            .text
            .contains(r#""time_in_previous_stage_ms":0,"block_age_ms":0,"#),
        "{}",
        found[2].text
    );
}

#[test]
fn an_id_that_was_heard_of_before_its_block_is_proposed_and_then_what_was_heard() {
    let mut recorder = Recorder::new();
    recorder.qc(10, 1); // 1
    recorder.finalized(11, 2); // 2
    recorder.block_of(10, 1, 0); // 3, 4
    recorder.block_of(11, 2, 0); // 5, 6
    recorder.block_of(11, 3, 0); // 7, 8
    assert_steps(
        &recorder,
        &[
            (3, 1, "Proposed"),
            (3, 1, "Voted"),
            (3, 1, "Abandoned"),
            (5, 2, "Proposed"),
            (5, 2, "Finalized"),
            (7, 3, "Proposed"),
            (7, 3, "Abandoned"),
        ],
    );
}

#[test]
fn an_id_that_is_executed_again_is_proposed_again_only_if_it_was_rejected() {
    let mut recorder = Recorder::new();
    recorder.block_of(10, 1, 0); // 1, 2
    recorder.block_of(10, 1, 0); // 3, 4
    recorder.start(10, 2);
    recorder.reject(); // 6
    recorder.qc(10, 2); // 7
    recorder.block_of(10, 2, 0); // 8, 9
    recorder.finalized(10, 2); // 10
    recorder.block_of(10, 1, 0); // 11, 12
    let expected = [
        (1, 1, "Proposed"),
        (5, 2, "Proposed"),
        (6, 2, "Rejected"),
        (8, 2, "Proposed"),
        (10, 2, "Finalized"),
        (10, 1, "Abandoned"),
    ];
    assert_steps(&recorder, &expected);
    let entries = Stream::of(&recorder).read();
    let proposal = |seqno: usize| entries[seqno - 1].proposal;
    assert_eq!((proposal(1), proposal(3)), (1, 1));
    assert_eq!(
        (proposal(5), proposal(8), proposal(10)),
        (2, 3, 3),
        "what was rejected stays apart"
    );
    assert_eq!(entries[7].stage().unwrap(), "Proposed");
}

#[test]
fn a_block_whose_end_was_lost_says_nothing_more_and_begins_anew_if_it_is_executed_again() {
    let mut recorder = Recorder::new();
    recorder.start(10, 1); // 1
    recorder.record_error(); // 2
    recorder.end();
    recorder.qc(10, 1); // 4
    recorder.finalized(10, 1); // 5
    recorder.block_of(10, 1, 0); // 6, 7
    recorder.verified(10); // 8
    let expected = [
        (1, 1, "Proposed"),
        (6, 1, "Proposed"),
        (6, 1, "Finalized"),
        (8, 1, "Verified"),
    ];
    assert_steps(&recorder, &expected);
    let entries = Stream::of(&recorder).read();
    let stages: Vec<_> = entries
        .iter()
        .filter(|entry| !entry.is_gap())
        .map(|entry| entry.stage().unwrap())
        .collect();
    assert_eq!(
        stages[2..4],
        ["Voted", "Finalized"],
        "commit_stage goes on by id"
    );
}

#[test]
fn a_loss_that_may_have_finalized_a_block_leaves_open_whether_it_was_abandoned() {
    let mut recorder = Recorder::new();
    recorder.block_of(10, 1, 0); // 1, 2
    recorder.block_of(11, 2, 0); // 3, 4
    recorder.block_of(11, 3, 0); // 5, 6
    recorder.finalized(10, 1); // 7, lost
    recorder.finalized(11, 3); // 8
    let mut stream = Stream::of(&recorder);
    stream.steps(6);
    stream.skip(GapReason::RingOverrun);
    let found = steps(stream.read_all());
    let told: Vec<_> = found[3..]
        .iter()
        .map(|(seqno, block, stage)| (*seqno, *block, &stage[..]))
        .collect();
    assert_eq!(
        told,
        [(8, 3, "Finalized"), (8, 2, "Abandoned")],
        "block 1 may be final"
    );
}

#[test]
fn another_ring_begins_without_lives() {
    let mut recorder = Recorder::new();
    recorder.block_of(10, 1, 0);
    recorder.finalized(10, 2);
    let mut stream = Stream::of(&recorder);
    assert_eq!(steps(stream.read_all()).len(), 2);
    stream.pipeline.begin_ring(0);
    stream.reader.seek(3);
    assert_eq!(steps(stream.read_all()), []);
    assert_eq!(stream.status.gaps.load(Relaxed), 0);
}
