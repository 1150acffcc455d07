//! Ring files made byte by byte from the reference's tables, without the crate under test.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::Path,
};

/// A header of content type 1 and a schema of zeros, with the given sizes and nothing recorded.
pub fn header(
    descriptor_capacity: u64,
    payload_buf_size: u64,
    context_area_size: u64,
) -> [u8; 192] {
    let mut header = [0; 192];
    header[..6].copy_from_slice(b"RING01");
    header[6] = 1;
    header[40..48].copy_from_slice(&descriptor_capacity.to_le_bytes());
    header[48..56].copy_from_slice(&payload_buf_size.to_le_bytes());
    header[56..64].copy_from_slice(&context_area_size.to_le_bytes());
    header
}

/// The header of the smallest ring.
pub fn small_header() -> [u8; 192] {
    header(super::CAPACITY, super::PAYLOAD_BYTES, 0)
}

/// Writes a file that begins with `start` and is `len` bytes long, sparse.
pub fn write(path: &Path, start: &[u8], len: u64) -> File {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .unwrap();
    file.write_all_at(start, 0).unwrap();
    file.set_len(len).unwrap();
    file
}

/// Overwrites one word of a small ring's slot, as a faulty writer or disk would.
pub fn patch_slot(path: &Path, seqno: u64, offset: u64, bytes: &[u8]) {
    let slot = (seqno - 1) % super::CAPACITY;
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(bytes, (2 << 20) + slot * 64 + offset)
        .unwrap();
}
