//! zstd frames made by hand of raw and run-length blocks: a whole ring image is a few kilobytes.

/// A stretch of a frame's content.
pub enum Part<'a> {
    Bytes(&'a [u8]),
    Zeros(u64),
}

const BLOCK: usize = 128 << 10;

/// One frame with a window of 128 KiB and, if given, a checksum.
pub fn frame(parts: &[Part<'_>], checksum: Option<u32>) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd];
    frame.push(if checksum.is_some() { 4 } else { 0 });
    frame.push((17 - 10) << 3);
    for part in parts {
        match part {
            Part::Bytes(bytes) => {
                for piece in bytes.chunks(BLOCK) {
                    block_header(&mut frame, false, 0, piece.len());
                    frame.extend_from_slice(piece);
                }
            }
            Part::Zeros(count) => {
                let mut left = *count;
                while left > 0 {
                    let run = left.min(BLOCK as u64);
                    block_header(&mut frame, false, 1, run as usize);
                    frame.push(0);
                    left -= run;
                }
            }
        }
    }
    block_header(&mut frame, true, 0, 0);
    frame.extend(checksum.map(u32::to_le_bytes).into_iter().flatten());
    frame
}

fn block_header(frame: &mut Vec<u8>, is_last: bool, kind: u32, size: usize) {
    let header = u32::from(is_last) | kind << 1 | (size as u32) << 3;
    frame.extend_from_slice(&header.to_le_bytes()[..3]);
}
