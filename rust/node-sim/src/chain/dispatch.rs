//! The order in which the events of a block's transactions are recorded: headers run ahead on several fibers and
//! interleave, outputs follow in the order of the transactions. Used by block.rs. Source: ring-and-events §5.2.

use fastrand::Rng;

/// Transactions whose headers are being recorded at the same time.
const FIBERS: usize = 6;
/// How far dispatched transactions may be ahead of the next output.
const LOOKAHEAD: usize = 48;
/// How often, out of 16, a header part comes before an output that could come too.
const HEADERS_FIRST: u8 = 14;

/// What comes next on the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A part of a transaction's header series.
    Header {
        /// Index of the transaction.
        txn_index: usize,
        /// Which part, from 0.
        part: usize,
    },
    /// Everything from a transaction's output on.
    Output {
        /// Index of the transaction.
        txn_index: usize,
    },
}

/// Gives every step of all transactions once to `take`; `header_parts` has the number of parts of each, at least 1.
pub(super) fn dispatch(header_parts: &[usize], rng: &mut Rng, mut take: impl FnMut(Step)) {
    let count = header_parts.len();
    let mut fibers: Vec<(usize, usize)> = Vec::with_capacity(FIBERS);
    let mut is_dispatched = vec![false; count];
    let (mut next_header, mut next_output) = (0, 0);
    while next_output < count {
        let can_start = next_header < count && next_header - next_output < LOOKAHEAD;
        if can_start && fibers.len() < FIBERS && (fibers.is_empty() || rng.bool()) {
            fibers.push((next_header, 0));
            next_header += 1;
        }
        let is_ready = is_dispatched[next_output];
        if !fibers.is_empty() && (!is_ready || rng.u8(..16) < HEADERS_FIRST) {
            let fiber = rng.usize(..fibers.len());
            let (txn_index, part) = fibers[fiber];
            take(Step::Header { txn_index, part });
            fibers[fiber].1 += 1;
            if fibers[fiber].1 == header_parts[txn_index] {
                is_dispatched[txn_index] = true;
                fibers.swap_remove(fiber);
            }
        } else {
            // Without a fiber everything that may be dispatched is, the next output included.
            take(Step::Output {
                txn_index: next_output,
            });
            next_output += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn steps(header_parts: &[usize], seed: u64) -> Vec<Step> {
        let mut steps = Vec::new();
        dispatch(header_parts, &mut Rng::with_seed(seed), |step| {
            steps.push(step);
        });
        steps
    }

    #[test]
    fn every_step_comes_once_headers_in_order_and_before_the_output() {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut rng = Rng::with_seed(seed);
        let header_parts: Vec<usize> = (0..300).map(|_| rng.usize(1..8)).collect();
        let mut next_part = vec![0; header_parts.len()];
        let mut outputs = 0;
        for step in steps(&header_parts, seed) {
            match step {
                Step::Header { txn_index, part } => {
                    assert_eq!(part, next_part[txn_index]);
                    next_part[txn_index] += 1;
                }
                Step::Output { txn_index } => {
                    assert_eq!(txn_index, outputs);
                    assert_eq!(next_part[txn_index], header_parts[txn_index]);
                    outputs += 1;
                }
            }
        }
        assert_eq!((next_part, outputs), (header_parts, 300));
    }

    #[test]
    fn headers_interleave_and_run_ahead_of_outputs() {
        let steps = steps(&[3; 100], 1);
        let is_split = |pair: &[Step]| matches!(pair, [Step::Header { txn_index: one, part: 0 }, Step::Header { txn_index: other, .. }] if one != other);
        assert!(steps.windows(2).any(is_split));
        let mut outputs = 0;
        let mut furthest = 0;
        for step in steps {
            match step {
                Step::Header { txn_index, .. } => furthest = furthest.max(txn_index - outputs),
                Step::Output { .. } => outputs += 1,
            }
        }
        assert!(
            (16..LOOKAHEAD).contains(&furthest),
            "headers were at most {furthest} ahead"
        );
    }

    #[test]
    fn a_block_without_transactions_has_no_steps() {
        assert_eq!(steps(&[], 1), []);
    }
}
