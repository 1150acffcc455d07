//! A whole ring as bytes, made from the reference's tables and then damaged as the input says.
//! Knows nothing of the crates under test but the sizes that `cfg(fuzzing)` makes small.

use arbitrary::{Result, Unstructured};

/// Bytes of the header section of a small ring.
pub const HEADER_SECTION: usize = 1 << 12;
/// Smallest descriptor shift and payload shift.
pub const SHIFTS: (u8, u8) = (6, 15);

/// What a ring's header says of its content.
pub struct Content {
    /// Code of the content type.
    pub content_type: u8,
    /// Fingerprint of the payload structures.
    pub schema_hash: [u8; 32],
}

/// Content of type 1, whose schema is zeros.
pub const TEST: Content = Content {
    content_type: 1,
    schema_hash: [0; 32],
};

/// A ring's bytes.
pub struct Image {
    /// Header section, descriptors, payload buffer.
    pub bytes: Vec<u8>,
    descriptors: usize,
    payload: usize,
}

impl Image {
    /// An empty ring of 2 to the power of the shifts descriptors and payload bytes.
    pub fn new(content: &Content, (descriptor_shift, payload_shift): (u8, u8)) -> Self {
        let (descriptors, payload) = (1 << descriptor_shift, 1 << payload_shift);
        let mut bytes = vec![0; HEADER_SECTION + descriptors * 64 + payload];
        bytes[..6].copy_from_slice(b"RING01");
        bytes[6] = content.content_type;
        bytes[8..40].copy_from_slice(&content.schema_hash);
        let mut image = Self {
            bytes,
            descriptors,
            payload,
        };
        image.set_word(40, descriptors as u64);
        image.set_word(48, payload as u64);
        image
    }

    /// Number of slots.
    pub fn descriptors(&self) -> u64 {
        self.descriptors as u64
    }

    /// The word at byte `at`.
    pub fn word(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.bytes[at..at + 8].try_into().expect("eight bytes"))
    }

    /// Overwrites the word at byte `at`.
    pub fn set_word(&mut self, at: usize, word: u64) {
        self.bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
    }

    /// Where the slot of `seqno` begins.
    pub fn slot(&self, seqno: u64) -> usize {
        HEADER_SECTION + (seqno.wrapping_sub(1) % self.descriptors()) as usize * 64
    }

    /// The byte of the image that holds the payload byte at an unwrapped offset.
    pub fn payload_at(&self, offset: u64) -> usize {
        HEADER_SECTION + self.descriptors * 64 + (offset % self.payload as u64) as usize
    }

    /// The `size` payload bytes from an unwrapped offset on, in two parts where they wrap.
    pub fn payload_parts(&self, offset: u64, size: usize) -> (&[u8], &[u8]) {
        let at = self.payload_at(offset);
        let until_wrap = size.min(self.bytes.len() - at);
        let begin = self.payload_at(0);
        (
            &self.bytes[at..at + until_wrap],
            &self.bytes[begin..begin + size - until_wrap],
        )
    }

    /// Overwrites payload bytes from an unwrapped offset on.
    pub fn set_payload(&mut self, offset: u64, payload: &[u8]) {
        let at = self.payload_at(offset);
        let (head, tail) = payload.split_at(payload.len().min(self.bytes.len() - at));
        self.bytes[at..at + head.len()].copy_from_slice(head);
        let begin = self.payload_at(0);
        self.bytes[begin..begin + tail.len()].copy_from_slice(tail);
    }

    /// Bytes of the payload buffer.
    pub fn payload_size(&self) -> u64 {
        self.payload as u64
    }

    /// Damages header, control words, slots and payload bytes until the input ends.
    pub fn damage(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        while !input.is_empty() {
            match input.arbitrary::<u8>()? % 6 {
                0 => {
                    let at = usize::from(input.arbitrary::<u8>()? % 192);
                    self.bytes[at] = input.arbitrary()?;
                }
                1 => {
                    let at = [64, 72, 128][usize::from(input.arbitrary::<u8>()? % 3)];
                    self.set_word(at, input.arbitrary()?);
                }
                2 => {
                    let at = [64, 72, 128][usize::from(input.arbitrary::<u8>()? % 3)];
                    self.set_word(at, input.arbitrary::<u16>()?.into());
                }
                3 => {
                    let at = self.slot(input.arbitrary::<u8>()?.into());
                    let word = usize::from(input.arbitrary::<u8>()? % 8);
                    self.set_word(at + 8 * word, input.arbitrary()?);
                }
                4 => {
                    let seqno = input.arbitrary::<u16>()?.into();
                    let (size, offset) = (input.arbitrary::<u16>()?, input.arbitrary::<u16>()?);
                    let at = self.slot(seqno);
                    self.set_word(at, seqno);
                    self.set_word(at + 8, u64::from(size) << 32 | 1);
                    self.set_word(at + 24, u64::from(offset) * 16);
                }
                _ => {
                    let offset = input.arbitrary::<u16>()?.into();
                    let byte = input.arbitrary()?;
                    self.set_payload(offset, &[byte]);
                }
            }
        }
        Ok(())
    }
}
