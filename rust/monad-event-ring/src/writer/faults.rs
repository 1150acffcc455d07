//! What a fault laboratory does to its own ring: descriptors that lie, a file cut short, a path that leads nowhere.
//! No recorder does any of this; readers must survive all of it. Stores through memory.rs.

use std::{io, sync::atomic::Ordering};

use super::EventRingWriter;
use crate::words::fence;

/// Fields of a committed descriptor that are replaced after the fact; `None` leaves what was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DescriptorDamage {
    /// The slot's seqno; 0 looks like an event that is being written.
    pub seqno: Option<u64>,
    /// Code of the event's type.
    pub event_type: Option<u16>,
    /// Bytes of the payload.
    pub payload_size: Option<u32>,
    /// Unwrapped offset of the payload.
    pub payload_buf_offset: Option<u64>,
    /// Words whose meaning the content type defines.
    pub content_ext: [Option<u64>; 4],
}

impl EventRingWriter {
    /// Makes the descriptor of `seqno` lie; `false`, and nothing changed, if its slot does not hold that event.
    ///
    /// A reader in the middle of copying the slot sees it written over. No other thread may record into the slot
    /// meanwhile, that is, be a whole lap ahead.
    pub fn damage(&self, seqno: u64, damage: &DescriptorDamage) -> bool {
        if seqno == 0 || self.memory.slot_word(seqno, 0).load(Ordering::Acquire) != seqno {
            return false;
        }
        let word = |index| self.memory.slot_word(seqno, index);
        // As for a new event: no changed word may be seen before the slot is marked as being written.
        word(0).store(0, Ordering::Relaxed);
        fence(Ordering::Release);
        let type_and_size = word(1).load(Ordering::Relaxed);
        let event_type = damage.event_type.unwrap_or(type_and_size as u16);
        let payload_size = damage.payload_size.unwrap_or((type_and_size >> 32) as u32);
        word(1).store(
            u64::from(event_type) | u64::from(payload_size) << 32,
            Ordering::Relaxed,
        );
        let replaced = [damage.payload_buf_offset]
            .into_iter()
            .chain(damage.content_ext)
            .zip(3..);
        for (value, index) in replaced {
            if let Some(value) = value {
                word(index).store(value, Ordering::Relaxed);
            }
        }
        word(0).store(damage.seqno.unwrap_or(seqno), Ordering::Release);
        true
    }

    /// Cuts the file to `len` bytes (or lengthens it) and leaves it at its path without a lock, as a killed node does.
    ///
    /// Whoever has mapped the file and reads behind its new end is ended by SIGBUS; this writer does not touch it again.
    ///
    /// # Errors
    /// The system's, if the length cannot be changed; the ring is left behind all the same.
    pub fn truncate(mut self, len: u64) -> io::Result<()> {
        match self.file.take() {
            Some(file) => file.set_len(len),
            None => Ok(()),
        }
    }

    /// Removes the ring from its path and goes on recording into it, locked as before.
    ///
    /// # Errors
    /// The system's, if the file cannot be removed.
    pub fn vanish(&self) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| self.unlink(file))
    }
}
