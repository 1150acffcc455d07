//! The command `replay`: plays a recording into a live ring, once or in laps that continue each other.
//! recording.rs reads it, lap.rs rewrites what a later lap must not repeat; pace.rs waits.

mod lap;
mod recording;

use std::time::Duration;

use monad_exec_events::ExecEventType;

use crate::{
    error::SimError,
    live_ring::LiveRing,
    pace::{Pace, Pacer},
    stop::Stop,
};
use lap::Lap;
pub use recording::Recording;

/// How fast and how often to replay.
#[derive(Clone, Copy, Debug)]
pub struct ReplayOptions {
    /// How fast.
    pub pace: Pace,
    /// How many times; `None` means until a stop is requested.
    pub laps: Option<u64>,
}

/// Replays and returns how many events were recorded.
///
/// The first lap repeats every payload; later ones raise block numbers and change block ids. Seqnos rise on, times
/// are those of the replay. Events of a block whose BLOCK_START is not in the recording are left out. A requested
/// stop plays the open block to its end at once.
///
/// # Errors
/// [`SimError::Unreadable`] for the recording, [`SimError::Record`] if the ring is too small for a payload.
pub fn replay(
    recording: &mut Recording,
    options: &ReplayOptions,
    ring: &mut LiveRing,
    stop: &Stop,
) -> Result<u64, SimError> {
    let mut pacer = Pacer::start(stop);
    let mut events = 0;
    let mut begin = Duration::ZERO;
    // Events before the block that is being played.
    let mut before_block = 0;
    for number in 0..options.laps.unwrap_or(u64::MAX) {
        let lap = Lap {
            number,
            span: recording.block_span(),
        };
        recording.rewind();
        while let Some(event) = recording.next()? {
            if event.event_type == ExecEventType::BlockStart.code() {
                before_block = events;
            }
            let due = match options.pace {
                Pace::Recorded(factor) => scaled(begin + event.offset, factor),
                Pace::Rate(per_second) => at_rate(per_second, events),
                Pace::Bursts(per_second) => at_rate(per_second, before_block),
                Pace::Max => Duration::ZERO,
            };
            pacer.wait_until(due);
            if stop.is_requested() && event.is_outside_block() {
                return Ok(events);
            }
            lap.rewrite(event.event_type, event.payload);
            ring.record(event.event_type, event.content_ext, event.payload)?;
            events += 1;
        }
        begin += recording.duration();
    }
    Ok(events)
}

fn scaled(recorded: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(recorded.as_secs_f64() / factor).unwrap_or(Duration::MAX)
}

fn at_rate(per_second: u64, events: u64) -> Duration {
    Duration::from_nanos_u128(u128::from(events) * 1_000_000_000 / u128::from(per_second))
}
