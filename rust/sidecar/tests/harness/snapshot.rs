//! A zstd snapshot of a ring that a test has written: one frame of raw and run-length blocks.
//! The tests of paces and laps make theirs here; others read the shipped recording.

use std::path::{Path, PathBuf};

/// Bytes of one zstd block.
const BLOCK: usize = 128 << 10;

/// Writes the ring at `ring` as a snapshot beside it and returns its path.
pub fn snapshot_of(ring: &Path) -> PathBuf {
    let image = std::fs::read(ring).unwrap();
    // Magic; no checksum, size or dictionary; a window of one block.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, (17 - 10) << 3];
    let mut blocks = image.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let is_last = u32::from(blocks.peek().is_none());
        let is_zero = block.iter().all(|&byte| byte == 0);
        let kind = u32::from(is_zero);
        let header = is_last | kind << 1 | (block.len() as u32) << 3;
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.extend_from_slice(if is_zero { &[0] } else { block });
    }
    let path = ring.with_extension("snapshot.zst");
    std::fs::write(&path, frame).unwrap();
    path
}
