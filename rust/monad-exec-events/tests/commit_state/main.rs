//! The commit state builder: each rule by an example here, all of them against a model in `model`.
//! `script` makes the events, `trace` the random chains.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod model;
mod recorded;
mod script;
mod trace;

#[path = "../harness/fixture.rs"]
mod fixture;
#[path = "../harness/seed.rs"]
mod seed;

use monad_exec_events::BlockCommitState::{Finalized, Proposed, Verified, Voted};
use monad_exec_events::ForgetReason::{Abandoned, Evicted, Overtaken};
use monad_exec_events::{
    BlockBuilderError, BlockCommitState, CommitStateBlockBuilder, ExecutedBlockBuilder,
};
use script::{Event::*, Said, run, said_of};

fn update(id: u8, state: BlockCommitState) -> Said {
    Said::Update {
        id,
        state,
        abandoned: vec![],
    }
}

fn finalized(id: u8, abandoned: &[u8]) -> Said {
    Said::Update {
        id,
        state: Finalized,
        abandoned: abandoned.to_vec(),
    }
}

#[test]
fn a_block_goes_from_proposed_to_verified() {
    let events = [Block(1, 10), Qc(1, 10), Final(1, 10), Verify(10)];
    assert_eq!(
        run(&events),
        [
            update(1, Proposed),
            update(1, Voted),
            finalized(1, &[]),
            update(1, Verified)
        ]
    );
}

#[test]
fn a_vote_may_be_missing_repeated_or_late_and_is_said_once() {
    let events = [
        Block(1, 10),
        Qc(1, 10),
        Qc(1, 10),
        Block(2, 11),
        Final(1, 10),
        Qc(1, 10),
        Final(2, 11),
        Final(2, 11),
        Qc(9, 11),
    ];
    assert_eq!(
        run(&events),
        [
            update(1, Proposed),
            update(1, Voted),
            update(2, Proposed),
            finalized(1, &[]),
            finalized(2, &[])
        ]
    );
}

#[test]
fn finality_abandons_the_other_proposals_of_its_number() {
    let events = [
        Block(1, 10),
        Block(2, 10),
        Block(3, 10),
        Block(4, 11),
        Qc(3, 10),
        Final(2, 10),
        Verify(10),
    ];
    assert_eq!(
        run(&events)[4..],
        [update(3, Voted), finalized(2, &[1, 3]), update(2, Verified)]
    );
}

#[test]
fn an_unknown_finalized_id_abandons_the_known_proposals_and_none_of_them_is_verified() {
    let events = [Block(1, 10), Block(2, 10), Final(9, 10), Verify(10)];
    assert_eq!(
        run(&events),
        [
            update(1, Proposed),
            update(2, Proposed),
            Said::Forgotten(1, Proposed, Abandoned),
            Said::Forgotten(2, Proposed, Abandoned)
        ]
    );
}

#[test]
fn a_proposal_whose_finality_was_not_seen_is_never_verified() {
    assert_eq!(
        run(&[Block(1, 10), Verify(10)]),
        [update(1, Proposed), Said::Forgotten(1, Proposed, Overtaken)]
    );
    assert_eq!(
        run(&[Block(1, 10), Qc(1, 10), Block(2, 11), Final(2, 11)])[2..],
        [
            update(2, Proposed),
            finalized(2, &[]),
            Said::Forgotten(1, Voted, Overtaken)
        ]
    );
    assert_eq!(
        run(&[Block(1, 10), Final(1, 10), Verify(11)])[2..],
        [Said::Forgotten(1, Finalized, Overtaken)]
    );
}

#[test]
fn a_proposal_executed_after_another_of_its_number_was_finalized_is_void_at_once() {
    let events = [
        Block(1, 10),
        Final(1, 10),
        Block(2, 10),
        Qc(2, 10),
        Verify(10),
    ];
    assert_eq!(
        run(&events)[2..],
        [
            update(2, Proposed),
            Said::Forgotten(2, Proposed, Abandoned),
            update(1, Verified)
        ]
    );
}

#[test]
fn a_block_that_is_executed_again_keeps_its_state_and_takes_the_new_content() {
    let mut builder = CommitStateBlockBuilder::default();
    let first = said_of(&mut builder, Block(1, 10));
    assert_eq!(first, [update(1, Proposed)]);
    assert_eq!(said_of(&mut builder, Qc(1, 10)), [update(1, Voted)]);
    assert_eq!(said_of(&mut builder, BlockOfGas(1, 10, 77)), []);
    let tag = script::tag(1, 10);
    let update = builder
        .process_event(
            Default::default(),
            monad_exec_events::ExecEventRef::BlockFinalized(&tag),
        )
        .unwrap()
        .unwrap();
    assert_eq!(
        (update.state, update.block.end.exec_output.gas_used),
        (Finalized, 77)
    );
    assert_eq!(said_of(&mut builder, Block(1, 10)), []);
    assert_eq!(
        said_of(&mut builder, Verify(10)),
        [self::update(1, Verified)]
    );
}

#[test]
fn a_rejected_block_is_an_error_and_leaves_its_siblings_alone() {
    let events = [Block(1, 10), Reject(2, 10), Final(1, 10)];
    assert_eq!(
        run(&events),
        [
            update(1, Proposed),
            Said::Error(BlockBuilderError::Rejected),
            finalized(1, &[])
        ]
    );
}

#[test]
fn a_gap_drops_the_open_block_and_nothing_else() {
    let events = [
        Block(1, 10),
        Start(2, 11),
        Gap,
        End,
        Final(1, 10),
        Block(2, 11),
        Final(2, 11),
    ];
    assert_eq!(
        run(&events),
        [
            update(1, Proposed),
            finalized(1, &[]),
            update(2, Proposed),
            finalized(2, &[])
        ]
    );
}

#[test]
fn reset_forgets_everything() {
    let mut builder = CommitStateBlockBuilder::new(ExecutedBlockBuilder::new(false));
    said_of(&mut builder, Block(1, 10));
    said_of(&mut builder, Start(2, 11));
    builder.reset();
    for event in [End, Qc(1, 10), Final(1, 10), Verify(10)] {
        assert_eq!(said_of(&mut builder, event), []);
    }
}

#[test]
fn at_most_256_undecided_blocks_are_kept_and_the_oldest_goes_first() {
    let mut builder = CommitStateBlockBuilder::default();
    for index in 0..=255 {
        // The oldest has the highest number, so that age and number differ.
        let said = said_of(&mut builder, Block(index, 1000 - u64::from(index)));
        assert_eq!(said, [update(index, Proposed)]);
    }
    let mut id = [7; 32];
    id[31] = 8;
    let start = script::start(id.into(), 5);
    builder.process_event(
        Default::default(),
        monad_exec_events::ExecEventRef::BlockStart(&start),
    );
    let end = Default::default();
    builder.process_event(
        Default::default(),
        monad_exec_events::ExecEventRef::BlockEnd(&end),
    );
    let [evicted] = builder.forgotten() else {
        panic!("{:?}", builder.forgotten())
    };
    assert_eq!(
        (evicted.block.start.block_tag.block_number, evicted.reason),
        (1000, Evicted)
    );
    assert_eq!(said_of(&mut builder, Qc(0, 1000)), []);
    assert_eq!(said_of(&mut builder, Qc(1, 999)), [update(1, Voted)]);
}

#[test]
fn finalized_blocks_do_not_wait_for_ever_to_be_verified() {
    let mut builder = CommitStateBlockBuilder::default();
    for (id, number) in [(1, 10), (2, 74), (3, 75)] {
        said_of(&mut builder, Block(id, number));
        let said = said_of(&mut builder, Final(id, number));
        let lost = Said::Forgotten(1, Finalized, Overtaken);
        assert_eq!(said.contains(&lost), id == 3, "{said:?}");
    }
}
