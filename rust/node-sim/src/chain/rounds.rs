//! Consensus rounds: each has one leader and at most one proposal; some end without one. Used by mod.rs.

use crate::word::{Role, derive};

/// One round in so many ends without a block.
const ROUNDS_PER_TIMEOUT: u64 = 20;

/// Hands out rounds, each once.
pub(super) struct Rounds {
    seed: u64,
    next: u64,
}

impl Rounds {
    /// Rounds of the chain of `seed`, from one on that a chain of `first_block` blocks may have reached.
    pub(super) fn new(seed: u64, first_block: u64) -> Self {
        Self {
            seed,
            next: first_block + first_block / (ROUNDS_PER_TIMEOUT - 1),
        }
    }

    /// The next round with a proposal.
    pub(super) fn take(&mut self) -> u64 {
        while self.times_out(self.next) {
            self.next += 1;
        }
        self.next += 1;
        self.next - 1
    }

    fn times_out(&self, round: u64) -> bool {
        let word = derive(self.seed, Role::Timeout, round);
        u64::from(word.bytes[0]) % ROUNDS_PER_TIMEOUT == 0
    }
}
