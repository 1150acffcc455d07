//! Records one event: reserve, fill, commit, in the order that readers rely on.
//! Stores through memory.rs. Source: ring-and-events §1.6; the step numbers below are its.

use std::{
    sync::atomic::Ordering,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{EventRingWriter, WriteError};
use crate::{
    layout::{PAYLOAD_ALIGNMENT, WINDOW_INCREMENT},
    words::fence,
};

/// An event that is written and not committed: readers wait at it until [`commit`](Self::commit).
///
/// Dropping it leaves its slot in progress for ever, as a writer that dies in the middle does.
#[must_use = "readers wait at this event until it is committed"]
pub struct Reservation<'writer> {
    writer: &'writer EventRingWriter,
    seqno: u64,
    payload_buf_offset: u64,
}

impl Reservation<'_> {
    /// The event's seqno.
    pub fn seqno(&self) -> u64 {
        self.seqno
    }

    /// Unwrapped offset of its payload.
    pub fn payload_buf_offset(&self) -> u64 {
        self.payload_buf_offset
    }

    /// Makes the event visible and returns its seqno.
    pub fn commit(self) -> u64 {
        // Step 6: everything stored so far becomes visible with the seqno.
        self.writer
            .memory
            .slot_word(self.seqno, 0)
            .store(self.seqno, Ordering::Release);
        self.seqno
    }
}

impl EventRingWriter {
    /// Records one event whose payload is all `payload_parts` one behind the other, and returns its seqno.
    ///
    /// `record_epoch_nanos` is nanoseconds since 1970; `None` takes the clock.
    ///
    /// # Errors
    /// [`WriteError`], if the payload is too large for the format or the ring; no seqno is used then.
    pub fn record(
        &self,
        event_type: u16,
        content_ext: [u64; 4],
        record_epoch_nanos: Option<u64>,
        payload_parts: &[&[u8]],
    ) -> Result<u64, WriteError> {
        self.reserve(event_type, content_ext, record_epoch_nanos, payload_parts)
            .map(Reservation::commit)
    }

    /// Does all of [`record`](Self::record) but the commit.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn reserve(
        &self,
        event_type: u16,
        content_ext: [u64; 4],
        record_epoch_nanos: Option<u64>,
        payload_parts: &[&[u8]],
    ) -> Result<Reservation<'_>, WriteError> {
        let payload_buf_size = self.geometry().payload_buf_size();
        // Step 1.
        let record_epoch_nanos = record_epoch_nanos.unwrap_or_else(now);
        let size: u64 = payload_parts.iter().map(|part| part.len() as u64).sum();
        let allocation = size.next_multiple_of(PAYLOAD_ALIGNMENT);
        let payload_size = match u32::try_from(allocation) {
            Ok(_) => size as u32,
            Err(_) => return Err(WriteError::Overflow4Gb { size }),
        };
        let limit = payload_buf_size - 2 * WINDOW_INCREMENT;
        if allocation >= limit {
            return Err(WriteError::OverflowExpire {
                size: allocation,
                limit,
            });
        }
        // Step 2.
        let seqno = self.memory.allocate_seqno();
        let begin = self.memory.allocate_payload(allocation);
        // Step 3.
        self.memory.slot_word(seqno, 0).store(0, Ordering::Release);
        // Step 4.
        let end = begin + allocation;
        let window = self.memory.window_start();
        let seen = window.load(Ordering::Relaxed);
        if end.saturating_sub(seen) > payload_buf_size - WINDOW_INCREMENT {
            let moved =
                end.next_multiple_of(WINDOW_INCREMENT) - (payload_buf_size - WINDOW_INCREMENT);
            // The documented writer tries once to swap it, and leaves the value of whoever was faster, which is too
            // low for an event of more than 16 MiB. The larger of the two is what a success would have stored.
            window.fetch_max(moved, Ordering::Relaxed);
        }
        // Neither a word of the slot nor one of the payload may become visible before "seqno = 0" and the moved
        // window. x86 keeps stores in order anyway; this says it for every machine and pairs with readers' fences.
        fence(Ordering::Release);
        // Step 5.
        let type_and_size = u64::from(event_type) | u64::from(payload_size) << 32;
        let words = [type_and_size, record_epoch_nanos, begin];
        for (index, word) in words.into_iter().chain(content_ext).enumerate() {
            self.memory
                .slot_word(seqno, index + 1)
                .store(word, Ordering::Relaxed);
        }
        self.memory.store_payload(begin, payload_parts);
        Ok(Reservation {
            writer: self,
            seqno,
            payload_buf_offset: begin,
        })
    }
}

/// Nanoseconds since 1970.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64)
}
