//! Every event says the stage of its own block id at its own place, and proposals of one number share none.
//! What else stands around a payload is in `hashes`. Source: protocol 4.4.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::events::{hex, id};
use harness::log::Entry;
use harness::recorder::Recorder;
use harness::stream::Stream;
use serde_json::Value;

/// Name and stage of every entry.
fn stages(entries: &[Entry]) -> Vec<(String, String)> {
    entries
        .iter()
        .map(|entry| (entry.name(), entry.stage().unwrap()))
        .collect()
}

fn assert_stages(recorder: &Recorder, expected: &[(&str, &str)]) -> Vec<Entry> {
    let entries = Stream::of(recorder).read();
    let found = stages(&entries);
    let found: Vec<_> = found
        .iter()
        .map(|(name, stage)| (&name[..], &stage[..]))
        .collect();
    assert_eq!(found, expected);
    entries
}

#[test]
fn the_stage_of_an_event_includes_the_event_itself() {
    let mut recorder = Recorder::new();
    recorder.block_of(10, 1, 0);
    recorder.qc(10, 1);
    recorder.finalized(10, 1);
    recorder.verified(10);
    let expected = [
        ("BlockStart", "Proposed"),
        ("BlockEnd", "Proposed"),
        ("BlockQC", "Voted"),
        ("BlockFinalized", "Finalized"),
        ("BlockVerified", "Verified"),
    ];
    let entries = assert_stages(&recorder, &expected);
    let verified = entries[4].json();
    assert_eq!(verified["payload"]["block_id"], hex(&id(1)));
    assert!(
        entries
            .iter()
            .all(|entry| entry.proposal == entries[0].proposal)
    );
}

#[test]
fn proposals_of_one_number_never_borrow_a_stage() {
    let mut recorder = Recorder::new();
    recorder.block_of(10, 1, 1);
    recorder.qc(10, 1);
    recorder.block_of(10, 2, 1);
    recorder.qc(10, 2);
    recorder.finalized(10, 2);
    recorder.block_of(10, 3, 0);
    recorder.verified(10);
    recorder.qc(10, 3);
    let expected = [
        ("BlockStart", "Proposed"),
        ("TxnHeaderStart", "Proposed"),
        ("TxnEnd", "Proposed"),
        ("BlockEnd", "Proposed"),
        ("BlockQC", "Voted"),
        ("BlockStart", "Proposed"),
        ("TxnHeaderStart", "Proposed"),
        ("TxnEnd", "Proposed"),
        ("BlockEnd", "Proposed"),
        ("BlockQC", "Voted"),
        ("BlockFinalized", "Finalized"),
        ("BlockStart", "Proposed"),
        ("BlockEnd", "Proposed"),
        ("BlockVerified", "Verified"),
        ("BlockQC", "Voted"),
    ];
    let entries = assert_stages(&recorder, &expected);
    let ordinal = |at: usize| entries[at].proposal;
    assert_eq!((ordinal(0), ordinal(4)), (1, 1));
    assert_eq!((ordinal(5), ordinal(9), ordinal(10)), (2, 2, 2));
    assert_eq!((ordinal(11), ordinal(14)), (3, 3));
    assert_eq!(
        ordinal(13),
        2,
        "BlockVerified belongs to the finalized id of its number"
    );
    assert_eq!(entries[13].json()["payload"]["block_id"], hex(&id(2)));
}

#[test]
fn a_qc_of_an_unknown_id_is_remembered_for_its_block() {
    let mut recorder = Recorder::new();
    recorder.qc(10, 1);
    recorder.block_of(10, 1, 1);
    recorder.finalized(11, 2);
    recorder.block_of(11, 2, 0);
    let expected = [
        ("BlockQC", "Voted"),
        ("BlockStart", "Voted"),
        ("TxnHeaderStart", "Voted"),
        ("TxnEnd", "Voted"),
        ("BlockEnd", "Voted"),
        ("BlockFinalized", "Finalized"),
        ("BlockStart", "Finalized"),
        ("BlockEnd", "Finalized"),
    ];
    assert_stages(&recorder, &expected);
}

#[test]
fn a_stage_never_goes_back() {
    let mut recorder = Recorder::new();
    recorder.block_of(10, 1, 0);
    for _ in 0..3 {
        recorder.qc(10, 1);
    }
    recorder.finalized(10, 1);
    recorder.qc(10, 1);
    recorder.verified(10);
    recorder.qc(10, 1);
    recorder.finalized(10, 1);
    recorder.verified(10);
    let found = stages(&Stream::of(&recorder).read());
    let found: Vec<_> = found.iter().map(|(_, stage)| &stage[..]).collect();
    let voted = ["Proposed", "Proposed", "Voted", "Voted", "Voted"];
    let final_ones = [
        "Finalized",
        "Finalized",
        "Verified",
        "Verified",
        "Verified",
        "Verified",
    ];
    assert_eq!(found, [&voted[..], &final_ones[..]].concat());
}

#[test]
fn a_rejected_and_a_failed_block_are_rejected_from_that_event_on() {
    let mut recorder = Recorder::new();
    recorder.start(10, 1);
    recorder.reject();
    recorder.start(10, 2);
    recorder.header(0, 5);
    recorder.evm_error(Some(0));
    recorder.evm_error(None);
    recorder.qc(10, 1);
    recorder.qc(10, 2);
    recorder.block_of(10, 3, 0);
    let expected = [
        ("BlockStart", "Proposed"),
        ("BlockReject", "Rejected"),
        ("BlockStart", "Proposed"),
        ("TxnHeaderStart", "Proposed"),
        ("EvmError", "Proposed"),
        ("EvmError", "Rejected"),
        ("BlockQC", "Rejected"),
        ("BlockQC", "Rejected"),
        ("BlockStart", "Proposed"),
        ("BlockEnd", "Proposed"),
    ];
    let entries = assert_stages(&recorder, &expected);
    assert_eq!(entries[4].json()["txn_idx"], 0);
    assert_eq!(entries[5].json()["txn_idx"], Value::Null);
}

#[test]
fn a_verified_number_without_a_finalized_id_names_no_id() {
    let mut recorder = Recorder::new();
    recorder.block_of(10, 1, 0);
    recorder.qc(10, 1);
    recorder.verified(10);
    let entries = Stream::of(&recorder).read();
    let verified = entries[3].json();
    assert_eq!(verified["block_number"], 10);
    assert_eq!(verified["commit_stage"], "Verified");
    assert_eq!(verified["payload"].get("block_id"), None);
    assert_eq!(
        entries[3].proposal, 0,
        "it is not known which proposal was verified"
    );
}

#[test]
fn a_loss_does_not_forget_stages_and_a_new_ring_does() {
    let mut recorder = Recorder::new();
    recorder.finalized(10, 1);
    recorder.record_error();
    recorder.block_of(10, 1, 0);
    let mut stream = Stream::of(&recorder);
    let entries = stream.read();
    assert_eq!(entries[3].name(), "BlockStart");
    assert_eq!(entries[3].stage().unwrap(), "Finalized");
    stream.pipeline.begin_ring(0);
    stream.reader.seek(3);
    let entries = stream.read();
    assert_eq!(entries[0].name(), "BlockStart");
    assert_eq!(entries[0].stage().unwrap(), "Proposed");
}
