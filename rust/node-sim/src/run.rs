//! The command `run`: grows the chain block by block and records each turn at its time.
//! Wires chain/, live_ring.rs and pace.rs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{
    chain::{Chain, ChainOptions},
    error::SimError,
    live_ring::LiveRing,
    pace::Pacer,
    stop::Stop,
    tape::Tape,
};

/// What to record, and when.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// The chain.
    pub chain: ChainOptions,
    /// Time from block to block; zero means as fast as possible.
    pub block_time: Duration,
    /// Blocks to record; `None` means until a stop is requested.
    pub blocks: Option<u64>,
}

/// Share of the block time over which the events of a block are spread; the rest is silence, as after an execution.
const BUSY_SHARE: (u32, u32) = (3, 4);

/// Records blocks and returns how many events that were.
///
/// A requested stop records what is left of the block at once, so that the ring ends at a border.
///
/// # Errors
/// [`SimError::Record`] if the ring is too small for a payload.
pub fn run(options: &RunOptions, ring: &mut LiveRing, stop: &Stop) -> Result<u64, SimError> {
    let mut chain = Chain::new(options.chain);
    let mut pacer = Pacer::start(stop);
    let mut events = 0;
    let mut begin = Duration::ZERO;
    for _ in 0..options.blocks.unwrap_or(u64::MAX) {
        pacer.wait_until(begin);
        if stop.is_requested() {
            break;
        }
        let tape = chain.next_turn(now());
        let busy = options.block_time * BUSY_SHARE.0 / BUSY_SHARE.1;
        record(tape, begin, busy, ring, &mut pacer)?;
        events += tape.len() as u64;
        begin += options.block_time;
    }
    Ok(events)
}

/// Records a turn, its events spread evenly over `busy` from `begin` on.
fn record(
    tape: &Tape,
    begin: Duration,
    busy: Duration,
    ring: &mut LiveRing,
    pacer: &mut Pacer<'_>,
) -> Result<(), SimError> {
    let interval = busy / tape.len().max(1) as u32;
    let mut deadline = begin;
    for index in 0..tape.len() {
        pacer.wait_until(deadline);
        tape.record(index, ring)?;
        deadline += interval;
    }
    Ok(())
}

/// Nanoseconds since 1970.
fn now() -> u128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos())
}
