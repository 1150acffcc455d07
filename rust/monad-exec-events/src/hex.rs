//! Bytes as lower-case hex text with `0x`, without a heap allocation.
//! Used by `ffi::primitive` (fixed sizes) and `event` (payload tails) for Display, Debug and Serialize.

use std::fmt;

use serde::ser::{SerializeSeq, Serializer};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// `bytes` as `0x…` in `text`, which has exactly 2 + 2 × `bytes.len()` bytes.
pub(crate) fn prefixed<'t>(bytes: &[u8], text: &'t mut [u8]) -> &'t str {
    let (prefix, digits) = text.split_at_mut(2);
    prefix.copy_from_slice(b"0x");
    write_digits(bytes, digits);
    ascii(text)
}

/// The big-endian integer `bytes` as `0x…` without leading zeros (`0x0` for zero), somewhere in `text`.
pub(crate) fn quantity<'t>(bytes: &[u8; 32], text: &'t mut [u8; 66]) -> &'t str {
    write_digits(bytes, &mut text[2..]);
    let zeros = text[2..]
        .iter()
        .take_while(|&&digit| digit == b'0')
        .count()
        .min(63);
    text[zeros..zeros + 2].copy_from_slice(b"0x");
    ascii(&text[zeros..])
}

fn write_digits(bytes: &[u8], text: &mut [u8]) {
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ];
    }
}

/// Hex digits are ASCII, so the empty string is never the answer; it spares a panic that cannot happen.
fn ascii(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

/// Prints bytes of any length as `0x…`.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 512];
        f.write_str("0x")?;
        for chunk in self.0.chunks(text.len() / 2) {
            let digits = &mut text[..2 * chunk.len()];
            write_digits(chunk, digits);
            f.write_str(ascii(digits))?;
        }
        Ok(())
    }
}

/// Serializes bytes as one hex string.
pub(crate) fn serialize_bytes<S: Serializer>(
    bytes: &[u8],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Hex(bytes))
}

/// Serializes 32-byte words as an array of hex strings.
pub(crate) fn serialize_words<S: Serializer>(
    bytes: &[u8],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let words = bytes.as_chunks::<32>().0;
    let mut array = serializer.serialize_seq(Some(words.len()))?;
    for word in words {
        array.serialize_element(prefixed(word, &mut [0; 66]))?;
    }
    array.end()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn quantity_has_no_leading_zeros() {
        let mut bytes = [0; 32];
        assert_eq!(quantity(&bytes, &mut [0; 66]), "0x0");
        bytes[31] = 0x0f;
        assert_eq!(quantity(&bytes, &mut [0; 66]), "0xf");
        bytes[30] = 0x10;
        assert_eq!(quantity(&bytes, &mut [0; 66]), "0x100f");
        bytes[0] = 0x10;
        assert_eq!(quantity(&bytes, &mut [0; 66]).len(), 66);
    }

    #[test]
    fn display_and_fixed_text_agree_on_every_byte_and_across_chunks() {
        let bytes: Vec<u8> = (0..=255).chain(0..=255).chain([7]).collect();
        let text = Hex(&bytes).to_string();
        let plain: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text, format!("0x{plain}"));
        assert_eq!(prefixed(&bytes, &mut vec![0; 2 + 2 * bytes.len()]), text);
    }
}
