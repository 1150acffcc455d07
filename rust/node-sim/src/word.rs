//! Addresses and 32-byte words, how they follow from a seed, and the amounts inside them.
//! The invented chain needs words that look like hashes and differ where their inputs differ; it needs no Keccak.

use monad_exec_events::ffi::{monad_c_address, monad_c_bytes32};

/// A 20-byte account address.
pub(crate) type Address = monad_c_address;
/// A 32-byte hash, storage key or storage value.
pub(crate) type Word = monad_c_bytes32;

/// What a derived word stands for, so that no two things of one chain share a word.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Role {
    Account = 1,
    Token,
    TokenCode,
    Pool,
    Contract,
    Validator,
    Code,
    BlockId,
    EthBlock,
    Transactions,
    Randao,
    State,
    Receipts,
    BlockRandom,
    Delegation,
    Timeout,
    ChainRandom,
    ChaosRandom,
}

/// A word that looks random and depends on every byte of every part.
pub(crate) fn digest(parts: &[&[u8]]) -> Word {
    let mut state = 0;
    for part in parts {
        state = mix(state ^ part.len() as u64);
        for chunk in part.chunks(8) {
            let chunk = chunk
                .iter()
                .rev()
                .fold(0, |word, byte| word << 8 | u64::from(*byte));
            state = mix(state ^ chunk);
        }
    }
    let mut word = Word::default();
    for chunk in word.bytes.as_chunks_mut::<8>().0 {
        state = mix(state);
        *chunk = state.to_be_bytes();
    }
    word
}

/// The word of thing `index` of a role in the chain of `seed`.
pub(crate) fn derive(seed: u64, role: Role, index: u64) -> Word {
    digest(&[&seed.to_le_bytes(), &[role as u8], &index.to_le_bytes()])
}

/// The address of thing `index` of a role in the chain of `seed`.
pub(crate) fn derive_address(seed: u64, role: Role, index: u64) -> Address {
    tail(&derive(seed, role, index))
}

/// The last 20 bytes, where addresses lie in words.
pub(crate) fn tail(word: &Word) -> Address {
    let mut address = Address::default();
    address.bytes.copy_from_slice(&word.bytes[12..]);
    address
}

/// The word that holds an address.
pub(crate) fn of_address(address: &Address) -> Word {
    let mut word = Word::default();
    word.bytes[12..].copy_from_slice(&address.bytes);
    word
}

/// The word of two amounts, the high one first; storage packs a pool's reserves like this.
pub(crate) fn of_pair(high: u128, low: u128) -> Word {
    let mut word = Word::default();
    word.bytes[..16].copy_from_slice(&high.to_be_bytes());
    word.bytes[16..].copy_from_slice(&low.to_be_bytes());
    word
}

/// The word of one amount.
pub(crate) fn of_amount(amount: u128) -> Word {
    of_pair(0, amount)
}

/// The high and the low amount of a word.
pub(crate) fn to_pair(word: &Word) -> (u128, u128) {
    let half = |at: usize| std::array::from_fn(|byte| word.bytes[at + byte]);
    (u128::from_be_bytes(half(0)), u128::from_be_bytes(half(16)))
}

/// The low amount of a word.
pub(crate) fn to_amount(word: &Word) -> u128 {
    to_pair(word).1
}

/// One step of SplitMix64: a bijection, so that words of different inputs of the last step differ.
fn mix(state: u64) -> u64 {
    let mut mixed = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_digest_depends_on_every_part_and_on_their_borders() {
        let words = [
            digest(&[]),
            digest(&[b""]),
            digest(&[b"ab", b"c"]),
            digest(&[b"a", b"bc"]),
            digest(&[b"abc"]),
            digest(&[b"abc\0"]),
            derive(1, Role::Account, 0),
            derive(1, Role::Account, 1),
            derive(1, Role::Token, 0),
            derive(2, Role::Account, 0),
        ];
        for (at, word) in words.iter().enumerate() {
            assert!(!words[..at].contains(word), "word {at} repeats");
        }
    }

    #[test]
    fn a_pair_comes_back() {
        assert_eq!(
            to_pair(&of_pair(u128::MAX - 1, 7 << 100)),
            (u128::MAX - 1, 7 << 100)
        );
        let address = derive_address(1, Role::Account, 0);
        assert_eq!(tail(&of_address(&address)), address);
    }
}
