//! A ring whose events are recorded at times that a test says, and little else is said of them.
//! Used by the tests of metrics.

use monad_exec_events::ffi::*;
use monad_exec_events::{ExecEventRef as E, ExecEventRingFlowInfo};

use super::events::block_start;
use super::log::Entry;
use super::recorder::Recorder;
use super::stream::Stream;

/// Nanoseconds.
pub const SECOND: u64 = 1_000_000_000;

/// A ring whose events are recorded at times that a test says.
pub struct Clocked {
    pub recorder: Recorder,
    time_ns: u64,
    block: u64,
}

impl Clocked {
    pub fn new() -> Clocked {
        Clocked {
            recorder: Recorder::new(),
            time_ns: 1_700_000_000 * SECOND,
            block: 0,
        }
    }

    pub fn put(&mut self, after_ns: u64, event: E<'_>) {
        self.put_of(after_ns, event.flow(0).txn_idx, event);
    }

    /// As [`put`](Self::put), for events that do not say themselves which transaction they belong to.
    pub fn put_of(&mut self, after_ns: u64, txn_idx: Option<usize>, event: E<'_>) {
        self.time_ns += after_ns;
        let seqno = self.recorder.writer.next_seqno();
        if matches!(event, E::BlockStart(_)) {
            self.block = seqno;
        }
        let mut payload = Vec::new();
        event.encode_payload(&mut payload);
        let code = event.event_type().code();
        let flow = ExecEventRingFlowInfo {
            block_seqno: self.block,
            txn_idx,
            account_idx: 0,
        };
        self.recorder
            .writer
            .record(code, flow.into(), Some(self.time_ns), &[&payload])
            .unwrap();
    }

    pub fn start(&mut self, number: u64, txn_count: u64) {
        let mut start = block_start(number, number);
        start.eth_block_input.txn_count = txn_count;
        self.put(0, E::BlockStart(&start));
    }

    pub fn header(&mut self, after_ns: u64, txn_index: usize) {
        let txn_header_start = &monad_exec_txn_header_start::default();
        self.put(
            after_ns,
            E::TxnHeaderStart {
                txn_index,
                txn_header_start,
                data_bytes: &[],
                blob_bytes: &[],
            },
        );
    }

    pub fn access(
        &mut self,
        txn_index: Option<usize>,
        address: u8,
        key: u8,
        modified: bool,
        transient: bool,
    ) {
        let storage_access = &monad_exec_storage_access {
            address: [address; 20].into(),
            key: [key; 32].into(),
            modified,
            transient,
            ..Default::default()
        };
        self.put_of(0, txn_index, E::StorageAccess(storage_access));
    }

    pub fn end(&mut self, after_ns: u64) {
        self.put(after_ns, E::BlockEnd(&monad_exec_block_end::default()));
    }

    pub fn read(&self, entry_type: u8) -> Vec<Entry> {
        let mut entries = Stream::of(&self.recorder).read_all();
        entries.retain(|entry| entry.entry_type == entry_type);
        entries
    }
}
