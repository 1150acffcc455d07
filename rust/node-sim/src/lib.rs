//! A simulated node: writes a live ring of a small invented chain, or replays a recording into one.
//!
//! [`run`] and [`replay`] are the two commands; both write through a [`LiveRing`], keep time by `pace` and end by a
//! [`Stop`]. [`Chain`] invents blocks and can be used without a ring's timing, as the tests do.

#![forbid(unsafe_code)]

mod abi;
mod access;
mod cast;
mod chain;
mod error;
mod ledger;
mod live_ring;
mod pace;
mod replay;
mod run;
mod stop;
mod tape;
mod txn;
mod word;

pub use chain::{Chain, ChainOptions};
pub use error::SimError;
pub use live_ring::{LiveRing, NOTE};
pub use pace::Pace;
pub use replay::{Recording, ReplayOptions, replay};
pub use run::{RunOptions, run};
pub use stop::Stop;
pub use tape::Tape;
