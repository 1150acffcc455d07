//! The lent memory: how it is divided, and where a record or a text byte lies in it.
//! `shared` says who may touch which byte when; `writer` fills it.

use super::record::RECORD_SIZE;

/// How a lent buffer is divided: index records first, text behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Number of index records, a power of two.
    pub index_capacity: u64,
    /// Bytes of the text region.
    pub text_size: u64,
}

impl Geometry {
    /// Divides `memory_len` bytes; `None` if they cannot hold `index_capacity` (a power of two) records and 64 KiB of text.
    pub fn divide(memory_len: usize, index_capacity: u32) -> Option<Geometry> {
        let index_bytes = (index_capacity as usize).checked_mul(RECORD_SIZE)?;
        let text_size = memory_len.checked_sub(index_bytes)?;
        (index_capacity.is_power_of_two() && text_size >= 1 << 16).then_some(Geometry {
            index_capacity: index_capacity.into(),
            text_size: text_size as u64,
        })
    }
}

/// Memory that JavaScript owns and lends for the life of one log.
#[derive(Debug)]
pub struct LentMemory {
    start: *mut u8,
    geometry: Geometry,
    /// Who accessed which record and text byte when; a model finds data races by it.
    #[cfg(loom)]
    accesses: super::model::Accesses,
}

// SAFETY: `start` is a plain address; who may read or write which byte is ruled by `LogShared` (written before `head`,
// released before `oldest`), not by the thread that holds the pointer.
unsafe impl Send for LentMemory {}
// SAFETY: as above; every access through a shared reference goes through an unsafe method whose caller proves its range.
unsafe impl Sync for LentMemory {}

impl LentMemory {
    /// Takes `geometry` bytes at `start`.
    ///
    /// # Safety
    /// `start` must stay valid for reads and writes of `index_capacity * RECORD_SIZE + text_size` bytes as long as a
    /// `LogWriter` of the value lives or `release` or `gather` may be called; nothing else may write them; and
    /// `index_capacity` must be a power of two.
    pub unsafe fn new(start: *mut u8, geometry: Geometry) -> LentMemory {
        LentMemory {
            start,
            geometry,
            #[cfg(loom)]
            accesses: super::model::Accesses::new(geometry),
        }
    }

    /// How the memory is divided.
    pub fn geometry(&self) -> Geometry {
        self.geometry
    }

    /// The record's bytes, to be written.
    ///
    /// # Safety
    /// Until the slice ends, nobody else reads or writes the record of this entry or of one that shares its slot.
    #[inline]
    #[allow(
        clippy::mut_from_ref,
        reason = "the caller proves that the bytes are its own"
    )]
    pub(super) unsafe fn record_mut(&self, entry: u64) -> &mut [u8; RECORD_SIZE] {
        #[cfg(loom)]
        self.accesses.write_record(entry);
        // SAFETY: the slot lies inside the lent memory (`record_ptr`), which is valid for writes (`new`); the
        // caller guarantees that the bytes are its own; a byte array needs no alignment and every byte is a value.
        unsafe { &mut *self.record_ptr(entry).cast() }
    }

    /// A copy of the record's bytes.
    ///
    /// # Safety
    /// The record of this entry was written before this call, and nobody writes it meanwhile.
    #[inline]
    pub(super) unsafe fn read_record(&self, entry: u64) -> [u8; RECORD_SIZE] {
        #[cfg(loom)]
        self.accesses.read_record(entry);
        // SAFETY: the slot lies inside the lent memory (`record_ptr`), which is valid for reads (`new`); the
        // caller guarantees that nobody writes it; a byte array needs no alignment.
        unsafe { self.record_ptr(entry).cast::<[u8; RECORD_SIZE]>().read() }
    }

    /// `len` bytes of the text region from `offset` on, to be written.
    ///
    /// # Safety
    /// `offset + len` is at most `text_size`, and until the slice ends nobody else reads or writes these bytes.
    #[inline]
    #[allow(
        clippy::mut_from_ref,
        reason = "the caller proves that the bytes are its own"
    )]
    pub(super) unsafe fn text_mut(&self, offset: u64, len: usize) -> &mut [u8] {
        #[cfg(loom)]
        self.accesses.write_text(offset, len);
        // SAFETY: the caller guarantees that the range lies inside the text region, which lies inside the lent memory
        // and is valid for writes (`new`), and that the bytes are its own.
        unsafe { std::slice::from_raw_parts_mut(self.text_ptr(offset), len) }
    }

    /// Copies the text at `offset` of the text region to `out`.
    ///
    /// # Safety
    /// `offset + out.len()` is at most `text_size`, these bytes were written before this call, nobody writes them
    /// meanwhile, and `out` is no part of the lent memory.
    #[inline]
    pub(super) unsafe fn read_text(&self, offset: u64, out: &mut [u8]) {
        #[cfg(loom)]
        self.accesses.read_text(offset, out.len());
        // SAFETY: the caller guarantees that the range lies inside the text region, which lies inside the lent memory
        // and is valid for reads (`new`), that nobody writes it, and that `out` lies elsewhere.
        unsafe {
            std::ptr::copy_nonoverlapping(self.text_ptr(offset), out.as_mut_ptr(), out.len());
        }
    }

    /// The text of `len` bytes at `offset` of the text region.
    ///
    /// # Safety
    /// `offset + len` is at most `text_size`, these bytes were written before this call, and nobody writes them until
    /// the slice ends.
    #[inline]
    pub(super) unsafe fn text(&self, offset: u64, len: usize) -> &[u8] {
        #[cfg(loom)]
        self.accesses.read_text(offset, len);
        // SAFETY: the caller guarantees that the range lies inside the text region, which lies inside the lent memory
        // and is valid for reads as long as `self`, and that nobody writes it.
        unsafe { std::slice::from_raw_parts(self.text_ptr(offset), len) }
    }

    /// Address of the record of entry number `entry`: the mask keeps it inside the index.
    #[inline]
    fn record_ptr(&self, entry: u64) -> *mut u8 {
        let slot = (entry & (self.geometry.index_capacity - 1)) as usize;
        self.start.wrapping_add(slot * RECORD_SIZE)
    }

    /// Address of the text byte at `offset` within the text region.
    #[inline]
    fn text_ptr(&self, offset: u64) -> *mut u8 {
        let index_bytes = self.geometry.index_capacity as usize * RECORD_SIZE;
        self.start.wrapping_add(index_bytes + offset as usize)
    }
}
