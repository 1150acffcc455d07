//! One or more proposals that are executed for the next height, and which of them the chain goes on with.
//! mod.rs executes them one by one; the ledger is moved to each one's parent before.

use fastrand::Rng;

use super::{failure::FailureKind, proposal::Proposal};
use crate::ledger::{Changes, Ledger};

/// What happens at the next height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContestKind {
    /// One proposal, which wins.
    #[default]
    Single,
    /// So many proposals of one parent, of which one wins.
    Fork(u8),
    /// Two proposals and a child of each: the first and its child, which was voted for, lose.
    VotedLoser,
    /// One proposal that fails; the height is proposed again.
    Failing(FailureKind),
    /// A proposal that was never executed here wins, with or without one that was and loses.
    Absent,
}

/// A proposal that is or will be executed.
struct Contender {
    proposal: Proposal,
    /// The contender that it extends; `None` for the tip of the chain.
    parent: Option<usize>,
    failure: Option<FailureKind>,
    changes: Changes,
}

/// The proposals of one contest, in the order of their execution.
pub(super) struct Contest {
    contenders: Vec<Contender>,
    next: usize,
    /// Contenders that win, by height.
    winners: Vec<usize>,
    /// What wins instead, if nobody here does.
    absent: Option<Proposal>,
    /// Contenders whose changes are in the ledger, by height.
    applied: Vec<usize>,
}

impl Contest {
    /// A contest without proposals, which is over.
    pub(super) fn none() -> Self {
        Self {
            contenders: Vec::new(),
            next: 0,
            winners: Vec::new(),
            absent: None,
            applied: Vec::new(),
        }
    }

    /// A contest of a kind; `propose` makes a child of a proposal (`None` for the tip).
    pub(super) fn new(
        kind: ContestKind,
        rng: &mut Rng,
        mut propose: impl FnMut(Option<&Proposal>) -> Proposal,
    ) -> Self {
        let mut contest = Self::none();
        let mut add = |parent: Option<usize>, failure| {
            let parent_proposal = parent.map(|at| &contest.contenders[at].proposal);
            let proposal = propose(parent_proposal);
            contest.contenders.push(Contender {
                proposal,
                parent,
                failure,
                changes: Changes::default(),
            });
        };
        match kind {
            ContestKind::Single => {
                add(None, None);
                contest.winners = vec![0];
            }
            ContestKind::Fork(width) => {
                (0..width).for_each(|_| add(None, None));
                contest.winners = vec![rng.usize(..usize::from(width))];
            }
            ContestKind::VotedLoser => {
                [None, None, Some(0), Some(1)]
                    .into_iter()
                    .for_each(|parent| add(parent, None));
                contest.winners = vec![1, 3];
            }
            ContestKind::Failing(failure) => add(None, Some(failure)),
            ContestKind::Absent => {
                if rng.bool() {
                    add(None, None);
                }
                contest.absent = Some(propose(None));
            }
        }
        contest
    }

    /// True when every contender was executed.
    pub(super) fn is_over(&self) -> bool {
        self.next == self.contenders.len()
    }

    /// The next contender, its parent among the contenders, and how it fails if it does.
    pub(super) fn current(&self) -> (Proposal, Option<Proposal>, Option<FailureKind>) {
        let Contender {
            proposal,
            parent,
            failure,
            ..
        } = &self.contenders[self.next];
        let parent = parent.map(|at| self.contenders[at].proposal);
        (*proposal, parent, *failure)
    }

    /// Brings the ledger to the state that the next contender is executed on.
    pub(super) fn move_to_parent(&mut self, ledger: &mut Ledger) {
        let parent = self.contenders[self.next].parent;
        self.move_to(parent, ledger);
    }

    /// Notes that the next contender was executed and changed the ledger, unless it failed.
    pub(super) fn executed(&mut self, ledger: &mut Ledger) {
        let contender = &mut self.contenders[self.next];
        contender.changes = ledger.take_changes();
        match contender.failure {
            Some(_) => ledger.exchange(&mut contender.changes),
            None => self.applied.push(self.next),
        }
        self.next += 1;
    }

    /// Leaves the ledger as the winners made it and returns them, by height.
    pub(super) fn settle(&mut self, ledger: &mut Ledger) -> Vec<Proposal> {
        self.move_to(self.winners.last().copied(), ledger);
        let winners = self.winners.iter();
        winners
            .map(|at| self.contenders[*at].proposal)
            .chain(self.absent)
            .collect()
    }

    /// Undoes and does again until exactly `target` and what it extends are in the ledger.
    fn move_to(&mut self, target: Option<usize>, ledger: &mut Ledger) {
        let mut path = Vec::new();
        let mut at = target;
        while let Some(contender) = at {
            path.insert(0, contender);
            at = self.contenders[contender].parent;
        }
        while !path.starts_with(&self.applied) {
            if let Some(undone) = self.applied.pop() {
                ledger.exchange(&mut self.contenders[undone].changes);
            }
        }
        for contender in path.drain(self.applied.len()..) {
            ledger.exchange(&mut self.contenders[contender].changes);
            self.applied.push(contender);
        }
    }
}
