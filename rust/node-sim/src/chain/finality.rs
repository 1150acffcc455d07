//! When the node hears of votes, finality and verification of the blocks that won; wild chains are irregular in all.
//! Fed by mod.rs with the winners of contests. Source: ring-and-events §5.1, monad-facts §2.2.

use std::collections::VecDeque;

use fastrand::Rng;
use monad_exec_events::{
    ExecEventRef,
    ffi::{monad_exec_block_qc, monad_exec_block_verified},
};

use super::proposal::Proposal;
use crate::tape::Tape;

/// A block is finalized when the second one after it was executed.
const LAG: usize = 2;
/// How many winners a wild chain leaves unfinalized, by chance.
const WILD_LAGS: [usize; 9] = [0, 1, 1, 1, 2, 2, 2, 3, 4];
/// A block is verified together with the finalization of the third one after it.
const VERIFICATION_DELAY: u64 = 3;
/// Percentages of a wild chain: votes that the node never hears of, that it hears of twice, that belong to a later
/// round than the block; verifications that come with a later block.
const SKIPPED_VOTES: u8 = 15;
const REPEATED_VOTES: u8 = 10;
const LATER_VOTES: u8 = 5;
const LATE_VERIFICATIONS: u8 = 10;

/// Winners on their way to finality.
pub(super) struct Finality {
    is_wild: bool,
    /// Winners that are not finalized, the newest last.
    unfinalized: VecDeque<Proposal>,
    finalized_number: Option<u64>,
    /// Number of the next block to be verified.
    unverified: u64,
    stalled_turns: u64,
    catch_up_turns: u64,
}

impl Finality {
    /// Before the first block.
    pub(super) fn new(first_block: u64, is_wild: bool) -> Self {
        Self {
            is_wild,
            unfinalized: VecDeque::new(),
            finalized_number: None,
            unverified: first_block,
            stalled_turns: 0,
            catch_up_turns: 0,
        }
    }

    pub(super) fn stall(&mut self, turns: u64) {
        self.stalled_turns = self.stalled_turns.max(turns);
    }

    pub(super) fn catch_up(&mut self, turns: u64) {
        self.catch_up_turns = self.catch_up_turns.max(turns);
        self.stall(turns);
    }

    pub(super) fn is_catching_up(&self) -> bool {
        self.catch_up_turns > 0
    }

    /// Takes the winner of the next height.
    pub(super) fn decide(&mut self, winner: Proposal) {
        self.unfinalized.push_back(winner);
    }

    /// Puts BLOCK_QC of a parent on the tape, unless its number is finalized or the node is behind.
    pub(super) fn vote(&self, parent: &Proposal, rng: &mut Rng, tape: &mut Tape) {
        let mut happens = |percent| self.is_wild && rng.u8(..100) < percent;
        let is_finalized = self.finalized_number >= Some(parent.tag.block_number);
        if is_finalized || self.is_catching_up() || happens(SKIPPED_VOTES) {
            return;
        }
        let qc = monad_exec_block_qc {
            block_tag: parent.tag,
            round: parent.round + u64::from(happens(LATER_VOTES)),
            epoch: parent.epoch,
        };
        for _ in 0..1 + u8::from(happens(REPEATED_VOTES)) {
            tape.push(ExecEventRef::BlockQC(&qc));
        }
    }

    /// Puts BLOCK_FINALIZED and BLOCK_VERIFIED of everything that is due on the tape.
    pub(super) fn finalize(&mut self, rng: &mut Rng, tape: &mut Tape) {
        self.catch_up_turns = self.catch_up_turns.saturating_sub(1);
        if self.stalled_turns > 0 {
            self.stalled_turns -= 1;
            return;
        }
        let lag = if self.is_wild {
            WILD_LAGS[rng.usize(..WILD_LAGS.len())]
        } else {
            LAG
        };
        while self.unfinalized.len() > lag {
            let Some(winner) = self.unfinalized.pop_front() else {
                return;
            };
            tape.push(ExecEventRef::BlockFinalized(&winner.tag));
            self.finalized_number = Some(winner.tag.block_number);
            if self.is_wild && rng.u8(..100) < LATE_VERIFICATIONS {
                continue;
            }
            while self.unverified + VERIFICATION_DELAY <= winner.tag.block_number {
                let verified = monad_exec_block_verified {
                    block_number: self.unverified,
                };
                tape.push(ExecEventRef::BlockVerified(&verified));
                self.unverified += 1;
            }
        }
    }
}
