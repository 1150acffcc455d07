//! Payloads that carry their own proof: every word follows from the seed in the first, so a torn copy shows.

/// A payload of `size` bytes that follows from `seed`.
pub fn payload(seed: u64, size: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size + 8);
    let mut index = 0;
    while bytes.len() < size {
        bytes.extend_from_slice(&word(seed, index).to_le_bytes());
        index += 1;
    }
    bytes.truncate(size);
    bytes
}

/// Whether `bytes` is exactly `payload(seed, bytes.len())`.
pub fn is_intact(seed: u64, bytes: &[u8]) -> bool {
    bytes
        .chunks(8)
        .enumerate()
        .all(|(index, chunk)| word(seed, index as u64).to_le_bytes().starts_with(chunk))
}

/// How many bytes the payload of `seed` has, between 0 and `max`; small ones are frequent.
pub fn size(seed: u64, max: u64) -> usize {
    let roll = mix(seed);
    let limit = if roll.is_multiple_of(3) {
        max
    } else {
        max.min(300)
    };
    ((roll >> 8) % (limit + 1)) as usize
}

fn word(seed: u64, index: u64) -> u64 {
    mix(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(index))
}

fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    value = (value ^ (value >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    value ^ (value >> 33)
}
