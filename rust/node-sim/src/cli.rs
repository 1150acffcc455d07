//! The options of the simulated node's command line. main.rs does what they say.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};
use node_sim::{COMMANDS, Pace};

/// A simulated node: writes a live event ring, without a node.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Invents a chain and writes its blocks, the same ones for the same seed.
    #[command(after_help = format!("Commands, a line each on stdin:\n{COMMANDS}\n\nEach is answered on stdout, with \
         \"ok COMMAND ring N seqno N\" when it is done or with \"error REASON\"."))]
    Run(RunArgs),
    /// Plays a recording into a live ring.
    Replay(ReplayArgs),
    /// Prints who the addresses of a chain are, as JSON.
    Names {
        /// The seed of the chain.
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        seed: u64,
    },
}

#[derive(Args)]
pub struct RingArgs {
    /// Where to publish the ring; a missing directory is made, and removed at exit.
    #[arg(long, value_name = "PATH")]
    pub ring: PathBuf,
    /// The ring holds 2^N events.
    #[arg(long, value_name = "N", default_value_t = 18, value_parser = clap::value_parser!(u8).range(16..=32))]
    pub descriptor_shift: u8,
    /// The ring holds 2^N bytes of payloads.
    #[arg(long, value_name = "N", default_value_t = 27, value_parser = clap::value_parser!(u8).range(27..=40))]
    pub payload_shift: u8,
}

#[derive(Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub ring: RingArgs,
    /// Chain id of blocks and transactions.
    #[arg(long, value_name = "ID", default_value_t = 20143)]
    pub chain_id: u64,
    /// Milliseconds from block to block; 0 writes as fast as possible.
    #[arg(long, value_name = "MS", default_value_t = 400)]
    pub block_ms: u64,
    /// Events per second, evenly, instead of a block time.
    #[arg(long, value_name = "EVENTS", conflicts_with = "block_ms", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub rate: Option<u64>,
    /// Transactions of every block.
    #[arg(long, value_name = "COUNT", default_value_t = 200)]
    pub txns_per_block: u32,
    /// What the whole chain follows from.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Ends after so many blocks instead of never.
    #[arg(long, value_name = "COUNT")]
    pub blocks: Option<u64>,
    /// Number of the first block.
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    pub first_block: u64,
    /// Whether call frames are recorded.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set)]
    pub trace_calls: bool,
    /// A competing proposal in so many blocks; 0 for none.
    #[arg(long, value_name = "BLOCKS", default_value_t = 0)]
    pub fork_every: u64,
    /// Everything that can go wrong does, by chance; the number is the seed of it.
    #[arg(long, value_name = "SEED")]
    pub chaos: Option<u64>,
    /// A file of commands with their time: "block N COMMAND" or "event N COMMAND", a line each.
    #[arg(long, value_name = "FILE")]
    pub schedule: Option<PathBuf>,
    /// Writes what really was recorded to a file, as lines of JSON.
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
    /// The truth has a line for every event too.
    #[arg(long, requires = "truth")]
    pub truth_events: bool,
    /// Begins with a pause; the commands burst and resume go on.
    #[arg(long)]
    pub paused: bool,
}

#[derive(Args)]
pub struct ReplayArgs {
    /// A snapshot (zstd) or ring file of execution events.
    pub file: PathBuf,
    #[command(flatten)]
    pub ring: RingArgs,
    #[command(flatten)]
    pub pace: PaceArgs,
    /// Repeats without end; every lap has higher block numbers and other block ids.
    #[arg(long = "loop", conflicts_with = "laps")]
    pub endless: bool,
    /// Repeats so many times, as --loop does.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub laps: u64,
}

#[derive(Args)]
#[group(multiple = false)]
pub struct PaceArgs {
    /// Factor on the recorded times; 2 is twice as fast. The default is 1.
    #[arg(long, value_name = "FACTOR", value_parser = speed)]
    speed: Option<f64>,
    /// Events per second, evenly.
    #[arg(long, value_name = "EVENTS", value_parser = clap::value_parser!(u64).range(1..))]
    rate: Option<u64>,
    /// Events per second, each block in one go.
    #[arg(long, value_name = "EVENTS", value_parser = clap::value_parser!(u64).range(1..))]
    burst_rate: Option<u64>,
    /// As fast as possible.
    #[arg(long)]
    max: bool,
}

impl PaceArgs {
    pub fn pace(&self) -> Pace {
        match *self {
            Self { max: true, .. } => Pace::Max,
            Self {
                rate: Some(rate), ..
            } => Pace::Rate(rate),
            Self {
                burst_rate: Some(rate),
                ..
            } => Pace::Bursts(rate),
            Self { speed, .. } => Pace::Recorded(speed.unwrap_or(1.0)),
        }
    }
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(factor) if factor > 0.0 && f64::is_finite(factor) => Ok(factor),
        _ => Err("expected a number above 0, such as 0.5".into()),
    }
}
