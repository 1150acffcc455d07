//! Words of a mapped file.

pub(crate) use std::sync::atomic::{AtomicU64, fence};
use std::{fs::File, io};

use memmap2::{MmapOptions, MmapRaw};

/// The first part of a file, mapped.
pub(crate) struct RingWords(MmapRaw);

impl RingWords {
    /// Maps `len` bytes for loads alone; a store would end the process.
    pub(crate) fn read_only(file: &File, len: u64) -> io::Result<Self> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        MmapOptions::new()
            .len(len)
            .map_raw_read_only(file)
            .map(Self)
    }

    /// Maps `len` bytes for loads and stores.
    #[cfg(feature = "writer")]
    pub(crate) fn writable(file: &File, len: u64) -> io::Result<Self> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        MmapOptions::new().len(len).map_raw(file).map(Self)
    }

    /// Bytes that are mapped.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The word at byte `offset`.
    ///
    /// # Safety
    /// `offset` is a multiple of 8 and lies, with the 7 bytes behind it, inside the mapping and inside the file (or
    /// the file's last page); what is mapped by [`read_only`](Self::read_only) is only loaded from.
    #[inline]
    pub(crate) unsafe fn word(&self, offset: usize) -> &AtomicU64 {
        debug_assert!(offset.is_multiple_of(8) && offset + 8 <= self.len());
        // SAFETY: inside the mapping and aligned (the caller's part; a mapping starts at a page), and mapped as long as the
        // reference lives, which borrows `self`. This process accesses it only through here, atomically and in this size.
        // What another process stores meanwhile, in any size, makes a loaded value stale or mixed, which slot.rs and
        // mapping.rs find out: every bit pattern is a u64. A load of this size is fine on memory that is read-only.
        unsafe { &*self.0.as_mut_ptr().add(offset).cast::<AtomicU64>() }
    }
}
