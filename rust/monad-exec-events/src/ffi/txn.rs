//! The structs of transaction events: header, lists, output, logs and call frames.
//! Source: ring-and-events §4.2. Declared through `layout`, re-exported by `ffi`.

use super::layout::c_structs;
use super::primitive::{monad_c_address, monad_c_bytes32, monad_c_uint256_ne};

/// Transaction type, one of the `MONAD_TXN_*`.
#[allow(non_camel_case_types, reason = "the official name")]
pub type monad_c_transaction_type = u8;

/// Untyped transaction.
pub const MONAD_TXN_LEGACY: monad_c_transaction_type = 0;
/// EIP-2930: access list.
pub const MONAD_TXN_EIP2930: monad_c_transaction_type = 1;
/// EIP-1559: priority fee.
pub const MONAD_TXN_EIP1559: monad_c_transaction_type = 2;
/// EIP-4844: blobs.
pub const MONAD_TXN_EIP4844: monad_c_transaction_type = 3;
/// EIP-7702: authorization list.
pub const MONAD_TXN_EIP7702: monad_c_transaction_type = 4;

c_structs! {
    /// The signed fields of a transaction, of every type.
    struct monad_c_eth_txn_header: 296, align 8 {
        /// One of the `MONAD_TXN_*`.
        0 => txn_type: monad_c_transaction_type,
        /// Zero when signed without a chain id (before EIP-155).
        8 => chain_id: monad_c_uint256_ne,
        /// Sender's nonce.
        40 => nonce: u64,
        /// Gas limit.
        48 => gas_limit: u64,
        /// Wei per gas; the gas price of types 0 and 1.
        56 => max_fee_per_gas: monad_c_uint256_ne,
        /// Wei per gas for the proposer.
        88 => max_priority_fee_per_gas: monad_c_uint256_ne,
        /// Wei sent along.
        120 => value: monad_c_uint256_ne,
        /// Receiver; zero for a contract creation.
        152 => to: monad_c_address,
        /// True if the transaction creates a contract.
        172 => is_contract_creation: bool,
        /// Signature.
        176 => r: monad_c_uint256_ne,
        /// Signature.
        208 => s: monad_c_uint256_ne,
        /// Signature.
        240 => y_parity: bool,
        /// Wei per blob gas.
        248 => max_fee_per_blob_gas: monad_c_uint256_ne,
        /// Bytes of calldata that follow.
        280 => data_length: u32,
        /// Blob hashes of 32 bytes that follow the calldata.
        284 => blob_versioned_hash_length: u32,
        /// TXN_ACCESS_LIST_ENTRY events that follow.
        288 => access_list_count: u32,
        /// TXN_AUTH_LIST_ENTRY events that follow.
        292 => auth_list_count: u32,
    }

    /// TXN_HEADER_START; calldata and blob hashes follow.
    struct monad_exec_txn_header_start: 352, align 8 {
        /// Keccak-256 of the signed transaction.
        0 => txn_hash: monad_c_bytes32,
        /// Recovered sender.
        32 => sender: monad_c_address,
        /// The signed fields.
        56 => txn_header: monad_c_eth_txn_header,
    }

    /// One account of an access list.
    struct monad_c_access_list_entry: 24, align 4 {
        /// Account.
        0 => address: monad_c_address,
        /// Keys of 32 bytes that follow.
        20 => storage_key_count: u32,
    }

    /// TXN_ACCESS_LIST_ENTRY; the storage keys follow.
    struct monad_exec_txn_access_list_entry: 28, align 4 {
        /// Place in the access list.
        0 => index: u32,
        /// The entry.
        4 => entry: monad_c_access_list_entry,
    }

    /// One signed authorization (EIP-7702).
    struct monad_c_auth_list_entry: 136, align 8 {
        /// Zero means any chain.
        0 => chain_id: monad_c_uint256_ne,
        /// The code that the authority delegates to.
        32 => address: monad_c_address,
        /// Nonce of the authority.
        56 => nonce: u64,
        /// Signature.
        64 => y_parity: bool,
        /// Signature.
        72 => r: monad_c_uint256_ne,
        /// Signature.
        104 => s: monad_c_uint256_ne,
    }

    /// TXN_AUTH_LIST_ENTRY.
    struct monad_exec_txn_auth_list_entry: 168, align 8 {
        /// Place in the authorization list.
        0 => index: u32,
        /// The entry.
        8 => entry: monad_c_auth_list_entry,
        /// Recovered signer.
        144 => authority: monad_c_address,
        /// True if the signer could be recovered.
        164 => is_valid_authority: bool,
    }

    /// The receipt of one transaction, without its logs.
    struct monad_c_eth_txn_receipt: 16, align 8 {
        /// True for success.
        0 => status: bool,
        /// TXN_LOG events that follow.
        4 => log_count: u32,
        /// Gas of this transaction alone, not cumulative.
        8 => gas_used: u64,
    }

    /// TXN_EVM_OUTPUT: announces what the transaction did.
    struct monad_exec_txn_evm_output: 24, align 8 {
        /// The receipt.
        0 => receipt: monad_c_eth_txn_receipt,
        /// TXN_CALL_FRAME events that follow; zero if the node records none.
        16 => call_frame_count: u32,
    }

    /// TXN_LOG; topics, then data follow.
    struct monad_c_eth_txn_log: 32, align 4 {
        /// Place within the transaction (not the block).
        0 => index: u32,
        /// Emitting contract.
        4 => address: monad_c_address,
        /// Topics of 32 bytes that follow.
        24 => topic_count: u8,
        /// Bytes of data that follow the topics.
        28 => data_length: u32,
    }

    /// TXN_CALL_FRAME; input, then return data follow.
    struct monad_exec_txn_call_frame: 128, align 8 {
        /// Place in the order of entering.
        0 => index: u32,
        /// The executing account.
        4 => caller: monad_c_address,
        /// Called account or code; zero if none.
        24 => call_target: monad_c_address,
        /// The instruction, see [`opcode_name`](crate::opcode_name).
        44 => opcode: u8,
        /// Wei.
        48 => value: monad_c_uint256_ne,
        /// Gas given to the frame.
        80 => gas: u64,
        /// Gas that the frame used.
        88 => gas_used: u64,
        /// 0 success, 2 revert, 18 reserve balance violation; others as in EVMC.
        96 => evmc_status: i32,
        /// Zero for the outermost frame.
        104 => depth: u64,
        /// Bytes of input that follow.
        112 => input_length: u64,
        /// Bytes of return data that follow the input.
        120 => return_length: u64,
    }
}

/// The official name of the TXN_LOG payload.
#[allow(non_camel_case_types, reason = "the official name")]
pub type monad_exec_txn_log = monad_c_eth_txn_log;

/// TXN_REJECT: the code that [`txn_reject_reason_name`](crate::txn_reject_reason_name) names.
#[allow(non_camel_case_types, reason = "the official name")]
pub type monad_exec_txn_reject = u32;
