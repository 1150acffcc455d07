//! The codes of event types and of flow tags as the C header has them.
//! Rust programs of this project use `crate::ExecEventType` and `crate::ExecEventRingFlowInfo`.
//! Source: ring-and-events §4.1, §4.3.

/// Code of an event, one of the `MONAD_EXEC_*`.
#[allow(non_camel_case_types, reason = "the official name")]
pub type monad_exec_event_type = u16;

/// Index into a descriptor's `content_ext`, one of the `MONAD_FLOW_*`.
#[allow(non_camel_case_types, reason = "the official name")]
pub type monad_exec_flow_type = u8;

/// Seqno of the block's BLOCK_START; 0 outside a block.
pub const MONAD_FLOW_BLOCK_SEQNO: monad_exec_flow_type = 0;
/// Index of the transaction plus one; 0 if the event belongs to none.
pub const MONAD_FLOW_TXN_ID: monad_exec_flow_type = 1;
/// For STORAGE_ACCESS the index of its ACCOUNT_ACCESS, else 0.
pub const MONAD_FLOW_ACCOUNT_INDEX: monad_exec_flow_type = 2;

/// Declares one constant per code, whose documentation is the event's C name.
macro_rules! event_codes {
    ($($code:literal => $name:ident,)*) => {$(
        #[doc = concat!("Code ", stringify!($code), "; see [`ExecEventType`](crate::ExecEventType).")]
        pub const $name: monad_exec_event_type = $code;
    )*};
}

event_codes! {
    0 => MONAD_EXEC_NONE,
    1 => MONAD_EXEC_RECORD_ERROR,
    2 => MONAD_EXEC_BLOCK_START,
    3 => MONAD_EXEC_BLOCK_REJECT,
    4 => MONAD_EXEC_BLOCK_PERF_EVM_ENTER,
    5 => MONAD_EXEC_BLOCK_PERF_EVM_EXIT,
    6 => MONAD_EXEC_BLOCK_END,
    7 => MONAD_EXEC_BLOCK_QC,
    8 => MONAD_EXEC_BLOCK_FINALIZED,
    9 => MONAD_EXEC_BLOCK_VERIFIED,
    10 => MONAD_EXEC_TXN_HEADER_START,
    11 => MONAD_EXEC_TXN_ACCESS_LIST_ENTRY,
    12 => MONAD_EXEC_TXN_AUTH_LIST_ENTRY,
    13 => MONAD_EXEC_TXN_HEADER_END,
    14 => MONAD_EXEC_TXN_REJECT,
    15 => MONAD_EXEC_TXN_PERF_EVM_ENTER,
    16 => MONAD_EXEC_TXN_PERF_EVM_EXIT,
    17 => MONAD_EXEC_TXN_EVM_OUTPUT,
    18 => MONAD_EXEC_TXN_LOG,
    19 => MONAD_EXEC_TXN_CALL_FRAME,
    20 => MONAD_EXEC_TXN_END,
    21 => MONAD_EXEC_ACCOUNT_ACCESS_LIST_HEADER,
    22 => MONAD_EXEC_ACCOUNT_ACCESS,
    23 => MONAD_EXEC_STORAGE_ACCESS,
    24 => MONAD_EXEC_EVM_ERROR,
}
