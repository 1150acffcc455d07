//! What one client got: events whose record time lies in the measured time, and how late each was read.
//! Filled by `connection`, joined and printed by `clients`.

use std::ops::Range;

use hdrhistogram::Histogram;
use memchr::memmem::Finder;

/// Stands before the record time of every event, and nowhere else.
const KEY: &[u8] = b"\"timestamp_ns\":";
/// Stands in every frame that tells of a loss.
const GAP: &[u8] = b"\"type\":\"gap\"";

/// Microseconds; everything later than a minute is a minute.
const LATEST: u64 = 60_000_000;

/// Nanoseconds since 1970.
pub fn now_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Finds the keys; made once for all clients.
pub struct Keys {
    key: Finder<'static>,
    gap: Finder<'static>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            key: Finder::new(KEY),
            gap: Finder::new(GAP),
        }
    }
}

/// What one client got.
pub struct Tally {
    /// Events that were recorded in the measured time.
    pub events: u64,
    /// Events that were recorded later: the client has seen the end.
    pub later: u64,
    /// Payload bytes of the frames that ended in the measured time.
    pub bytes: u64,
    /// Frames of those bytes.
    pub frames: u64,
    /// Frames that tell of a loss, at any time.
    pub gaps: u64,
    /// Microseconds from an event's record time to its arrival.
    pub latencies: Histogram<u64>,
}

impl Tally {
    /// Nothing yet.
    #[expect(clippy::expect_used, reason = "constants that the crate accepts")]
    pub fn new() -> Self {
        Self {
            events: 0,
            later: 0,
            bytes: 0,
            frames: 0,
            gaps: 0,
            latencies: Histogram::new_with_bounds(1, LATEST, 2).expect("a histogram"),
        }
    }

    /// Takes the payload of a frame that was read at `now`; `measured` are the record times that count.
    pub fn take(&mut self, keys: &Keys, payload: &[u8], now: u64, measured: &Range<u64>) {
        if measured.contains(&now) {
            self.bytes += payload.len() as u64;
            self.frames += 1;
        }
        let mut is_of_events = false;
        for at in keys.key.find_iter(payload) {
            is_of_events = true;
            let recorded = number(&payload[at + KEY.len()..]);
            if measured.contains(&recorded) {
                self.events += 1;
                let late = now.saturating_sub(recorded) / 1000;
                self.latencies.saturating_record(late.clamp(1, LATEST));
            } else if recorded >= measured.end {
                self.later += 1;
            }
        }
        if !is_of_events && keys.gap.find(payload).is_some() {
            self.gaps += 1;
        }
    }
}

/// The number that the bytes begin with.
fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_count_by_their_record_time() {
        let (mut tally, keys) = (Tally::new(), Keys::default());
        let payload =
            br#"[{"seqno":1,"timestamp_ns":999},{"timestamp_ns":2000},{"timestamp_ns":7000000}]"#;
        tally.take(&keys, payload, 3_002_000, &(1000..5_000_000));
        assert_eq!((tally.events, tally.later, tally.frames), (1, 1, 1));
        assert_eq!(tally.latencies.max(), 3007);
        tally.take(
            &keys,
            br#"{"Warning":{"type":"gap"}}"#,
            6_000_000,
            &(1000..5_000_000),
        );
        assert_eq!((tally.gaps, tally.frames, tally.events), (1, 1, 1));
    }
}
