//! The seed of random tests: printed, and taken from RINGCAST_TEST_SEED to repeat a run.
//! Included by the tests that draw random bytes.

use std::hash::{BuildHasher, RandomState};

use proptest::test_runner::{Config, RngSeed};

/// A configuration of `cases` cases whose seed is printed.
pub fn seeded(cases: u32) -> Config {
    let seed = match std::env::var("RINGCAST_TEST_SEED") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => RandomState::new().hash_one(0u8),
    };
    println!("RINGCAST_TEST_SEED={seed}");
    Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..Config::default()
    }
}
