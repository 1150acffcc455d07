//! What execution costs in gas: near enough to real prices that limits, uses and fees look like those of a node.
//! Used by execution.rs.

pub(super) const TRANSACTION: u64 = 21_000;
const ZERO_BYTE: u64 = 4;
const NON_ZERO_BYTE: u64 = 16;
pub(super) const CALL: u64 = 2_600;
pub(super) const CALL_VALUE: u64 = 9_000;
pub(super) const CREATE: u64 = 32_000;
pub(super) const LOAD: u64 = 2_100;
pub(super) const STORE: u64 = 5_000;
pub(super) const TRANSIENT: u64 = 100;
/// What an authorization costs before the transaction runs (EIP-7702).
pub(super) const AUTHORIZATION: u64 = 25_000;
pub(super) const LOG: u64 = 375;
pub(super) const LOG_BYTE: u64 = 8;

/// Gas that a transaction with this data uses before it runs.
pub(super) fn intrinsic(data: &[u8]) -> u64 {
    let zeros = data.iter().filter(|byte| **byte == 0).count() as u64;
    TRANSACTION + zeros * ZERO_BYTE + (data.len() as u64 - zeros) * NON_ZERO_BYTE
}
