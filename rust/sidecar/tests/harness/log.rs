//! A log as JavaScript sees it: memory that is lent, records read at the offsets that `layout` says.
//! Used by `stream`, which writes it through the pipeline, and by `door`, whose library writes it.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use ringcast_sidecar::log::{Geometry, LentMemory, LogShared, LogWriter};
use serde_json::Value;

pub use super::layout::Layout;

/// One entry of a log: its index record and its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub seq: u64,
    pub text_at: u64,
    pub block_number: u64,
    pub recorded_us: u64,
    pub text_len: usize,
    pub txn: u32,
    pub proposal: u32,
    pub entry_type: u8,
    pub stage: u8,
    pub stage_at: usize,
    pub text: String,
    /// The words behind the text, as far as the entry's type has some.
    pub keys: Vec<u32>,
}

/// Entry type of a gap, of a derived NativeTransfer, and of what follows from whole blocks.
pub const GAP: u8 = 30;
pub const TRANSFER: u8 = 25;
pub const TPS: u8 = 26;
pub const CONTENTION_DATA: u8 = 27;
pub const TOP_ACCESSES: u8 = 28;
pub const LIFECYCLE: u8 = 29;

/// Longest keys: those of a log with 4 topics.
const KEY_WORDS: usize = 7 + 8 * 4;

impl Entry {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Whether it is a metric or a Lifecycle message.
    pub fn is_metric(&self) -> bool {
        (TPS..=LIFECYCLE).contains(&self.entry_type)
    }

    /// How many words of keys the entry has by its type, as `core` of the design lists them.
    pub fn key_count(&self) -> usize {
        match self.entry_type {
            10 => 20,
            11 | 22 | 23 => 5,
            17 | TPS => 1,
            18 => KEY_WORDS,
            19 | TRANSFER => 18,
            LIFECYCLE => 22,
            _ => 0,
        }
    }

    pub fn is_gap(&self) -> bool {
        self.entry_type == GAP
    }

    /// The event's name, or `gap`.
    pub fn name(&self) -> String {
        match self.is_gap() {
            true => "gap".to_owned(),
            false => self.json()["event_name"].as_str().unwrap().to_owned(),
        }
    }

    /// The ring's number of the event.
    pub fn seqno(&self) -> u64 {
        self.json()["seqno"].as_u64().unwrap()
    }

    pub fn stage(&self) -> Option<String> {
        self.json()["commit_stage"].as_str().map(str::to_owned)
    }

    /// A gap's reason, dropped, from_seqno, to_seqno.
    pub fn gap(&self) -> (String, u64, u64, u64) {
        let json = self.json();
        let warning = &json["Warning"];
        let number = |key: &str| {
            warning[key]
                .as_u64()
                .unwrap_or_else(|| panic!("{}", self.text))
        };
        let reason = warning["reason"].as_str().unwrap().to_owned();
        (
            reason,
            number("dropped"),
            number("from_seqno"),
            number("to_seqno"),
        )
    }
}

/// Words that are lent: reached by address only, because another thread writes them.
pub struct Memory {
    start: *mut u64,
    words: usize,
}

impl Memory {
    pub fn new(bytes: usize) -> Memory {
        let words = bytes.div_ceil(8);
        Memory {
            start: Box::into_raw(vec![0u64; words].into_boxed_slice()).cast(),
            words,
        }
    }

    pub fn start(&self) -> *mut u8 {
        self.start.cast()
    }

    /// A copy of the record in slot `slot`, which must hold a published and unreleased entry.
    pub fn record(&self, slot: u64, size: usize) -> Vec<u8> {
        let at = slot as usize * size;
        assert!(at + size <= self.words * 8);
        let mut record = vec![0; size];
        // SAFETY: inside the allocation (asserted); the caller's slot is published and unreleased, so nobody writes it.
        unsafe { std::ptr::copy_nonoverlapping(self.start().add(at), record.as_mut_ptr(), size) };
        record
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let words = std::ptr::slice_from_raw_parts_mut(self.start, self.words);
        // SAFETY: made by `Box::into_raw` of just this slice, and dropped once; whoever wrote it has ended.
        drop(unsafe { Box::from_raw(words) });
    }
}

/// A log without a door.
pub struct Log {
    pub shared: Arc<LogShared>,
    memory: ManuallyDrop<Memory>,
    layout: Layout,
    capacity: u64,
}

impl Log {
    pub fn new(bytes: usize, index_capacity: u32) -> (Log, LogWriter) {
        let memory = ManuallyDrop::new(Memory::new(bytes));
        let geometry = Geometry::divide(bytes, index_capacity).unwrap();
        // SAFETY: `memory` has `bytes` bytes and is freed by the `Log` only when no writer is left.
        let lent = unsafe { LentMemory::new(memory.start(), geometry) };
        let shared = Arc::new(LogShared::new(lent));
        let writer = LogWriter::new(Arc::clone(&shared));
        let (layout, capacity) = (Layout::described(), index_capacity.into());
        (
            Log {
                shared,
                memory,
                layout,
                capacity,
            },
            writer,
        )
    }

    /// A published and unreleased entry, with its text.
    pub fn entry(&self, number: u64) -> Entry {
        assert!((self.shared.oldest()..self.shared.head()).contains(&number));
        let record = self
            .memory
            .record(number % self.capacity, self.layout.record_size);
        let mut entry = self.layout.entry(&record);
        let mut text = vec![0; entry.text_len];
        let span = (entry.text_at, entry.text_len);
        let copied = self.shared.gather([span].into_iter(), &mut text);
        assert_eq!(
            copied,
            Some(entry.text_len),
            "entry {number} at {span:?} is held"
        );
        entry.text = String::from_utf8(text).unwrap();
        entry.keys = self.keys(&entry);
        entry
    }

    /// The words at the next multiple of 4 behind the text and its comma, as JavaScript would read them.
    fn keys(&self, entry: &Entry) -> Vec<u32> {
        let text_size = self.shared.memory.geometry().text_size;
        let comma = u64::from(entry.entry_type <= TRANSFER);
        let offset = entry.text_at % text_size + entry.text_len as u64 + comma;
        let start =
            self.capacity as usize * self.layout.record_size + offset.next_multiple_of(4) as usize;
        let words = entry.key_count().min((self.memory.words * 8 - start) / 4);
        (0..words)
            .map(|at| {
                let mut word = [0; 4];
                // SAFETY: inside the allocation; the entry is published and unreleased, and what lies behind its keys is
                // not looked at by a test while a writer of another thread may write it.
                unsafe {
                    std::ptr::copy_nonoverlapping(
                        self.memory.start().add(start + 4 * at),
                        word.as_mut_ptr(),
                        4,
                    )
                };
                u32::from_le_bytes(word)
            })
            .collect()
    }

    /// Where the text of a published and unreleased entry begins.
    pub fn record_text_at(&self, number: u64) -> u64 {
        let record = self
            .memory
            .record(number % self.capacity, self.layout.record_size);
        self.layout.entry(&record).text_at
    }

    /// Takes every published entry out of the log.
    pub fn drain(&self) -> Vec<Entry> {
        let head = self.shared.head();
        let entries = (self.shared.oldest()..head)
            .map(|number| self.entry(number))
            .collect();
        assert!(self.shared.release(head));
        entries
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.shared.stop();
        // A test that fails may leave a writer running on another thread; its memory stays then.
        if Arc::get_mut(&mut self.shared).is_some() {
            // SAFETY: nobody else holds the log, so nobody writes the memory, and it is not used again.
            unsafe { ManuallyDrop::drop(&mut self.memory) };
        }
    }
}
