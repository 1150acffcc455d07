//! The writer's mapping and its stores: control words, words of a slot, payload bytes. All are atomic, so that
//! readers in other threads and processes see old or new words and nothing undefined. Used by record.rs.

use std::{fs::File, io, sync::atomic::Ordering};

use crate::{
    RingGeometry,
    layout::{
        DESCRIPTOR_SIZE, HEADER_BUFFER_WINDOW_START, HEADER_LAST_SEQNO, HEADER_NEXT_PAYLOAD_BYTE,
        PAYLOAD_ALIGNMENT,
    },
    words::{AtomicU64, RingWords},
};

/// A ring's file, mapped for reading and writing.
pub(super) struct WriterMemory {
    words: RingWords,
    geometry: RingGeometry,
}

impl WriterMemory {
    /// Maps a file that has just been given the size of its geometry.
    pub(super) fn new(file: &File, geometry: RingGeometry) -> io::Result<Self> {
        let words = RingWords::writable(file, geometry.total_size())?;
        Ok(Self::of(words, geometry))
    }

    /// The ring of this geometry in these words.
    pub(super) fn of(words: RingWords, geometry: RingGeometry) -> Self {
        Self { words, geometry }
    }

    pub(super) fn geometry(&self) -> &RingGeometry {
        &self.geometry
    }

    /// Stores the header of a ring that is not published yet.
    pub(super) fn store_header(&self, image: &[u8]) {
        for (at, bytes) in image.chunks(8).enumerate() {
            self.word(at * 8).store(le_word(bytes), Ordering::Relaxed);
        }
    }

    pub(super) fn last_seqno(&self) -> u64 {
        self.word(HEADER_LAST_SEQNO).load(Ordering::Acquire)
    }

    /// Takes the next seqno.
    pub(super) fn allocate_seqno(&self) -> u64 {
        self.word(HEADER_LAST_SEQNO).fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Takes `size` payload bytes, a multiple of 16, and returns their unwrapped offset.
    pub(super) fn allocate_payload(&self, size: u64) -> u64 {
        debug_assert!(size.is_multiple_of(PAYLOAD_ALIGNMENT));
        self.word(HEADER_NEXT_PAYLOAD_BYTE)
            .fetch_add(size, Ordering::Relaxed)
    }

    /// The word that says below which payload offset everything has expired.
    pub(super) fn window_start(&self) -> &AtomicU64 {
        self.word(HEADER_BUFFER_WINDOW_START)
    }

    /// Word `index` (0..8) of the slot of `seqno`.
    pub(super) fn slot_word(&self, seqno: u64, index: usize) -> &AtomicU64 {
        let slot = (seqno - 1) & (self.geometry.descriptor_capacity() - 1);
        self.word(
            (self.geometry.descriptors_offset() + slot * DESCRIPTOR_SIZE) as usize + index * 8,
        )
    }

    /// Stores the parts one behind the other from an unwrapped offset on, with zeros up to the next word.
    pub(super) fn store_payload(&self, offset: u64, parts: &[&[u8]]) {
        let mask = self.geometry.payload_buf_size() - 1;
        let mut at = offset;
        let mut put = |word: u64| {
            let place = self.geometry.payload_offset() + (at & mask);
            self.word(place as usize).store(word, Ordering::Relaxed);
            at += 8;
        };
        // Bytes of the word that is being filled, and how many bits of it are.
        let (mut pending, mut bits) = (0_u64, 0);
        for part in parts {
            let (words, rest) = part.as_chunks::<8>();
            for word in words {
                let word = u64::from_le_bytes(*word);
                put(pending | word << bits);
                pending = if bits == 0 { 0 } else { word >> (64 - bits) };
            }
            for byte in rest {
                pending |= u64::from(*byte) << bits;
                bits += 8;
                if bits == 64 {
                    put(pending);
                    (pending, bits) = (0, 0);
                }
            }
        }
        if bits > 0 {
            put(pending);
        }
    }

    /// The word at a multiple of 8 inside the file.
    #[inline]
    fn word(&self, offset: usize) -> &AtomicU64 {
        assert!(
            offset.is_multiple_of(8) && offset <= self.words.len() - 8,
            "word outside the ring"
        );
        // SAFETY: the word is aligned and inside the mapping (asserted above), which is writable, and the file is that
        // long (set_len before the mapping; nobody but `truncate`, which ends the writer, makes it shorter).
        unsafe { self.words.word(offset) }
    }
}

fn le_word(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u64::from(*byte))
}
