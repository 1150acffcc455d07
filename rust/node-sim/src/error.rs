//! Why the simulated node cannot start or go on: one sentence each, printed by main.rs.

use std::{io, path::PathBuf};

use monad_event_ring::{
    OpenError,
    writer::{CreateError, WriteError},
};

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The directory of the ring cannot be made.
    #[error("cannot create the directory {}: {source}; choose another --ring", .path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The ring cannot be made.
    #[error("cannot create the ring: {0}")]
    Create(#[from] CreateError),
    /// The ring cannot be removed at the end.
    #[error("cannot remove the ring {}: {source}; remove it by hand", .path.display())]
    Close {
        /// The ring.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A fault cannot be made.
    #[error("cannot do this to the ring {}: {source}", .path.display())]
    Fault {
        /// The ring.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The schedule cannot be followed.
    #[error("cannot follow the schedule {}: {reason}", .path.display())]
    Schedule {
        /// The schedule.
        path: PathBuf,
        /// What is wrong, with the line.
        reason: String,
    },
    /// The truth cannot be written.
    #[error("cannot write the truth: {0}; choose another --truth or make room")]
    Truth(#[source] io::Error),
    /// An event cannot be recorded.
    #[error("cannot record an event: {0}")]
    Record(#[from] WriteError),
    /// The recording cannot be opened.
    #[error("cannot replay: {0}")]
    Open(#[from] OpenError),
    /// A recording without one whole block's start has nothing to replay.
    #[error("{} holds no BLOCK_START; give a recording of at least one block", .path.display())]
    NoBlock {
        /// The recording.
        path: PathBuf,
    },
    /// An event of the recording is gone or damaged.
    #[error("event {seqno} of {} cannot be read; copy the recording again", .path.display())]
    Unreadable {
        /// The recording.
        path: PathBuf,
        /// Its seqno there.
        seqno: u64,
    },
    /// The command `die` was obeyed.
    #[error("died, as it was told to; the ring is left behind")]
    Died,
    /// Signals cannot be handled.
    #[error("cannot handle SIGINT and SIGTERM: {0}")]
    Signals(#[source] io::Error),
}
