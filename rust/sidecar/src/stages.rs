//! Commit stages by block id: what stands behind `commit_stage`, block ordinals and the id of a verified number.
//! Fed by `chain`; proposals of one number never share a stage (protocol 4.4).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::proposals::ProposalIds;

/// A block id.
pub type BlockId = [u8; 32];

/// Numbers below the newest finalized one that are still remembered.
pub const REMEMBERED_NUMBERS: u64 = 1024;

/// Most block ids remembered at once; the lowest numbers go first.
pub const MAX_PROPOSALS: usize = 1 << 16;

/// How far a block id has come. Source: protocol 4.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Stage {
    /// Executed, or being executed.
    Proposed = 1,
    /// A quorum certificate was seen.
    Voted = 2,
    /// Finalized: irreversible.
    Finalized = 3,
    /// The delayed state root was agreed.
    Verified = 4,
    /// Invalid, or its execution failed.
    Rejected = 5,
    /// Another block was finalized in its place. Said by Lifecycle messages only, never a `commit_stage`.
    Abandoned = 6,
}

impl Stage {
    /// Every stage; the one at index i has number i + 1.
    pub const ALL: [Stage; 6] = [
        Stage::Proposed,
        Stage::Voted,
        Stage::Finalized,
        Stage::Verified,
        Stage::Rejected,
        Stage::Abandoned,
    ];

    /// The stage of this number; `None` for 0, which stands for no stage, and for what no stage has.
    pub fn of(number: u8) -> Option<Stage> {
        Stage::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Proposed => "Proposed",
            Stage::Voted => "Voted",
            Stage::Finalized => "Finalized",
            Stage::Verified => "Verified",
            Stage::Rejected => "Rejected",
            Stage::Abandoned => "Abandoned",
        }
    }
}

/// What is known of one block id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Ordinal of the id in this log, from 1.
    pub ordinal: u32,
    /// The number the block has or would get.
    pub block_number: u64,
    /// Its stage now.
    pub stage: Stage,
}

#[derive(Debug, Default)]
struct Height {
    ids: Vec<BlockId>,
    finalized: Option<BlockId>,
}

#[derive(Debug)]
struct Known {
    proposal: Proposal,
    /// Whether what was executed under the ordinal is void: another execution of the id gets another ordinal.
    is_retired: bool,
}

/// The stages of every block id seen lately.
#[derive(Debug, Default)]
pub struct Stages {
    by_id: HashMap<BlockId, Known>,
    by_number: BTreeMap<u64, Height>,
    newest_finalized: u64,
    last_ordinal: u32,
    ids: Arc<ProposalIds>,
}

impl Stages {
    /// No stages yet; every id that gets an ordinal is added to `ids`.
    pub fn new(ids: Arc<ProposalIds>) -> Stages {
        Stages {
            ids,
            ..Stages::default()
        }
    }

    /// Takes that the execution of `id` begins. An id that was rejected begins anew; otherwise the id keeps its stage.
    pub fn start(&mut self, id: &BlockId, block_number: u64) -> Proposal {
        match self.by_id.get_mut(id) {
            Some(known) if known.is_retired => {
                known.is_retired = false;
                if known.proposal.stage == Stage::Rejected {
                    known.proposal.stage = Stage::Proposed;
                }
                known.proposal.ordinal = next_ordinal(&mut self.last_ordinal);
                self.ids.push(self.last_ordinal, id);
                known.proposal
            }
            _ => self.advance(id, block_number, Stage::Proposed),
        }
    }

    /// Makes void what was executed of `id`, half of which was lost; its stage stays.
    pub fn retire(&mut self, id: &BlockId) {
        if let Some(known) = self.by_id.get_mut(id) {
            known.is_retired = true;
        }
    }

    /// Moves `id` to `stage`, unless it is further already, and returns what is known of it then.
    ///
    /// An id that was never seen is remembered from here on. Rejected is final, and nothing that was finalized becomes it.
    pub fn advance(&mut self, id: &BlockId, block_number: u64, stage: Stage) -> Proposal {
        if let Some(known) = self.by_id.get_mut(id) {
            let proposal = &mut known.proposal;
            let is_irreversible = matches!(proposal.stage, Stage::Finalized | Stage::Verified);
            if stage > proposal.stage && !(stage == Stage::Rejected && is_irreversible) {
                proposal.stage = stage;
            }
            known.is_retired |= proposal.stage == Stage::Rejected;
            let proposal = *proposal;
            self.note_finality(id, proposal.block_number, stage);
            return proposal;
        }
        let proposal = Proposal {
            ordinal: next_ordinal(&mut self.last_ordinal),
            block_number,
            stage,
        };
        self.ids.push(proposal.ordinal, id);
        let known = Known {
            proposal,
            is_retired: false,
        };
        self.by_id.insert(*id, known);
        self.by_number
            .entry(block_number)
            .or_default()
            .ids
            .push(*id);
        self.note_finality(id, block_number, stage);
        self.forget();
        proposal
    }

    /// Moves the finalized id of `block_number` to Verified; `None` if no id of that number is known to be finalized.
    pub fn verify(&mut self, block_number: u64) -> Option<(BlockId, Proposal)> {
        let id = self.by_number.get(&block_number)?.finalized?;
        let proposal = self.advance(&id, block_number, Stage::Verified);
        Some((id, proposal))
    }

    /// Forgets everything, as a ring of another node run demands; ordinals go on.
    pub fn clear(&mut self) {
        self.by_id.clear();
        self.by_number.clear();
        self.newest_finalized = 0;
    }

    fn note_finality(&mut self, id: &BlockId, block_number: u64, stage: Stage) {
        if stage == Stage::Finalized {
            self.newest_finalized = self.newest_finalized.max(block_number);
            if let Some(height) = self.by_number.get_mut(&block_number) {
                height.finalized.get_or_insert(*id);
            }
        }
    }

    fn forget(&mut self) {
        let floor = self.newest_finalized.saturating_sub(REMEMBERED_NUMBERS);
        while let Some(lowest) = self.by_number.first_entry() {
            if *lowest.key() >= floor && self.by_id.len() <= MAX_PROPOSALS {
                break;
            }
            for id in lowest.remove().ids {
                self.by_id.remove(&id);
            }
        }
    }
}

/// Ordinals begin at 1, and 0 is left out should they ever begin again.
fn next_ordinal(last: &mut u32) -> u32 {
    *last = last.wrapping_add(1).max(1);
    *last
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn id(n: u64) -> BlockId {
        let mut id = [7; 32];
        id[..8].copy_from_slice(&n.to_le_bytes());
        id
    }

    #[test]
    fn proposals_of_one_number_have_stages_of_their_own() {
        let mut stages = Stages::default();
        let a = stages.advance(&id(1), 10, Stage::Proposed);
        let b = stages.advance(&id(2), 10, Stage::Proposed);
        assert_ne!(a.ordinal, b.ordinal);
        assert_eq!(stages.advance(&id(1), 10, Stage::Voted).stage, Stage::Voted);
        assert_eq!(
            stages.advance(&id(2), 10, Stage::Proposed).stage,
            Stage::Proposed
        );
    }

    #[test]
    fn a_stage_never_goes_back_and_finality_is_never_rejected() {
        let mut stages = Stages::default();
        stages.advance(&id(1), 10, Stage::Finalized);
        assert_eq!(
            stages.advance(&id(1), 10, Stage::Voted).stage,
            Stage::Finalized
        );
        assert_eq!(
            stages.advance(&id(1), 10, Stage::Rejected).stage,
            Stage::Finalized
        );
        stages.advance(&id(2), 11, Stage::Rejected);
        assert_eq!(
            stages.advance(&id(2), 11, Stage::Voted).stage,
            Stage::Rejected
        );
    }

    #[test]
    fn a_void_execution_gets_another_ordinal_and_a_rejected_one_begins_anew() {
        let mut stages = Stages::default();
        let first = stages.start(&id(1), 10);
        assert_eq!(stages.start(&id(1), 10), first);
        stages.advance(&id(1), 10, Stage::Voted);
        stages.retire(&id(1));
        let second = stages.start(&id(1), 10);
        assert_eq!((second.ordinal, second.stage), (2, Stage::Voted));
        stages.advance(&id(1), 10, Stage::Rejected);
        let third = stages.start(&id(1), 10);
        assert_eq!((third.ordinal, third.stage), (3, Stage::Proposed));
        assert_eq!([1, 2, 3].map(|n| stages.ids.get(n)), [Some(id(1)); 3]);
    }

    #[test]
    fn verify_finds_the_finalized_id_of_a_number_and_no_other() {
        let mut stages = Stages::default();
        stages.advance(&id(1), 10, Stage::Proposed);
        stages.advance(&id(2), 10, Stage::Proposed);
        assert_eq!(stages.verify(10), None);
        stages.advance(&id(2), 10, Stage::Finalized);
        let (verified, proposal) = stages.verify(10).unwrap();
        assert_eq!((verified, proposal.stage), (id(2), Stage::Verified));
    }

    #[test]
    fn memory_is_bounded_with_and_without_finality() {
        let mut stages = Stages::default();
        for n in 0..100_000 {
            stages.advance(&id(n), n, Stage::Proposed);
        }
        assert!(stages.by_id.len() <= MAX_PROPOSALS + 1);
        stages.advance(&id(99_999), 99_999, Stage::Finalized);
        stages.advance(&id(100_000), 100_000, Stage::Proposed);
        assert!(
            stages.by_id.len() as u64 <= REMEMBERED_NUMBERS + 2,
            "{}",
            stages.by_id.len()
        );
    }
}
