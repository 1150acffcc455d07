//! The laboratory: readers against a simulated node in a process of its own, checked with the truth that it writes.
//! seqnos.rs checks the answer for every seqno, following.rs a reader at full speed through chaos, commits.rs what that
//! reader learns about blocks, faults.rs and damage.rs that each command does what
//! it says; node.rs runs the node, truth.rs reads its file, model.rs knows what a ring holds.
//!
//! `LAB_SEEDS` and `LAB_EVENTS` set how long it takes; without them it is short.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod commits;
mod damage;
mod faults;
mod following;
mod model;
mod node;
mod seqnos;
mod truth;

/// A number from the environment, or what a short run takes.
fn setting(name: &str, short: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name}={text:?} is no number")),
        Err(_) => short,
    }
}

/// The seeds of a run: new ones every time, but for `LAB_FIRST_SEED`, which repeats those of another.
fn seeds(short: u64) -> impl Iterator<Item = u64> {
    let first = setting("LAB_FIRST_SEED", fastrand::u64(..1 << 32));
    let count = setting("LAB_SEEDS", short);
    println!("LAB_FIRST_SEED={first} LAB_SEEDS={count}");
    first..first + count
}
