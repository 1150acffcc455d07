//! Makes a signed transaction of what a script did: type, fees, access list, signature, announced counts.
//! Fed by execution.rs; its result is put on a tape by recorded.rs.

use fastrand::Rng;
use monad_exec_events::ffi::{
    MONAD_TXN_EIP1559, MONAD_TXN_EIP2930, MONAD_TXN_EIP4844, MONAD_TXN_EIP7702, MONAD_TXN_LEGACY,
    monad_c_eth_txn_header, monad_c_eth_txn_receipt, monad_c_uint256_ne, monad_exec_txn_evm_output,
    monad_exec_txn_header_start,
};

use super::{ListedAccount, Txn, TxnContext, TxnKind, execution::Executed, frame::Opcode};
use crate::word::{Address, Word};

const GWEI: u128 = 1_000_000_000;

/// Prices of a block, in wei per gas.
#[derive(Clone, Copy)]
pub(crate) struct Fees {
    pub(crate) base: u128,
}

impl Fees {
    /// A base fee near 100 gwei.
    pub(crate) fn of_block(rng: &mut Rng) -> Self {
        Self {
            base: 100 * GWEI + u128::from(rng.u32(..)),
        }
    }
}

/// What a sender gives the proposer, in wei per gas.
pub(super) fn tip(rng: &mut Rng) -> u128 {
    GWEI + u128::from(rng.u32(..))
}

/// The transaction around what was executed.
pub(super) fn sign(
    kind: TxnKind,
    context: &TxnContext<'_>,
    executed: Executed,
    tip: u128,
    rng: &mut Rng,
) -> Txn {
    let Executed {
        sender,
        nonce,
        is_success,
        gas_used,
        logs,
        mut frames,
        accesses,
        authorizations,
    } = executed;
    let is_listed = rng.u8(..100) < kind.access_list_share();
    let access_list: Vec<ListedAccount> = if is_listed {
        let others = accesses.accounts().iter();
        others
            .filter(|access| !access.slots.is_empty())
            .map(|access| ListedAccount {
                address: access.address,
                keys: access.slots.iter().map(|slot| slot.key).collect(),
            })
            .collect()
    } else {
        Vec::new()
    };
    let txn_type = match (kind, is_listed, rng.u8(..100)) {
        (TxnKind::Blobs, ..) => MONAD_TXN_EIP4844,
        (TxnKind::Delegation, ..) => MONAD_TXN_EIP7702,
        (_, true, ..50) => MONAD_TXN_EIP2930,
        (_, false, ..10) => MONAD_TXN_LEGACY,
        _ => MONAD_TXN_EIP1559,
    };
    // Types without a priority fee pay what they offer; the others leave the base fee room to rise.
    let (max_fee, max_priority_fee) = match txn_type {
        MONAD_TXN_LEGACY | MONAD_TXN_EIP2930 => (context.fees.base + tip, 0),
        _ => (2 * context.fees.base + tip, tip),
    };
    let blob_hashes = blob_hashes(txn_type, rng);
    let (outer, data) = frames
        .first()
        .map(|frame| (frame.call, frame.input.clone()))
        .unwrap_or_default();
    let is_contract_creation = outer.opcode == Opcode::Create as u8;
    if !context.trace_calls {
        frames.clear();
    }
    let header = monad_exec_txn_header_start {
        txn_hash: random_word(rng),
        sender,
        txn_header: monad_c_eth_txn_header {
            txn_type,
            chain_id: context.chain_id.into(),
            nonce,
            gas_limit: outer.gas,
            max_fee_per_gas: max_fee.into(),
            max_priority_fee_per_gas: max_priority_fee.into(),
            value: outer.value,
            to: if is_contract_creation {
                Address::default()
            } else {
                outer.call_target
            },
            is_contract_creation,
            r: random_signature_part(rng),
            s: random_signature_part(rng),
            y_parity: rng.bool(),
            data_length: data.len() as u32,
            max_fee_per_blob_gas: if blob_hashes.is_empty() { 0 } else { GWEI }.into(),
            blob_versioned_hash_length: (blob_hashes.len() / 32) as u32,
            access_list_count: access_list.len() as u32,
            auth_list_count: authorizations.len() as u32,
        },
    };
    let output = monad_exec_txn_evm_output {
        receipt: monad_c_eth_txn_receipt {
            status: is_success,
            log_count: logs.len() as u32,
            gas_used,
        },
        call_frame_count: frames.len() as u32,
    };
    Txn {
        header,
        data,
        blob_hashes,
        access_list,
        authorizations,
        output,
        logs,
        frames,
        accesses,
    }
}

/// Versioned hashes of the blobs that a transaction of type 3 carries, one behind the other.
fn blob_hashes(txn_type: u8, rng: &mut Rng) -> Vec<u8> {
    /// First byte of a hash of a KZG commitment (EIP-4844).
    const VERSION: u8 = 1;
    let count = match txn_type {
        MONAD_TXN_EIP4844 => rng.usize(1..=6),
        _ => 0,
    };
    let mut hashes = vec![0; 32 * count];
    rng.fill(&mut hashes);
    hashes
        .iter_mut()
        .step_by(32)
        .for_each(|first| *first = VERSION);
    hashes
}

fn random_word(rng: &mut Rng) -> Word {
    let mut word = Word::default();
    rng.fill(&mut word.bytes);
    word
}

/// Below half of the curve's order, as both parts of a canonical signature may be.
pub(super) fn random_signature_part(rng: &mut Rng) -> monad_c_uint256_ne {
    let mut bytes = random_word(rng).bytes;
    bytes[0] &= 0x3f;
    monad_c_uint256_ne::from_be_bytes(bytes)
}
