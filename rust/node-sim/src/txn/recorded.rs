//! Puts a transaction on a tape: its header series part by part (headers of several transactions interleave), its
//! output in one go. Source of the order: ring-and-events §5.2.

use monad_exec_events::{
    ExecEventRef,
    ffi::{
        MONAD_ACCT_ACCESS_TRANSACTION, monad_c_access_list_entry, monad_c_eth_txn_log,
        monad_exec_txn_access_list_entry,
    },
};

use super::Txn;
use crate::{abi, tape::Tape};

impl Txn {
    /// Number of events from TXN_PERF_EVM_ENTER to TXN_HEADER_END.
    pub(crate) fn header_parts(&self) -> usize {
        3 + self.access_list.len()
    }

    /// Puts part `part` (below [`header_parts`](Self::header_parts)) of the header series on the tape.
    pub(crate) fn put_header_part_on(&self, tape: &mut Tape, txn_index: usize, part: usize) {
        let Some(part) = part.checked_sub(1) else {
            return tape.push(ExecEventRef::TxnPerfEvmEnter { txn_index });
        };
        let Some(index) = part.checked_sub(1) else {
            return tape.push(ExecEventRef::TxnHeaderStart {
                txn_index,
                txn_header_start: &self.header,
                data_bytes: &self.data,
                blob_bytes: &[],
            });
        };
        let Some(listed) = self.access_list.get(index) else {
            return tape.push(ExecEventRef::TxnHeaderEnd { txn_index });
        };
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

    /// Puts TXN_EVM_OUTPUT to TXN_PERF_EVM_EXIT on the tape.
    pub(crate) fn put_output_on(&self, tape: &mut Tape, txn_index: usize) {
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
        tape.push(ExecEventRef::TxnEnd { txn_index });
        tape.push(ExecEventRef::TxnPerfEvmExit { txn_index });
    }
}
