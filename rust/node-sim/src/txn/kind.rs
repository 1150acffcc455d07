//! The kinds of transactions, how often each comes and how much gas it may use.
//! What each does is in transfer.rs, swap.rs, nested.rs, creation.rs, factory.rs and delegation.rs.

use fastrand::Rng;

use super::{Execution, creation, delegation, factory, nested, swap, transfer};
use crate::cast::Cast;

/// What a transaction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TxnKind {
    /// Value from account to account.
    NativeTransfer,
    /// `transfer` of a token.
    Erc20Transfer,
    /// A swap over one or two pools.
    Swap,
    /// A wallet that pays, delegates and calls, with a reverted branch.
    NestedCalls,
    /// A call with value that fails as a whole.
    Failing,
    /// A new contract.
    Creation,
    /// A contract that is created, paid and destroyed within one transaction.
    Factory,
    /// Accounts that give themselves code (EIP-7702).
    Delegation,
    /// Blobs beside the chain (EIP-4844).
    Blobs,
    /// Much calldata; only on command.
    Heavy,
}

/// Each kind with its share in percent. Chosen so that events per transaction and shares per type come close to
/// those of recorded blocks (about 22, of which 47 % state accesses).
const SHARES: [(TxnKind, u8); 9] = [
    (TxnKind::NativeTransfer, 20),
    (TxnKind::Erc20Transfer, 34),
    (TxnKind::Swap, 22),
    (TxnKind::NestedCalls, 12),
    (TxnKind::Failing, 6),
    (TxnKind::Creation, 2),
    (TxnKind::Factory, 1),
    (TxnKind::Delegation, 2),
    (TxnKind::Blobs, 1),
];

/// Bytes of calldata of a heavy transaction.
const HEAVY_DATA: usize = 64 << 10;

impl TxnKind {
    /// A kind, by the shares.
    pub(crate) fn pick(rng: &mut Rng) -> Self {
        let mut ticket = rng.u8(..100);
        for (kind, share) in SHARES {
            if ticket < share {
                return kind;
            }
            ticket -= share;
        }
        Self::NativeTransfer
    }

    /// Gas limit of the transaction: more than its script can use.
    pub(super) fn gas_limit(self) -> u64 {
        match self {
            Self::NativeTransfer => 21_000,
            Self::Erc20Transfer => 100_000,
            Self::Swap => 600_000,
            Self::NestedCalls => 400_000,
            Self::Failing => 200_000,
            Self::Creation => 1_500_000,
            Self::Factory => 300_000,
            Self::Delegation => 200_000,
            Self::Blobs => 60_000,
            Self::Heavy => 2_000_000,
        }
    }

    /// Percentage of transactions of the kind that come with an access list.
    pub(super) fn access_list_share(self) -> u8 {
        match self {
            Self::Erc20Transfer => 3,
            Self::Swap => 12,
            Self::NestedCalls => 5,
            Self::Delegation => 10,
            Self::NativeTransfer
            | Self::Failing
            | Self::Creation
            | Self::Factory
            | Self::Blobs
            | Self::Heavy => 0,
        }
    }

    /// Runs the script of the kind.
    pub(super) fn act(self, evm: &mut Execution<'_>, cast: &Cast, rng: &mut Rng) {
        match self {
            Self::NativeTransfer => transfer::native(evm, cast, rng),
            Self::Erc20Transfer => transfer::erc20(evm, cast, rng),
            Self::Swap => swap::swap(evm, cast, rng),
            Self::NestedCalls => nested::calls(evm, cast, rng),
            Self::Failing => nested::failing(evm, cast, rng),
            Self::Creation => creation::create(evm, rng),
            Self::Factory => factory::make_and_destroy(evm, cast, rng),
            Self::Delegation => delegation::delegate(evm, cast, rng),
            Self::Blobs => transfer::with_data(evm, cast, rng, 256),
            Self::Heavy => transfer::with_data(evm, cast, rng, HEAVY_DATA),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_shares_are_percent_and_every_kind_comes() {
        assert_eq!(
            SHARES
                .iter()
                .map(|(_, share)| u32::from(*share))
                .sum::<u32>(),
            100
        );
        let mut rng = Rng::with_seed(1);
        let picks: Vec<TxnKind> = (0..10_000).map(|_| TxnKind::pick(&mut rng)).collect();
        for (kind, share) in SHARES {
            let count = picks.iter().filter(|pick| **pick == kind).count();
            let expected = usize::from(share) * 100;
            assert!(
                count.abs_diff(expected) < 200,
                "{kind:?}: {count} of 10000, expected about {expected}"
            );
        }
    }
}
