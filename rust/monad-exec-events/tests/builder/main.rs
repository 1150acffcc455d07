//! The block builder with what no recording holds: blobs, authorizations, interleaving, rejection.
//! `script` makes the events, `faults` leaves some out; whole recorded blocks are the oracle's matter.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faults;
mod script;

use monad_exec_events::ffi::{monad_event_record_error, monad_exec_evm_error};
use monad_exec_events::{
    BlockBuilderError, BlockBuilderResult, ExecutedBlock, ExecutedBlockBuilder, ReassemblyError,
};
use script::*;

/// Everything that a builder says about `events`.
fn build(include_call_frames: bool, events: &[Event]) -> Vec<BlockBuilderResult<ExecutedBlock>> {
    let mut builder = ExecutedBlockBuilder::new(include_call_frames);
    events
        .iter()
        .filter_map(|event| builder.process_event(event.flow(1), *event))
        .collect()
}

/// The only thing that a builder says about `events`: why block 1 was dropped.
fn dropped(events: &[Event]) -> ReassemblyError {
    match build(true, events).as_slice() {
        [
            Err(BlockBuilderError::ImplicitDrop {
                block,
                reassembly_error,
            }),
        ] => {
            assert_eq!(block.block_tag.block_number, 1);
            *reassembly_error
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn interleaved_transactions_come_out_by_index() {
    let built = build(true, &block());
    let [Ok(block)] = built.as_slice() else {
        panic!("{built:?}")
    };
    let [first, second] = &*block.txns else {
        panic!("{} transactions", block.txns.len())
    };
    assert_eq!(
        (
            first.header.nonce,
            second.header.nonce,
            block.end.exec_output.gas_used
        ),
        (0, 1, 21)
    );
    assert_eq!(
        (&*first.input, first.blob_versioned_hashes.len()),
        (&b"data"[..], 2)
    );
    assert_eq!(
        (
            first.access_list.len(),
            first.access_list[0].storage_keys.len()
        ),
        (2, 1)
    );
    assert!(second.authorization_list[0].is_valid_authority);
    assert_eq!((first.logs.len(), second.logs.len()), (2, 1));
    assert_eq!(
        (first.logs[1].topic.len(), &*first.logs[1].data),
        (5, &b"!"[..])
    );
    let frames = second.call_frames.as_ref().unwrap();
    assert_eq!(
        (&*frames[0].input, &*frames[0].r#return),
        (&b"in"[..], &b"out"[..])
    );
}

#[test]
fn call_frames_are_left_out_on_request() {
    let built = build(false, &block());
    let [Ok(block)] = built.as_slice() else {
        panic!("{built:?}")
    };
    assert!(block.txns.iter().all(|txn| txn.call_frames.is_none()));
}

#[test]
fn a_block_start_inside_a_block_drops_the_old_block_and_opens_the_new_one() {
    let built = build(
        true,
        &[
            block_start(1, 0),
            block_start(2, 0),
            block_end(),
            block_end(),
        ],
    );
    let [
        Err(BlockBuilderError::ImplicitDrop {
            block: dropped,
            reassembly_error,
        }),
        Ok(block),
    ] = built.as_slice()
    else {
        panic!("{built:?}")
    };
    let unexpected_header = block.start;
    assert_eq!(
        (dropped.block_tag.block_number, *reassembly_error),
        (1, ReassemblyError::UnterminatedBlock { unexpected_header })
    );
    assert_eq!(
        (block.start.block_tag.block_number, block.txns.len()),
        (2, 0)
    );
}

#[test]
fn what_execution_refuses_is_rejected_once() {
    let evm_error = leak(monad_exec_evm_error::default());
    let refusals = [
        Event::BlockReject(&1),
        Event::TxnReject {
            txn_index: 0,
            reject: &1,
        },
        Event::EvmError(evm_error),
    ];
    for refusal in refusals {
        let built = build(
            true,
            &[
                refusal,
                block_start(1, 1),
                header(0, 0, 0),
                refusal,
                refusal,
                block_end(),
            ],
        );
        assert_eq!(built, [Err(BlockBuilderError::Rejected)]);
    }
}

#[test]
fn events_outside_a_block_and_record_errors_change_nothing() {
    let record_error = leak(monad_event_record_error::default());
    let lost = Event::RecordError(record_error);
    let mut events = block();
    events.insert(3, lost);
    let around = [
        &[lost, log(0, 0), block_end()][..],
        &events,
        &[output(0, 0, 0), lost, block_end()],
    ]
    .concat();
    assert_eq!(build(true, &around), build(true, &block()));
}

#[test]
fn reset_forgets_the_open_block() {
    let mut builder = ExecutedBlockBuilder::new(true);
    assert_eq!(
        builder.process_event(Default::default(), block_start(1, 0)),
        None
    );
    builder.reset();
    assert_eq!(builder.process_event(Default::default(), block_end()), None);
}
