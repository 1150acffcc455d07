//! The ways in which a block fails, and the last events of each. Chosen by contest.rs, put on the tape by block.rs.
//! Source: ring-and-events §4.4 (codes), §5.2 (which event ends the block).

use fastrand::Rng;
use monad_exec_events::{ExecEventRef, ffi::monad_exec_evm_error};

use crate::{tape::Tape, txn::TxnEnd};

/// Which failure is asked for; details are chosen at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The header is invalid: BLOCK_REJECT right behind BLOCK_START.
    RejectedEarly,
    /// What was executed is not what the header says: BLOCK_REJECT at the end.
    RejectedLate,
    /// A transaction is invalid: TXN_REJECT, then EVM_ERROR of the block.
    InvalidTxn,
    /// A transaction cannot be executed: its EVM_ERROR, then that of the block.
    FailedTxn,
    /// The block cannot be executed: EVM_ERROR right behind BLOCK_START.
    Failed,
}

impl FailureKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::RejectedEarly,
        Self::RejectedLate,
        Self::InvalidTxn,
        Self::FailedTxn,
        Self::Failed,
    ];
}

/// How one block fails.
#[derive(Clone, Copy)]
pub(super) struct Failure {
    kind: FailureKind,
    /// Reason of a rejection, or status of an error.
    code: u32,
    /// Which of the block's transactions fails, if one does.
    txn_index: usize,
}

/// Block errors found in a header (1 GasAboveLimit to 7 MissingField), and after execution (13 WrongLogsBloom, 14
/// InvalidGasUsed, 16 WrongMerkleRoot).
const EARLY_REASONS: std::ops::RangeInclusive<u32> = 1..=7;
const LATE_REASONS: [u32; 3] = [13, 14, 16];
/// Transaction errors: 1 InsufficientBalance to 16 EmptyAuthorizationList.
const TXN_REASONS: std::ops::RangeInclusive<u32> = 1..=16;
/// 12 MissingSender, found before execution.
const MISSING_SENDER: u32 = 12;
/// Domains of error codes: numbers that look random, as those of a node do.
const TXN_DOMAIN: u64 = 0xd8a1_7c32_90b4_5e6f;
const SYSTEM_DOMAIN: u64 = 0x4be3_09f6_1d72_c8a5;
/// EIO.
const INPUT_OUTPUT_ERROR: u32 = 5;

impl Failure {
    /// A failure of a block with `txns` transactions; without any none of them can fail.
    pub(super) fn new(kind: FailureKind, txns: usize, rng: &mut Rng) -> Self {
        let kind = match kind {
            FailureKind::InvalidTxn | FailureKind::FailedTxn if txns == 0 => FailureKind::Failed,
            kind => kind,
        };
        let code = match kind {
            FailureKind::RejectedEarly => rng.u32(EARLY_REASONS),
            FailureKind::RejectedLate => LATE_REASONS[rng.usize(..LATE_REASONS.len())],
            FailureKind::InvalidTxn => rng.u32(TXN_REASONS),
            FailureKind::FailedTxn => INPUT_OUTPUT_ERROR,
            FailureKind::Failed => MISSING_SENDER,
        };
        Self {
            kind,
            code,
            txn_index: rng.usize(..txns.max(1)),
        }
    }

    /// True if nothing was executed.
    pub(super) fn is_early(&self) -> bool {
        matches!(self.kind, FailureKind::RejectedEarly | FailureKind::Failed)
    }

    /// Which transaction ends the block, if one does.
    pub(super) fn txn(&self) -> Option<usize> {
        matches!(self.kind, FailureKind::InvalidTxn | FailureKind::FailedTxn)
            .then_some(self.txn_index)
    }

    /// How that transaction ends.
    pub(super) fn txn_end(&self) -> TxnEnd {
        match self.kind {
            FailureKind::InvalidTxn => TxnEnd::Rejected(self.code),
            _ => TxnEnd::Failed(self.error()),
        }
    }

    /// Puts the block's last event on the tape.
    pub(super) fn put_on(&self, tape: &mut Tape) {
        match self.kind {
            FailureKind::RejectedEarly | FailureKind::RejectedLate => {
                tape.push(ExecEventRef::BlockReject(&self.code));
            }
            FailureKind::InvalidTxn | FailureKind::FailedTxn | FailureKind::Failed => {
                tape.push(ExecEventRef::EvmError(&self.error()));
            }
        }
    }

    fn error(&self) -> monad_exec_evm_error {
        let domain_id = match self.kind {
            FailureKind::FailedTxn => SYSTEM_DOMAIN,
            _ => TXN_DOMAIN,
        };
        monad_exec_evm_error {
            domain_id,
            status_code: self.code.into(),
        }
    }
}
