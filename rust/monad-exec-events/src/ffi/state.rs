//! The structs of state access events and of execution errors, which belong to a block or to one of its transactions.
//! Source: ring-and-events §4.2. Declared through `layout`, re-exported by `ffi`.

use super::layout::c_structs;
use super::primitive::{monad_c_address, monad_c_bytes32, monad_c_uint256_ne};

/// When the state was accessed, one of the `MONAD_ACCT_ACCESS_*`.
#[allow(non_camel_case_types, reason = "the official name")]
pub type monad_exec_account_access_context = u8;

/// System calls before the first transaction.
pub const MONAD_ACCT_ACCESS_BLOCK_PROLOGUE: monad_exec_account_access_context = 0;
/// One transaction.
pub const MONAD_ACCT_ACCESS_TRANSACTION: monad_exec_account_access_context = 1;
/// Rewards, staking and withdrawals after the last transaction.
pub const MONAD_ACCT_ACCESS_BLOCK_EPILOGUE: monad_exec_account_access_context = 2;

c_structs! {
    /// ACCOUNT_ACCESS_LIST_HEADER: announces a list of accounts.
    struct monad_exec_account_access_list_header: 8, align 4 {
        /// ACCOUNT_ACCESS events that follow.
        0 => entry_count: u32,
        /// One of the `MONAD_ACCT_ACCESS_*`.
        4 => access_context: monad_exec_account_access_context,
    }

    /// An account before it was accessed.
    struct monad_c_eth_account_state: 72, align 8 {
        /// Nonce.
        0 => nonce: u64,
        /// Wei.
        8 => balance: monad_c_uint256_ne,
        /// Keccak-256 of the code; of nothing for an account without code.
        40 => code_hash: monad_c_bytes32,
    }

    /// ACCOUNT_ACCESS: an account was read or modified.
    struct monad_exec_account_access: 152, align 8 {
        /// Place in its list.
        0 => index: u32,
        /// Account.
        4 => address: monad_c_address,
        /// One of the `MONAD_ACCT_ACCESS_*`.
        24 => access_context: monad_exec_account_access_context,
        /// True if `modified_balance` counts.
        25 => is_balance_modified: bool,
        /// True if `modified_nonce` counts.
        26 => is_nonce_modified: bool,
        /// Before.
        32 => prestate: monad_c_eth_account_state,
        /// Wei afterwards, if modified.
        104 => modified_balance: monad_c_uint256_ne,
        /// Nonce afterwards, if modified.
        136 => modified_nonce: u64,
        /// STORAGE_ACCESS events of ordinary storage that follow.
        144 => storage_key_count: u32,
        /// STORAGE_ACCESS events of transient storage that follow those.
        148 => transient_count: u32,
    }

    /// STORAGE_ACCESS: a storage slot was read or modified.
    struct monad_exec_storage_access: 124, align 4 {
        /// Account.
        0 => address: monad_c_address,
        /// Place among the slots of the account; starts again at zero for transient storage.
        20 => index: u32,
        /// One of the `MONAD_ACCT_ACCESS_*`.
        24 => access_context: monad_exec_account_access_context,
        /// True if `end_value` counts.
        25 => modified: bool,
        /// True for transient storage.
        26 => transient: bool,
        /// Slot.
        27 => key: monad_c_bytes32,
        /// Value before.
        59 => start_value: monad_c_bytes32,
        /// Value afterwards, if modified.
        91 => end_value: monad_c_bytes32,
    }

    /// EVM_ERROR: execution failed for a reason of its own, not of the block's.
    struct monad_exec_evm_error: 16, align 8 {
        /// Which table of codes.
        0 => domain_id: u64,
        /// The code.
        8 => status_code: i64,
    }
}
