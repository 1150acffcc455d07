//! Runs a transaction's script: call frames with depth and gas, state with undo, logs that vanish with their frame.
//! The scripts beside call it, frame.rs and gas.rs are its parts, header.rs takes the result. Reads the ledger and
//! never changes it.

use monad_exec_events::ffi::{monad_exec_txn_auth_list_entry, monad_exec_txn_call_frame};

use super::{
    frame::{Frame, Log, Opcode, Status},
    gas,
};
use crate::{
    access::{AccessList, SlotAccess},
    ledger::{AccountState, Ledger},
    word::{Address, Word},
};

/// A script's effects, before the transaction is signed.
pub(crate) struct Executed {
    pub(crate) sender: Address,
    pub(crate) nonce: u64,
    pub(crate) is_success: bool,
    pub(crate) gas_used: u64,
    pub(crate) logs: Vec<Log>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) accesses: AccessList,
    pub(crate) authorizations: Vec<monad_exec_txn_auth_list_entry>,
}

/// A transaction that is being executed.
pub(crate) struct Execution<'a> {
    ledger: &'a Ledger,
    sender: Address,
    gas_limit: u64,
    accesses: AccessList,
    journal: Vec<Change>,
    logs: Vec<Log>,
    frames: Vec<Frame>,
    open: Vec<OpenFrame>,
    authorizations: Vec<monad_exec_txn_auth_list_entry>,
}

struct OpenFrame {
    frame: usize,
    gas_used: u64,
    journal_length: usize,
    log_count: usize,
}

/// What a revert puts back; places are those in the access list.
enum Change {
    Account(usize, AccountState),
    Slot(usize, usize, SlotAccess),
    Transient(usize, usize, SlotAccess),
}

impl<'a> Execution<'a> {
    /// Takes the sender's nonce; the script's first [`enter`](Self::enter) is the transaction itself.
    pub(crate) fn new(ledger: &'a Ledger, sender: Address, gas_limit: u64) -> Self {
        let mut evm = Self {
            ledger,
            sender,
            gas_limit,
            accesses: AccessList::default(),
            journal: Vec::new(),
            logs: Vec::new(),
            frames: Vec::new(),
            open: Vec::new(),
            authorizations: Vec::new(),
        };
        evm.account(sender).nonce += 1;
        evm
    }

    /// Who signed the transaction.
    pub(crate) fn sender(&self) -> Address {
        self.sender
    }

    /// An account's state as it is now.
    pub(crate) fn state(&mut self, address: Address) -> AccountState {
        *self.account(address)
    }

    /// Takes an authorization before the first frame; a valid one sets its signer's code (EIP-7702).
    pub(crate) fn authorize(
        &mut self,
        mut authorization: monad_exec_txn_auth_list_entry,
        code: Word,
    ) {
        authorization.index = self.authorizations.len() as u32;
        if authorization.is_valid_authority {
            let signer = self.account(authorization.authority);
            signer.nonce += 1;
            signer.code_hash = code;
        }
        self.authorizations.push(authorization);
    }

    /// Opens a frame and moves its value, if its instruction does.
    ///
    /// `target` is the called account, for DELEGATECALL that of the code, for creations the new account.
    pub(crate) fn enter(
        &mut self,
        opcode: Opcode,
        caller: Address,
        target: Address,
        value: u128,
        input: Vec<u8>,
    ) {
        let is_creation = matches!(opcode, Opcode::Create | Opcode::Create2);
        let own_gas = match (self.open.len(), is_creation) {
            (0, false) => {
                gas::intrinsic(&input) + gas::AUTHORIZATION * self.authorizations.len() as u64
            }
            (0, true) => gas::intrinsic(&input) + gas::CREATE,
            (_, true) => gas::CREATE,
            (_, false) if value > 0 && opcode == Opcode::Call => gas::CALL + gas::CALL_VALUE,
            (_, false) => gas::CALL,
        };
        let gas = match self.open.last() {
            None => self.gas_limit,
            // What is left, but for the 64th part that EIP-150 keeps back.
            Some(parent) => {
                let given = self.frames[parent.frame].call.gas;
                given.saturating_sub(parent.gas_used) / 64 * 63
            }
        };
        self.open.push(OpenFrame {
            frame: self.frames.len(),
            gas_used: own_gas,
            journal_length: self.journal.len(),
            log_count: self.logs.len(),
        });
        self.frames.push(Frame {
            call: monad_exec_txn_call_frame {
                index: self.frames.len() as u32,
                caller,
                call_target: target,
                opcode: opcode as u8,
                value: value.into(),
                gas,
                depth: self.open.len() as u64 - 1,
                input_length: input.len() as u64,
                ..Default::default()
            },
            input,
            output: Vec::new(),
        });
        if is_creation {
            // EIP-161: a new contract starts with nonce 1.
            self.change(target, |account| account.nonce = 1);
        }
        let moves_value = is_creation || matches!(opcode, Opcode::Call | Opcode::SelfDestruct);
        if moves_value && value > 0 {
            self.change(caller, |account| {
                account.balance -= value.min(account.balance)
            });
            self.change(target, |account| account.balance += value);
        }
        self.account(target);
    }

    /// Closes the innermost frame; anything but success undoes what happened inside.
    pub(crate) fn leave(&mut self, status: Status, output: Vec<u8>) {
        let Some(closed) = self.open.pop() else {
            return;
        };
        if status != Status::Success {
            self.undo(closed.journal_length);
            self.logs.truncate(closed.log_count);
        }
        let frame = &mut self.frames[closed.frame];
        let gas_used = match status {
            Status::OutOfGas => frame.call.gas,
            Status::Success | Status::Revert | Status::ReserveBalance => closed.gas_used,
        };
        frame.call.gas_used = gas_used;
        frame.call.evmc_status = status as i32;
        frame.call.return_length = output.len() as u64;
        frame.output = output;
        if let Some(parent) = self.open.last_mut() {
            parent.gas_used += gas_used;
        }
    }

    /// Reads a storage slot.
    pub(crate) fn load(&mut self, address: Address, key: Word) -> Word {
        self.burn(gas::LOAD);
        let (account, slot) = self.accesses.touch_slot(self.ledger, address, key);
        self.accesses.account_mut(account).slots[slot].after
    }

    /// Writes a storage slot.
    pub(crate) fn store(&mut self, address: Address, key: Word, value: Word) {
        self.burn(gas::STORE);
        let (account, slot) = self.accesses.touch_slot(self.ledger, address, key);
        let access = &mut self.accesses.account_mut(account).slots[slot];
        self.journal.push(Change::Slot(account, slot, *access));
        access.after = value;
        access.is_written = true;
    }

    /// Writes a slot of transient storage.
    pub(crate) fn store_transient(&mut self, address: Address, key: Word, value: Word) {
        self.burn(gas::TRANSIENT);
        let (account, slot) = self.accesses.touch_transient(self.ledger, address, key);
        let access = &mut self.accesses.account_mut(account).transient[slot];
        self.journal.push(Change::Transient(account, slot, *access));
        access.after = value;
        access.is_written = true;
    }

    /// Emits a log.
    pub(crate) fn log(&mut self, address: Address, topics: &[Word], data: Vec<u8>) {
        self.burn(gas::LOG * (1 + topics.len() as u64) + gas::LOG_BYTE * data.len() as u64);
        self.logs.push(Log {
            address,
            topics: crate::abi::words(topics),
            data,
        });
    }

    /// Charges the fee (`price` and of it `tip`, in wei per gas) and hands everything over.
    pub(crate) fn finish(mut self, price: u128, tip: u128, beneficiary: Address) -> Executed {
        let outermost = self.frames.first().map(|frame| frame.call);
        let gas_used = outermost.map_or(gas::TRANSACTION, |frame| frame.gas_used);
        debug_assert!(
            gas_used <= self.gas_limit,
            "{gas_used} gas used of {}",
            self.gas_limit
        );
        let sender = self.sender;
        let payer = self.account(sender);
        let nonce = payer.nonce - 1;
        payer.balance -= (u128::from(gas_used) * price).min(payer.balance);
        self.account(beneficiary).balance += u128::from(gas_used) * tip;
        self.accesses.sort();
        Executed {
            sender,
            nonce,
            is_success: outermost.is_some_and(|frame| frame.evmc_status == Status::Success as i32),
            gas_used,
            logs: self.logs,
            frames: self.frames,
            accesses: self.accesses,
            authorizations: self.authorizations,
        }
    }

    fn account(&mut self, address: Address) -> &mut AccountState {
        let at = self.accesses.touch(self.ledger, address);
        &mut self.accesses.account_mut(at).after
    }

    fn change(&mut self, address: Address, apply: impl FnOnce(&mut AccountState)) {
        let at = self.accesses.touch(self.ledger, address);
        let state = &mut self.accesses.account_mut(at).after;
        self.journal.push(Change::Account(at, *state));
        apply(state);
    }

    fn undo(&mut self, journal_length: usize) {
        for change in self.journal.drain(journal_length..).rev() {
            match change {
                Change::Account(at, before) => self.accesses.account_mut(at).after = before,
                Change::Slot(at, slot, before) => {
                    self.accesses.account_mut(at).slots[slot] = before
                }
                Change::Transient(at, slot, before) => {
                    self.accesses.account_mut(at).transient[slot] = before
                }
            }
        }
    }

    fn burn(&mut self, gas: u64) {
        if let Some(frame) = self.open.last_mut() {
            frame.gas_used += gas;
        }
    }
}
