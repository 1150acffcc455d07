//! A simulated node: writes a live ring of a small invented chain, or replays a recording into one.
//!
//! [`run`] and [`replay`] are the two commands; both write through a [`LiveRing`], keep time by `pace` and end by a
//! [`Stop`]. [`Chain`] invents blocks and can be used without a ring's timing, as the tests do.

#![forbid(unsafe_code)]

mod abi;
mod access;
mod cast;
mod chain;
mod digest;
mod directories;
mod error;
mod ledger;
mod live_ring;
mod names;
mod pace;
mod replay;
mod run;
mod stop;
mod tape;
mod truth;
mod txn;
mod word;

pub use chain::{Chain, ChainOptions, ContestKind, FailureKind, RecorderOrder};
pub use digest::digest_event;
pub use error::SimError;
pub use live_ring::{LiveRing, NOTE};
pub use names::{Name, names};
pub use pace::Pace;
pub use replay::{Recording, ReplayOptions, replay};
pub use run::{Announce, COMMANDS, Chaos, Console, Controls, RunOptions, RunPace, Schedule, run};
pub use stop::Stop;
pub use tape::{Event, Tape};
pub use truth::Truth;

/// Nanoseconds since 1970.
pub(crate) fn now() -> u128 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos())
}
