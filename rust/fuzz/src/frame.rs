//! zstd frames made by hand: an image in raw and run-length blocks.

/// Largest block of the format.
const BLOCK: usize = 128 << 10;

/// One frame without a checksum whose content is `bytes`; runs of one byte take four bytes of frame.
pub fn of(bytes: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (17 - 10) << 3];
    for page in bytes.chunks(1 << 10) {
        // As slices: comparing byte by byte would be traced byte by byte.
        let is_run = page[1..] == page[..page.len() - 1];
        push_block(&mut frame, page, is_run);
    }
    let len = frame.len();
    // An empty last block of raw bytes.
    frame.extend([1, 0, 0]);
    debug_assert!(len + 3 == frame.len());
    frame
}

fn push_block(frame: &mut Vec<u8>, content: &[u8], is_run: bool) {
    debug_assert!(content.len() <= BLOCK);
    let header = u32::from(is_run) << 1 | (content.len() as u32) << 3;
    frame.extend(&header.to_le_bytes()[..3]);
    frame.extend(if is_run { &content[..1] } else { content });
}
