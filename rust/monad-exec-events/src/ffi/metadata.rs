//! Identity of the exec content type and the names of its events, in the shape of the official bindings.
//! Rust programs of this project use `crate::ExecEventType`, which takes its C names from here.

use std::ffi::{CStr, c_char};

/// File name of the ring in the event ring directory. Source: ring-and-events §1.1.
pub const DEFAULT_FILE_NAME: &str = "monad-exec-events";

/// Number of event codes, the reserved 0 included. Source: ring-and-events §4.1.
pub const MONAD_EXEC_EVENT_COUNT: usize = 25;

/// Fingerprint of the payload definitions; a ring with another one must not be decoded. Source: ring-and-events §1.1.
pub const EXEC_SCHEMA_HASH: [u8; 32] = [
    0x89, 0x33, 0xf9, 0x07, 0xc4, 0x32, 0xc9, 0x8a, 0xc0, 0xc8, 0xdb, 0x62, 0xf9, 0xaa, 0x16,
    0x4c, //
    0x0c, 0x3f, 0x16, 0x72, 0xf4, 0x12, 0x90, 0xe4, 0xea, 0x34, 0x08, 0xdf, 0x6c, 0x67, 0x23, 0xf3,
];

/// The official name of [`EXEC_SCHEMA_HASH`].
#[allow(non_upper_case_globals, reason = "the official name")]
pub const g_monad_exec_event_schema_hash: [u8; 32] = EXEC_SCHEMA_HASH;

/// What the C library knows about one event code.
#[allow(non_camel_case_types, reason = "the official name")]
#[derive(Clone, Copy, Debug)]
pub struct monad_event_metadata {
    /// The code.
    pub event_type: u16,
    /// NUL-terminated name such as `TXN_LOG`, valid for the whole program.
    pub c_name: *const c_char,
    /// NUL-terminated sentence, valid for the whole program.
    pub description: *const c_char,
}

/// By code: C name and description of every event.
pub(crate) const NAMES: [(&CStr, &CStr); MONAD_EXEC_EVENT_COUNT] = [
    (c"NONE", c"Never recorded"),
    (
        c"RECORD_ERROR",
        c"An event could not be recorded, or only in part",
    ),
    (c"BLOCK_START", c"Execution of a proposed block begins"),
    (c"BLOCK_REJECT", c"The block is invalid"),
    (
        c"BLOCK_PERF_EVM_ENTER",
        c"Time marker: the transactions of the block are about to run",
    ),
    (
        c"BLOCK_PERF_EVM_EXIT",
        c"Time marker: the transactions of the block have run",
    ),
    (c"BLOCK_END", c"The block was executed"),
    (c"BLOCK_QC", c"A quorum voted for the block"),
    (c"BLOCK_FINALIZED", c"The block is irreversible"),
    (
        c"BLOCK_VERIFIED",
        c"A quorum agreed on the state after the block",
    ),
    (c"TXN_HEADER_START", c"The signed fields of a transaction"),
    (
        c"TXN_ACCESS_LIST_ENTRY",
        c"One account of a transaction's access list",
    ),
    (
        c"TXN_AUTH_LIST_ENTRY",
        c"One authorization of a transaction",
    ),
    (c"TXN_HEADER_END", c"The transaction's header is complete"),
    (c"TXN_REJECT", c"The transaction is invalid"),
    (
        c"TXN_PERF_EVM_ENTER",
        c"Time marker: the transaction is about to run",
    ),
    (
        c"TXN_PERF_EVM_EXIT",
        c"Time marker: the transaction has run",
    ),
    (
        c"TXN_EVM_OUTPUT",
        c"The transaction's receipt, without logs",
    ),
    (c"TXN_LOG", c"A log of the transaction"),
    (c"TXN_CALL_FRAME", c"A call frame of the transaction"),
    (c"TXN_END", c"The transaction is complete"),
    (
        c"ACCOUNT_ACCESS_LIST_HEADER",
        c"A list of accessed accounts follows",
    ),
    (c"ACCOUNT_ACCESS", c"An account was read or modified"),
    (c"STORAGE_ACCESS", c"A storage slot was read or modified"),
    (c"EVM_ERROR", c"Execution failed"),
];

/// Metadata by event code, as the C library exports it.
#[allow(non_upper_case_globals, reason = "the official name")]
pub const g_monad_exec_event_metadata: [monad_event_metadata; MONAD_EXEC_EVENT_COUNT] = {
    let mut table = [monad_event_metadata {
        event_type: 0,
        c_name: std::ptr::null(),
        description: std::ptr::null(),
    }; MONAD_EXEC_EVENT_COUNT];
    let mut code = 0;
    while code < MONAD_EXEC_EVENT_COUNT {
        let (c_name, description) = NAMES[code];
        table[code] = monad_event_metadata {
            event_type: code as u16,
            c_name: c_name.as_ptr(),
            description: description.as_ptr(),
        };
        code += 1;
    }
    table
};
