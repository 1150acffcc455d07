//! Which call frames really moved value (protocol 5.1). `chain` keeps one of these per transaction.

use monad_exec_events::ffi::monad_exec_txn_call_frame;

/// What is known of one transaction's frames, which come in pre-order with their depth, behind its output.
#[derive(Clone, Copy, Debug, Default)]
pub struct Transfers {
    has_succeeded: bool,
    /// Depth of the frame whose failure undoes everything deeper that follows.
    failed_depth: Option<u64>,
}

impl Transfers {
    /// Takes whether the transaction succeeded; before that is known, nothing moves.
    pub fn take_output(&mut self, has_succeeded: bool) {
        self.has_succeeded = has_succeeded;
    }

    /// Takes the next frame and says whether it moved value: its opcode transfers, and it, every frame above it and the
    /// transaction succeeded.
    pub fn take_frame(&mut self, frame: &monad_exec_txn_call_frame) -> bool {
        const CREATE: u8 = 0xf0;
        const CALL: u8 = 0xf1;
        const CREATE2: u8 = 0xf5;
        const SELFDESTRUCT: u8 = 0xff;
        if self
            .failed_depth
            .is_some_and(|failed| frame.depth <= failed)
        {
            self.failed_depth = None;
        }
        if self.failed_depth.is_none() && frame.evmc_status != 0 {
            self.failed_depth = Some(frame.depth);
        }
        self.has_succeeded
            && self.failed_depth.is_none()
            && frame.value.limbs != [0; 4]
            && matches!(frame.opcode, CALL | CREATE | CREATE2 | SELFDESTRUCT)
    }
}
