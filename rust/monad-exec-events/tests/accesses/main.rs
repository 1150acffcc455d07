//! Account and storage accesses beside whole blocks: interleaved lists here, missing events in `faults`, and the
//! shipped recordings in `recorded`. `script` makes the events.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faults;
mod recorded;
mod script;

#[path = "../harness/fixture.rs"]
mod fixture;

use monad_exec_events::{
    BlockBuilderResult, ExecutedBlock, ExecutedBlockAccesses, ExecutedBlockBuilder,
};
use script::*;

/// What a builder with accesses says about `events`, and the accesses beside it.
fn build(
    events: &[Placed],
) -> Vec<(
    BlockBuilderResult<ExecutedBlock>,
    Option<ExecutedBlockAccesses>,
)> {
    let mut builder = ExecutedBlockBuilder::new(false).with_accesses();
    events
        .iter()
        .filter_map(|event| {
            let block = builder.process_event(event.0, event.1)?;
            Some((block, builder.take_accesses()))
        })
        .collect()
}

#[test]
fn lists_of_interleaved_transactions_come_out_by_index() {
    let built = build(&block());
    let [(Ok(_), Some(accesses))] = built.as_slice() else {
        panic!("{built:?}")
    };
    let addresses = |accounts: &[monad_exec_events::ExecutedAccountAccess]| -> Vec<u8> {
        accounts.iter().map(|one| one.address.bytes[0]).collect()
    };
    assert_eq!(addresses(&accesses.prologue), [1]);
    assert_eq!(
        accesses
            .txns
            .iter()
            .map(|list| addresses(list))
            .collect::<Vec<_>>(),
        [vec![2, 3], vec![4]]
    );
    assert_eq!(addresses(&accesses.epilogue), [0; 0]);
}

#[test]
fn slots_belong_to_the_last_account_and_transient_ones_have_their_own_indices() {
    let built = build(&block());
    let accesses = built[0].1.as_ref().unwrap();
    let [first, second] = &*accesses.txns[0] else {
        panic!("{accesses:?}")
    };
    let keys = |slots: &[monad_exec_events::ExecutedStorageAccess]| -> Vec<u8> {
        slots.iter().map(|slot| slot.key.bytes[0]).collect()
    };
    assert_eq!(keys(&first.storage_accesses), [20, 21]);
    assert_eq!(keys(&first.transient_accesses), [22]);
    assert_eq!(keys(&second.storage_accesses), [0; 0]);
    assert_eq!(keys(&second.transient_accesses), [30, 31]);
    assert!(first.is_nonce_modified && first.modified_nonce == 9 && !first.is_balance_modified);
}

#[test]
fn an_account_index_of_zero_may_mean_that_none_was_recorded() {
    let mut events = block();
    for event in &mut events {
        event.0.account_idx = 0;
    }
    assert_eq!(build(&events), build(&block()));
}

#[test]
fn accesses_are_given_once_and_only_on_request() {
    let mut builder = ExecutedBlockBuilder::new(false);
    let blocks: Vec<_> = block()
        .into_iter()
        .filter_map(|(flow, event)| builder.process_event(flow, event))
        .collect();
    assert!(matches!(blocks.as_slice(), [Ok(_)]));
    assert_eq!(builder.take_accesses(), None);

    let mut builder = ExecutedBlockBuilder::new(false).with_accesses();
    for (flow, event) in block() {
        builder.process_event(flow, event);
    }
    assert!(builder.take_accesses().is_some());
    assert_eq!(builder.take_accesses(), None);
    for (flow, event) in block() {
        builder.process_event(flow, event);
    }
    let (flow, start) = placed(None, Event::BlockStart(leak(Default::default())));
    builder.process_event(flow, start);
    assert_eq!(builder.take_accesses(), None, "another block is open");
}
