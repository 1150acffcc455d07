//! Random trees of calls, interleaved, against the definition of a transfer told as a recursion.
//! Chosen trees are in `transfers`. Source: protocol 5.1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::events::*;
use harness::recorder::Recorder;
use harness::seed::seeded;
use harness::stream::Stream;
use harness::transfers::{OK, REVERT, Row, frame, transfers};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// A call and the calls it makes.
#[derive(Clone, Debug)]
struct Call {
    opcode: u8,
    value: u64,
    status: i32,
    calls: Vec<Call>,
}

fn any_call() -> impl Strategy<Value = Call> {
    let opcodes = vec![
        CALL,
        CALLCODE,
        DELEGATECALL,
        STATICCALL,
        CREATE,
        CREATE2,
        SELFDESTRUCT,
    ];
    let opcode = prop_oneof![3 => Just(CALL), 2 => prop::sample::select(opcodes)];
    let status = prop_oneof![5 => Just(OK), 2 => prop::sample::select(vec![REVERT, 1, -2])];
    let leaf = (opcode, 0..3u64, status).prop_map(|(opcode, value, status)| Call {
        opcode,
        value,
        status,
        calls: vec![],
    });
    leaf.clone().prop_recursive(6, 40, 5, move |inner| {
        (leaf.clone(), prop::collection::vec(inner, 0..5))
            .prop_map(|(call, calls)| Call { calls, ..call })
    })
}

/// The frames in the order of entering, each with what the definition of a transfer says.
fn rows(call: &Call, depth: u64, has_succeeded_so_far: bool, out: &mut Vec<Row>) {
    let succeeded = has_succeeded_so_far && call.status == OK;
    let moving = [CALL, CREATE, CREATE2, SELFDESTRUCT].contains(&call.opcode);
    out.push((
        depth,
        call.opcode,
        call.value,
        call.status,
        succeeded && moving && call.value > 0,
    ));
    for inner in &call.calls {
        rows(inner, depth + 1, succeeded, out);
    }
}

#[test]
fn any_trees_of_interleaved_transactions_give_the_transfers_of_the_definition() {
    let txns = prop::collection::vec((any_call(), prop::bool::weighted(0.8)), 1..5);
    let strategy = (
        txns,
        prop::collection::vec(any::<prop::sample::Index>(), 300),
    );
    let total = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(seeded(150));
    let result = runner.run(&strategy, |(txns, picks)| {
        let mut recorder = Recorder::new();
        recorder.start(1, 1);
        let mut left: Vec<(usize, Vec<Row>)> = Vec::new();
        for (txn, (call, is_success)) in txns.iter().enumerate() {
            recorder.output(txn, *is_success);
            let mut tree = Vec::new();
            rows(call, 0, *is_success, &mut tree);
            tree.reverse();
            left.push((txn, tree));
        }
        let mut expected = Vec::new();
        for pick in picks {
            if left.is_empty() {
                break;
            }
            let at = pick.index(left.len());
            let (txn, tree) = &mut left[at];
            match tree.pop() {
                Some(row) => {
                    let seqno = recorder.frame(*txn, frame(row));
                    if row.4 {
                        expected.push(seqno);
                    }
                }
                None => drop(left.swap_remove(at)),
            }
        }
        prop_assert_eq!(transfers(&Stream::of(&recorder).read()), &expected[..]);
        total.set(total.get() + expected.len());
        Ok(())
    });
    result.unwrap();
    let total = total.get();
    assert!(
        total > 150,
        "the random trees had {total} transfers, which tests little"
    );
}
