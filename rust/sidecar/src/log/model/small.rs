//! A log of a few entries, what its writer appends, and what JavaScript reads of it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::super::lent::{Geometry, LentMemory};
use super::super::record::{EntryKind, RECORD_SIZE, Record};
use super::super::shared::LogShared;
use super::super::sync::modelled::{Weakening, weakened};
use super::super::writer::{LogWriter, Stopped};

/// Bytes of text of every entry, without the comma.
pub const LEN: usize = 3;

/// A log in memory of its own.
#[derive(Clone)]
pub struct Log {
    pub shared: Arc<LogShared>,
    /// Freed after `shared`, the last use of it.
    _memory: Arc<Memory>,
}

struct Memory(*mut [u8]);

// SAFETY: the pointer is only freed, by whoever drops the last log; accesses go through LentMemory.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: made by `Box::into_raw` and freed once; the log that used it is dropped before (order of fields).
        drop(unsafe { Box::from_raw(self.0) });
    }
}

impl Log {
    /// A log of so many records and bytes of text, and its writer.
    pub fn new(index_capacity: u64, text_size: u64) -> (Log, LogWriter) {
        let geometry = Geometry {
            index_capacity,
            text_size,
        };
        let bytes = index_capacity as usize * RECORD_SIZE + text_size as usize;
        let memory = Box::into_raw(vec![0; bytes].into_boxed_slice());
        // SAFETY: the memory has just these bytes, lives as long as every clone of the log, and is the log's alone.
        let lent = unsafe { LentMemory::new(memory.cast(), geometry) };
        let shared = Arc::new(LogShared::new(lent));
        let writer = LogWriter::new(Arc::clone(&shared));
        (
            Log {
                shared,
                _memory: Arc::new(Memory(memory)),
            },
            writer,
        )
    }

    /// Reads an entry as JavaScript does, without a lock, and checks every byte.
    pub fn read(&self, entry: u64) {
        let memory = &self.shared.memory;
        // SAFETY: that the entry is written and not reused is what the model is to show; loom reports it if not.
        let record = unsafe { memory.read_record(entry) };
        assert_eq!(
            f64::from_le_bytes(*record.first_chunk().unwrap()),
            entry as f64,
            "seq"
        );
        let offset = Record::text_span(&record).0 % memory.geometry().text_size;
        let mut text = [0; LEN];
        // SAFETY: as above; the position is that of a text which the writer put wholly inside the region.
        unsafe { memory.read_text(offset, &mut text) };
        assert_eq!(text, [entry as u8; LEN]);
    }
}

/// Appends entry `number` as the pipeline does.
pub fn append(writer: &mut LogWriter, number: u64) -> Result<(), Stopped> {
    writer
        .reserve(LEN + 1)?
        .copy_from_slice(&[number as u8; LEN + 1]);
    let kind = &EntryKind::default();
    let record = Record {
        seq: number,
        text_at: 0,
        text_len: LEN as u32,
        recorded_us: 0,
        entry_type: 18,
        stage_at: 0,
        kind,
    };
    writer.commit(&record, 1);
    Ok(())
}

/// Runs a model under every execution with at most so many preemptions.
pub fn explore(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound =
        Some(preemptions).filter(|_| std::env::var_os("RINGCAST_LOOM").is_none());
    builder.max_branches = 10_000;
    let executions = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&executions);
    builder.check(move || {
        counted.fetch_add(1, Relaxed);
        model();
    });
    println!("{} executions", executions.load(Relaxed));
}

/// Asserts that some execution breaks the model once the operation on this line of `shared` is weakened.
#[track_caller]
pub fn assert_needed(text: &'static str, number: usize, explore: impl FnOnce()) {
    let weakening = Weakening { text, number };
    let outcome = catch_unwind(AssertUnwindSafe(|| weakened(weakening, explore)));
    assert!(outcome.is_err(), "nothing fails without {weakening:?}");
}
