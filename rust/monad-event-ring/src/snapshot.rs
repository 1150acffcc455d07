//! Decompresses a snapshot into an unnamed file in memory that can be mapped like a ring.
//! Used by ring.rs; trusts nothing in the zstd data. Source: ring-and-events §3.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt,
    path::Path,
};

use rustix::fs::MemfdFlags;
use ruzstd::decoding::StreamingDecoder;

use crate::{
    error::OpenError,
    header::{Header, RingExpectation},
    layout::{MAGIC, MAX_SHORTFALL},
};

/// First bytes of a zstd frame.
pub(crate) const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Bytes decompressed at a time.
const CHUNK: usize = 1 << 16;
/// Blocks of zeros of this size are left out of the image: a ring is mostly empty.
const PAGE: usize = 4096;

/// Decompresses one frame into a memory file of exactly the size that the ring inside announces.
///
/// Memory is bounded: at most `max_bytes` of image, of which only non-zero pages are written, plus the frame's
/// window (the decoder refuses more than 128 MiB). What the header inside does not announce is not decompressed.
pub(crate) fn decompress(
    zstd: impl Read,
    path: &Path,
    expected: Option<&RingExpectation>,
    max_bytes: u64,
) -> Result<(File, Header), OpenError> {
    let corrupt = |reason: String| OpenError::CorruptSnapshot {
        path: path.into(),
        reason,
    };
    let failed = |action| {
        move |source| OpenError::Io {
            path: path.into(),
            action,
            source,
        }
    };

    let mut decoder = StreamingDecoder::new(zstd).map_err(|error| corrupt(error.to_string()))?;
    let mut chunk = vec![0; CHUNK];
    let mut filled =
        read_up_to(&mut decoder, &mut chunk).map_err(|error| corrupt(error.to_string()))?;
    if !chunk[..filled].starts_with(&MAGIC) {
        return Err(OpenError::SnapshotWithoutRing { path: path.into() });
    }
    let header = Header::parse(&chunk[..filled], path, expected)?;
    let total = header.geometry.total_size();
    if total > max_bytes {
        return Err(OpenError::TooLarge {
            path: path.into(),
            announced: total,
            limit: max_bytes,
        });
    }
    let image = rustix::fs::memfd_create("event-ring-snapshot", MemfdFlags::CLOEXEC)
        .map_err(|errno| failed("make a memory file for")(errno.into()))?;
    let image = File::from(image);
    image
        .set_len(total)
        .map_err(failed("make a memory file for"))?;

    let mut written = 0;
    while filled > 0 {
        if written + filled as u64 > total {
            return Err(OpenError::Overlong {
                path: path.into(),
                expected: total,
            });
        }
        write_sparse(&image, &chunk[..filled], written).map_err(failed("decompress"))?;
        written += filled as u64;
        filled =
            read_up_to(&mut decoder, &mut chunk).map_err(|error| corrupt(error.to_string()))?;
    }
    if written + MAX_SHORTFALL < total {
        return Err(OpenError::Truncated {
            path: path.into(),
            expected: total,
            actual: written,
        });
    }
    let (mut rest, frame) = decoder.into_parts();
    let announced = frame.get_checksum_from_data();
    if announced.is_some() && announced != frame.get_calculated_checksum() {
        return Err(corrupt(
            "its checksum differs from that of its content".into(),
        ));
    }
    if rest.read(&mut [0]).map_err(failed("read"))? > 0 {
        return Err(OpenError::MoreThanOneFrame { path: path.into() });
    }
    Ok((image, header))
}

/// Whether `file` is a zstd frame whose content begins like a ring.
pub(crate) fn holds_ring(file: &File) -> io::Result<bool> {
    let mut start = [0; ZSTD_MAGIC.len()];
    let mut file = io::BufReader::new(file);
    if read_up_to(&mut file, &mut start)? < start.len() || start != ZSTD_MAGIC {
        return Ok(false);
    }
    let mut frame =
        StreamingDecoder::new(start.as_slice().chain(file)).map_err(io::Error::other)?;
    let mut content = [0; MAGIC.len()];
    Ok(read_up_to(&mut frame, &mut content)? == content.len() && content == MAGIC)
}

/// Fills `buffer` as far as the source goes, and returns how far that was.
fn read_up_to(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..])? {
            0 => break,
            len => filled += len,
        }
    }
    Ok(filled)
}

fn write_sparse(image: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    for (index, page) in bytes.chunks(PAGE).enumerate() {
        if *page != [0; PAGE][..page.len()] {
            image.write_all_at(page, at + (index * PAGE) as u64)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::layout::HEADER_SIZE;

    #[test]
    fn an_image_of_zeros_takes_no_memory() {
        // The header of the smallest ring, and what is missing to 2 MiB + 4 MiB + 128 MiB in runs of 128 KiB.
        let mut header = [0; HEADER_SIZE];
        header[..6].copy_from_slice(&MAGIC);
        header[42] = 1;
        header[51] = 8;
        let mut zstd = [
            &ZSTD_MAGIC[..],
            &[0, 7 << 3],
            &((HEADER_SIZE as u32) << 3).to_le_bytes()[..3],
        ]
        .concat();
        zstd.extend(header);
        for run in 0..1072 {
            let (size, is_last): (u32, u32) = if run == 1071 {
                ((128 << 10) - 192, 1)
            } else {
                (128 << 10, 0)
            };
            zstd.extend(&(is_last | 1 << 1 | size << 3).to_le_bytes()[..3]);
            zstd.push(0);
        }
        let (image, header) =
            decompress(zstd.as_slice(), Path::new("zeros"), None, u64::MAX).unwrap();
        let metadata = image.metadata().unwrap();
        assert_eq!(metadata.len(), header.geometry.total_size());
        // One page, or what the system takes for one.
        assert!(
            metadata.blocks() * 512 <= 2 << 20,
            "{} blocks",
            metadata.blocks()
        );
    }
}
