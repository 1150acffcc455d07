//! A second opinion on random chains: what must be said follows from the whole past of each block, looked up anew for
//! every event, and what is said must agree with what the chain really decided.

use std::collections::BTreeMap;

use monad_exec_events::BlockCommitState::{Finalized, Proposed, Verified, Voted};
use monad_exec_events::ForgetReason::{Abandoned, Overtaken};
use monad_exec_events::{BlockBuilderError, BlockCommitState};
use proptest::test_runner::{TestCaseError, TestRunner};
use proptest::{prop_assert, prop_assert_eq};

use crate::script::{Event, Said, run};
use crate::seed::seeded;
use crate::trace::{Chain, chains};

/// Everything known, by id: its number and how far it came. Nothing is known of an id that is not in here.
type Known = BTreeMap<u8, (u64, BlockCommitState)>;

/// What must be said to one event, `abandoned` and forgotten ones in the order of ids.
fn expected(known: &mut Known, open: &mut Option<(u8, u64)>, event: Event) -> Vec<Said> {
    let before = known.clone();
    let mut update = None;
    match event {
        Event::Gap => *open = None,
        Event::Start(id, number) => *open = Some((id, number)),
        Event::End => {
            let Some((id, number)) = open.take() else {
                return vec![];
            };
            if known.contains_key(&id) {
                return vec![];
            }
            let said = Said::Update {
                id,
                state: Proposed,
                abandoned: vec![],
            };
            if before.values().any(|one| *one == (number, Finalized)) {
                return vec![said, Said::Forgotten(id, Proposed, Abandoned)];
            }
            known.insert(id, (number, Proposed));
            return vec![said];
        }
        Event::Reject(..) => {
            *open = None;
            return vec![Said::Error(BlockBuilderError::Rejected)];
        }
        Event::Qc(id, number) => {
            if before.get(&id) == Some(&(number, Proposed)) {
                known.insert(id, (number, Voted));
                update = Some((id, Voted));
            }
        }
        Event::Final(id, number) => {
            if before.get(&id).is_some_and(|(_, state)| *state < Finalized) {
                known.insert(id, (number, Finalized));
                update = Some((id, Finalized));
            }
            known.retain(|_, (other, state)| *other > number || *state == Finalized);
        }
        Event::Verify(number) => {
            update = before
                .iter()
                .find(|(_, one)| **one == (number, Finalized))
                .map(|(id, _)| (*id, Verified));
            known.retain(|_, (other, _)| *other > number);
        }
        Event::Block(..) | Event::BlockOfGas(..) => unreachable!("traces have Start and End"),
    }
    let gone = before
        .iter()
        .filter(|(id, _)| !known.contains_key(id) && update.map(|(id, _)| id) != Some(**id));
    let (mut abandoned, mut forgotten) = (vec![], vec![]);
    for (&id, &(number, state)) in gone {
        match event {
            Event::Final(_, n) if n == number && update.is_some() => abandoned.push(id),
            Event::Final(_, n) if n == number => {
                forgotten.push(Said::Forgotten(id, state, Abandoned));
            }
            _ => forgotten.push(Said::Forgotten(id, state, Overtaken)),
        }
    }
    let update = update.map(|(id, state)| Said::Update {
        id,
        state,
        abandoned,
    });
    update.into_iter().chain(forgotten).collect()
}

/// Forgotten ones by id, as the model has them.
fn sorted(mut said: Vec<Said>) -> Vec<Said> {
    said.sort_by_key(|said| match said {
        Said::Update { .. } | Said::Error(_) => 0,
        Said::Forgotten(id, ..) => u16::from(*id) + 1,
    });
    for one in &mut said {
        if let Said::Update { abandoned, .. } = one {
            abandoned.sort_unstable();
        }
    }
    said
}

fn agrees_with_the_model(chain: &Chain) -> Result<Vec<Said>, TestCaseError> {
    let seen = chain.seen();
    let mut builder = Default::default();
    let (mut known, mut open, mut all) = (Known::new(), None, vec![]);
    for event in &seen {
        let said = sorted(crate::script::said_of(&mut builder, *event));
        prop_assert_eq!(
            &said,
            &expected(&mut known, &mut open, *event),
            "{:?}",
            event
        );
        all.extend(said);
    }
    Ok(all)
}

/// Nothing that is said contradicts what the chain decided, and states only grow.
fn agrees_with_the_chain(chain: &Chain, said: &[Said]) -> Result<(), TestCaseError> {
    let mut states: BTreeMap<u8, BlockCommitState> = BTreeMap::new();
    for one in said {
        match one {
            Said::Update {
                id,
                state,
                abandoned,
            } => {
                prop_assert!(*state < Finalized || chain.is_winner(*id), "{one:?}");
                prop_assert!(abandoned.iter().all(|id| !chain.is_winner(*id)), "{one:?}");
                let last = states.insert(*id, *state);
                // Only what was forgotten, or began anew after a gap, may be proposed again.
                prop_assert!(last.is_none_or(|last| last < *state || *state == Proposed));
            }
            Said::Forgotten(id, _, Abandoned) => prop_assert!(!chain.is_winner(*id), "{one:?}"),
            Said::Forgotten(..) | Said::Error(_) => {}
        }
    }
    Ok(())
}

#[test]
fn random_chains_with_losses_are_followed_as_the_model_says() {
    let mut runner = TestRunner::new(seeded(2000));
    runner
        .run(&chains(true), |chain| {
            let said = agrees_with_the_model(&chain)?;
            agrees_with_the_chain(&chain, &said)
        })
        .unwrap();
}

#[test]
fn without_losses_every_decided_block_is_verified_or_abandoned_and_nothing_is_unknown() {
    let mut runner = TestRunner::new(seeded(1000));
    runner
        .run(&chains(false), |chain| {
            let said = agrees_with_the_model(&chain)?;
            agrees_with_the_chain(&chain, &said)?;
            prop_assert_eq!(&said.len(), &run(&chain.events()).len());
            let decided = chain.heights.len().saturating_sub(chain.lag);
            for (at, height) in chain.heights.iter().enumerate().take(decided) {
                for proposal in 0..height.proposals {
                    let id = Chain::id(at, proposal);
                    let is_final = said.iter().any(|one| {
                        matches!(one, Said::Update { id: other, state: Finalized, .. } if *other == id)
                    });
                    let is_abandoned = said.iter().any(|one| {
                        matches!(one, Said::Update { abandoned, .. } if abandoned.contains(&id))
                    });
                    prop_assert_eq!((is_final, is_abandoned), (chain.is_winner(id), !chain.is_winner(id)));
                    let is_verified = said.iter().any(|one| {
                        matches!(one, Said::Update { id: other, state: Verified, .. } if *other == id)
                    });
                    prop_assert_eq!(is_verified, chain.is_winner(id) && at + 3 < decided);
                }
            }
            prop_assert!(!said.iter().any(|one| matches!(one, Said::Forgotten(_, _, Overtaken))));
            Ok(())
        })
        .unwrap();
}
