//! JavaScript's side of the door: options, lent memory, and nothing but the exported functions.
//! Used by the tests of whole reader threads.

use ringcast_sidecar::door::*;
use serde_json::{Value, json};

use super::log::{Entry, Layout, Memory};
use super::until;

/// Source states by `SourceState`.
pub const READING: u32 = 2;
pub const MISSING: u32 = 3;
pub const ENDED: u32 = 4;
pub const DOWN: u32 = 5;
pub const FAILED: u32 = 6;

/// An open log; dropping it closes it.
pub struct Door {
    pub handle: u32,
    pub memory: Memory,
    pub layout: Layout,
    /// Metrics and Lifecycle messages among the entries that were taken.
    pub metrics: u64,
    capacity: u64,
    next: u64,
}

/// The text that a function of the door writes when asked with a buffer that is large enough.
pub fn text_of(ask: impl Fn(*mut u8, u32) -> u32) -> String {
    let mut text = vec![0; ask(std::ptr::null_mut(), 0) as usize];
    let len = ask(text.as_mut_ptr(), text.len() as u32) as usize;
    text.truncate(len);
    String::from_utf8(text).unwrap()
}

pub fn last_error() -> String {
    // SAFETY: `text_of` lends a buffer of the length it says.
    text_of(|out, len| unsafe { ringcast_last_error(out, len) })
}

/// Calls `ringcast_open`; the handle, or the sentence.
pub fn open_raw(options: &mut [u8], memory: *mut u8, memory_len: f64) -> Result<u32, String> {
    // SAFETY: the options are a slice; the memory is the caller's and lives until it closes the log.
    let handle = unsafe {
        ringcast_open(
            options.as_mut_ptr(),
            options.len() as u32,
            memory,
            memory_len,
        )
    };
    if handle == 0 {
        Err(last_error())
    } else {
        Ok(handle)
    }
}

impl Door {
    /// Opens `ring` with `more` options on top of the plain ones.
    pub fn open(ring: &std::path::Path, more: Value, bytes: usize) -> Door {
        let mut options = json!({ "ring": ring, "index_capacity": 1 << 14 });
        options
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let memory = Memory::new(bytes);
        let text = &mut options.to_string().into_bytes();
        let handle = open_raw(text, memory.start(), bytes as f64).unwrap();
        let capacity = options["index_capacity"].as_u64().unwrap();
        Door {
            handle,
            memory,
            layout: Layout::described(),
            metrics: 0,
            capacity,
            next: 0,
        }
    }

    pub fn status(&self, name: &str) -> f64 {
        let mut bytes = vec![0; self.layout.status.len() * 8];
        // SAFETY: `bytes` is as long as it says.
        let done = unsafe { ringcast_status(self.handle, bytes.as_mut_ptr(), bytes.len() as u32) };
        assert_eq!(done, OK);
        let at = self
            .layout
            .status
            .iter()
            .position(|field| field == name)
            .unwrap()
            * 8;
        f64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
    }

    pub fn state(&self) -> u32 {
        self.status("source_state") as u32
    }

    pub fn message(&self) -> String {
        // SAFETY: `text_of` lends a buffer of the length it says.
        text_of(|out, len| unsafe { ringcast_source_message(self.handle, out, len) })
    }

    /// Waits until the source has this state.
    pub fn reach(&self, state: u32) {
        until(&format!("source state {state}"), || self.state() == state);
    }

    /// Copies text; `None` if the door refuses.
    pub fn gather(&self, spans: &[(f64, f64)], out: &mut [u8]) -> Option<usize> {
        let mut bytes: Vec<u8> = Vec::new();
        for (at, len) in spans {
            bytes.extend_from_slice(&at.to_le_bytes());
            bytes.extend_from_slice(&len.to_le_bytes());
        }
        let (at, count) = (bytes.as_mut_ptr(), spans.len() as u32);
        // SAFETY: `bytes` is 16 bytes per span and `out` as long as it says.
        let copied =
            unsafe { ringcast_gather(self.handle, at, count, out.as_mut_ptr(), out.len() as u32) };
        (copied >= 0.0).then_some(copied as usize)
    }

    pub fn entry(&self, number: u64) -> Entry {
        let record = self
            .memory
            .record(number % self.capacity, self.layout.record_size);
        let mut entry = self.layout.entry(&record);
        let mut text = vec![0; entry.text_len];
        let copied = self.gather(&[(entry.text_at as f64, entry.text_len as f64)], &mut text);
        assert_eq!(
            copied,
            Some(entry.text_len),
            "entry {number}: {}",
            last_error()
        );
        entry.text = String::from_utf8(text).unwrap();
        entry
    }

    /// Takes out and releases the events and gaps that are there, after a wait for the first entry.
    pub fn take(&mut self) -> Vec<Entry> {
        let mut entries = self.take_all();
        self.metrics += entries.iter().filter(|entry| entry.is_metric()).count() as u64;
        entries.retain(|entry| !entry.is_metric());
        entries
    }

    /// As [`Door::take`], with metrics and Lifecycle messages.
    pub fn take_all(&mut self) -> Vec<Entry> {
        let head = ringcast_wait(self.handle, self.next as f64, 20, 0, 0) as u64;
        let entries = (self.next..head).map(|number| self.entry(number)).collect();
        assert_eq!(ringcast_release(self.handle, head as f64), OK);
        self.next = head;
        entries
    }

    /// Takes out entries until `is_last` is one of them.
    pub fn take_until(&mut self, is_last: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        until("the last entry came", || {
            entries.extend(self.take());
            entries.iter().any(&is_last)
        });
        entries
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // The memory goes with this value, so the reader must have ended; a test may have closed it already.
        ringcast_close(self.handle);
    }
}
