//! NativeTransfer follows from the call frames: which frames move value, and where the derived entry stands.
//! `fields_state` has its text, `transfers_random` random trees. Source: protocol 3.3, 5.1, 6.4.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::events::*;
use harness::log::TRANSFER;
use harness::recorder::Recorder;
use harness::stream::{Setup, Stream};
use harness::transfers::{OK, REVERT, Row, frame, transfers};

const OUT_OF_GAS: i32 = 3;
const RESERVE: i32 = 18;

/// Records one transaction of these frames and asserts which of them are transfers.
fn assert_tree(what: &str, is_success: bool, rows: &[Row]) {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.output(4, is_success);
    let expected: Vec<u64> = rows
        .iter()
        .filter_map(|row| {
            let seqno = recorder.frame(4, frame(*row));
            row.4.then_some(seqno)
        })
        .collect();
    assert_eq!(transfers(&Stream::of(&recorder).read()), expected, "{what}");
}

#[test]
fn opcodes_and_values_decide_alone_in_a_tree_that_succeeded() {
    for (opcode, moves) in [
        (CALL, true),
        (CREATE, true),
        (CREATE2, true),
        (SELFDESTRUCT, true),
        (CALLCODE, false),
        (DELEGATECALL, false),
        (STATICCALL, false),
        (0x00, false),
        (0xf3, false),
    ] {
        let rows = [
            (0, CALL, 0, OK, false),
            (1, opcode, 5, OK, moves),
            (1, opcode, 0, OK, false),
        ];
        assert_tree(&format!("opcode {opcode:#x}"), true, &rows);
        assert_tree(
            &format!("opcode {opcode:#x} on top"),
            true,
            &[(0, opcode, 5, OK, moves)],
        );
    }
}

#[test]
fn a_delegatecall_passes_on_success_but_moves_nothing_itself() {
    let rows = [
        (0, CALL, 1, OK, true),
        (1, DELEGATECALL, 9, OK, false),
        (2, CALL, 3, OK, true),
        (1, CALLCODE, 9, OK, false),
        (2, SELFDESTRUCT, 4, OK, true),
    ];
    assert_tree("below a delegatecall", true, &rows);
}

#[test]
fn a_failed_frame_takes_its_subtree_with_it_and_nothing_else() {
    let rows = [
        (0, CALL, 1, OK, true),
        (1, CALL, 2, REVERT, false),
        (2, CALL, 3, OK, false),
        (3, CREATE2, 4, OK, false),
        (2, SELFDESTRUCT, 5, OK, false),
        (1, CALL, 6, OK, true),
        (2, CREATE, 7, OUT_OF_GAS, false),
        (3, CALL, 8, OK, false),
        (2, CALL, 9, OK, true),
        (1, CALL, 10, RESERVE, false),
        (1, SELFDESTRUCT, 11, OK, true),
    ];
    assert_tree("siblings after failed subtrees", true, &rows);
}

#[test]
fn failures_inside_failures_end_with_the_outermost() {
    let rows = [
        (0, CALL, 0, OK, false),
        (1, CALL, 1, REVERT, false),
        (2, CALL, 1, REVERT, false),
        (3, CALL, 1, OK, false),
        (2, CALL, 1, OK, false),
        (3, CALL, 1, REVERT, false),
        (2, CALL, 1, OK, false),
        (1, CALL, 1, OK, true),
    ];
    assert_tree("nested failures", true, &rows);
}

#[test]
fn nothing_moves_in_a_transaction_that_failed() {
    let rows = [
        (0, CALL, 1, REVERT, false),
        (1, CALL, 1, OK, false),
        (2, CREATE, 1, OK, false),
    ];
    assert_tree("a failed top frame", false, &rows);
    let rows = [(0, CALL, 1, OK, false), (1, CALL, 1, OK, false)];
    assert_tree("a failed receipt over frames that succeeded", false, &rows);
    let rows = [(0, CALL, 1, -1, false), (1, CALL, 1, OK, false)];
    assert_tree(
        "a negative status under a receipt that succeeded",
        true,
        &rows,
    );
}

#[test]
fn nothing_moves_before_the_receipt_is_known() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.frame(0, Frame::new(0, CALL, 1, OK));
    recorder.output(0, true);
    let known = recorder.frame(0, Frame::new(1, CALL, 1, OK));
    assert_eq!(transfers(&Stream::of(&recorder).read()), [known]);
}

#[test]
fn a_receipt_does_not_reach_into_the_next_block() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.output(0, true);
    recorder.end();
    recorder.start(2, 2);
    recorder.frame(0, Frame::new(0, CALL, 1, OK));
    assert_eq!(transfers(&Stream::of(&recorder).read()), [0u64; 0]);
}

#[test]
fn a_receipt_ends_with_its_block() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.output(0, true);
    recorder.end();
    recorder.frame(0, Frame::new(0, CALL, 1, OK));
    assert_eq!(transfers(&Stream::of(&recorder).read()), [0u64; 0]);
}

#[test]
fn transactions_do_not_mix() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.output(0, true);
    recorder.output(1, false);
    recorder.output(2, true);
    let frame = |depth, status| Frame::new(depth, CALL, 1, status);
    recorder.frame(0, frame(0, REVERT));
    let two = recorder.frame(2, frame(0, OK));
    recorder.frame(1, frame(0, OK));
    recorder.frame(0, frame(1, OK));
    let deep = recorder.frame(2, frame(1, OK));
    recorder.frame(1, frame(1, REVERT));
    recorder.frame(2, frame(1, REVERT));
    recorder.frame(0, frame(2, OK));
    recorder.frame(2, frame(2, OK));
    assert_eq!(transfers(&Stream::of(&recorder).read()), [two, deep]);
}

#[test]
fn blocked_types_do_not_hide_each_other() {
    let mut recorder = Recorder::new();
    recorder.start(1, 1);
    recorder.output(0, true);
    let seqno = recorder.frame(0, Frame::new(0, CALL, 1, OK));
    let seqs = |blocked: &[u8]| -> Vec<(u8, u64)> {
        let setup = Setup {
            blocked,
            ..Default::default()
        };
        let entries = Stream::with(&recorder, setup).read();
        entries
            .iter()
            .skip(2)
            .map(|entry| (entry.entry_type, entry.seq))
            .collect()
    };
    assert_eq!(seqs(&[]), [(19, 16 * seqno), (TRANSFER, 16 * seqno + 1)]);
    assert_eq!(seqs(&[TRANSFER]), [(19, 16 * seqno)]);
    assert_eq!(seqs(&[19]), [(TRANSFER, 16 * seqno + 1)]);
    assert_eq!(seqs(&[19, TRANSFER]), []);
}
