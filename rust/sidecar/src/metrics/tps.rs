//! Transactions per second over at least one second of blocks (protocol 8.1). Used by `metrics`.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

/// What a window spans at least.
const SECOND_NS: u64 = 1_000_000_000;

/// Most ended blocks that are kept, 384 KiB; a second has a few.
const MOST_BLOCKS: usize = 1 << 14;

/// How long after the last block TPS becomes 0.
const FALLS_AFTER: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug)]
struct Ended {
    number: u64,
    txn_count: u64,
    recorded_ns: u64,
}

/// The ended blocks, oldest first.
#[derive(Debug, Default)]
pub struct Tps {
    ended: VecDeque<Ended>,
    /// The numbers of a window; kept for its memory.
    numbers: HashSet<u64>,
    /// When the last block ended, if TPS was above 0 then.
    counted_at: Option<Instant>,
}

impl Tps {
    /// Takes a block whose BlockEnd was recorded at `recorded_ns` and read at `now`; returns the TPS then.
    pub fn end(&mut self, number: u64, txn_count: u64, recorded_ns: u64, now: Instant) -> u64 {
        if self.ended.len() == MOST_BLOCKS {
            self.ended.pop_front();
        }
        self.ended.push_back(Ended {
            number,
            txn_count,
            recorded_ns,
        });
        let tps = self.rate(recorded_ns);
        self.counted_at = (tps > 0).then_some(now);
        tps
    }

    /// The transactions of the blocks behind the newest one that ended a second before `recorded_ns`, by the time since
    /// then; of several proposals of a number the last one counts.
    fn rate(&mut self, recorded_ns: u64) -> u64 {
        self.numbers.clear();
        let mut txns = 0u128;
        for block in self.ended.iter().rev() {
            let span_ns = recorded_ns.saturating_sub(block.recorded_ns);
            if span_ns >= SECOND_NS {
                let span_ns = u128::from(span_ns);
                let tps = (txns * u128::from(SECOND_NS) + span_ns / 2) / span_ns;
                return u64::try_from(tps).unwrap_or(u64::MAX);
            }
            if self.numbers.insert(block.number) {
                txns += u128::from(block.txn_count);
            }
        }
        0
    }

    /// Whether TPS becomes 0 because no block ended for two seconds before `now`; says so once.
    pub fn falls(&mut self, now: Instant) -> bool {
        self.counted_at
            .is_some_and(|at| now.saturating_duration_since(at) >= FALLS_AFTER)
            && self.fall()
    }

    /// Whether the last TPS was above 0; it is 0 from here on.
    pub fn fall(&mut self) -> bool {
        self.counted_at.take().is_some()
    }

    /// Throws away the blocks before a loss: with those that were lost their sum would be wrong.
    pub fn lose(&mut self) {
        self.ended.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(tps: &mut Tps, blocks: &[(u64, u64, u64)]) -> Vec<u64> {
        let now = Instant::now();
        blocks
            .iter()
            .map(|&(number, txns, ms)| tps.end(number, txns, ms * 1_000_000, now))
            .collect()
    }

    #[test]
    fn the_window_begins_behind_the_newest_block_that_is_a_second_old() {
        let blocks = [
            (1, 100, 1000),
            (2, 10, 1400),
            (3, 20, 1999),
            (4, 30, 2000),
            (5, 41, 2400),
        ];
        // Block 4 ends 1000 ms after block 1, block 5 exactly 1000 ms after block 2.
        assert_eq!(ends(&mut Tps::default(), &blocks), [0, 0, 0, 60, 91]);
    }

    #[test]
    fn the_last_proposal_of_a_number_counts_and_halves_are_rounded_up() {
        let blocks = [(1, 5, 0), (2, 500, 300), (2, 3, 600), (3, 0, 1200)];
        assert_eq!(ends(&mut Tps::default(), &blocks), [0, 0, 0, 3]);
    }

    #[test]
    fn a_clock_that_goes_back_is_no_second() {
        let blocks = [(1, 5, 5000), (2, 5, 2000), (3, 7, 3000)];
        assert_eq!(ends(&mut Tps::default(), &blocks), [0, 0, 7]);
    }

    #[test]
    fn two_seconds_without_a_block_are_said_once() {
        let mut tps = Tps::default();
        ends(&mut tps, &[(1, 5, 0), (2, 5, 1000)]);
        let (soon, late) = (Instant::now(), Instant::now() + FALLS_AFTER);
        assert_eq!(
            [soon, late, late].map(|at| tps.falls(at)),
            [false, true, false]
        );
        ends(&mut tps, &[(3, 0, 9000)]);
        assert!(!tps.falls(late + FALLS_AFTER), "it is 0 already");
    }

    #[test]
    fn memory_is_bounded() {
        let mut tps = Tps::default();
        for number in 0..3 * MOST_BLOCKS as u64 {
            tps.end(number, 1, number * 300_000_000, Instant::now());
        }
        assert_eq!(tps.ended.len(), MOST_BLOCKS);
        assert!(tps.ended.capacity() <= 2 * MOST_BLOCKS && tps.numbers.capacity() < 64);
    }
}
