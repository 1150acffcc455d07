//! The reader's own copy of one payload: aligned, grown when a larger payload comes, reused for every event.
//! Filled by mapping.rs, read by decoders.

/// 16 bytes, so that payload structures with 8-byte (or 16-byte) fields can be read in place.
#[derive(Clone, Copy, Default)]
#[repr(C, align(16))]
struct Block([u64; 2]);

const BLOCK_SIZE: usize = size_of::<Block>();
const WORDS_PER_BLOCK: usize = BLOCK_SIZE / 8;

/// A reusable buffer that holds the bytes of one payload, starting at a multiple of 16.
#[derive(Default)]
pub struct PayloadBuffer {
    blocks: Vec<Block>,
    len: usize,
}

impl PayloadBuffer {
    /// An empty buffer; it allocates when the first payload comes.
    pub const fn new() -> Self {
        Self {
            blocks: Vec::new(),
            len: 0,
        }
    }

    /// Exactly the bytes of the payload that was copied last; empty when that copy failed.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        debug_assert!(self.len <= self.blocks.len() * BLOCK_SIZE);
        // SAFETY: the first `len` bytes lie inside `blocks` (set_len() keeps it so), are initialized (every Block is
        // made of two u64 without padding), u8 has no alignment, and the borrow of `self` keeps them unchanged.
        unsafe { std::slice::from_raw_parts(self.blocks.as_ptr().cast(), self.len) }
    }

    /// Forgets the payload, keeps the memory.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Makes the payload `len` bytes long, with whatever was there before, and lends the words that hold it.
    #[inline]
    pub(crate) fn set_len(&mut self, len: usize) -> &mut [u64] {
        let blocks = len.div_ceil(BLOCK_SIZE);
        if self.blocks.len() < blocks {
            self.grow(blocks);
        }
        self.len = len;
        let words = len.div_ceil(8);
        debug_assert!(words <= self.blocks.len() * WORDS_PER_BLOCK);
        // SAFETY: `blocks` holds at least `words` u64 (grown above), all initialized and aligned for u64 (Block is
        // aligned to 16), and the exclusive borrow of `self` makes this the only access to them.
        unsafe { std::slice::from_raw_parts_mut(self.blocks.as_mut_ptr().cast(), words) }
    }

    #[cold]
    fn grow(&mut self, blocks: usize) {
        self.blocks.resize(blocks, Block::default());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_payload_is_aligned_and_exactly_as_long_as_said() {
        let mut buffer = PayloadBuffer::new();
        assert_eq!(buffer.as_slice(), b"");
        for len in [0, 1, 7, 8, 9, 15, 16, 17, 4095, 3] {
            let words = buffer.set_len(len);
            assert_eq!(words.len(), len.div_ceil(8));
            words.fill(u64::from_le_bytes(*b"abcdefgh"));
            assert_eq!(buffer.as_slice().len(), len);
            assert!(
                buffer
                    .as_slice()
                    .iter()
                    .enumerate()
                    .all(|(at, byte)| *byte == b"abcdefgh"[at % 8])
            );
            assert_eq!(
                buffer.as_slice().as_ptr().addr() % if len == 0 { 1 } else { 16 },
                0
            );
        }
        buffer.clear();
        assert_eq!(buffer.as_slice(), b"");
    }

    #[test]
    fn a_smaller_payload_does_not_allocate() {
        let mut buffer = PayloadBuffer::new();
        buffer.set_len(1000);
        let before = buffer.as_slice().as_ptr();
        buffer.set_len(10);
        buffer.set_len(1000);
        assert_eq!(buffer.as_slice().as_ptr(), before);
    }
}
