//! The command line of the simulated node: options, signals, messages and exit codes.
//! Exit 0 after a stop or the last event, 1 with one sentence on stderr, 2 for wrong usage. The work is in the library.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{ArgAction, Args, Parser, Subcommand};
use node_sim::{
    ChainOptions, LiveRing, Pace, Recording, ReplayOptions, RunOptions, SimError, Stop, replay, run,
};

/// A simulated node: writes a live event ring, without a node.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Invents a chain and writes its blocks, the same ones for the same seed.
    Run(RunArgs),
    /// Plays a recording into a live ring.
    Replay(ReplayArgs),
}

#[derive(Args)]
struct RingArgs {
    /// Where to publish the ring; a missing directory is made, and removed at exit.
    #[arg(long, value_name = "PATH")]
    ring: PathBuf,
    /// The ring holds 2^N events.
    #[arg(long, value_name = "N", default_value_t = 18, value_parser = clap::value_parser!(u8).range(16..=32))]
    descriptor_shift: u8,
    /// The ring holds 2^N bytes of payloads.
    #[arg(long, value_name = "N", default_value_t = 27, value_parser = clap::value_parser!(u8).range(27..=40))]
    payload_shift: u8,
}

#[derive(Args)]
struct RunArgs {
    #[command(flatten)]
    ring: RingArgs,
    /// Chain id of blocks and transactions.
    #[arg(long, value_name = "ID", default_value_t = 20143)]
    chain_id: u64,
    /// Milliseconds from block to block; 0 writes as fast as possible.
    #[arg(long, value_name = "MS", default_value_t = 400)]
    block_ms: u64,
    /// Transactions of every block.
    #[arg(long, value_name = "COUNT", default_value_t = 200)]
    txns_per_block: u32,
    /// What the whole chain follows from.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Ends after so many blocks instead of never.
    #[arg(long, value_name = "COUNT")]
    blocks: Option<u64>,
    /// Number of the first block.
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    first_block: u64,
    /// Whether call frames are recorded.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set)]
    trace_calls: bool,
}

#[derive(Args)]
struct ReplayArgs {
    /// A snapshot (zstd) or ring file of execution events.
    file: PathBuf,
    #[command(flatten)]
    ring: RingArgs,
    #[command(flatten)]
    pace: PaceArgs,
    /// Repeats without end; every lap has higher block numbers and other block ids.
    #[arg(long = "loop", conflicts_with = "laps")]
    endless: bool,
    /// Repeats so many times, as --loop does.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    laps: u64,
}

#[derive(Args)]
#[group(multiple = false)]
struct PaceArgs {
    /// Factor on the recorded times; 2 is twice as fast. The default is 1.
    #[arg(long, value_name = "FACTOR", value_parser = speed)]
    speed: Option<f64>,
    /// Events per second, evenly.
    #[arg(long, value_name = "EVENTS", value_parser = clap::value_parser!(u64).range(1..))]
    rate: Option<u64>,
    /// As fast as possible.
    #[arg(long)]
    max: bool,
}

impl PaceArgs {
    fn pace(&self) -> Pace {
        match (self.max, self.rate) {
            (true, _) => Pace::Max,
            (false, Some(rate)) => Pace::Rate(rate),
            (false, None) => Pace::Recorded(self.speed.unwrap_or(1.0)),
        }
    }
}

fn main() -> ExitCode {
    let written = match Cli::parse().command {
        Command::Run(args) => run_command(&args),
        Command::Replay(args) => replay_command(&args),
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
        },
        block_time: Duration::from_millis(args.block_ms),
        blocks: args.blocks,
    };
    let mut ring = publish(&args.ring)?;
    let events = run(&options, &mut ring, &stop)?;
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

/// Publishes the ring and says so on stdout, for whoever waits to open it.
fn publish(args: &RingArgs) -> Result<LiveRing, SimError> {
    let ring = LiveRing::create(&args.ring, args.descriptor_shift, args.payload_shift)?;
    // Nobody has to read it: a closed stdout is no reason to stop.
    let _ = writeln!(io::stdout(), "ring {}", ring.path().display());
    Ok(ring)
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(factor) if factor > 0.0 && f64::is_finite(factor) => Ok(factor),
        _ => Err("expected a number above 0, such as 0.5".into()),
    }
}
