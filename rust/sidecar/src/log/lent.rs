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
    /// `start` must stay valid for reads and writes of `index_capacity * RECORD_SIZE + text_size` bytes until the value
    /// is dropped, and nothing else may write them.
    pub unsafe fn new(start: *mut u8, geometry: Geometry) -> LentMemory {
        LentMemory { start, geometry }
    }

    /// How the memory is divided.
    pub fn geometry(&self) -> Geometry {
        self.geometry
    }

    /// Address of the record of entry number `entry`.
    pub(super) fn record_ptr(&self, entry: u64) -> *mut u8 {
        let slot = (entry & (self.geometry.index_capacity - 1)) as usize;
        self.start.wrapping_add(slot * RECORD_SIZE)
    }

    /// Address of the text byte at unwrapped position `at`.
    pub(super) fn text_ptr(&self, at: u64) -> *mut u8 {
        self.text_ptr_at(at % self.geometry.text_size)
    }

    /// Address of the text byte at `offset` within the text region.
    pub(super) fn text_ptr_at(&self, offset: u64) -> *mut u8 {
        let index_bytes = self.geometry.index_capacity as usize * RECORD_SIZE;
        self.start.wrapping_add(index_bytes + offset as usize)
    }
}
