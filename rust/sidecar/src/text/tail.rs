//! The numbers behind every payload. Both grow slowly, so the digits that do not change are kept as text and only the
//! last ones are written per event: formatting both anew would be a tenth of all the work for an event.

use super::decimal;
use super::json::Json;

/// Seqno and time of an event.
#[derive(Clone, Debug)]
pub struct Tail {
    pub(super) seqno: SlowNumber<4>,
    pub(super) timestamp_ns: SlowNumber<8>,
}

impl Default for Tail {
    fn default() -> Tail {
        Tail {
            seqno: SlowNumber::new(b",\"seqno\":"),
            timestamp_ns: SlowNumber::new(b",\"timestamp_ns\":"),
        }
    }
}

impl Tail {
    /// Makes this the tail of event `seqno`, recorded `nanos` nanoseconds after 1970.
    #[inline]
    pub fn set(&mut self, seqno: u64, nanos: u64) {
        self.seqno.set(seqno);
        self.timestamp_ns.set(nanos);
    }
}

const FRONT_SIZE: usize = 48;

/// A number with its key, all but its last `LAST` digits kept as text.
#[derive(Clone, Debug)]
pub(super) struct SlowNumber<const LAST: usize> {
    key: &'static [u8],
    value: u64,
    /// The key and the digits in front of the last ones.
    front: [u8; FRONT_SIZE],
    front_len: usize,
    /// The number that the digits in front make; 0 if there are none.
    front_value: u64,
}

impl<const LAST: usize> SlowNumber<LAST> {
    const UNIT: u64 = 10u64.pow(LAST as u32);

    fn new(key: &'static [u8]) -> SlowNumber<LAST> {
        let mut number = SlowNumber {
            key,
            value: 0,
            front: [0; FRONT_SIZE],
            front_len: 0,
            front_value: 0,
        };
        number.set_front(0);
        number
    }

    #[inline]
    fn set(&mut self, value: u64) {
        self.value = value;
        if self.front_value != value / Self::UNIT {
            self.set_front(value / Self::UNIT);
        }
    }

    #[cold]
    fn set_front(&mut self, front_value: u64) {
        self.front_value = front_value;
        let mut json = Json::new(&mut self.front);
        json.raw(self.key);
        if front_value > 0 {
            json.number(front_value);
        }
        self.front_len = json.len();
        debug_assert!(!json.is_overflowed());
    }

    /// Writes `,"key":` and the number.
    #[inline(always)]
    pub(super) fn write(&self, json: &mut Json<'_>) {
        if self.front_value == 0 {
            json.raw(self.key);
            return json.number(self.value);
        }
        json.fill::<64>(|room| {
            room[..FRONT_SIZE].copy_from_slice(&self.front);
            if let Some(last) = room[self.front_len.min(FRONT_SIZE)..].first_chunk_mut::<LAST>() {
                decimal::write(self.value, last);
            }
            self.front_len + LAST
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tail: &Tail) -> String {
        let mut bytes = [0; 256];
        let mut json = Json::new(&mut bytes);
        tail.seqno.write(&mut json);
        tail.timestamp_ns.write(&mut json);
        let len = json.len();
        String::from_utf8_lossy(&bytes[..len]).into_owned()
    }

    #[test]
    fn numbers_of_any_length_are_written_in_any_order() {
        let mut tail = Tail::default();
        let seqnos = [
            0,
            1,
            9,
            10,
            999,
            1000,
            9999,
            10_000,
            10_001,
            19_999,
            20_000,
            99_999,
            100_000,
            u64::MAX,
            5,
        ];
        for seqno in seqnos {
            for nanos in [
                0,
                1,
                99_999_999,
                100_000_000,
                1_795_304_202_904_112_768,
                1_795_304_203_000_000_000,
                u64::MAX,
            ] {
                tail.set(seqno, nanos);
                assert_eq!(
                    text(&tail),
                    format!(",\"seqno\":{seqno},\"timestamp_ns\":{nanos}")
                );
            }
        }
    }
}
