//! The simulated node as a program: signals, messages and exit codes. cli.rs has its options, the library the work.
//! Exit 0 after a stop or the last event, 1 with one sentence on stderr, 2 for wrong usage.

mod cli;

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use clap::Parser;
use cli::{Cli, Command, ReplayArgs, RingArgs, RunArgs};
use node_sim::{
    ChainOptions, Chaos, Console, Controls, LiveRing, Recording, ReplayOptions, RunOptions,
    RunPace, Schedule, SimError, Stop, Truth, names, replay, run,
};

fn main() -> ExitCode {
    let written = match Cli::parse().command {
        Command::Run(args) => run_command(&args),
        Command::Replay(args) => replay_command(&args),
        Command::Names { seed } => return names_command(seed),
    };
    match written {
        Ok(events) => {
            eprintln!("node-sim: stopped after {events} events");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("node-sim: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run_command(args: &RunArgs) -> Result<u64, SimError> {
    let stop = Stop::on_signals()?;
    let options = RunOptions {
        chain: ChainOptions {
            seed: args.seed,
            chain_id: args.chain_id,
            first_block: args.first_block,
            txns_per_block: args.txns_per_block,
            trace_calls: args.trace_calls,
            is_wild: args.chaos.is_some(),
        },
        pace: match args.rate {
            Some(rate) => RunPace::Rate(rate),
            None => RunPace::BlockTime(Duration::from_millis(args.block_ms)),
        },
        blocks: args.blocks,
        fork_every: args.fork_every,
        is_paused: args.paused,
    };
    let schedule = match &args.schedule {
        Some(path) => Schedule::read(path)?,
        None => Schedule::default(),
    };
    let mut truth = match &args.truth {
        Some(path) => Some(Truth::create(path, args.truth_events).map_err(SimError::Truth)?),
        None => None,
    };
    let mut ring = publish(&args.ring)?;
    let console = Console::of(io::BufReader::new(io::stdin()));
    let controls = Controls {
        console: &console,
        schedule,
        chaos: args.chaos.map(|seed| Chaos::new(seed, args.block_ms)),
        announce: &mut say,
        truth: truth.as_mut(),
    };
    let events = run(&options, &mut ring, controls, &stop)?;
    ring.close().map(|()| events)
}

fn replay_command(args: &ReplayArgs) -> Result<u64, SimError> {
    let stop = Stop::on_signals()?;
    let mut recording = Recording::open(&args.file)?;
    let options = ReplayOptions {
        pace: args.pace.pace(),
        laps: (!args.endless).then_some(args.laps),
    };
    let mut ring = publish(&args.ring)?;
    let events = replay(&mut recording, &options, &mut ring, &stop)?;
    ring.close().map(|()| events)
}

fn names_command(seed: u64) -> ExitCode {
    match serde_json::to_writer_pretty(io::stdout().lock(), &names(seed)) {
        Ok(()) => {
            say("");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("node-sim: cannot print the names: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Publishes the ring and says so on stdout, for whoever waits to open it.
fn publish(args: &RingArgs) -> Result<LiveRing, SimError> {
    let ring = LiveRing::create(&args.ring, args.descriptor_shift, args.payload_shift)?;
    say(&format!("ring {}", ring.path().display()));
    Ok(ring)
}

fn say(line: &str) {
    // Nobody has to read it: a closed stdout is no reason to stop.
    let _ = writeln!(io::stdout(), "{line}");
}
