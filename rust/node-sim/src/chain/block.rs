//! Executes one proposal: prologue, transactions and epilogue against the ledger; then puts all of it on the tape.
//! Transactions come from txn/, their order on the tape from dispatch.rs. Source: ring-and-events §5.2.

use fastrand::Rng;
use monad_exec_events::{
    ExecEventRef,
    ffi::{
        MONAD_ACCT_ACCESS_BLOCK_EPILOGUE, MONAD_ACCT_ACCESS_BLOCK_PROLOGUE, monad_c_bloom256,
        monad_c_eth_block_exec_output, monad_c_eth_block_input, monad_c_secp256k1_pubkey,
        monad_exec_block_end, monad_exec_block_start,
    },
};

use super::{
    ChainOptions,
    dispatch::{Parts, RecorderOrder, Step, dispatch},
    failure::Failure,
    proposal::Proposal,
};
use crate::{
    abi::EMPTY_OMMERS_HASH,
    access::AccessList,
    cast::{Cast, Validator},
    ledger::Ledger,
    tape::Tape,
    txn::{Fees, Txn, TxnContext, TxnEnd, TxnKind},
    word::{Address, Role, of_amount, to_amount},
};

/// Keeps the hashes of the latest blocks (EIP-2935); written in the prologue.
const HISTORY_CONTRACT: Address = Address {
    bytes: [
        0x00, 0x00, 0xf9, 0x08, 0x27, 0xf1, 0xc5, 0x3a, 0x10, 0xcb, 0x7a, 0x02, 0x33, 0x5b, 0x17,
        0x53, 0x20, 0x00, 0x29, 0x35,
    ],
};
/// Block hashes that it keeps.
const HISTORY_LENGTH: u64 = 8191;
/// Books rewards; written in the epilogue.
const STAKING_CONTRACT: Address = Address {
    bytes: [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x00,
    ],
};
/// Contracts that the chain itself calls.
pub(super) const SYSTEM_CONTRACTS: [Address; 2] = [HISTORY_CONTRACT, STAKING_CONTRACT];

/// Wei that a block earns its proposer.
const REWARD: u128 = 25 * 10_u128.pow(18);
/// Gas limit of a block, unless its transactions use more.
const GAS_LIMIT: u64 = 150_000_000;
const EXTRA_DATA: &[u8] = b"ringcast node-sim";

/// Everything that the events of one executed block say.
pub(super) struct BlockPlan {
    start: monad_exec_block_start,
    prologue: AccessList,
    txns: Vec<Txn>,
    epilogue: AccessList,
    end: monad_exec_block_end,
}

impl BlockPlan {
    /// Invents the block's transactions (all with much calldata if it is heavy) and executes it on the ledger.
    pub(super) fn execute(
        proposal: &Proposal,
        proposal_epoch_nanos: u128,
        options: &ChainOptions,
        is_heavy: bool,
        cast: &Cast,
        ledger: &mut Ledger,
        rng: &mut Rng,
    ) -> Self {
        let validator = cast.validators[proposal.round as usize % cast.validators.len()];
        let fees = Fees::of_block(rng);
        let prologue = prologue(proposal, ledger);
        ledger.apply(&prologue);
        let context = TxnContext {
            cast,
            chain_id: options.chain_id,
            fees,
            beneficiary: validator.beneficiary,
            trace_calls: options.trace_calls,
        };
        let txns: Vec<Txn> = (0..options.txns_per_block)
            .map(|_| {
                let kind = if is_heavy {
                    TxnKind::Heavy
                } else {
                    TxnKind::pick(rng)
                };
                Txn::execute(kind, &context, ledger, rng)
            })
            .collect();
        let epilogue = epilogue(&validator, ledger);
        ledger.apply(&epilogue);

        let gas_used = txns.iter().map(|txn| txn.output.receipt.gas_used).sum();
        let mut input = monad_c_eth_block_input {
            ommers_hash: EMPTY_OMMERS_HASH,
            beneficiary: validator.beneficiary,
            transactions_root: proposal.word(Role::Transactions),
            number: proposal.tag.block_number,
            gas_limit: GAS_LIMIT.max(gas_used),
            timestamp: (proposal_epoch_nanos / 1_000_000_000) as u64,
            extra_data_length: EXTRA_DATA.len() as u64,
            prev_randao: proposal.word(Role::Randao),
            base_fee_per_gas: fees.base.into(),
            txn_count: txns.len() as u64,
            ..Default::default()
        };
        input.extra_data.bytes[..EXTRA_DATA.len()].copy_from_slice(EXTRA_DATA);
        Self {
            start: monad_exec_block_start {
                block_tag: proposal.tag,
                round: proposal.round,
                epoch: proposal.epoch,
                proposal_epoch_nanos,
                chain_id: options.chain_id.into(),
                author: monad_c_secp256k1_pubkey {
                    y_parity: 2 + (validator.key.bytes[31] & 1),
                    x: validator.key.bytes,
                },
                parent_eth_hash: proposal.parent_eth_hash,
                eth_block_input: input,
                ..Default::default()
            },
            prologue,
            txns,
            epilogue,
            end: monad_exec_block_end {
                eth_block_hash: proposal.eth_hash(),
                exec_output: monad_c_eth_block_exec_output {
                    state_root: proposal.word(Role::State),
                    receipts_root: proposal.word(Role::Receipts),
                    logs_bloom: monad_c_bloom256::default(),
                    gas_used,
                },
            },
        }
    }

    /// Puts the block on the tape, from BLOCK_START to BLOCK_END or to the event that its failure ends it with.
    pub(super) fn put_on(
        &self,
        tape: &mut Tape,
        order: RecorderOrder,
        failure: Option<&Failure>,
        rng: &mut Rng,
    ) {
        tape.push(ExecEventRef::BlockStart(&self.start));
        if let Some(failure) = failure.filter(|failure| failure.is_early()) {
            return failure.put_on(tape);
        }
        tape.push(ExecEventRef::BlockPerfEvmEnter);
        self.prologue
            .put_on(tape, None, MONAD_ACCT_ACCESS_BLOCK_PROLOGUE);
        self.put_txns_on(tape, order, failure, rng);
        let failing_txn = failure.and_then(Failure::txn);
        if failing_txn.is_none() {
            self.epilogue
                .put_on(tape, None, MONAD_ACCT_ACCESS_BLOCK_EPILOGUE);
        }
        match failure {
            Some(failure) => failure.put_on(tape),
            None => {
                tape.push(ExecEventRef::BlockPerfEvmExit);
                tape.push(ExecEventRef::BlockEnd(&self.end));
            }
        }
    }

    /// Puts every transaction on the tape by itself, takes all off again and puts their events back mixed.
    fn put_txns_on(
        &self,
        tape: &mut Tape,
        order: RecorderOrder,
        failure: Option<&Failure>,
        rng: &mut Rng,
    ) {
        let start = tape.len();
        let mut firsts = Vec::with_capacity(self.txns.len());
        let mut parts = Vec::with_capacity(self.txns.len());
        for (txn_index, txn) in self.txns.iter().enumerate() {
            let first = tape.len();
            let end = match failure {
                Some(failure) if failure.txn() == Some(txn_index) => failure.txn_end(),
                _ => TxnEnd::Executed,
            };
            tape.push_of(txn_index, ExecEventRef::TxnPerfEvmEnter);
            if order == RecorderOrder::Old {
                tape.push_of(txn_index, ExecEventRef::TxnPerfEvmExit);
            }
            txn.put_header_on(tape, txn_index);
            let early = match order {
                RecorderOrder::Current => tape.len() - first,
                RecorderOrder::Old => 1,
            };
            txn.put_end_on(tape, txn_index, end);
            if order == RecorderOrder::Current {
                tape.push_of(txn_index, ExecEventRef::TxnPerfEvmExit);
            }
            firsts.push(first - start);
            parts.push(Parts {
                early,
                all: tape.len() - first,
            });
        }
        let staged = tape.stage_from(start);
        let last = failure.and_then(Failure::txn);
        dispatch(order, &parts, last, rng, |Step { txn_index, part }| {
            tape.put_back(&staged, firsts[txn_index] + part);
        });
    }
}

/// The system call before the first transaction: the parent's hash is kept.
fn prologue(proposal: &Proposal, ledger: &Ledger) -> AccessList {
    let mut accesses = AccessList::default();
    let place = proposal.tag.block_number.saturating_sub(1) % HISTORY_LENGTH;
    accesses.write(
        ledger,
        HISTORY_CONTRACT,
        of_amount(place.into()),
        proposal.parent_eth_hash,
    );
    accesses
}

/// The reward after the last transaction.
fn epilogue(validator: &Validator, ledger: &Ledger) -> AccessList {
    let mut accesses = AccessList::default();
    let at = accesses.touch(ledger, validator.beneficiary);
    accesses.account_mut(at).after.balance += REWARD;
    let total = to_amount(&ledger.slot(&STAKING_CONTRACT, &of_amount(0)));
    accesses.write(
        ledger,
        STAKING_CONTRACT,
        of_amount(0),
        of_amount(total + REWARD),
    );
    accesses.sort();
    accesses
}
