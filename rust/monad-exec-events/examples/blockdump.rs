//! Prints blocks as consensus decides about them.

#[path = "../../monad-event-ring/examples/follow/mod.rs"]
mod follow;

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use clap::{Parser, ValueEnum};
use follow::{Follower, Source, Step};
use monad_event_ring::{ContentType, RingExpectation};
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;
use monad_exec_events::{
    BlockBuilderError, BlockCommitState, CommitStateBlockBuilder, CommitStateBlockUpdate,
    ExecEventRef, ExecutedBlock, ExecutedBlockAccesses, ExecutedBlockBuilder, ForgottenProposal,
};
use serde::Serialize;

/// Prints blocks as consensus decides about them
///
/// One line per block and commit state. What was lost, dropped or rejected is said on the error output, and the dump
/// goes on. A snapshot ends by itself, a live ring with Ctrl-C.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    source: Source,

    /// Only blocks that reach this state (may be given several times)
    #[arg(long, value_enum)]
    filter_commit_state: Vec<State>,

    /// Print a JSON object per line: {"commit_state", "block"}, with --accesses also "accesses"
    #[arg(long)]
    json: bool,

    /// Keep the call frames of transactions
    #[arg(long)]
    call_frames: bool,

    /// Add the accounts and storage slots that each block read and modified
    #[arg(long, requires = "json")]
    accesses: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum State {
    Proposed,
    Voted,
    Finalized,
    Verified,
}

impl State {
    fn is(self, state: BlockCommitState) -> bool {
        matches!(
            (self, state),
            (Self::Proposed, BlockCommitState::Proposed)
                | (Self::Voted, BlockCommitState::Voted)
                | (Self::Finalized, BlockCommitState::Finalized)
                | (Self::Verified, BlockCommitState::Verified)
        )
    }
}

/// One line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    commit_state: BlockCommitState,
    block: &'a ExecutedBlock,
    #[serde(skip_serializing_if = "Option::is_none")]
    accesses: Option<&'a ExecutedBlockAccesses>,
}

fn main() -> ExitCode {
    follow::exit("blockdump", run(&Options::parse()))
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let expected = RingExpectation {
        content_type: ContentType::Exec,
        schema_hash: EXEC_SCHEMA_HASH,
    };
    let mut follower = Follower::open(&options.source, Some(expected))?;
    let mut blocks = ExecutedBlockBuilder::new(options.call_frames);
    if options.accesses {
        blocks = blocks.with_accesses();
    }
    let mut builder = CommitStateBlockBuilder::new(blocks);
    let mut out = io::BufWriter::new(io::stdout().lock());
    loop {
        match follower.next()? {
            Step::Event(event) => {
                let payload = follower.payload();
                let flow = event.content_ext.into();
                let event = match ExecEventRef::decode(event.event_type, event.content_ext, payload)
                {
                    Ok(decoded) => decoded,
                    Err(error) => {
                        eprintln!("blockdump: event {}: {error}", event.seqno);
                        builder.process_gap();
                        continue;
                    }
                };
                match builder.process_event(flow, event) {
                    Some(Ok(update)) => print(&mut out, options, &builder, &update)?,
                    Some(Err(error)) => note(&error),
                    None => {}
                }
                builder.forgotten().iter().for_each(note_forgotten);
            }
            Step::Lost {
                from_seqno,
                to_seqno,
                because,
            } => {
                let count = to_seqno - from_seqno + 1;
                eprintln!(
                    "blockdump: {count} events lost ({from_seqno} to {to_seqno}): {because}; \
                     the block among them is left out"
                );
                builder.process_gap();
            }
            Step::Restarted => {
                eprintln!("blockdump: the node was restarted; following its new ring");
                builder.reset();
            }
            Step::Idle => out.flush()?,
            Step::End => return Ok(out.flush()?),
        }
    }
}

fn print(
    out: &mut impl Write,
    options: &Options,
    builder: &CommitStateBlockBuilder,
    update: &CommitStateBlockUpdate,
) -> io::Result<()> {
    let CommitStateBlockUpdate {
        block,
        state,
        abandoned,
    } = update;
    let wanted = &options.filter_commit_state;
    if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted.is(*state)) {
        return Ok(());
    }
    let start = &block.start;
    if options.json {
        let line = Line {
            commit_state: *state,
            block,
            accesses: builder
                .accesses(&start.block_tag.id)
                .map(|accesses| &**accesses),
        };
        serde_json::to_writer(&mut *out, &line)?;
        return writeln!(out);
    }
    let logs: usize = block.txns.iter().map(|txn| txn.logs.len()).sum();
    write!(
        out,
        "{} {:<9} {} round {} txns {} logs {logs} gas {}",
        start.block_tag.block_number,
        format!("{state:?}"),
        start.block_tag.id,
        start.round,
        block.txns.len(),
        block.end.exec_output.gas_used
    )?;
    for other in abandoned {
        write!(out, " abandons {}", other.start.block_tag.id)?;
    }
    writeln!(out)
}

fn note(error: &BlockBuilderError) {
    eprintln!("blockdump: {error}");
}

fn note_forgotten(one: &ForgottenProposal) {
    let tag = one.block.start.block_tag;
    eprintln!(
        "blockdump: block {} {} was {:?} and is followed no longer: {:?}",
        tag.block_number, tag.id, one.state, one.reason
    );
}
