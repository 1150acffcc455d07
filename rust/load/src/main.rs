//! The load generator as a program: `clients` reads what a gateway sends and measures it, `broadcast` sends the same
//! kind of bytes with nothing behind them, which shows the limit of the machine and of `clients` itself.
//! Used by scripts/bench; prints one line of JSON.

mod broadcast;
mod clients;
mod connection;
mod frame;
mod tally;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// WebSocket clients by the hundred, and a bare broadcaster.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Connects clients, reads for a while, and prints what came and how late.
    Clients(clients::Options),
    /// Sends events to whoever connects, at a rate.
    Broadcast(broadcast::Options),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Clients(options) => clients::run(&options).map(|report| println!("{report}")),
        Command::Broadcast(options) => broadcast::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}
