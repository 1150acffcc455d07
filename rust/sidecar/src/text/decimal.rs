//! Decimal digits straight into their place. `json` and `envelope` use it: formatting into a buffer of its own and copying
//! from there makes the processor wait for each copy until the single digits have left its store buffer.

/// The two digits of every number below 100.
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut i = 0;
    while i < 100 {
        pairs[i] = [b'0' + i as u8 / 10, b'0' + i as u8 % 10];
        i += 1;
    }
    pairs
};

/// Digits of the longest number.
pub const LONGEST: usize = 20;

/// Writes all digits of `value` to the beginning of `room`, which has room for `LONGEST`; returns how many there are.
#[inline(always)]
pub fn write_first(value: u64, room: &mut [u8]) -> usize {
    // Most numbers are indices, depths and counts.
    match value {
        0..10 => {
            room[0] = b'0' + value as u8;
            1
        }
        10..100 => {
            room[..2].copy_from_slice(&PAIRS[value as usize]);
            2
        }
        _ => {
            let length = value.ilog10() as usize + 1;
            write(value, &mut room[..length]);
            length
        }
    }
}

/// Fills `room` with the last digits of `value`, zeros in front.
#[inline(always)]
pub fn write(mut value: u64, room: &mut [u8]) {
    let mut pairs = room.rchunks_exact_mut(2);
    for pair in &mut pairs {
        pair.copy_from_slice(&PAIRS[(value % 100) as usize]);
        value /= 100;
    }
    if let [first] = pairs.into_remainder() {
        *first = b'0' + (value % 10) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_standard_library() {
        let powers = (0..20).map(|exponent| 10u64.pow(exponent));
        for value in powers
            .flat_map(|power| [power - 1, power, power + 1, power.wrapping_mul(7)])
            .chain([u64::MAX])
        {
            let mut room = [b'x'; LONGEST];
            let length = write_first(value, &mut room);
            assert_eq!(
                std::str::from_utf8(&room[..length]),
                Ok(value.to_string().as_str())
            );
        }
    }
}
