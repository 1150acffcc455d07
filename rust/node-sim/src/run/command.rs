//! What a running node can be told: one command a line, from stdin, a schedule or chaos. player.rs obeys.

use std::{str::FromStr, time::Duration};

use crate::chain::{ContestKind, FailureKind};

/// A command and how it was worded, which answers and the truth repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The line, without space around it.
    pub line: String,
    /// What it means.
    pub command: Command,
}

impl FromStr for Told {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        Ok(Self {
            line: line.trim().into(),
            command: line.parse()?,
        })
    }
}

/// One command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Records nothing, for a time or until `resume`.
    Pause(Option<Duration>),
    /// Ends a pause.
    Resume,
    /// Records so many events at once, also during a pause.
    Burst(u64),
    /// Records twice as many events as the ring holds at once.
    Overrun,
    /// Records large payloads at once until all payloads recorded before have expired.
    Expire,
    /// Stops in order and starts again so much later, with a new ring.
    Restart(Duration),
    /// Dies as if killed, in the middle of an event, and starts again so much later.
    Crash(Duration),
    /// Dies as if killed, for good.
    Die,
    /// As restart, with payloads of another schema; the next restart or crash has the right one again.
    Schema(Duration),
    /// Removes the ring's path and goes on.
    Vanish,
    /// Cuts the ring's file to so many bytes and dies; a restart brings it back.
    Truncate(u64),
    /// Damages the descriptor of the next event.
    Corrupt(Damage),
    /// Shifts recorded times by milliseconds.
    Clock(i64),
    /// Loses the next log, call frame or header to a record error.
    RecordError(RecordErrorKind),
    /// Decides who wins the next height.
    Contest(ContestKind),
    /// Finalizes nothing for so many blocks.
    Stall(u64),
    /// Executes so many blocks at once, like a node that is behind.
    CatchUp(u64),
    /// Ends the block and the node, as SIGTERM does.
    Stop,
}

/// Which part of a descriptor lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// An event type that does not exist.
    Type,
    /// A payload larger than the ring.
    Size,
    /// A payload offset that no recorder gives out.
    Offset,
    /// A transaction that does not exist.
    Flow,
    /// A seqno of 0: the event is never committed.
    Seqno,
}

/// How an event is lost by its recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordErrorKind {
    /// Nothing of it is left.
    Missing,
    /// It was too large for the ring, and its first 8 KiB are left.
    Overflow,
}

/// Every command with its arguments, for messages and help.
pub const COMMANDS: &str = "\
pause [MS]                  records nothing for a time, or until resume
resume                      ends a pause
burst EVENTS                records so many events at once, also during a pause
overrun                     records twice as many events as the ring holds at once
expire                      records until all payloads recorded before have expired
restart [MS]                stops in order, starts again MS later with a new ring
crash [MS]                  dies in the middle of an event, starts again MS later
die                         dies in the middle of an event, for good
schema [MS]                 as restart, with another schema
vanish                      removes the ring's path and goes on
truncate BYTES              cuts the ring's file and dies; restart brings it back
corrupt type|size|offset|flow|seqno
                            damages the descriptor of the next event
clock MS                    shifts recorded times by MS, which may be negative
record-error missing|overflow
                            loses the next log, call frame or header
fork [2|3|voted]            competing proposals; voted: the one with votes loses
reject [late]               a block that is rejected, at once or after execution
fail [txn|txn-evm|block]    a block that fails because of a transaction, or as a whole
absent                      finalizes a block that is never executed here
stall BLOCKS                finalizes nothing during so many blocks
catch-up BLOCKS             executes so many blocks at once, without votes
stop                        ends the block and the node";

impl FromStr for Command {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let command = match words.as_slice() {
            ["pause"] => Self::Pause(None),
            ["pause", ms] => Self::Pause(Some(millis(ms)?)),
            ["resume"] => Self::Resume,
            ["burst", events] => Self::Burst(number(events)?),
            ["overrun"] => Self::Overrun,
            ["expire"] => Self::Expire,
            ["restart"] => Self::Restart(Duration::ZERO),
            ["restart", ms] => Self::Restart(millis(ms)?),
            ["crash"] => Self::Crash(Duration::ZERO),
            ["crash", ms] => Self::Crash(millis(ms)?),
            ["die"] => Self::Die,
            ["schema"] => Self::Schema(Duration::ZERO),
            ["schema", ms] => Self::Schema(millis(ms)?),
            ["vanish"] => Self::Vanish,
            ["truncate", bytes] => Self::Truncate(number(bytes)?),
            ["corrupt", "type"] => Self::Corrupt(Damage::Type),
            ["corrupt", "size"] => Self::Corrupt(Damage::Size),
            ["corrupt", "offset"] => Self::Corrupt(Damage::Offset),
            ["corrupt", "flow"] => Self::Corrupt(Damage::Flow),
            ["corrupt", "seqno"] => Self::Corrupt(Damage::Seqno),
            ["clock", ms] => Self::Clock(number(ms)?),
            ["record-error", "missing"] => Self::RecordError(RecordErrorKind::Missing),
            ["record-error", "overflow"] => Self::RecordError(RecordErrorKind::Overflow),
            ["fork"] | ["fork", "2"] => Self::Contest(ContestKind::Fork(2)),
            ["fork", "3"] => Self::Contest(ContestKind::Fork(3)),
            ["fork", "voted"] => Self::Contest(ContestKind::VotedLoser),
            ["reject"] => Self::failing(FailureKind::RejectedEarly),
            ["reject", "late"] => Self::failing(FailureKind::RejectedLate),
            ["fail"] | ["fail", "txn"] => Self::failing(FailureKind::InvalidTxn),
            ["fail", "txn-evm"] => Self::failing(FailureKind::FailedTxn),
            ["fail", "block"] => Self::failing(FailureKind::Failed),
            ["absent"] => Self::Contest(ContestKind::Absent),
            ["stall", blocks] => Self::Stall(number(blocks)?),
            ["catch-up", blocks] => Self::CatchUp(number(blocks)?),
            ["stop"] => Self::Stop,
            _ => {
                return Err(format!(
                    "\"{line}\" is no command; node-sim run --help lists them"
                ));
            }
        };
        Ok(command)
    }
}

impl Command {
    fn failing(kind: FailureKind) -> Self {
        Self::Contest(ContestKind::Failing(kind))
    }
}

fn number<T: FromStr>(word: &str) -> Result<T, String> {
    word.parse()
        .map_err(|_| format!("\"{word}\" is no number that fits here; give a whole one"))
}

fn millis(word: &str) -> Result<Duration, String> {
    number(word).map(Duration::from_millis)
}
