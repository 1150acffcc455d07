//! Seeds of random tests: printed, and taken from RINGCAST_TEST_SEED to repeat a run.
//! Used by every test that draws numbers, with or without proptest.

use std::hash::{BuildHasher, RandomState};

use proptest::test_runner::{Config, RngSeed};

/// The seed of this run; printed, so that a failure can be repeated.
pub fn seed() -> u64 {
    let seed = match std::env::var("RINGCAST_TEST_SEED") {
        Ok(text) => text
            .parse()
            .expect("RINGCAST_TEST_SEED is a decimal number"),
        Err(_) => RandomState::new().hash_one(1u8),
    };
    println!("RINGCAST_TEST_SEED={seed}");
    seed
}

/// `cases` random cases from the run's seed.
pub fn seeded(cases: u32) -> Config {
    Config {
        cases,
        rng_seed: RngSeed::Fixed(seed()),
        failure_persistence: None,
        ..Config::default()
    }
}

/// Random numbers that follow from a seed (SplitMix64).
pub struct Random(pub u64);

impl Random {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }
}
