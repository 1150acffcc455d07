//! One file in memory that every execution fills anew, with a path that production code can open.

use std::{
    fs::File,
    os::{fd::AsRawFd, unix::fs::FileExt},
    path::PathBuf,
};

use rustix::fs::MemfdFlags;

/// A file without a place in any directory.
pub struct MemoryFile {
    file: File,
    /// Where this process can open it.
    pub path: PathBuf,
}

impl MemoryFile {
    /// An empty file.
    pub fn new() -> Self {
        let file = rustix::fs::memfd_create("fuzz", MemfdFlags::CLOEXEC).expect("a memory file");
        let file = File::from(file);
        let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        Self { file, path }
    }

    /// Makes the file `bytes`, cut or lengthened by zeros to `len` bytes.
    pub fn fill(&self, bytes: &[u8], len: u64) {
        self.file.set_len(0).expect("set_len");
        let kept = bytes.len().min(usize::try_from(len).unwrap_or(usize::MAX));
        self.file.write_all_at(&bytes[..kept], 0).expect("write");
        self.file.set_len(len).expect("set_len");
    }
}

impl Default for MemoryFile {
    fn default() -> Self {
        Self::new()
    }
}
