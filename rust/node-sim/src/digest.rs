//! A fingerprint of one event, by which a checker compares what was recorded with what was read. Used by truth.rs.

/// FNV-1a (64 bits) over the event type (2 bytes), the four content words (8 bytes each) and the payload; numbers
/// little-endian.
pub fn digest_event(event_type: u16, content_ext: [u64; 4], payload: &[u8]) -> u64 {
    let words = content_ext.map(u64::to_le_bytes);
    event_type
        .to_le_bytes()
        .iter()
        .chain(words.as_flattened())
        .chain(payload)
        .fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
            (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_fnv_1a() {
        // The published value for "a" (0x61), here as the low byte of an event type before 33 zero bytes more.
        let zeros = |digest: u64, count: u32| {
            digest.wrapping_mul(0x0000_0100_0000_01b3_u64.wrapping_pow(count))
        };
        assert_eq!(
            digest_event(0x61, [0; 4], &[]),
            zeros(0xaf63_dc4c_8601_ec8c, 33)
        );
        assert_ne!(digest_event(1, [0; 4], &[1]), digest_event(1, [0; 4], &[2]));
    }
}
