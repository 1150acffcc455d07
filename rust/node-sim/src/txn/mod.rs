//! One executed transaction: what its events say. kind.rs chooses what it does, the scripts beside do it on
//! execution.rs, header.rs signs it, recorded.rs puts it on a tape; chain/block.rs decides how many there are.

mod creation;
mod delegation;
mod execution;
mod factory;
mod frame;
mod gas;
mod header;
mod kind;
mod nested;
mod recorded;
mod swap;
mod transfer;

use fastrand::Rng;
use monad_exec_events::ffi::{
    monad_exec_txn_auth_list_entry, monad_exec_txn_evm_output, monad_exec_txn_header_start,
};

use crate::{
    access::AccessList,
    cast::Cast,
    ledger::Ledger,
    word::{Address, Word},
};

pub(crate) use execution::Execution;
use frame::{Frame, Log};
pub(crate) use header::Fees;
pub(crate) use kind::TxnKind;
pub(crate) use recorded::TxnEnd;

/// An entry of a transaction's access list.
struct ListedAccount {
    address: Address,
    keys: Vec<Word>,
}

/// A transaction after its execution.
pub(crate) struct Txn {
    header: monad_exec_txn_header_start,
    data: Vec<u8>,
    /// Versioned hashes of 32 bytes, one behind the other.
    blob_hashes: Vec<u8>,
    access_list: Vec<ListedAccount>,
    authorizations: Vec<monad_exec_txn_auth_list_entry>,
    pub(crate) output: monad_exec_txn_evm_output,
    logs: Vec<Log>,
    /// In the order of entering; empty if the node does not record them.
    frames: Vec<Frame>,
    accesses: AccessList,
}

/// What is the same for all transactions of a block.
pub(crate) struct TxnContext<'a> {
    pub(crate) cast: &'a Cast,
    pub(crate) chain_id: u64,
    pub(crate) fees: Fees,
    pub(crate) beneficiary: Address,
    pub(crate) trace_calls: bool,
}

impl Txn {
    /// Invents a transaction of a kind, executes it and applies it to the ledger.
    pub(crate) fn execute(
        kind: TxnKind,
        context: &TxnContext<'_>,
        ledger: &mut Ledger,
        rng: &mut Rng,
    ) -> Self {
        let sender = context.cast.account(rng);
        let tip = header::tip(rng);
        let mut evm = Execution::new(ledger, sender, kind.gas_limit());
        kind.act(&mut evm, context.cast, rng);
        let executed = evm.finish(context.fees.base + tip, tip, context.beneficiary);
        let txn = header::sign(kind, context, executed, tip, rng);
        ledger.apply(&txn.accesses);
        txn
    }
}
