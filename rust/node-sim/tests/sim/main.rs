//! Tests of the simulated node against real ring files: chain.rs, forks.rs and transfers.rs check what is invented, replay.rs
//! what is repeated, process.rs the built program. recorded.rs reads rings, grammar/ knows the order of events.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chain;
mod forks;
mod grammar;
mod process;
mod recorded;
mod replay;
mod transfers;
