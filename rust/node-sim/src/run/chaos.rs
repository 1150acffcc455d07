//! Everything that can go wrong, by chance: before each block a few commands for it, the same ones for the same seed.
//! mod.rs puts them on the schedule.

use fastrand::Rng;

use crate::word::{Role, derive, to_amount};

/// Chance of each command in a thousand blocks. `{after}` events into the block; MS stands for up to four block times.
const CHANCES: [(u16, &str); 22] = [
    (40, "fork 2"),
    (15, "fork 3"),
    (15, "fork voted"),
    (12, "reject"),
    (8, "reject late"),
    (8, "fail txn"),
    (8, "fail txn-evm"),
    (6, "fail block"),
    (10, "absent"),
    (6, "stall 12"),
    (2, "stall 120"),
    (8, "catch-up 6"),
    (20, "pause MS"),
    (10, "burst 5000"),
    (6, "restart MS"),
    (6, "crash MS"),
    (3, "overrun"),
    (2, "expire"),
    (6, "corrupt KIND"),
    (6, "clock SHIFT"),
    (8, "record-error missing"),
    (8, "record-error overflow"),
];
/// Damage that chaos does; that of a seqno lasts for a whole lap and is left to whoever asks for it.
const DAMAGE: [&str; 4] = ["type", "size", "offset", "flow"];

/// A source of commands.
pub struct Chaos {
    rng: Rng,
    block_ms: u64,
}

impl Chaos {
    /// The chaos of a seed, for blocks of so many milliseconds.
    pub fn new(seed: u64, block_ms: u64) -> Self {
        let random = to_amount(&derive(seed, Role::ChaosRandom, 0)) as u64;
        Self {
            rng: Rng::with_seed(random),
            block_ms,
        }
    }

    /// The commands for the next block of about `events` events, each with the number of events before it.
    pub(super) fn commands(&mut self, events: u64) -> Vec<(u64, String)> {
        let mut commands = Vec::new();
        for (chance, template) in CHANCES {
            if self.rng.u16(..1000) >= chance {
                continue;
            }
            let line = template
                .replace("MS", &self.rng.u64(..=4 * self.block_ms).to_string())
                .replace("KIND", DAMAGE[self.rng.usize(..DAMAGE.len())])
                .replace("SHIFT", &self.rng.i64(-5_000..=5_000).to_string());
            commands.push((self.rng.u64(..events.max(1)), line));
        }
        commands
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::collections::HashSet;

    use super::*;
    use crate::run::command::Told;

    #[test]
    fn every_command_of_chaos_is_one_and_all_come() {
        let mut chaos = Chaos::new(1, 400);
        let mut seen = HashSet::new();
        for _ in 0..10_000 {
            for (after, line) in chaos.commands(5000) {
                assert!(after < 5000);
                let _: Told = line.parse().unwrap();
                seen.extend(line.split(' ').next().map(str::to_owned));
            }
        }
        let words = CHANCES.map(|(_, template)| template.split(' ').next().unwrap().to_owned());
        assert_eq!(seen, HashSet::from(words));
    }
}
