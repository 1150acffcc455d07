//! The state of the invented chain: accounts and storage, so that what one block writes the next one reads.
//! access.rs reads it for one transaction and is applied to it afterwards.

use std::collections::HashMap;

use crate::{
    abi::EMPTY_CODE_HASH,
    access::AccessList,
    cast::{Cast, Pool, Token},
    word::{Address, Role, Word, derive, digest, of_address, of_amount, of_pair},
};

/// Storage slot of a proxy that holds the address of its code.
pub(crate) const CODE_SLOT: u128 = 0;
/// Storage slot of a pool with both reserves, that of token 1 in the high half.
pub(crate) const RESERVES_SLOT: u128 = 8;

/// Mapping of balances by owner in a token.
const BALANCES: u8 = 1;
/// Mapping of allowances by owner and spender in a token.
const ALLOWANCES: u8 = 2;

/// Wei of every account at the start: a million coins.
const FIRST_BALANCE: u128 = 10_u128.pow(24);
/// Units of every token that every account has at the start.
const FIRST_TOKENS: u128 = 10_u128.pow(14);
/// Units of each of its tokens that a pool has at the start. All units of a token together stay below 10^18, so
/// that the product of two amounts and 1000 fits 128 bits.
const FIRST_RESERVE: u128 = 10_u128.pow(16);

/// What an account has besides storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountState {
    pub(crate) nonce: u64,
    /// Wei.
    pub(crate) balance: u128,
    pub(crate) code_hash: Word,
}

/// An account that was never used.
const EMPTY: AccountState = AccountState {
    nonce: 0,
    balance: 0,
    code_hash: EMPTY_CODE_HASH,
};

/// State of the accounts of the cast; all others are empty and stay so, which bounds the memory of an endless run.
pub(crate) struct Ledger {
    accounts: HashMap<Address, AccountState>,
    storage: HashMap<(Address, Word), Word>,
    changes: Changes,
}

/// What a block changed, as the values that are not in the ledger now: those before it, or those after it once the
/// block is undone.
#[derive(Default)]
pub(crate) struct Changes(Vec<Change>);

enum Change {
    Account(Address, AccountState),
    Slot(Address, Word, Word),
}

impl Ledger {
    /// The state before the first block.
    pub(crate) fn new(seed: u64, cast: &Cast, system: &[Address]) -> Self {
        let mut ledger = Self {
            accounts: HashMap::new(),
            storage: HashMap::new(),
            changes: Changes::default(),
        };
        let owners = cast.accounts.iter().copied();
        let beneficiaries = cast.validators.iter().map(|one| one.beneficiary);
        for address in owners.chain(beneficiaries) {
            let balance = FIRST_BALANCE;
            ledger
                .accounts
                .insert(address, AccountState { balance, ..EMPTY });
        }
        for (index, address) in cast.contracts().chain(system.iter().copied()).enumerate() {
            let code_hash = derive(seed, Role::Code, index as u64);
            let contract = AccountState {
                nonce: 1,
                code_hash,
                ..EMPTY
            };
            ledger.accounts.insert(address, contract);
        }
        for token in &cast.tokens {
            if let Some(code) = token.code {
                ledger.put(token.address, of_amount(CODE_SLOT), of_address(&code));
            }
            for owner in &cast.accounts {
                ledger.put(token.address, balance_key(owner), of_amount(FIRST_TOKENS));
                let allowance = allowance_key(owner, &cast.router);
                ledger.put(token.address, allowance, of_amount(u128::MAX));
            }
        }
        for pool in &cast.pools {
            ledger.fund(pool);
        }
        ledger
    }

    /// Account of an address.
    pub(crate) fn account(&self, address: &Address) -> AccountState {
        self.accounts.get(address).copied().unwrap_or(EMPTY)
    }

    /// Value of a storage slot.
    pub(crate) fn slot(&self, address: &Address, key: &Word) -> Word {
        self.storage
            .get(&(*address, *key))
            .copied()
            .unwrap_or_default()
    }

    /// Takes over what was modified, for accounts of the cast.
    pub(crate) fn apply(&mut self, accesses: &AccessList) {
        for access in accesses.accounts() {
            let Some(state) = self.accounts.get_mut(&access.address) else {
                continue;
            };
            let before = std::mem::replace(state, access.after);
            self.changes.0.push(Change::Account(access.address, before));
            for slot in access.slots.iter().filter(|slot| slot.is_modified()) {
                let before = self.storage.insert((access.address, slot.key), slot.after);
                let before = before.unwrap_or_default();
                self.changes
                    .0
                    .push(Change::Slot(access.address, slot.key, before));
            }
        }
    }

    /// Everything that was applied since this was called last.
    pub(crate) fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// Undoes a block, or does again what was undone; only the newest applied block, or the next one, can be.
    pub(crate) fn exchange(&mut self, changes: &mut Changes) {
        changes.0.reverse();
        for change in &mut changes.0 {
            match change {
                Change::Account(address, state) => {
                    if let Some(held) = self.accounts.get_mut(address) {
                        std::mem::swap(held, state);
                    }
                }
                Change::Slot(address, key, value) => {
                    let held = self.storage.entry((*address, *key)).or_default();
                    std::mem::swap(held, value);
                }
            }
        }
    }

    fn fund(&mut self, pool: &Pool) {
        for Token { address, .. } in pool.tokens {
            self.put(
                address,
                balance_key(&pool.address),
                of_amount(FIRST_RESERVE),
            );
        }
        let reserves = of_pair(FIRST_RESERVE, FIRST_RESERVE);
        self.put(pool.address, of_amount(RESERVES_SLOT), reserves);
    }

    fn put(&mut self, address: Address, key: Word, value: Word) {
        self.storage.insert((address, key), value);
    }
}

/// Storage slot of an owner's balance in a token.
pub(crate) fn balance_key(owner: &Address) -> Word {
    digest(&[&[BALANCES], &owner.bytes])
}

/// Storage slot of what a spender may take from an owner in a token.
pub(crate) fn allowance_key(owner: &Address, spender: &Address) -> Word {
    digest(&[&[ALLOWANCES], &owner.bytes, &spender.bytes])
}
