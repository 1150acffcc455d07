//! Why a block builder gave a block up. Made by `executed` and `txn`.

use crate::ExecEventType;
use crate::ffi::monad_exec_block_tag;

/// A block, or why there is none.
pub type BlockBuilderResult<T> = Result<T, BlockBuilderError>;

/// Why an open block was given up; the builder waits for the next BLOCK_START.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockBuilderError {
    /// Execution refused the block or one of its transactions (BLOCK_REJECT, TXN_REJECT, EVM_ERROR).
    #[error("Execution refused the block.")]
    Rejected,

    /// The writer reused the bytes of a payload before they were read.
    #[error("A payload expired before it was read; reset the reader and the builder.")]
    PayloadExpired,

    /// Events of the block are missing, repeated or out of order.
    #[error("Block {} was dropped: {reassembly_error}", block_tag.block_number)]
    ImplicitDrop {
        /// The block that was dropped.
        block_tag: monad_exec_block_tag,
        /// What was wrong.
        reassembly_error: ReassemblyError,
    },
}

/// Which event of a block was missing, repeated or out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReassemblyError {
    /// A BLOCK_START came while the block was open.
    #[error("the next BlockStart came before its BlockEnd.")]
    UnterminatedBlock,

    /// The header of a transaction is missing.
    #[error("transaction {txn_index} has no TxnHeaderStart.")]
    MissingTransaction {
        /// Index of the transaction.
        txn_index: usize,
    },

    /// Fewer logs came than TXN_EVM_OUTPUT announced.
    #[error("log {log_index} of transaction {txn_index} is missing.")]
    MissingTransactionLog {
        /// Index of the transaction.
        txn_index: usize,
        /// Index of the first log that is missing.
        log_index: usize,
    },

    /// Fewer events of a type came than were announced.
    #[error("transaction {txn_index} has {actual} {event}, expected {expected}.")]
    MissingEvents {
        /// Type of the event.
        event: ExecEventType,
        /// Index of the transaction.
        txn_index: usize,
        /// How many were announced.
        expected: usize,
        /// How many came.
        actual: usize,
    },

    /// An event's own index does not follow the one before, or exceeds what was announced.
    #[error(
        "{event} of transaction {txn_index} has index {actual}, expected {expected} of {announced}."
    )]
    UnexpectedIndex {
        /// Type of the event.
        event: ExecEventType,
        /// Index of the transaction.
        txn_index: usize,
        /// Index of the next event of this type.
        expected: usize,
        /// Index that came.
        actual: u32,
        /// How many were announced.
        announced: u32,
    },

    /// An event that occurs once per transaction came again.
    #[error("transaction {txn_index} has a second {event}.")]
    DuplicateEvent {
        /// Type of the event.
        event: ExecEventType,
        /// Index of the transaction.
        txn_index: usize,
    },

    /// A transaction index is not below the block's count of transactions.
    #[error("transaction index {txn_index} is not below the block's txn_count {txn_count}.")]
    TransactionOutOfRange {
        /// Index of the transaction.
        txn_index: usize,
        /// Count that BLOCK_START announced.
        txn_count: u64,
    },
}
