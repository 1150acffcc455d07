//! A node's side of a test: a real ring file and the events that its chain records into it.
//! `events` has the payloads; `stream` and `door` read what is written here.

use std::path::{Path, PathBuf};

use monad_event_ring::ContentType;
use monad_event_ring::writer::{EventRingWriter, WriterConfig};
use monad_exec_events::ffi::*;
use monad_exec_events::{ExecEventRef, ExecEventRingFlowInfo};
use tempfile::TempDir;

use super::events::{Frame, block_start, id, tag};

/// Descriptors of the smallest ring.
pub const CAPACITY: u64 = 1 << 16;

/// When the event of this seqno was recorded, in nanoseconds since 1970.
pub fn time_of(seqno: u64) -> u64 {
    1_700_000_000_000_000_000 + seqno * 1_000_003
}

/// The smallest ring that the format allows, with `schema_hash`.
pub fn ring_config(schema_hash: [u8; 32]) -> WriterConfig<'static> {
    WriterConfig {
        descriptor_shift: 16,
        payload_shift: 27,
        content_type: ContentType::Exec,
        schema_hash,
        note: None,
    }
}

/// A node's recorder; the ring goes with it.
pub struct Recorder {
    pub writer: EventRingWriter,
    pub path: PathBuf,
    block: u64,
    frames: u32,
    _directory: Option<TempDir>,
}

impl Recorder {
    /// A ring in a directory of its own.
    pub fn new() -> Recorder {
        let directory = tempfile::tempdir().unwrap();
        let recorder = Recorder::create(&directory.path().join("ring"));
        Recorder {
            _directory: Some(directory),
            ..recorder
        }
    }

    /// A ring at `path`.
    pub fn create(path: &Path) -> Recorder {
        let writer = EventRingWriter::create(path, &ring_config(EXEC_SCHEMA_HASH)).unwrap();
        Recorder {
            writer,
            path: path.into(),
            block: 0,
            frames: 0,
            _directory: None,
        }
    }

    /// The newest seqno.
    pub fn last(&self) -> u64 {
        self.writer.next_seqno() - 1
    }

    /// The seqno of the open block's BlockStart, 0 outside a block.
    pub fn block(&self) -> u64 {
        self.block
    }

    /// Records whatever is said.
    pub fn raw(&self, code: u16, content_ext: [u64; 4], payload: &[u8]) -> u64 {
        let time = time_of(self.writer.next_seqno());
        self.writer
            .record(code, content_ext, Some(time), &[payload])
            .unwrap()
    }

    /// Records an event of the open block, or of the consensus.
    pub fn put(&mut self, event: ExecEventRef<'_>) -> u64 {
        self.put_at(event.flow(0).txn_idx, 0, event)
    }

    /// As [`put`](Self::put), for events that do not say themselves which transaction they belong to.
    pub fn put_of(&mut self, txn_index: usize, event: ExecEventRef<'_>) -> u64 {
        self.put_at(Some(txn_index), 0, event)
    }

    /// As [`put`](Self::put), with everything that only descriptors say.
    pub fn put_at(
        &mut self,
        txn_idx: Option<usize>,
        account_idx: u64,
        event: ExecEventRef<'_>,
    ) -> u64 {
        use ExecEventRef as E;
        let block_seqno = match event {
            E::BlockStart(_) => self.writer.next_seqno(),
            E::BlockQC(_) | E::BlockFinalized(_) | E::BlockVerified(_) => 0,
            _ => self.block,
        };
        let mut payload = Vec::new();
        event.encode_payload(&mut payload);
        let flow = ExecEventRingFlowInfo {
            block_seqno,
            txn_idx,
            account_idx,
        };
        let seqno = self.raw(event.event_type() as u16, flow.into(), &payload);
        match event {
            E::BlockStart(_) => self.block = seqno,
            E::BlockEnd(_) | E::BlockReject(_) => self.block = 0,
            E::EvmError(_) if txn_idx.is_none() => self.block = 0,
            _ => {}
        }
        seqno
    }

    pub fn start(&mut self, number: u64, block_id: u64) -> u64 {
        self.put(ExecEventRef::BlockStart(&block_start(number, block_id)))
    }

    pub fn end(&mut self) -> u64 {
        self.put(ExecEventRef::BlockEnd(&monad_exec_block_end::default()))
    }

    pub fn reject(&mut self) -> u64 {
        self.put(ExecEventRef::BlockReject(&5))
    }

    pub fn evm_error(&mut self, txn_index: Option<usize>) -> u64 {
        let evm_error = &monad_exec_evm_error {
            domain_id: 7,
            status_code: -1,
        };
        self.put_at(txn_index, 0, ExecEventRef::EvmError(evm_error))
    }

    pub fn qc(&mut self, number: u64, block_id: u64) -> u64 {
        let block_tag = tag(number, block_id);
        self.put(ExecEventRef::BlockQC(&monad_exec_block_qc {
            block_tag,
            round: 1,
            epoch: 2,
        }))
    }

    pub fn finalized(&mut self, number: u64, block_id: u64) -> u64 {
        self.put(ExecEventRef::BlockFinalized(&tag(number, block_id)))
    }

    pub fn verified(&mut self, block_number: u64) -> u64 {
        self.put(ExecEventRef::BlockVerified(&monad_exec_block_verified {
            block_number,
        }))
    }

    pub fn record_error(&mut self) -> u64 {
        let record_error = &monad_event_record_error {
            error_type: 3,
            ..Default::default()
        };
        self.put(ExecEventRef::RecordError(record_error))
    }

    pub fn header(&mut self, txn_index: usize, hash: u64) -> u64 {
        let mut start = monad_exec_txn_header_start {
            txn_hash: id(hash).into(),
            ..Default::default()
        };
        start.txn_header.txn_type = MONAD_TXN_EIP1559;
        self.put(ExecEventRef::TxnHeaderStart {
            txn_index,
            txn_header_start: &start,
            data_bytes: &[],
            blob_bytes: &[],
        })
    }

    pub fn output(&mut self, txn_index: usize, is_success: bool) -> u64 {
        let mut output = monad_exec_txn_evm_output::default();
        output.receipt.status = is_success;
        self.put(ExecEventRef::TxnEvmOutput {
            txn_index,
            output: &output,
        })
    }

    pub fn frame(&mut self, txn_index: usize, frame: Frame) -> u64 {
        self.frames += 1;
        self.put(ExecEventRef::TxnCallFrame {
            txn_index,
            txn_call_frame: &frame.payload(self.frames),
            input_bytes: &[],
            return_bytes: &[],
        })
    }

    /// A log with `data_len` bytes of data.
    pub fn log(&mut self, txn_index: usize, data_len: usize) -> u64 {
        let txn_log = &monad_exec_txn_log {
            data_length: data_len as u32,
            ..Default::default()
        };
        let data_bytes = &vec![0xda; data_len];
        self.put(ExecEventRef::TxnLog {
            txn_index,
            txn_log,
            topic_bytes: &[],
            data_bytes,
        })
    }

    /// A whole block of `txns` transactions with two events each; the seqnos of its start and its end.
    pub fn block_of(&mut self, number: u64, block_id: u64, txns: usize) -> (u64, u64) {
        let start = self.start(number, block_id);
        for txn_index in 0..txns {
            self.header(txn_index, block_id * 1000 + txn_index as u64);
            self.put_of(txn_index, ExecEventRef::TxnEnd);
        }
        (start, self.end())
    }
}
