//! Appends entries: text first, then the index record, published in batches.
//! Called by `pipeline` on the reader thread, the only writer of the lent memory; `shared` holds what readers see.

use std::sync::Arc;

use super::record::Record;
use super::shared::LogShared;

/// The log was stopped while the writer waited for room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The log was stopped.")]
pub struct Stopped;

/// The only writer of a log.
#[derive(Debug)]
pub struct LogWriter {
    shared: Arc<LogShared>,
    head: u64,
    text_head: u64,
    /// `text_head` within the text region, kept apart because a division per entry would cost more than the rest.
    text_offset: u64,
    published: u64,
    newest_seq: u64,
}

impl LogWriter {
    /// The writer of `shared`, which must have no other.
    pub fn new(shared: Arc<LogShared>) -> LogWriter {
        LogWriter {
            shared,
            head: 0,
            text_head: 0,
            text_offset: 0,
            published: 0,
            newest_seq: 0,
        }
    }

    /// What readers see of this log.
    pub fn shared(&self) -> &Arc<LogShared> {
        &self.shared
    }

    /// Largest text this log takes, in bytes: an eighth of its text region, so that several entries always fit.
    pub fn max_text(&self) -> usize {
        (self.shared.memory.geometry().text_size / 8) as usize
    }

    /// Largest seq appended so far; 0 before the first.
    pub fn newest_seq(&self) -> u64 {
        self.newest_seq
    }

    /// Room for one entry of at most `max` bytes of text; publishes and waits for readers to release when there is none.
    ///
    /// The bytes are the writer's until [`LogWriter::commit`]; a reservation that is not committed leaves no trace.
    #[inline]
    pub fn reserve(&mut self, max: usize) -> Result<&mut [u8], Stopped> {
        let geometry = self.shared.memory.geometry();
        debug_assert!(
            max <= self.max_text() + 1,
            "a reservation above max_text() could wait for ever"
        );
        let (at, offset) = match geometry.text_size - self.text_offset {
            left if left < max as u64 => (self.text_head + left, 0),
            _ => (self.text_head, self.text_offset),
        };
        let end = at + max as u64;
        if !has_room(&self.shared, self.head, end) {
            self.wait_for_room(end)?;
        }
        (self.text_head, self.text_offset) = (at, offset);
        // SAFETY: the range is in the text region and does not cross its end (just ensured; `max` is at most an eighth of it,
        // or there was no room). All readers released it (`has_room` read `text_oldest` with acquire) and it is not
        // published, so nobody touches it until `commit` and `publish`; the `&mut self` borrow keeps this writer, the only
        // one, from handing it out twice.
        Ok(unsafe { self.shared.memory.text_mut(offset, max) })
    }

    #[cold]
    fn wait_for_room(&mut self, text_end: u64) -> Result<(), Stopped> {
        self.publish();
        self.shared
            .wait_released(|| has_room(&self.shared, self.head, text_end));
        if self.shared.is_stopped() {
            Err(Stopped)
        } else {
            Ok(())
        }
    }

    /// Appends an entry whose text begins the last reservation, where `record.text_at` puts it; `trailing` more bytes
    /// (the comma behind an event) stay between it and the next text.
    #[inline]
    pub fn commit(&mut self, record: &Record<'_>, trailing: u32) {
        let record = Record {
            text_at: self.text_head,
            ..*record
        };
        // SAFETY: the `reserve` that precedes every commit made sure that the entry that was in this slot is released
        // (it read `oldest` with acquire), and this one is not published, so only this writer touches its bytes; the
        // `&mut self` borrow makes the slice the only one.
        record.write_to(unsafe { self.shared.memory.record_mut(self.head) });
        self.head += 1;
        let written = u64::from(record.text_len) + u64::from(trailing);
        self.text_head += written;
        self.text_offset += written;
        self.newest_seq = record.seq;
    }

    /// Shows readers every committed entry and wakes them; returns whether there was anything new.
    pub fn publish(&mut self) -> bool {
        let is_new = self.head > self.published;
        if is_new {
            self.published = self.head;
            self.shared.publish(self.head, self.text_head);
        }
        is_new
    }
}

#[inline]
fn has_room(shared: &LogShared, head: u64, text_end: u64) -> bool {
    let geometry = shared.memory.geometry();
    head - shared.oldest() < geometry.index_capacity
        && text_end <= shared.text_oldest() + geometry.text_size
}
