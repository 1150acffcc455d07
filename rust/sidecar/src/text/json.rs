//! A cursor that writes JSON values into a byte slice. `envelope` and the payload files call it field by field.
//! It never panics and never writes outside: what does not fit is dropped and remembered (`is_overflowed`).

use monad_exec_events::ffi::{monad_c_address, monad_c_bytes32, monad_c_uint256_ne};

/// JSON text under construction in borrowed bytes.
#[derive(Debug)]
pub struct Json<'a> {
    out: &'a mut [u8],
    len: usize,
    is_overflowed: bool,
}

impl<'a> Json<'a> {
    /// An empty text that may grow to `out.len()` bytes.
    pub fn new(out: &'a mut [u8]) -> Json<'a> {
        Json { out, len: 0, is_overflowed: false }
    }

    /// Bytes written.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether something did not fit, in which case the text is not to be used.
    #[inline]
    pub fn is_overflowed(&self) -> bool {
        self.is_overflowed
    }

    /// The text so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.out[..self.len]
    }

    /// Room for `N` more bytes, or `None` after marking the overflow.
    #[inline(always)]
    fn take(&mut self, n: usize) -> Option<&mut [u8]> {
        match self.out.get_mut(self.len..self.len + n) {
            Some(room) => {
                self.len += n;
                Some(room)
            }
            None => {
                self.is_overflowed = true;
                None
            }
        }
    }

    /// Text that is JSON already.
    #[inline(always)]
    pub fn raw(&mut self, text: &[u8]) {
        if let Some(room) = self.take(text.len()) {
            room.copy_from_slice(text);
        }
    }

    /// The first `len` bytes of `padded`, copied whole because a copy of constant size is a few moves and no call;
    /// what is written too much is overwritten by what follows, so the room must reach that far.
    #[inline(always)]
    pub fn padded<const N: usize>(&mut self, padded: &[u8; N], len: usize) {
        match self.out.get_mut(self.len..self.len + N) {
            Some(room) => {
                room.copy_from_slice(padded);
                self.len += len.min(N);
            }
            None => self.is_overflowed = true,
        }
    }

    /// A decimal number.
    #[inline]
    pub fn number(&mut self, value: impl itoa::Integer) {
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(value).as_bytes();
        if let Some(room) = self.take(digits.len()) {
            copy_short(digits, room);
        }
    }

    /// `true` or `false`.
    #[inline]
    pub fn boolean(&mut self, value: bool) {
        self.raw(if value { b"true" } else { b"false" });
    }

    /// A byte string: `"0x…"`, lower case, full length, `"0x"` when empty. Source: protocol 4.2.
    #[inline]
    pub fn hex(&mut self, bytes: &[u8]) {
        if let Some(room) = self.take(bytes.len() * 2 + 4) {
            room[..3].copy_from_slice(b"\"0x");
            let end = room.len() - 1;
            room[end] = b'"';
            // The room is exactly twice as long as the bytes, the only way for this to fail.
            let _ = const_hex::encode_to_slice(bytes, &mut room[3..end]);
        }
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

    /// A 32-byte hash or word.
    #[inline]
    pub fn bytes32(&mut self, value: &monad_c_bytes32) {
        self.hex(&value.bytes);
    }

    /// A 20-byte address.
    #[inline]
    pub fn address(&mut self, value: &monad_c_address) {
        self.hex(&value.bytes);
    }

    /// A 256-bit integer as a minimal hex quantity: `"0x0"`, `"0x3b9aca00"`. Source: protocol 4.2.
    #[inline]
    pub fn quantity(&mut self, value: &monad_c_uint256_ne) {
        let limbs = value.limbs;
        let Some(top) = limbs.iter().rposition(|&limb| limb != 0) else {
            return self.raw(b"\"0x0\"");
        };
        let leading = (limbs[top].leading_zeros() / 4) as usize;
        self.raw(b"\"0x");
        // The top limb's digits are moved up so that they begin with the first that is not zero.
        self.padded(&hex_digits(limbs[top] << (4 * leading)), 16 - leading);
        for &limb in limbs[..top].iter().rev() {
            self.padded(&hex_digits(limb), 16);
        }
        self.raw(b"\"");
    }
}

/// Copies up to 32 bytes between slices of one length: two overlapping moves instead of a call, which most events
/// would make a dozen times.
#[inline(always)]
fn copy_short(from: &[u8], to: &mut [u8]) {
    match (from.len(), from, to) {
        (16..=32, from, to) => ends::<16>(from, to),
        (8..16, from, to) => ends::<8>(from, to),
        (4..8, from, to) => ends::<4>(from, to),
        (_, from, to) => to.copy_from_slice(from),
    }
}

/// Copies the first and the last `N` bytes, which together are all of a slice of `N` to `2 * N` bytes.
#[inline(always)]
fn ends<const N: usize>(from: &[u8], to: &mut [u8]) {
    if let (Some((first, _)), Some(into)) = (from.split_first_chunk::<N>(), to.first_chunk_mut::<N>()) {
        *into = *first;
    }
    if let (Some((_, last)), Some(into)) = (from.split_last_chunk::<N>(), to.last_chunk_mut::<N>()) {
        *into = *last;
    }
}

/// The 16 hex digits of a number.
fn hex_digits(value: u64) -> [u8; 16] {
    *const_hex::const_encode::<8, false>(&value.to_be_bytes()).as_byte_array()
}

/// Writes `,"key":` with the key as a constant of known length.
macro_rules! key {
    ($json:expr, $name:literal) => {
        $json.raw(concat!(",\"", $name, "\":").as_bytes())
    };
}
pub(super) use key;
