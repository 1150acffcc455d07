//! The order in which the events of a block's transactions are recorded, by recorder: today's lets headers run ahead
//! on several fibers and gives outputs one by one in the order of the transactions; the older one gives each
//! transaction whole, a few at a time and out of order. Used by block.rs. Source: ring-and-events §5.2, §7.

use fastrand::Rng;

/// Which recorder's order a block has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecorderOrder {
    /// As of node version 0.12.2.
    #[default]
    Current,
    /// As before: every TXN_PERF_EVM_ENTER first, TXN_PERF_EVM_EXIT before the header, several outputs open at once.
    Old,
}

/// Transactions whose headers are being recorded at the same time.
const FIBERS: usize = 6;
/// How far dispatched transactions may be ahead of the next output.
const LOOKAHEAD: usize = 48;
/// How often, out of 16, a header part comes before an output that could come too.
const HEADERS_FIRST: u8 = 14;
/// Transactions that the older recorder has open at the same time.
const OLD_FIBERS: usize = 3;

/// How many events a transaction has before its execution ends, and in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// Events up to TXN_HEADER_END (today) or TXN_PERF_EVM_ENTER alone (older); at least 1.
    pub(super) early: usize,
    /// All events.
    pub(super) all: usize,
}

/// What comes next on the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Index of the transaction.
    pub(super) txn_index: usize,
    /// Which of its events, from 0.
    pub(super) part: usize,
}

/// Gives every event of all transactions once to `take`, up to the last one of transaction `last`.
///
/// Transactions behind `last` have been dispatched when execution ends with it, and leave only what came before.
pub(super) fn dispatch(
    order: RecorderOrder,
    txns: &[Parts],
    last: Option<usize>,
    rng: &mut Rng,
    take: impl FnMut(Step),
) {
    match order {
        RecorderOrder::Current => dispatch_current(txns, last, rng, take),
        RecorderOrder::Old => dispatch_old(txns, last, rng, take),
    }
}

fn dispatch_current(
    txns: &[Parts],
    last: Option<usize>,
    rng: &mut Rng,
    mut take: impl FnMut(Step),
) {
    let mut fibers: Vec<Step> = Vec::with_capacity(FIBERS);
    let mut is_dispatched = vec![false; txns.len()];
    let (mut next_header, mut next_output) = (0, 0);
    while next_output < txns.len() {
        let can_start = next_header < txns.len() && next_header - next_output < LOOKAHEAD;
        if can_start && fibers.len() < FIBERS && (fibers.is_empty() || rng.bool()) {
            fibers.push(Step {
                txn_index: next_header,
                part: 0,
            });
            next_header += 1;
        }
        let is_ready = is_dispatched[next_output];
        if !fibers.is_empty() && (!is_ready || rng.u8(..16) < HEADERS_FIRST) {
            let fiber = rng.usize(..fibers.len());
            let step = &mut fibers[fiber];
            take(*step);
            step.part += 1;
            if step.part == txns[step.txn_index].early {
                is_dispatched[step.txn_index] = true;
                fibers.swap_remove(fiber);
            }
        } else {
            // Without a fiber everything that may be dispatched is, the next output included.
            let Parts { early, all } = txns[next_output];
            for part in early..all {
                take(Step {
                    txn_index: next_output,
                    part,
                });
            }
            if last == Some(next_output) {
                return;
            }
            next_output += 1;
        }
    }
}

fn dispatch_old(txns: &[Parts], last: Option<usize>, rng: &mut Rng, mut take: impl FnMut(Step)) {
    let mut entering: Vec<usize> = (0..txns.len()).collect();
    // Neighbours change places now and then.
    for place in 1..entering.len() {
        if rng.u8(..8) == 0 {
            entering.swap(place - 1, place);
        }
    }
    for txn_index in entering {
        for part in 0..txns[txn_index].early {
            take(Step { txn_index, part });
        }
    }
    let mut open: Vec<Step> = Vec::with_capacity(OLD_FIBERS);
    let mut next = 0;
    while next < txns.len() || !open.is_empty() {
        if next < txns.len() && (open.is_empty() || open.len() < OLD_FIBERS && rng.u8(..64) == 0) {
            open.push(Step {
                txn_index: next,
                part: txns[next].early,
            });
            next += 1;
        }
        let fiber = rng.usize(..open.len());
        let step = &mut open[fiber];
        take(*step);
        step.part += 1;
        if step.part == txns[step.txn_index].all {
            if last == Some(step.txn_index) {
                return;
            }
            open.swap_remove(fiber);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const ORDERS: [RecorderOrder; 2] = [RecorderOrder::Current, RecorderOrder::Old];

    fn steps(
        order: RecorderOrder,
        txns: &[Parts],
        last: Option<usize>,
        rng: &mut Rng,
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        dispatch(order, txns, last, rng, |step| steps.push(step));
        steps
    }

    fn some_txns(count: usize, rng: &mut Rng) -> Vec<Parts> {
        (0..count)
            .map(|_| {
                let early = rng.usize(1..6);
                Parts {
                    early,
                    all: early + rng.usize(1..9),
                }
            })
            .collect()
    }

    #[test]
    fn every_event_of_every_transaction_comes_once_and_in_its_order() {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut rng = Rng::with_seed(seed);
        let txns = some_txns(300, &mut rng);
        for order in ORDERS {
            let mut next = vec![0; txns.len()];
            for Step { txn_index, part } in steps(order, &txns, None, &mut rng) {
                assert_eq!(part, next[txn_index]);
                next[txn_index] += 1;
            }
            assert_eq!(next, txns.iter().map(|txn| txn.all).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nothing_comes_behind_the_transaction_that_ends_the_block() {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut rng = Rng::with_seed(seed);
        let txns = some_txns(100, &mut rng);
        for order in ORDERS {
            let last = rng.usize(..100);
            let steps = steps(order, &txns, Some(last), &mut rng);
            let end = Step {
                txn_index: last,
                part: txns[last].all - 1,
            };
            assert_eq!(steps.last(), Some(&end));
            assert_eq!(steps.iter().filter(|step| **step == end).count(), 1);
        }
    }

    #[test]
    fn today_headers_interleave_and_outputs_do_not() {
        let txns = [Parts { early: 3, all: 8 }; 100];
        let steps = steps(RecorderOrder::Current, &txns, None, &mut Rng::with_seed(1));
        let is_split = |pair: &[Step]| pair[0].part < 2 && pair[0].txn_index != pair[1].txn_index;
        assert!(steps.windows(2).any(is_split));
        let mut outputs = Vec::new();
        let mut furthest = 0;
        for Step { txn_index, part } in steps {
            if part < 3 {
                furthest = furthest.max(txn_index.saturating_sub(outputs.len() / 5));
            } else {
                outputs.push(txn_index);
            }
        }
        assert!(outputs.is_sorted(), "outputs are out of order");
        assert!(
            (16..LOOKAHEAD).contains(&furthest),
            "headers were at most {furthest} ahead"
        );
    }

    #[test]
    fn the_older_recorder_has_up_to_three_outputs_open_and_out_of_order() {
        let txns = [Parts { early: 1, all: 20 }; 400];
        let steps = steps(RecorderOrder::Old, &txns, None, &mut Rng::with_seed(1));
        assert!(steps[..400].iter().all(|step| step.part == 0));
        let mut open = Vec::new();
        let (mut most, mut is_out_of_order) = (0, false);
        for Step { txn_index, part } in &steps[400..] {
            match part {
                1 => open.push(*txn_index),
                19 => {
                    is_out_of_order |= open.iter().any(|other| other < txn_index);
                    open.retain(|other| other != txn_index);
                }
                _ => {}
            }
            most = most.max(open.len());
        }
        assert_eq!(most, OLD_FIBERS);
        assert!(is_out_of_order);
    }

    #[test]
    fn a_block_without_transactions_has_no_steps() {
        for order in ORDERS {
            assert_eq!(steps(order, &[], None, &mut Rng::with_seed(1)), []);
        }
    }
}
