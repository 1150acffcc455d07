//! One transaction while its events arrive: what came so far, and what was announced.
//! Kept by `executed`, which finds the transaction of each event.

use super::ReassemblyError;
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
        let header = self.header_start.txn_header;
        match event {
            ExecEvent::TxnAccessListEntry {
                txn_access_list_entry,
                storage_key_bytes,
                ..
            } => {
                let event = ExecEventType::TxnAccessListEntry;
                self.expect(
                    event,
                    &self.access_list,
                    txn_access_list_entry.index,
                    header.access_list_count,
                )?;
                self.access_list.push(ExecutedTxnAccessListEntry {
                    entry: txn_access_list_entry.entry,
                    storage_keys: words(&storage_key_bytes),
                });
            }
            ExecEvent::TxnAuthListEntry {
                txn_auth_list_entry,
                ..
            } => {
                let event = ExecEventType::TxnAuthListEntry;
                self.expect(
                    event,
                    &self.authorization_list,
                    txn_auth_list_entry.index,
                    header.auth_list_count,
                )?;
                self.authorization_list
                    .push(ExecutedTxnSignedAuthorization {
                        entry: txn_auth_list_entry.entry,
                        authority: txn_auth_list_entry.authority,
                        is_valid_authority: txn_auth_list_entry.is_valid_authority,
                    });
            }
            ExecEvent::TxnEvmOutput { output, .. } => {
                let duplicate = self.output.replace(output).is_some();
                if duplicate {
                    let (event, txn_index) = (ExecEventType::TxnEvmOutput, self.txn_index);
                    return Err(ReassemblyError::DuplicateEvent { event, txn_index });
                }
            }
            ExecEvent::TxnLog {
                txn_log,
                topic_bytes,
                data_bytes,
                ..
            } => {
                let announced = self.output.map_or(0, |output| output.receipt.log_count);
                self.expect(ExecEventType::TxnLog, &self.logs, txn_log.index, announced)?;
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
                self.expect(
                    ExecEventType::TxnCallFrame,
                    &self.call_frames,
                    txn_call_frame.index,
                    announced,
                )?;
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
        let txn_index = self.txn_index;
        let complete = |event, actual: usize, expected: usize| {
            if actual == expected {
                return Ok(());
            }
            Err(ReassemblyError::MissingEvents {
                event,
                txn_index,
                expected,
                actual,
            })
        };
        let header = self.header_start.txn_header;
        complete(
            ExecEventType::TxnAccessListEntry,
            self.access_list.len(),
            header.access_list_count as usize,
        )?;
        complete(
            ExecEventType::TxnAuthListEntry,
            self.authorization_list.len(),
            header.auth_list_count as usize,
        )?;
        let output = self.output.ok_or(ReassemblyError::MissingEvents {
            event: ExecEventType::TxnEvmOutput,
            txn_index,
            expected: 1,
            actual: 0,
        })?;
        if self.logs.len() != output.receipt.log_count as usize {
            return Err(ReassemblyError::MissingTransactionLog {
                txn_index,
                log_index: self.logs.len(),
            });
        }
        if with_call_frames {
            complete(
                ExecEventType::TxnCallFrame,
                self.call_frames.len(),
                output.call_frame_count as usize,
            )?;
        }
        Ok(ExecutedTxn {
            hash: self.header_start.txn_hash,
            sender: self.header_start.sender,
            header,
            input: self.input,
            blob_versioned_hashes: self.blob_versioned_hashes,
            access_list: self.access_list.into(),
            authorization_list: self.authorization_list.into(),
            receipt: output.receipt,
            logs: self.logs.into(),
            call_frames: with_call_frames.then(|| self.call_frames.into()),
        })
    }

    /// The next event of a series has the index that follows and is one of those announced.
    fn expect<T>(
        &self,
        event: ExecEventType,
        so_far: &[T],
        actual: u32,
        announced: u32,
    ) -> Result<(), ReassemblyError> {
        let expected = so_far.len();
        if actual as usize == expected && actual < announced {
            return Ok(());
        }
        Err(ReassemblyError::UnexpectedIndex {
            event,
            txn_index: self.txn_index,
            expected,
            actual,
            announced,
        })
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
