//! One transaction: from its header to its end, with every count that is announced on the way.

use monad_exec_events::{
    ExecEventRef,
    ffi::{monad_exec_txn_evm_output, monad_exec_txn_header_start},
};

/// How far a transaction has come.
pub(super) enum Txn {
    Expected,
    Entered,
    Header {
        start: monad_exec_txn_header_start,
        entries: u32,
        authorizations: u32,
    },
    Dispatched(monad_exec_txn_header_start),
    Output {
        start: monad_exec_txn_header_start,
        output: monad_exec_txn_evm_output,
        logs: u32,
        frames: u32,
        depth: u64,
    },
    Listing,
    Ended,
    Left,
}

impl Txn {
    pub(super) fn list(&mut self) {
        let Self::Output {
            output,
            logs,
            frames,
            ..
        } = self
        else {
            panic!("an access list before the output");
        };
        assert_eq!(*logs, output.receipt.log_count);
        assert_eq!(*frames, output.call_frame_count);
        *self = Self::Listing;
    }

    pub(super) fn check(&mut self, event: ExecEventRef<'_>) {
        let next = match (&mut *self, event) {
            (Self::Expected, ExecEventRef::TxnPerfEvmEnter) => Self::Entered,
            (
                Self::Entered,
                ExecEventRef::TxnHeaderStart {
                    txn_header_start, ..
                },
            ) => Self::Header {
                start: *txn_header_start,
                entries: 0,
                authorizations: 0,
            },
            (
                Self::Header { entries, .. },
                ExecEventRef::TxnAccessListEntry {
                    txn_access_list_entry,
                    ..
                },
            ) => {
                assert_eq!(txn_access_list_entry.index, *entries);
                *entries += 1;
                return;
            }
            (
                Self::Header { authorizations, .. },
                ExecEventRef::TxnAuthListEntry {
                    txn_auth_list_entry,
                    ..
                },
            ) => {
                assert_eq!(txn_auth_list_entry.index, *authorizations);
                *authorizations += 1;
                return;
            }
            (
                Self::Header {
                    start,
                    entries,
                    authorizations,
                },
                ExecEventRef::TxnHeaderEnd,
            ) => {
                assert_eq!(*entries, start.txn_header.access_list_count);
                assert_eq!(*authorizations, start.txn_header.auth_list_count);
                Self::Dispatched(*start)
            }
            (Self::Dispatched(start), ExecEventRef::TxnEvmOutput { output, .. }) => {
                assert!(output.receipt.gas_used <= start.txn_header.gas_limit);
                Self::Output {
                    start: *start,
                    output: *output,
                    logs: 0,
                    frames: 0,
                    depth: 0,
                }
            }
            (Self::Output { logs, frames, .. }, ExecEventRef::TxnLog { txn_log, .. }) => {
                assert_eq!((txn_log.index, *frames), (*logs, 0));
                *logs += 1;
                return;
            }
            (
                Self::Output {
                    start,
                    output,
                    frames,
                    depth,
                    ..
                },
                ExecEventRef::TxnCallFrame {
                    txn_call_frame: frame,
                    ..
                },
            ) => {
                assert_eq!(frame.index, *frames);
                if *frames == 0 {
                    assert_eq!((frame.depth, frame.caller), (0, start.sender));
                    assert_eq!(frame.gas, start.txn_header.gas_limit);
                    assert_eq!(frame.gas_used, output.receipt.gas_used);
                    assert_eq!(frame.evmc_status == 0, output.receipt.status);
                } else {
                    assert!(
                        (1..=*depth + 1).contains(&frame.depth),
                        "depth {} after {depth}",
                        frame.depth
                    );
                    assert!(frame.gas_used <= frame.gas);
                }
                *depth = frame.depth;
                *frames += 1;
                return;
            }
            (Self::Listing, ExecEventRef::TxnEnd) => Self::Ended,
            (Self::Ended, ExecEventRef::TxnPerfEvmExit) => Self::Left,
            (_, event) => panic!("{:?} at the wrong place", event.event_type()),
        };
        *self = next;
    }
}
