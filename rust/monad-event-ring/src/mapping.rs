//! The mapped file and the only loads from it: words of the header, words of a slot, and payload copies.
//! Everything is read atomically and as plain numbers; slot.rs and reader.rs decide what it means.

use std::{fs::File, io, sync::atomic::Ordering};

use crate::{
    descriptor::RawDescriptor,
    geometry::RingGeometry,
    layout::{DESCRIPTOR_SIZE, HEADER_BUFFER_WINDOW_START, PAYLOAD_ALIGNMENT},
    payload::PayloadBuffer,
    words::{RingWords, fence},
};

/// A ring's header, descriptors and payload buffer in this process's memory, read-only.
pub(crate) struct Mapping {
    words: RingWords,
    geometry: RingGeometry,
}

/// What became of a payload copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayloadCopy {
    /// The buffer holds the payload as it was recorded.
    Copied,
    /// The writer has reused its bytes.
    Expired,
    /// The descriptor names bytes that no recorder could have written, or more than the caller takes.
    Malformed,
}

impl Mapping {
    /// Maps everything of the ring but the context area, which nobody reads.
    ///
    /// The caller has checked that the file is a ring of this geometry and at most
    /// [`MAX_SHORTFALL`](crate::layout::MAX_SHORTFALL) bytes short of it. The mapped length is a multiple of 2 MiB (each of its three sections
    /// is one), so the end of such a short file lies inside the last mapped page, where the kernel supplies
    /// zeros: no access can fault. Only someone who truncates the file later can cause SIGBUS.
    pub(crate) fn new(file: &File, geometry: RingGeometry) -> io::Result<Self> {
        let words = RingWords::read_only(file, geometry.context_offset())?;
        Ok(Self::of(words, geometry))
    }

    /// The ring of this geometry in these words, which reach to the end of its payload buffer.
    pub(crate) fn of(words: RingWords, geometry: RingGeometry) -> Self {
        Self { words, geometry }
    }

    pub(crate) fn geometry(&self) -> &RingGeometry {
        &self.geometry
    }

    /// The word at a multiple of 8 inside the header section.
    #[inline]
    pub(crate) fn header_word<const OFFSET: usize>(&self, ordering: Ordering) -> u64 {
        const {
            assert!(
                OFFSET.is_multiple_of(8) && OFFSET < crate::layout::HEADER_SECTION_SIZE as usize
            )
        };
        // SAFETY: the offset is a multiple of 8 inside the header section (asserted above), which every mapping has.
        unsafe { self.load(OFFSET, ordering) }
    }

    /// Word `index` (0..8) of the slot that the event `seqno` (1 or more) has or will have.
    #[inline]
    pub(crate) fn slot_word<const INDEX: usize>(&self, seqno: u64, ordering: Ordering) -> u64 {
        const { assert!(INDEX < DESCRIPTOR_SIZE as usize / 8) };
        let slot = seqno.wrapping_sub(1) & (self.geometry.descriptor_capacity() - 1);
        let offset = self.geometry.descriptors_offset() + slot * DESCRIPTOR_SIZE;
        // SAFETY: the mask keeps the slot below the capacity (a power of two, RingGeometry), so the slot lies inside
        // the descriptor section, which is mapped; slots and words inside them are at multiples of 8.
        unsafe { self.load(offset as usize + INDEX * 8, ordering) }
    }

    /// Lowest unwrapped payload offset that is still valid.
    #[inline]
    pub(crate) fn window_start(&self, ordering: Ordering) -> u64 {
        self.header_word::<HEADER_BUFFER_WINDOW_START>(ordering)
    }

    /// Copies one payload of at most `max_size` bytes; unless it is `Copied` the buffer is empty afterwards.
    ///
    /// Source: ring-and-events §1.6 (live rule), §2.4 (check after use).
    #[inline]
    pub(crate) fn copy_payload(
        &self,
        of: &RawDescriptor,
        max_size: u32,
        out: &mut PayloadBuffer,
    ) -> PayloadCopy {
        self.copy_payload_then(of, max_size, out, || {})
    }

    /// As [`copy_payload`](Self::copy_payload), with `between` where a writer is most dangerous: after the copy and
    /// before the check. Tests let one in there.
    #[inline]
    fn copy_payload_then(
        &self,
        of: &RawDescriptor,
        max_size: u32,
        out: &mut PayloadBuffer,
        between: impl FnOnce(),
    ) -> PayloadCopy {
        let (offset, size) = (of.payload_buf_offset, u64::from(of.payload_size));
        if size > u64::from(max_size)
            || size > self.geometry.payload_buf_size()
            || !offset.is_multiple_of(PAYLOAD_ALIGNMENT)
        {
            out.clear();
            return PayloadCopy::Malformed;
        }
        // A cheap look first: what is gone already need not be copied.
        if offset < self.window_start(Ordering::Relaxed) {
            out.clear();
            return PayloadCopy::Expired;
        }
        let words = out.set_len(size as usize);
        let start = offset & (self.geometry.payload_buf_size() - 1);
        let until_wrap = (self.geometry.payload_buf_size() - start) / 8;
        let (head, tail) = words.split_at_mut(words.len().min(until_wrap as usize));
        let payload = self.geometry.payload_offset();
        // SAFETY: `head` ends at the end of the payload section at the latest (`until_wrap`); `tail` starts at its
        // beginning and is shorter than it, because the payload is not larger than the section (checked above, and
        // rounding up to words stays inside, as the section is a multiple of 8). Both begin at multiples of 8.
        unsafe {
            self.copy_words((payload + start) as usize, head);
            self.copy_words(payload as usize, tail);
        }
        between();
        // The writer moves the window before it reuses bytes. If one of the loads above saw a reused byte, then
        // this fence, paired with the writer's order of window before bytes, makes the load below see the moved
        // window; without it a machine weaker than x86 may load the window before the bytes.
        fence(Ordering::Acquire);
        if offset < self.window_start(Ordering::Relaxed) {
            out.clear();
            return PayloadCopy::Expired;
        }
        PayloadCopy::Copied
    }

    /// # Safety
    /// `offset` is a multiple of 8 and `out.len()` words from there lie inside the mapping.
    #[inline]
    unsafe fn copy_words(&self, offset: usize, out: &mut [u64]) {
        for (at, word) in out.iter_mut().enumerate() {
            // SAFETY: the caller guarantees that every word of the range is inside and aligned.
            *word = unsafe { self.load(offset + at * 8, Ordering::Relaxed) };
        }
    }

    /// # Safety
    /// `offset` is a multiple of 8 and lies, with the 7 bytes behind it, inside the mapping.
    #[inline]
    unsafe fn load(&self, offset: usize, ordering: Ordering) -> u64 {
        // SAFETY: the word is aligned and inside the mapping (the caller's part), it exists in the file or in its last
        // page (Mapping::new), and it is only loaded from.
        unsafe { self.words.word(offset) }.load(ordering)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::{
        ContentType, RawEventRing,
        writer::{EventRingWriter, WriterConfig},
    };

    const LARGE: usize = 60 << 20;

    /// Copies the first of some events of 60 MiB while `later` more are recorded behind the copy.
    fn copy_while_recording(later: u64) -> (PayloadCopy, usize) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ring");
        let config = WriterConfig {
            descriptor_shift: 16,
            payload_shift: 27,
            content_type: ContentType::Test,
            schema_hash: [0; 32],
            note: None,
        };
        let writer = EventRingWriter::create(&path, &config).unwrap();
        let record = || {
            writer
                .record(1, [0; 4], Some(0), &[&vec![7; LARGE]])
                .unwrap()
        };
        let ring = RawEventRing::open_any(&path, 0).unwrap();
        let descriptor = ring.try_copy(record()).unwrap();
        let mut payload = PayloadBuffer::new();
        let copy = ring
            .mapping()
            .copy_payload_then(&descriptor, u32::MAX, &mut payload, || {
                (0..later).for_each(|_| assert!(record() > 1));
            });
        (copy, payload.as_slice().len())
    }

    #[test]
    fn a_payload_reused_during_its_copy_is_expired_and_not_handed_out() {
        // 180 MiB in a buffer of 128 MiB: the third event lies over the first.
        assert_eq!(copy_while_recording(2), (PayloadCopy::Expired, 0));
    }

    #[test]
    fn a_payload_is_intact_until_the_window_has_passed_it() {
        assert_eq!(copy_while_recording(0), (PayloadCopy::Copied, LARGE));
        // 120 MiB are more than the window of 112, which gives up the first event before its bytes are reused.
        assert_eq!(copy_while_recording(1), (PayloadCopy::Expired, 0));
    }
}
