//! Why a block builder gave a block up. Made by `executed`, `txn` and `access`.

use std::fmt;

use crate::ExecEventType;
use crate::ffi::monad_exec_block_start;

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
    #[error("Block {} was dropped: {reassembly_error}", block.block_tag.block_number)]
    ImplicitDrop {
        /// BLOCK_START of the block that was dropped.
        block: monad_exec_block_start,
        /// What was wrong.
        reassembly_error: ReassemblyError,
    },
}

/// Which event of a block was missing, repeated or out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReassemblyError {
    /// A BLOCK_START came while the block was open.
    #[error("the next BlockStart came before its BlockEnd.")]
    UnterminatedBlock {
        /// The BLOCK_START that came; its block is open now.
        unexpected_header: monad_exec_block_start,
    },

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
    #[error("{place} has {actual} {event}, expected {expected}.")]
    MissingEvents {
        /// Type of the event.
        event: ExecEventType,
        /// Where it belongs.
        place: BlockPlace,
        /// How many were announced.
        expected: usize,
        /// How many came.
        actual: usize,
    },

    /// An event's own index does not follow the one before, or exceeds what was announced.
    #[error("{event} of {place} has index {actual}, expected {expected} of {announced}.")]
    UnexpectedIndex {
        /// Type of the event.
        event: ExecEventType,
        /// Where it belongs.
        place: BlockPlace,
        /// Index of the next event of this type.
        expected: usize,
        /// Index that came.
        actual: u32,
        /// How many were announced.
        announced: u32,
    },

    /// An event that occurs once per transaction, or per list of accesses, came again.
    #[error("{place} has a second {event}.")]
    DuplicateEvent {
        /// Type of the event.
        event: ExecEventType,
        /// Where it belongs.
        place: BlockPlace,
    },

    /// A transaction index is not below the block's count of transactions.
    #[error("transaction index {txn_index} is not below the block's txn_count {txn_count}.")]
    TransactionOutOfRange {
        /// Index of the transaction.
        txn_index: usize,
        /// Count that BLOCK_START announced.
        txn_count: u64,
    },

    /// An access whose context and transaction do not go together.
    #[error(
        "{event} has the access context {access_context} and names {}.",
        named(txn_index)
    )]
    UnknownAccessContext {
        /// Type of the event.
        event: ExecEventType,
        /// The context that came; 0 to 2 are known.
        access_context: u8,
        /// The transaction that the event names.
        txn_index: Option<usize>,
    },

    /// A STORAGE_ACCESS that does not follow the ACCOUNT_ACCESS of its account.
    #[error("StorageAccess {index} of {place} does not follow the AccountAccess of its account.")]
    StorageWithoutAccount {
        /// Where it belongs.
        place: BlockPlace,
        /// Index of the storage access.
        index: u32,
    },
}

/// A part of a block that has events of its own; not part of the official crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockPlace {
    /// System calls before the first transaction.
    Prologue,
    /// The transaction of this index.
    Txn(usize),
    /// Rewards, staking and withdrawals after the last transaction.
    Epilogue,
}

impl fmt::Display for BlockPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prologue => f.write_str("the prologue"),
            Self::Txn(txn_index) => write!(f, "transaction {txn_index}"),
            Self::Epilogue => f.write_str("the epilogue"),
        }
    }
}

fn named(txn_index: &Option<usize>) -> String {
    txn_index.map_or_else(
        || "no transaction".into(),
        |txn_index| BlockPlace::Txn(txn_index).to_string(),
    )
}
