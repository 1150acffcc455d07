//! A whole executed block, put together from its events by `block_builder`.
//! Source: sdk-api §6.2; the structs inside are those of `ffi`.

use serde::Serialize;

use crate::ffi;
use crate::hex::serialize_bytes;

/// A block that was executed to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExecutedBlock {
    /// What was known before execution.
    pub start: ffi::monad_exec_block_start,
    /// What execution found.
    pub end: ffi::monad_exec_block_end,
    /// Every transaction, by index.
    pub txns: Box<[ExecutedTxn]>,
}

/// One transaction of an [`ExecutedBlock`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExecutedTxn {
    /// Keccak-256 of the signed transaction.
    pub hash: ffi::monad_c_bytes32,
    /// Recovered sender.
    pub sender: ffi::monad_c_address,
    /// The signed fields.
    pub header: ffi::monad_c_eth_txn_header,
    /// Calldata.
    #[serde(serialize_with = "serialize_bytes")]
    pub input: Box<[u8]>,
    /// Blob hashes (EIP-4844).
    pub blob_versioned_hashes: Box<[ffi::monad_c_bytes32]>,
    /// Access list (EIP-2930), in order.
    pub access_list: Box<[ExecutedTxnAccessListEntry]>,
    /// Authorization list (EIP-7702), in order.
    pub authorization_list: Box<[ExecutedTxnSignedAuthorization]>,
    /// Status, number of logs and gas of this transaction alone.
    pub receipt: ffi::monad_c_eth_txn_receipt,
    /// Logs, by index within the transaction.
    pub logs: Box<[ExecutedTxnLog]>,
    /// Call frames in the order of entering; `None` if the builder leaves them out.
    pub call_frames: Option<Box<[ExecutedTxnCallFrame]>>,
}

/// One account of an access list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExecutedTxnAccessListEntry {
    /// The account.
    pub address: ffi::monad_c_address,
    /// The keys.
    pub storage_keys: Box<[ffi::monad_c_bytes32]>,
}

/// One authorization (EIP-7702).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExecutedTxnSignedAuthorization {
    /// Zero means any chain.
    pub chain_id: ffi::monad_c_uint256_ne,
    /// The code that the authority delegates to.
    pub address: ffi::monad_c_address,
    /// Nonce of the authority.
    pub nonce: u64,
    /// Signature.
    pub y_parity: bool,
    /// Signature.
    pub r: ffi::monad_c_uint256_ne,
    /// Signature.
    pub s: ffi::monad_c_uint256_ne,
    /// Recovered signer; not part of the official type.
    pub authority: ffi::monad_c_address,
    /// True if the signer could be recovered; not part of the official type.
    pub is_valid_authority: bool,
}

/// One log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExecutedTxnLog {
    /// Emitting contract.
    pub address: ffi::monad_c_address,
    /// Every topic.
    pub topic: Box<[ffi::monad_c_bytes32]>,
    /// Unindexed data.
    #[serde(serialize_with = "serialize_bytes")]
    pub data: Box<[u8]>,
}

/// One call frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExecutedTxnCallFrame {
    /// The frame.
    pub call_frame: ffi::monad_exec_txn_call_frame,
    /// Input.
    #[serde(serialize_with = "serialize_bytes")]
    pub input: Box<[u8]>,
    /// Return or revert data.
    #[serde(serialize_with = "serialize_bytes")]
    pub r#return: Box<[u8]>,
}
