//! Puts a transaction on a tape: all its events one behind the other; chain/dispatch.rs mixes those of a block.
//! Source of the order: ring-and-events §5.2.

use monad_exec_events::{
    ExecEventRef,
    ffi::{
        MONAD_ACCT_ACCESS_TRANSACTION, monad_c_access_list_entry, monad_c_eth_txn_log,
        monad_exec_evm_error, monad_exec_txn_access_list_entry,
    },
};

use super::Txn;
use crate::{abi, tape::Tape};

/// How a transaction ended.
#[derive(Clone, Copy)]
pub(crate) enum TxnEnd {
    /// With an output.
    Executed,
    /// As invalid, for the reason of this code.
    Rejected(u32),
    /// By a failure of execution itself.
    Failed(monad_exec_evm_error),
}

impl Txn {
    /// Puts TXN_HEADER_START to TXN_HEADER_END on the tape.
    pub(crate) fn put_header_on(&self, tape: &mut Tape, txn_index: usize) {
        tape.push(ExecEventRef::TxnHeaderStart {
            txn_index,
            txn_header_start: &self.header,
            data_bytes: &self.data,
            blob_bytes: &self.blob_hashes,
        });
        for (index, listed) in self.access_list.iter().enumerate() {
            tape.push(ExecEventRef::TxnAccessListEntry {
                txn_index,
                txn_access_list_entry: &monad_exec_txn_access_list_entry {
                    index: index as u32,
                    entry: monad_c_access_list_entry {
                        address: listed.address,
                        storage_key_count: listed.keys.len() as u32,
                    },
                },
                storage_key_bytes: &abi::words(&listed.keys),
            });
        }
        for txn_auth_list_entry in &self.authorizations {
            tape.push(ExecEventRef::TxnAuthListEntry {
                txn_index,
                txn_auth_list_entry,
            });
        }
        tape.push_of(txn_index, ExecEventRef::TxnHeaderEnd);
    }

    /// Puts the transaction's end on the tape: TXN_EVM_OUTPUT to TXN_END, or TXN_REJECT, or EVM_ERROR.
    pub(crate) fn put_end_on(&self, tape: &mut Tape, txn_index: usize, end: TxnEnd) {
        match end {
            TxnEnd::Executed => self.put_output_on(tape, txn_index),
            TxnEnd::Rejected(ref reject) => {
                tape.push(ExecEventRef::TxnReject { txn_index, reject })
            }
            TxnEnd::Failed(error) => tape.push_of(txn_index, ExecEventRef::EvmError(&error)),
        }
    }

    fn put_output_on(&self, tape: &mut Tape, txn_index: usize) {
        tape.push(ExecEventRef::TxnEvmOutput {
            txn_index,
            output: &self.output,
        });
        for (index, log) in self.logs.iter().enumerate() {
            tape.push(ExecEventRef::TxnLog {
                txn_index,
                txn_log: &monad_c_eth_txn_log {
                    index: index as u32,
                    address: log.address,
                    topic_count: (log.topics.len() / 32) as u8,
                    data_length: log.data.len() as u32,
                },
                topic_bytes: &log.topics,
                data_bytes: &log.data,
            });
        }
        for frame in &self.frames {
            tape.push(ExecEventRef::TxnCallFrame {
                txn_index,
                txn_call_frame: &frame.call,
                input_bytes: &frame.input,
                return_bytes: &frame.output,
            });
        }
        self.accesses
            .put_on(tape, Some(txn_index), MONAD_ACCT_ACCESS_TRANSACTION);
        tape.push_of(txn_index, ExecEventRef::TxnEnd);
    }
}
