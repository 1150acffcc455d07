//! The invented chain: decides which proposals exist and when each is voted for, finalized and verified.
//! proposal.rs names a block, block.rs executes it, dispatch.rs orders its transactions' events; run.rs asks for turns.

mod block;
mod dispatch;
mod proposal;

use std::collections::VecDeque;

use monad_exec_events::{
    ExecEventRef,
    ffi::{monad_exec_block_qc, monad_exec_block_verified},
};

use crate::{cast::Cast, ledger::Ledger, tape::Tape};
use block::BlockPlan;
use proposal::Proposal;

/// A block is finalized when the second one after it was executed. Source: ring-and-events §5.1.
const FINALIZATION_DELAY: usize = 2;
/// A block is verified together with the finalization of the third one after it. Source: ring-and-events §5.1.
const VERIFICATION_DELAY: u64 = 3;

/// What the chain is like.
#[derive(Clone, Copy, Debug)]
pub struct ChainOptions {
    /// Everything but times follows from it.
    pub seed: u64,
    /// Chain id of blocks and transactions.
    pub chain_id: u64,
    /// Number of the first block.
    pub first_block: u64,
    /// Transactions of every block.
    pub txns_per_block: u32,
    /// Whether call frames are recorded.
    pub trace_calls: bool,
}

/// A chain that grows by one proposal per turn.
pub struct Chain {
    options: ChainOptions,
    cast: Cast,
    ledger: Ledger,
    /// Proposals that are not finalized yet, the newest last.
    pending: VecDeque<Proposal>,
    tape: Tape,
}

impl Chain {
    /// A chain before its first block.
    pub fn new(options: ChainOptions) -> Self {
        let cast = Cast::new(options.seed);
        Self {
            ledger: Ledger::new(options.seed, &cast, &block::SYSTEM_CONTRACTS),
            options,
            cast,
            pending: VecDeque::new(),
            tape: Tape::default(),
        }
    }

    /// Grows by one block and returns the events of this turn.
    ///
    /// They are: BLOCK_QC of the parent, the block from BLOCK_START to BLOCK_END, BLOCK_FINALIZED and BLOCK_VERIFIED
    /// of what these are due for. `proposal_epoch_nanos` is the time of the proposal, in nanoseconds since 1970.
    /// Source: ring-and-events §5.1.
    pub fn next_turn(&mut self, proposal_epoch_nanos: u128) -> &Tape {
        self.tape.clear();
        let parent = self.pending.back();
        if let Some(parent) = parent {
            self.tape.push(ExecEventRef::BlockQC(&monad_exec_block_qc {
                block_tag: parent.tag,
                round: parent.round,
                epoch: parent.epoch,
            }));
        }
        let proposal = match parent {
            Some(parent) => parent.child(self.options.seed),
            None => Proposal::first(self.options.seed, self.options.first_block),
        };
        let mut rng = proposal.rng();
        BlockPlan::execute(
            &proposal,
            proposal_epoch_nanos,
            &self.options,
            &self.cast,
            &mut self.ledger,
            &mut rng,
        )
        .put_on(&mut self.tape, &mut rng);
        self.pending.push_back(proposal);
        self.finalize();
        &self.tape
    }

    /// Finalizes what is old enough, and in the same turn verifies what that makes due.
    fn finalize(&mut self) {
        if self.pending.len() <= FINALIZATION_DELAY {
            return;
        }
        let Some(finalized) = self.pending.pop_front() else {
            return;
        };
        self.tape.push(ExecEventRef::BlockFinalized(&finalized.tag));
        let number = finalized.tag.block_number;
        let verified = number.checked_sub(VERIFICATION_DELAY);
        if let Some(block_number) = verified.filter(|number| *number >= self.options.first_block) {
            let verified = monad_exec_block_verified { block_number };
            self.tape.push(ExecEventRef::BlockVerified(&verified));
        }
    }
}
