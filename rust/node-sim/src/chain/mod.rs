//! The invented chain: which proposals are executed, and when each is voted for, finalized and verified.
//! contest.rs decides who wins a height, finality.rs when the node hears of it, proposal.rs names a block, block.rs
//! executes it, dispatch.rs orders its transactions' events; run/ asks for turns and passes on wishes.

mod block;
mod contest;
mod dispatch;
mod failure;
mod finality;
mod proposal;
mod rounds;

use std::collections::VecDeque;

use fastrand::Rng;

use crate::{
    cast::Cast,
    ledger::Ledger,
    tape::Tape,
    word::{Role, derive, to_amount},
};
use block::BlockPlan;
use contest::Contest;
pub use contest::ContestKind;
pub use dispatch::RecorderOrder;
use failure::Failure;
pub use failure::FailureKind;
use finality::Finality;
use proposal::Proposal;
use rounds::Rounds;

/// What the chain is like.
#[derive(Clone, Copy, Debug)]
pub struct ChainOptions {
    /// Everything but times follows from it, and from what is wished for.
    pub seed: u64,
    /// Chain id of blocks and transactions.
    pub chain_id: u64,
    /// Number of the first block.
    pub first_block: u64,
    /// Transactions of every block.
    pub txns_per_block: u32,
    /// Whether call frames are recorded.
    pub trace_calls: bool,
    /// Whether votes are skipped and repeated, finality comes sooner or later, and both recorders' orders occur.
    pub is_wild: bool,
}

/// A chain that executes one proposal per turn.
pub struct Chain {
    options: ChainOptions,
    cast: Cast,
    ledger: Ledger,
    rng: Rng,
    rounds: Rounds,
    /// What the next contest extends.
    tip: Option<Proposal>,
    contest: Contest,
    wishes: VecDeque<ContestKind>,
    finality: Finality,
    is_heavy: bool,
    tape: Tape,
}

impl Chain {
    /// A chain before its first block.
    pub fn new(options: ChainOptions) -> Self {
        let cast = Cast::new(options.seed);
        let random = to_amount(&derive(options.seed, Role::ChainRandom, 0)) as u64;
        let mut chain = Self {
            ledger: Ledger::new(options.seed, &cast, &block::SYSTEM_CONTRACTS),
            cast,
            rng: Rng::with_seed(random),
            rounds: Rounds::new(options.seed, options.first_block),
            tip: None,
            contest: Contest::none(),
            wishes: VecDeque::new(),
            finality: Finality::new(options.first_block, options.is_wild),
            is_heavy: false,
            tape: Tape::default(),
            options,
        };
        chain.ledger.take_changes();
        chain
    }

    /// Wishes for a kind of contest; wishes come true one height after the other.
    pub fn wish(&mut self, kind: ContestKind) {
        self.wishes.push_back(kind);
    }

    /// Finalizes nothing during the next `turns` turns, and then all that became due.
    pub fn stall(&mut self, turns: u64) {
        self.finality.stall(turns);
    }

    /// Executes the next `turns` turns like a node that is behind: nobody votes, finality comes at the end.
    pub fn catch_up(&mut self, turns: u64) {
        self.finality.catch_up(turns);
    }

    /// True while the chain catches up.
    pub fn is_catching_up(&self) -> bool {
        self.finality.is_catching_up()
    }

    /// Whether the transactions of coming blocks all carry much calldata.
    pub fn set_heavy(&mut self, is_heavy: bool) {
        self.is_heavy = is_heavy;
    }

    /// Executes one proposal and returns the events of this turn.
    ///
    /// They are: BLOCK_QC of the parent, the block from BLOCK_START to its end, BLOCK_FINALIZED and BLOCK_VERIFIED of
    /// what these are due for. `proposal_epoch_nanos` is the time of the proposal, in nanoseconds since 1970.
    /// Source: ring-and-events §5.1.
    pub fn next_turn(&mut self, proposal_epoch_nanos: u128) -> &Tape {
        self.tape.clear();
        while self.contest.is_over() {
            self.begin_contest();
        }
        let (proposal, parent, failure) = self.contest.current();
        if let Some(parent) = parent.or(self.tip) {
            self.finality.vote(&parent, &mut self.rng, &mut self.tape);
        }
        self.contest.move_to_parent(&mut self.ledger);
        let mut rng = proposal.rng();
        let plan = BlockPlan::execute(
            &proposal,
            proposal_epoch_nanos,
            &self.options,
            self.is_heavy,
            &self.cast,
            &mut self.ledger,
            &mut rng,
        );
        let failure =
            failure.map(|kind| Failure::new(kind, self.options.txns_per_block as usize, &mut rng));
        let order = if self.options.is_wild && self.rng.u8(..4) == 0 {
            RecorderOrder::Old
        } else {
            RecorderOrder::Current
        };
        plan.put_on(&mut self.tape, order, failure.as_ref(), &mut rng);
        self.contest.executed(&mut self.ledger);
        if self.contest.is_over() {
            self.settle();
        }
        self.finality.finalize(&mut self.rng, &mut self.tape);
        &self.tape
    }

    fn begin_contest(&mut self) {
        let kind = self.wishes.pop_front().unwrap_or_default();
        let Self {
            options,
            rounds,
            tip,
            rng,
            ..
        } = self;
        self.contest = Contest::new(kind, rng, |parent| {
            let round = rounds.take();
            match parent.or(tip.as_ref()) {
                Some(parent) => parent.child(options.seed, round),
                None => Proposal::first(options.seed, options.first_block, round),
            }
        });
        if self.contest.is_over() {
            self.settle();
        }
    }

    fn settle(&mut self) {
        for winner in self.contest.settle(&mut self.ledger) {
            self.tip = Some(winner);
            self.finality.decide(winner);
        }
    }
}
