//! Who takes part in the invented chain: accounts, tokens, pools, contracts and validators, all from the seed.
//! ledger.rs gives them their first balances, the scripts in txn/ let them act.

use fastrand::Rng;

use crate::word::{Address, Role, Word, derive, derive_address};

const ACCOUNTS: u64 = 500;
const TOKENS: u64 = 20;
const VALIDATORS: u64 = 8;
const WALLETS: u64 = 4;
/// The tokens that the pools trade. Token 0 stands for the wrapped native coin and is traded most.
const POOLS: [(usize, usize); 12] = [
    (0, 1),
    (0, 2),
    (0, 3),
    (0, 4),
    (0, 5),
    (0, 6),
    (0, 7),
    (1, 2),
    (2, 3),
    (1, 3),
    (4, 5),
    (8, 9),
];

/// An ERC-20 token.
#[derive(Clone, Copy)]
pub(crate) struct Token {
    pub(crate) address: Address,
    /// Where the code is, if the token is a proxy that reaches it by DELEGATECALL.
    pub(crate) code: Option<Address>,
}

/// An automated market maker for two tokens.
#[derive(Clone, Copy)]
pub(crate) struct Pool {
    pub(crate) address: Address,
    pub(crate) tokens: [Token; 2],
}

/// Who proposes blocks and earns the priority fees.
#[derive(Clone, Copy)]
pub(crate) struct Validator {
    pub(crate) beneficiary: Address,
    /// The x coordinate of its key; the parity is the lowest bit of the last byte.
    pub(crate) key: Word,
}

/// All of them, in a fixed order.
pub(crate) struct Cast {
    pub(crate) accounts: Vec<Address>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) pools: Vec<Pool>,
    /// Contracts that pay, call and sometimes fail.
    pub(crate) wallets: Vec<Address>,
    pub(crate) router: Address,
    /// Code that wallets run by DELEGATECALL.
    pub(crate) logic: Address,
    /// A contract that takes value and reverts.
    pub(crate) broker: Address,
    /// A price that wallets ask for by STATICCALL.
    pub(crate) oracle: Address,
    /// A contract that makes others.
    pub(crate) factory: Address,
    pub(crate) validators: Vec<Validator>,
}

impl Cast {
    /// The cast of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let addresses =
            |role, count| (0..count).map(move |index| derive_address(seed, role, index));
        let tokens: Vec<Token> = addresses(Role::Token, TOKENS)
            .enumerate()
            .map(|(index, address)| Token {
                address,
                code: (index % 3 == 2).then(|| derive_address(seed, Role::TokenCode, 0)),
            })
            .collect();
        let pools = addresses(Role::Pool, POOLS.len() as u64)
            .zip(POOLS)
            .map(|(address, (first, second))| Pool {
                address,
                tokens: [tokens[first], tokens[second]],
            })
            .collect();
        let contract = |index| derive_address(seed, Role::Contract, index);
        Self {
            accounts: addresses(Role::Account, ACCOUNTS).collect(),
            tokens,
            pools,
            router: contract(0),
            logic: contract(1),
            broker: contract(2),
            oracle: contract(3),
            wallets: (4..4 + WALLETS).map(contract).collect(),
            factory: contract(4 + WALLETS),
            validators: (0..VALIDATORS)
                .map(|index| Validator {
                    beneficiary: derive_address(seed, Role::Validator, index),
                    key: derive(seed, Role::Validator, index),
                })
                .collect(),
        }
    }

    /// An account; the first ones act more often than the last.
    pub(crate) fn account(&self, rng: &mut Rng) -> Address {
        *often_first(&self.accounts, rng)
    }

    /// A token; the first ones are used more often.
    pub(crate) fn token(&self, rng: &mut Rng) -> Token {
        *often_first(&self.tokens, rng)
    }

    /// A pool; the first ones are used more often.
    pub(crate) fn pool(&self, rng: &mut Rng) -> Pool {
        *often_first(&self.pools, rng)
    }

    /// A wallet.
    pub(crate) fn wallet(&self, rng: &mut Rng) -> Address {
        self.wallets[rng.usize(..self.wallets.len())]
    }

    /// Everything with code, proxies and their code included.
    pub(crate) fn contracts(&self) -> impl Iterator<Item = Address> + '_ {
        let tokens = self.tokens.iter();
        tokens
            .clone()
            .map(|token| token.address)
            .chain(tokens.filter_map(|token| token.code).take(1))
            .chain(self.pools.iter().map(|pool| pool.address))
            .chain(self.wallets.iter().copied())
            .chain([self.router, self.logic, self.broker, self.oracle])
            .chain([self.factory])
    }
}

/// Position x² of a uniform x in 0..1: a quarter of the list takes half of the picks.
fn often_first<'a, T>(list: &'a [T], rng: &mut Rng) -> &'a T {
    let place = rng.f64();
    let index = (place * place * list.len() as f64) as usize;
    &list[index.min(list.len() - 1)]
}
