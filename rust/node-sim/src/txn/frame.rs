//! What execution leaves behind: call frames and logs, with the codes of instructions and outcomes.
//! Made by execution.rs, put on a tape by recorded.rs.

use monad_exec_events::ffi::monad_exec_txn_call_frame;

use crate::word::Address;

/// Instruction that opened a frame. Source: ring-and-events §4.4.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Opcode {
    Create = 0xf0,
    Call = 0xf1,
    DelegateCall = 0xf4,
    Create2 = 0xf5,
    StaticCall = 0xfa,
    SelfDestruct = 0xff,
}

/// How a frame ended: its `evmc_status`. Source: ring-and-events §4.4.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum Status {
    Success = 0,
    Revert = 2,
    OutOfGas = 3,
    /// The sender would fall below its reserve balance; Monad's own.
    ReserveBalance = 18,
}

/// A call frame with its data.
pub(crate) struct Frame {
    pub(crate) call: monad_exec_txn_call_frame,
    pub(crate) input: Vec<u8>,
    pub(crate) output: Vec<u8>,
}

/// A log with its topics one behind the other.
pub(crate) struct Log {
    pub(crate) address: Address,
    pub(crate) topics: Vec<u8>,
    pub(crate) data: Vec<u8>,
}
