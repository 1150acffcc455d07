//! What one transaction (or the prologue or epilogue of a block) touched: accounts, slots, before and after.
//! Filled by txn/execution.rs, applied by ledger.rs; here it also becomes state access events.

use monad_exec_events::{
    ExecEventRef,
    ffi::{
        monad_c_eth_account_state, monad_exec_account_access, monad_exec_account_access_context,
        monad_exec_account_access_list_header, monad_exec_storage_access,
    },
};

use crate::{
    ledger::{AccountState, Ledger},
    tape::Tape,
    word::{Address, Word},
};

/// A storage slot that was read or written.
#[derive(Clone, Copy)]
pub(crate) struct SlotAccess {
    pub(crate) key: Word,
    pub(crate) before: Word,
    pub(crate) after: Word,
    pub(crate) is_written: bool,
}

impl SlotAccess {
    /// Written with another value than it had.
    pub(crate) fn is_modified(&self) -> bool {
        self.before != self.after
    }

    /// The value after a write, zero without one, as a node records it. Source: ring-and-events §4.4.
    fn end_value(&self) -> Word {
        if self.is_written {
            self.after
        } else {
            Word::default()
        }
    }
}

/// An account that was touched.
pub(crate) struct AccountAccess {
    pub(crate) address: Address,
    pub(crate) before: AccountState,
    pub(crate) after: AccountState,
    pub(crate) slots: Vec<SlotAccess>,
    /// Slots of transient storage (EIP-1153), all zero before and after the transaction.
    pub(crate) transient: Vec<SlotAccess>,
}

/// Accounts in the order of their first touch, each once.
#[derive(Default)]
pub(crate) struct AccessList {
    accounts: Vec<AccountAccess>,
}

impl AccessList {
    /// The accounts.
    pub(crate) fn accounts(&self) -> &[AccountAccess] {
        &self.accounts
    }

    /// Place of an account, which is read from the ledger at the first touch.
    pub(crate) fn touch(&mut self, ledger: &Ledger, address: Address) -> usize {
        let known = self.accounts.iter().position(|one| one.address == address);
        known.unwrap_or_else(|| {
            let state = ledger.account(&address);
            self.accounts.push(AccountAccess {
                address,
                before: state,
                after: state,
                slots: Vec::new(),
                transient: Vec::new(),
            });
            self.accounts.len() - 1
        })
    }

    /// Places of an account and of its slot, read from the ledger at the first touch.
    pub(crate) fn touch_slot(
        &mut self,
        ledger: &Ledger,
        address: Address,
        key: Word,
    ) -> (usize, usize) {
        let account = self.touch(ledger, address);
        let slots = &mut self.accounts[account].slots;
        let known = slots.iter().position(|slot| slot.key == key);
        let slot = known.unwrap_or_else(|| {
            let value = ledger.slot(&address, &key);
            slots.push(SlotAccess {
                key,
                before: value,
                after: value,
                is_written: false,
            });
            slots.len() - 1
        });
        (account, slot)
    }

    /// Places of an account and of its transient slot, which is zero at the first touch.
    pub(crate) fn touch_transient(
        &mut self,
        ledger: &Ledger,
        address: Address,
        key: Word,
    ) -> (usize, usize) {
        let account = self.touch(ledger, address);
        let slots = &mut self.accounts[account].transient;
        let known = slots.iter().position(|slot| slot.key == key);
        let slot = known.unwrap_or_else(|| {
            slots.push(SlotAccess {
                key,
                before: Word::default(),
                after: Word::default(),
                is_written: false,
            });
            slots.len() - 1
        });
        (account, slot)
    }

    /// The account at a place.
    pub(crate) fn account_mut(&mut self, at: usize) -> &mut AccountAccess {
        &mut self.accounts[at]
    }

    /// Writes a slot, for good.
    pub(crate) fn write(&mut self, ledger: &Ledger, address: Address, key: Word, value: Word) {
        let (account, slot) = self.touch_slot(ledger, address, key);
        let access = &mut self.accounts[account].slots[slot];
        access.after = value;
        access.is_written = true;
    }

    /// Brings accounts and slots into the order of their bytes: like a node's, it is not that of the program.
    pub(crate) fn sort(&mut self) {
        self.accounts.sort_unstable_by_key(|one| one.address);
        for account in &mut self.accounts {
            account.slots.sort_unstable_by_key(|slot| slot.key);
            account.transient.sort_unstable_by_key(|slot| slot.key);
        }
    }

    /// Puts the list on the tape: ACCOUNT_ACCESS_LIST_HEADER, then each account with its slots.
    pub(crate) fn put_on(
        &self,
        tape: &mut Tape,
        txn_index: Option<usize>,
        context: monad_exec_account_access_context,
    ) {
        let header = monad_exec_account_access_list_header {
            entry_count: self.accounts.len() as u32,
            access_context: context,
        };
        tape.push_at(txn_index, 0, ExecEventRef::AccountAccessListHeader(&header));
        for (index, account) in self.accounts.iter().enumerate() {
            let AccountAccess { before, after, .. } = account;
            let is_balance_modified = before.balance != after.balance;
            let is_nonce_modified = before.nonce != after.nonce;
            let access = monad_exec_account_access {
                index: index as u32,
                address: account.address,
                access_context: context,
                is_balance_modified,
                is_nonce_modified,
                prestate: monad_c_eth_account_state {
                    nonce: before.nonce,
                    balance: before.balance.into(),
                    code_hash: before.code_hash,
                },
                modified_balance: if is_balance_modified {
                    after.balance
                } else {
                    0
                }
                .into(),
                modified_nonce: if is_nonce_modified { after.nonce } else { 0 },
                storage_key_count: account.slots.len() as u32,
                transient_count: account.transient.len() as u32,
            };
            tape.push_at(txn_index, 0, ExecEventRef::AccountAccess(&access));
            // Ordinary slots first, then transient ones, whose index begins again at 0.
            for (slots, transient) in [(&account.slots, false), (&account.transient, true)] {
                for (slot_index, slot) in slots.iter().enumerate() {
                    let access = monad_exec_storage_access {
                        address: account.address,
                        index: slot_index as u32,
                        access_context: context,
                        modified: slot.is_modified(),
                        transient,
                        key: slot.key,
                        start_value: slot.before,
                        end_value: slot.end_value(),
                    };
                    let event = ExecEventRef::StorageAccess(&access);
                    tape.push_at(txn_index, index as u64, event);
                }
            }
        }
    }
}
