//! The command `run`: grows the chain turn by turn and records each event at its time.
//! player.rs records and obeys; commands come from console.rs, schedule.rs and chaos.rs.

mod chaos;
mod command;
mod console;
mod faults;
mod obey;
mod player;
mod schedule;

use std::time::Duration;

use monad_exec_events::ExecEventType;

use crate::{
    chain::{Chain, ChainOptions},
    error::SimError,
    live_ring::LiveRing,
    now,
    stop::Stop,
    tape::Tape,
    truth::Truth,
};
pub use chaos::Chaos;
pub use command::COMMANDS;
pub use console::Console;
use player::{Played, Player};
pub use schedule::Schedule;

/// Takes answers to commands, a line each.
pub type Announce<'a> = &'a mut dyn FnMut(&str);

/// What to record, and when.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// The chain.
    pub chain: ChainOptions,
    /// How fast.
    pub pace: RunPace,
    /// Turns of the chain; `None` means until a stop is requested.
    pub blocks: Option<u64>,
    /// One competing proposal in about so many blocks; 0 for none.
    pub fork_every: u64,
    /// Begins with a pause.
    pub is_paused: bool,
}

/// How fast a chain is recorded.
#[derive(Clone, Copy, Debug)]
pub enum RunPace {
    /// A block in so much time, its events over three quarters of it; zero means as fast as possible.
    BlockTime(Duration),
    /// So many events per second (at least 1), evenly.
    Rate(u64),
}

/// What tells a running node what to do, besides its options.
pub struct Controls<'a> {
    /// Lines typed while it runs.
    pub console: &'a Console,
    /// Commands with their time.
    pub schedule: Schedule,
    /// Commands by chance.
    pub chaos: Option<Chaos>,
    /// Where answers go.
    pub announce: Announce<'a>,
    /// Where the truth goes.
    pub truth: Option<&'a mut Truth>,
}

/// Share of the block time over which the events of a block are spread; the rest is silence, as after an execution.
const BUSY_SHARE: (u32, u32) = (3, 4);

/// Records blocks and returns how many events that were.
///
/// A requested stop records what is left of the block at once, so that the ring ends at a border.
///
/// # Errors
/// [`SimError`]: the ring is too small for a payload, cannot be made again, or the truth cannot be written.
pub fn run(
    options: &RunOptions,
    ring: &mut LiveRing,
    controls: Controls<'_>,
    stop: &Stop,
) -> Result<u64, SimError> {
    let Controls {
        console,
        schedule,
        mut chaos,
        announce,
        mut truth,
    } = controls;
    let mut chain = Chain::new(options.chain);
    let mut player = Player::new(
        ring,
        truth.as_deref_mut(),
        schedule,
        console,
        announce,
        stop,
    );
    if options.is_paused {
        player.tell("pause")?;
    }
    let mut begin = Duration::ZERO;
    let mut events_per_block = 0;
    for block in 0..options.blocks.unwrap_or(u64::MAX) {
        if options.fork_every > 0 && block % options.fork_every == options.fork_every / 2 {
            player.tell_later(0, "fork");
        }
        while let Some(told) = player.schedule.before_block(block) {
            player.obey(told)?;
        }
        for (after, line) in chaos
            .iter_mut()
            .flat_map(|chaos| chaos.commands(events_per_block))
        {
            player.tell_later(after, &line);
        }
        if !player.wait_until(begin, false)? {
            break;
        }
        player.pass_wishes_to(&mut chain);
        let is_behind = chain.is_catching_up();
        let tape = chain.next_turn(now());
        let (interval, whole) = match options.pace {
            _ if is_behind => (Duration::ZERO, Duration::ZERO),
            RunPace::BlockTime(time) => {
                let busy = time * BUSY_SHARE.0 / BUSY_SHARE.1;
                (busy / tape.len().max(1) as u32, time)
            }
            RunPace::Rate(per_second) => {
                let interval = Duration::from_secs(1) / per_second.min(u64::from(u32::MAX)) as u32;
                (interval, interval * tape.len() as u32)
            }
        };
        if !play(tape, begin, interval, &mut player)? {
            break;
        }
        events_per_block = tape.len() as u64;
        begin += whole;
    }
    let (events, has_died) = (player.events, player.has_died);
    if let Some(truth) = truth {
        truth.finish().map_err(SimError::Truth)?;
    }
    if has_died {
        return Err(SimError::Died);
    }
    Ok(events)
}

/// Records a turn from `begin` on; after a restart inside its block, the block once more. False when the node is over.
fn play(
    tape: &Tape,
    begin: Duration,
    interval: Duration,
    player: &mut Player<'_>,
) -> Result<bool, SimError> {
    let (mut index, mut due, mut block) = (0, begin, None);
    while index < tape.len() {
        let event = tape.event(index);
        if event.event_type == ExecEventType::BlockStart {
            block = Some(index);
        } else if event.content_ext[0] == 0 {
            block = None;
        }
        let is_inside = block.is_some_and(|start| index > start);
        match player.play(&event, due, is_inside)? {
            Played::Recorded => {
                index += 1;
                due += interval;
            }
            Played::Restarted => index = block.unwrap_or(index),
            Played::Over => return Ok(false),
        }
    }
    Ok(true)
}
