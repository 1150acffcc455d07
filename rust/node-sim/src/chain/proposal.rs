//! What names a proposed block: id, number, round, parent, and the words and random numbers that follow from its id.
//! Made by mod.rs, executed by block.rs.

use fastrand::Rng;
use monad_exec_events::ffi::monad_exec_block_tag;

use crate::word::{Role, Word, derive, digest};

const ROUNDS_PER_EPOCH: u64 = 50_000;

/// A proposal; its id is its only unique key.
#[derive(Clone, Copy)]
pub(super) struct Proposal {
    pub(super) tag: monad_exec_block_tag,
    pub(super) round: u64,
    pub(super) epoch: u64,
    pub(super) parent_eth_hash: Word,
}

impl Proposal {
    /// The proposal that a chain starts with.
    pub(super) fn first(seed: u64, number: u64, round: u64) -> Self {
        let parent = number.wrapping_sub(1);
        Self::new(seed, number, round, derive(seed, Role::EthBlock, parent))
    }

    /// A proposal that extends this one, of a later round.
    pub(super) fn child(&self, seed: u64, round: u64) -> Self {
        Self::new(seed, self.tag.block_number + 1, round, self.eth_hash())
    }

    fn new(seed: u64, block_number: u64, round: u64, parent_eth_hash: Word) -> Self {
        Self {
            tag: monad_exec_block_tag {
                id: derive(seed, Role::BlockId, round),
                block_number,
            },
            round,
            epoch: round / ROUNDS_PER_EPOCH + 1,
            parent_eth_hash,
        }
    }

    /// Hash of the block's Ethereum header.
    pub(super) fn eth_hash(&self) -> Word {
        self.word(Role::EthBlock)
    }

    /// A word of the block, such as a root.
    pub(super) fn word(&self, role: Role) -> Word {
        digest(&[&self.tag.id.bytes, &[role as u8]])
    }

    /// Random numbers that belong to this proposal alone.
    pub(super) fn rng(&self) -> Rng {
        let word = self.word(Role::BlockRandom);
        Rng::with_seed(u64::from_le_bytes(std::array::from_fn(|at| word.bytes[at])))
    }
}
