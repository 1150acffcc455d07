//! The structs of block and consensus events.
//! Source: ring-and-events §4.2. Declared through `layout`, re-exported by `ffi`.

use super::layout::c_structs;
use super::primitive::{
    monad_c_address, monad_c_b64, monad_c_bloom256, monad_c_bytes32, monad_c_uint128_ne,
    monad_c_uint256_ne,
};

c_structs! {
    /// What names a proposed block; also the payload of BLOCK_FINALIZED.
    struct monad_exec_block_tag: 40, align 8 {
        /// MonadBFT block id: the only unique key before finalization.
        0 => id: monad_c_bytes32,
        /// The number that the block has once finalized.
        32 => block_number: u64,
    }

    /// A compressed secp256k1 public key.
    struct monad_c_secp256k1_pubkey: 33, align 1 {
        /// First byte of the compressed form.
        0 => y_parity: u8,
        /// The x coordinate, big-endian.
        #[serde(serialize_with = "crate::hex::serialize_bytes")]
        1 => x: [u8; 32],
    }

    /// The fields of the Ethereum header that are known before execution.
    struct monad_c_eth_block_input: 272, align 8 {
        /// Hash of the (empty) list of ommers.
        0 => ommers_hash: monad_c_bytes32,
        /// Receiver of the priority fees.
        32 => beneficiary: monad_c_address,
        /// Root of the transaction trie.
        52 => transactions_root: monad_c_bytes32,
        /// Proof-of-work difficulty; zero after the merge.
        88 => difficulty: u64,
        /// Block number.
        96 => number: u64,
        /// Gas limit of the block.
        104 => gas_limit: u64,
        /// Seconds since the epoch.
        112 => timestamp: u64,
        /// The first `extra_data_length` bytes are valid.
        120 => extra_data: monad_c_bytes32,
        /// Valid bytes of `extra_data`, 0 to 32.
        152 => extra_data_length: u64,
        /// RANDAO mix of the previous block.
        160 => prev_randao: monad_c_bytes32,
        /// Header nonce.
        192 => nonce: monad_c_b64,
        /// Wei per gas; zero if absent.
        200 => base_fee_per_gas: monad_c_uint256_ne,
        /// Root of the withdrawals trie; zero if absent.
        232 => withdrawals_root: monad_c_bytes32,
        /// Transactions in the block.
        264 => txn_count: u64,
    }

    /// What Monad's own base fee rule needs; zero for older consensus headers.
    struct monad_c_native_block_input: 64, align 8 {
        /// Trend of the base fee.
        0 => base_fee_trend: monad_c_uint256_ne,
        /// Moment of the base fee.
        32 => base_fee_moment: monad_c_uint256_ne,
    }

    /// BLOCK_START: execution of a proposal begins.
    struct monad_exec_block_start: 528, align 16 {
        /// Which proposal.
        0 => block_tag: monad_exec_block_tag,
        /// Consensus round of the proposal.
        40 => round: u64,
        /// Consensus epoch of the proposal.
        48 => epoch: u64,
        /// Nanoseconds since the epoch, by the proposer's clock.
        64 => proposal_epoch_nanos: monad_c_uint128_ne,
        /// Chain id.
        80 => chain_id: monad_c_uint256_ne,
        /// Who proposed the block.
        112 => author: monad_c_secp256k1_pubkey,
        /// Ethereum hash of the parent block.
        145 => parent_eth_hash: monad_c_bytes32,
        /// Ethereum's inputs.
        184 => eth_block_input: monad_c_eth_block_input,
        /// Monad's inputs.
        456 => monad_block_input: monad_c_native_block_input,
    }

    /// The fields of the Ethereum header that execution finds.
    struct monad_c_eth_block_exec_output: 328, align 8 {
        /// State root after the block.
        0 => state_root: monad_c_bytes32,
        /// Root of the receipt trie.
        32 => receipts_root: monad_c_bytes32,
        /// Bloom over all logs of the block.
        64 => logs_bloom: monad_c_bloom256,
        /// Gas that all transactions used.
        320 => gas_used: u64,
    }

    /// BLOCK_END: the block was executed.
    struct monad_exec_block_end: 360, align 8 {
        /// Ethereum hash of the block.
        0 => eth_block_hash: monad_c_bytes32,
        /// Ethereum's outputs.
        32 => exec_output: monad_c_eth_block_exec_output,
    }

    /// BLOCK_QC: a quorum voted for a proposal.
    struct monad_exec_block_qc: 56, align 8 {
        /// The proposal that was voted for.
        0 => block_tag: monad_exec_block_tag,
        /// Round of the vote, which may differ from the block's own.
        40 => round: u64,
        /// Epoch of the vote.
        48 => epoch: u64,
    }

    /// BLOCK_VERIFIED: a quorum agreed on the state root of the finalized block of this number.
    struct monad_exec_block_verified: 8, align 8 {
        /// Block number.
        0 => block_number: u64,
    }
}

/// BLOCK_FINALIZED: the proposal is irreversible.
#[allow(non_camel_case_types, reason = "the official name")]
pub type monad_exec_block_finalized = monad_exec_block_tag;

/// BLOCK_REJECT: the code that [`block_reject_reason_name`](crate::block_reject_reason_name) names.
#[allow(non_camel_case_types, reason = "the official name")]
pub type monad_exec_block_reject = u32;
