//! One transaction while its events arrive: what came so far, and what was announced.
//! Kept by `executed`, which finds the transaction of each event; `series` checks the indices.

use super::series::Series;
use super::{BlockPlace, ReassemblyError};
use crate::block::{
    ExecutedTxn, ExecutedTxnAccessListEntry, ExecutedTxnCallFrame, ExecutedTxnLog,
    ExecutedTxnSignedAuthorization,
};
use crate::ffi::{monad_c_bytes32, monad_exec_txn_evm_output, monad_exec_txn_header_start};
use crate::{ExecEvent, ExecEventType};

/// A transaction whose header has come.
#[derive(Debug)]
pub(super) struct PendingTxn {
    txn_index: usize,
    header_start: monad_exec_txn_header_start,
    input: Box<[u8]>,
    blob_versioned_hashes: Box<[monad_c_bytes32]>,
    access_list: Vec<ExecutedTxnAccessListEntry>,
    authorization_list: Vec<ExecutedTxnSignedAuthorization>,
    output: Option<monad_exec_txn_evm_output>,
    logs: Vec<ExecutedTxnLog>,
    call_frames: Vec<ExecutedTxnCallFrame>,
}

impl PendingTxn {
    pub(super) fn new(
        txn_index: usize,
        header_start: monad_exec_txn_header_start,
        input: Box<[u8]>,
        blob_bytes: &[u8],
    ) -> Self {
        Self {
            txn_index,
            header_start,
            input,
            blob_versioned_hashes: words(blob_bytes),
            access_list: Vec::new(),
            authorization_list: Vec::new(),
            output: None,
            logs: Vec::new(),
            call_frames: Vec::new(),
        }
    }

    /// Adds what an event of this transaction says; other events change nothing.
    pub(super) fn add(&mut self, event: ExecEvent) -> Result<(), ReassemblyError> {
        match event {
            ExecEvent::TxnAccessListEntry {
                txn_access_list_entry,
                storage_key_bytes,
                ..
            } => {
                self.access_entries()
                    .expect(self.access_list.len(), txn_access_list_entry.index)?;
                self.access_list.push(ExecutedTxnAccessListEntry {
                    address: txn_access_list_entry.entry.address,
                    storage_keys: words(&storage_key_bytes),
                });
            }
            ExecEvent::TxnAuthListEntry {
                txn_auth_list_entry,
                ..
            } => {
                self.auth_entries()
                    .expect(self.authorization_list.len(), txn_auth_list_entry.index)?;
                let entry = txn_auth_list_entry.entry;
                self.authorization_list
                    .push(ExecutedTxnSignedAuthorization {
                        chain_id: entry.chain_id,
                        address: entry.address,
                        nonce: entry.nonce,
                        y_parity: entry.y_parity,
                        r: entry.r,
                        s: entry.s,
                        authority: txn_auth_list_entry.authority,
                        is_valid_authority: txn_auth_list_entry.is_valid_authority,
                    });
            }
            ExecEvent::TxnEvmOutput { output, .. } => {
                let is_second = self.output.replace(output).is_some();
                if is_second {
                    return Err(ReassemblyError::DuplicateEvent {
                        event: ExecEventType::TxnEvmOutput,
                        place: BlockPlace::Txn(self.txn_index),
                    });
                }
            }
            ExecEvent::TxnLog {
                txn_log,
                topic_bytes,
                data_bytes,
                ..
            } => {
                let announced = self.output.map_or(0, |output| output.receipt.log_count);
                self.series(ExecEventType::TxnLog, announced)
                    .expect(self.logs.len(), txn_log.index)?;
                self.logs.push(ExecutedTxnLog {
                    address: txn_log.address,
                    topic: words(&topic_bytes),
                    data: data_bytes,
                });
            }
            ExecEvent::TxnCallFrame {
                txn_call_frame,
                input_bytes,
                return_bytes,
                ..
            } => {
                let announced = self.output.map_or(0, |output| output.call_frame_count);
                self.series(ExecEventType::TxnCallFrame, announced)
                    .expect(self.call_frames.len(), txn_call_frame.index)?;
                self.call_frames.push(ExecutedTxnCallFrame {
                    call_frame: txn_call_frame,
                    input: input_bytes,
                    r#return: return_bytes,
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// The transaction, if everything that was announced has come.
    pub(super) fn finish(self, with_call_frames: bool) -> Result<ExecutedTxn, ReassemblyError> {
        self.access_entries().complete(self.access_list.len())?;
        self.auth_entries()
            .complete(self.authorization_list.len())?;
        let Some(output) = self.output else {
            return Err(ReassemblyError::MissingEvents {
                event: ExecEventType::TxnEvmOutput,
                place: BlockPlace::Txn(self.txn_index),
                expected: 1,
                actual: 0,
            });
        };
        if self.logs.len() != output.receipt.log_count as usize {
            return Err(ReassemblyError::MissingTransactionLog {
                txn_index: self.txn_index,
                log_index: self.logs.len(),
            });
        }
        if with_call_frames {
            self.series(ExecEventType::TxnCallFrame, output.call_frame_count)
                .complete(self.call_frames.len())?;
        }
        Ok(ExecutedTxn {
            hash: self.header_start.txn_hash,
            sender: self.header_start.sender,
            header: self.header_start.txn_header,
            input: self.input,
            blob_versioned_hashes: self.blob_versioned_hashes,
            access_list: self.access_list.into(),
            authorization_list: self.authorization_list.into(),
            receipt: output.receipt,
            logs: self.logs.into(),
            call_frames: with_call_frames.then(|| self.call_frames.into()),
        })
    }

    fn access_entries(&self) -> Series {
        let announced = self.header_start.txn_header.access_list_count;
        self.series(ExecEventType::TxnAccessListEntry, announced)
    }

    fn auth_entries(&self) -> Series {
        let announced = self.header_start.txn_header.auth_list_count;
        self.series(ExecEventType::TxnAuthListEntry, announced)
    }

    fn series(&self, event: ExecEventType, announced: u32) -> Series {
        Series {
            event,
            place: BlockPlace::Txn(self.txn_index),
            announced,
        }
    }
}

fn words(bytes: &[u8]) -> Box<[monad_c_bytes32]> {
    bytes
        .as_chunks::<32>()
        .0
        .iter()
        .map(|&bytes| monad_c_bytes32 { bytes })
        .collect()
}
