//! Payload bytes at an address that is a multiple of 16, as the ring crate's buffer holds them.
//! Included by the tests that make payloads themselves.

use zerocopy::IntoBytes;

/// A copy of some bytes, aligned to 16.
#[derive(Clone, Debug)]
pub struct Aligned {
    blocks: Vec<u128>,
    len: usize,
}

impl Aligned {
    pub fn new(bytes: &[u8]) -> Self {
        let mut blocks = vec![0u128; bytes.len() / 16 + 1];
        blocks.as_mut_bytes()[..bytes.len()].copy_from_slice(bytes);
        Self {
            blocks,
            len: bytes.len(),
        }
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.blocks.as_bytes()[..self.len]
    }

    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.blocks.as_mut_bytes()[..self.len]
    }
}
