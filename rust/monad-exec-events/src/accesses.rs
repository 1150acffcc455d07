//! Which accounts and storage slots a block read and modified, put together by `block_builder::access`.
//! The official main lacks it; names of the structs and fields are those of its tag v1.1.

use serde::Serialize;

use crate::ffi;

/// The accesses of an [`ExecutedBlock`](crate::ExecutedBlock), beside it so that its official shape stays.
///
/// Lists come in the order of the ring, which is that of a hash table and not that of the program: one entry per
/// account and slot, with the value before and after. Source: monad-facts §2.3.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExecutedBlockAccesses {
    /// System calls before the first transaction.
    pub prologue: Box<[ExecutedAccountAccess]>,
    /// One list per transaction, by index.
    pub txns: Box<[Box<[ExecutedAccountAccess]>]>,
    /// Rewards, staking and withdrawals after the last transaction.
    pub epilogue: Box<[ExecutedAccountAccess]>,
}

/// One account that was read or modified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExecutedAccountAccess {
    /// Account.
    pub address: ffi::monad_c_address,
    /// True if `modified_balance` counts.
    pub is_balance_modified: bool,
    /// True if `modified_nonce` counts.
    pub is_nonce_modified: bool,
    /// Before.
    pub prestate: ffi::monad_c_eth_account_state,
    /// Wei afterwards, if modified.
    pub modified_balance: ffi::monad_c_uint256_ne,
    /// Nonce afterwards, if modified.
    pub modified_nonce: u64,
    /// Slots of its storage.
    pub storage_accesses: Box<[ExecutedStorageAccess]>,
    /// Slots of its transient storage (EIP-1153).
    pub transient_accesses: Box<[ExecutedStorageAccess]>,
}

/// One storage slot that was read or modified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExecutedStorageAccess {
    /// True if `end_value` counts.
    pub modified: bool,
    /// Slot.
    pub key: ffi::monad_c_bytes32,
    /// Value before.
    pub start_value: ffi::monad_c_bytes32,
    /// Value afterwards, if modified.
    pub end_value: ffi::monad_c_bytes32,
}
