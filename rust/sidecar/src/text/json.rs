//! A cursor that writes JSON values into a byte slice. `envelope` and the payload files call it field by field.
//! It never panics and never writes outside: what does not fit is dropped and remembered (`is_overflowed`).

use monad_exec_events::ffi::{monad_c_address, monad_c_bytes32, monad_c_uint256_ne};

use super::decimal;

/// JSON text under construction in borrowed bytes.
#[derive(Debug)]
pub struct Json<'a> {
    /// What is still free.
    room: &'a mut [u8],
    size: usize,
    is_overflowed: bool,
}

impl<'a> Json<'a> {
    /// An empty text that may grow to `out.len()` bytes.
    pub fn new(out: &'a mut [u8]) -> Json<'a> {
        Json {
            size: out.len(),
            room: out,
            is_overflowed: false,
        }
    }

    /// Bytes written.
    #[inline]
    pub fn len(&self) -> usize {
        self.size - self.room.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether something did not fit, in which case the text is not to be used.
    #[inline]
    pub fn is_overflowed(&self) -> bool {
        self.is_overflowed
    }

    /// The next `n` bytes, or `None` after marking the overflow.
    #[inline(always)]
    fn take(&mut self, n: usize) -> Option<&'a mut [u8]> {
        let taken = self.room.split_off_mut(..n);
        if taken.is_none() {
            self.overflow();
        }
        taken
    }

    #[cold]
    fn overflow(&mut self) {
        self.is_overflowed = true;
    }

    /// Lets `write` fill the next `N` bytes, of which it keeps as many as it says. A copy of constant size is a few
    /// moves and no call; what is written too much is overwritten by what follows, so the room must reach that far.
    #[inline(always)]
    pub(crate) fn fill<const N: usize>(&mut self, write: impl FnOnce(&mut [u8; N]) -> usize) {
        match self.room.first_chunk_mut::<N>() {
            Some(chunk) => {
                let kept = write(chunk);
                self.take(kept);
            }
            None => self.overflow(),
        }
    }

    /// Text that is JSON already.
    #[inline(always)]
    pub fn raw(&mut self, text: &[u8]) {
        if let Some(room) = self.take(text.len()) {
            room.copy_from_slice(text);
        }
    }

    /// The first `len` bytes of `padded`.
    #[inline(always)]
    pub fn padded<const N: usize>(&mut self, padded: &[u8; N], len: usize) {
        self.fill::<N>(|room| {
            *room = *padded;
            len
        });
    }

    /// Goes to the next address that is a multiple of 4; what is passed over keeps its bytes.
    #[inline(always)]
    pub fn align(&mut self) {
        let passed = self.room.as_ptr().addr().wrapping_neg() & 3;
        self.take(passed);
    }

    /// A little-endian word of a filter key.
    #[inline]
    pub fn word32(&mut self, value: u32) {
        self.raw(&value.to_le_bytes());
    }

    /// `value` divided by 10^`places`, without zeros behind the last digit that counts.
    pub fn decimal(&mut self, value: u64, places: u32) {
        let unit = 10u64.pow(places);
        self.number(value / unit);
        let mut fraction = [0; decimal::LONGEST];
        let fraction = &mut fraction[..(places as usize).min(decimal::LONGEST)];
        decimal::write(value % unit, fraction);
        if let Some(last) = fraction.iter().rposition(|&digit| digit != b'0') {
            self.raw(b".");
            self.raw(&fraction[..=last]);
        }
    }

    /// A decimal number.
    #[inline]
    pub fn number(&mut self, value: impl Into<u64>) {
        let value = value.into();
        self.fill::<{ decimal::LONGEST }>(|room| decimal::write_first(value, room));
    }

    /// A decimal number that may be negative.
    pub fn signed(&mut self, value: impl Into<i64>) {
        let value = value.into();
        if value < 0 {
            self.raw(b"-");
        }
        self.number(value.unsigned_abs());
    }

    /// A decimal number of up to 128 bits.
    pub fn wide(&mut self, value: u128) {
        /// The largest power of ten in a u64, and its zeros.
        const PART: (u128, usize) = (10u128.pow(19), 19);
        if value < PART.0 {
            return self.number(value as u64);
        }
        self.wide(value / PART.0);
        if let Some(room) = self.take(PART.1) {
            decimal::write((value % PART.0) as u64, room);
        }
    }

    /// `true` or `false`.
    #[inline]
    pub fn boolean(&mut self, value: bool) {
        if value {
            self.raw(b"true")
        } else {
            self.raw(b"false")
        }
    }

    /// A word of ours, such as a name: quoted as it is.
    pub fn word(&mut self, word: &str) {
        self.raw(b"\"");
        self.raw(word.as_bytes());
        self.raw(b"\"");
    }

    /// A byte string: `"0x…"`, lower case, full length, `"0x"` when empty. Source: protocol 4.2.
    pub fn hex(&mut self, bytes: &[u8]) {
        self.raw(b"\"0x");
        // The library is fastest with whole blocks of 32 bytes and slow with what is left over.
        let (blocks, rest) = bytes.split_at(bytes.len() & !31);
        if let Some(room) = self.take(blocks.len() * 2) {
            // The room is exactly twice as long as the bytes, the only way for this to fail.
            let _ = const_hex::encode_to_slice(blocks, room);
        }
        if !rest.is_empty() {
            let mut block = [0; 32];
            block[..rest.len()].copy_from_slice(rest);
            self.fill::<64>(|room| {
                write_digits(&block, room);
                rest.len() * 2
            });
        }
        self.raw(b"\"");
    }

    /// A list of byte strings of `width` bytes each. Source: protocol 4.5.
    pub fn hex_list(&mut self, bytes: &[u8], width: usize) {
        self.raw(b"[");
        for (i, item) in bytes.chunks_exact(width).enumerate() {
            if i > 0 {
                self.raw(b",");
            }
            self.hex(item);
        }
        self.raw(b"]");
    }

    /// A 256-bit integer as a minimal hex quantity: `"0x0"`, `"0x3b9aca00"`. Source: protocol 4.2.
    pub fn quantity(&mut self, value: &monad_c_uint256_ne) {
        let limbs = value.limbs;
        let top = limbs.iter().rposition(|&limb| limb != 0).unwrap_or(0);
        self.fill::<{ SHORT_QUANTITY }>(|room| write_quantity(limbs[top], room) - 1);
        for &limb in limbs[..top].iter().rev() {
            self.limb(limb);
        }
        self.raw(b"\"");
    }

    /// All 16 hex digits of a limb.
    #[inline(always)]
    fn limb(&mut self, limb: u64) {
        self.fill::<16>(|room| {
            room[..8].copy_from_slice(&hex_digits((limb >> 32) as u32));
            room[8..].copy_from_slice(&hex_digits(limb as u32));
            16
        });
    }
}

/// Bytes of the longest quantity below 2^64, quotes included.
pub(super) const SHORT_QUANTITY: usize = 20;

/// Writes a number as a minimal hex quantity to the beginning of `room`; returns its length.
#[inline(always)]
pub(super) fn write_quantity(value: u64, room: &mut [u8; SHORT_QUANTITY]) -> usize {
    // The number is moved up so that its digits begin with the first that is not zero; 0 has one digit.
    let leading = (value | 1).leading_zeros() / 4;
    let shifted = value << (4 * leading);
    room[..3].copy_from_slice(b"\"0x");
    room[3..11].copy_from_slice(&hex_digits((shifted >> 32) as u32));
    room[11..19].copy_from_slice(&hex_digits(shifted as u32));
    let end = 19 - leading as usize;
    room[end] = b'"';
    end + 1
}

/// The 8 hex digits of a number, all at once in one register: for what is too short for the library's vectors.
#[inline(always)]
fn hex_digits(value: u32) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let mut nibbles = u64::from(value);
    nibbles = (nibbles | nibbles << 16) & 0x0000_ffff_0000_ffff;
    nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff;
    nibbles = (nibbles | nibbles << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    // 1 in every byte whose nibble is 10 or more: those are letters, which lie 39 behind the digits.
    let letters = ((nibbles + 6 * ONES) >> 4) & ONES;
    (nibbles + u64::from(b'0') * ONES + letters * 39).to_be_bytes()
}

/// Writes a 32-byte hash or word to the 68 bytes of `room`.
#[inline(always)]
pub(super) fn write_bytes32(value: &monad_c_bytes32, room: &mut [u8; 68]) {
    room[..3].copy_from_slice(b"\"0x");
    write_digits(&value.bytes, &mut room[3..67]);
    room[67] = b'"';
}

/// Writes a 20-byte address to the 44 bytes of `room`.
#[inline(always)]
pub(super) fn write_address(value: &monad_c_address, room: &mut [u8; 44]) {
    room[..3].copy_from_slice(b"\"0x");
    for (four, digits) in value
        .bytes
        .as_chunks::<4>()
        .0
        .iter()
        .zip(room[3..43].as_chunks_mut::<8>().0)
    {
        *digits = hex_digits(u32::from_be_bytes(*four));
    }
    room[43] = b'"';
}

/// Writes the 64 hex digits of a block of 32 bytes.
#[inline(always)]
fn write_digits(block: &[u8; 32], room: &mut [u8]) {
    // The room is exactly twice as long as the bytes, the only way for this to fail.
    let _ = const_hex::encode_to_slice(block, room);
}
