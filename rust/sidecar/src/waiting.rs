//! What the reader thread does while there is nothing to read: waits for a ring, sleeps, sees that it is to stop.
//! Used by `reader`; `door` holds the other end of `Shared`.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use monad_event_ring::OpenError;

use crate::log::{LogShared, Stopped};
use crate::options::Options;
use crate::source::Source;
use crate::status::{SourceState, Status};

/// How often a ring that has nothing new is looked for on disk, and a missing one is tried.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What the reader thread shares with the door.
#[derive(Debug)]
pub struct Shared {
    /// How far the log is written and released.
    pub log: Arc<LogShared>,
    /// What the reader reports.
    pub status: Arc<Status>,
    /// Whether a snapshot that waits may begin.
    pub is_playing: AtomicBool,
}

/// Opens the ring, waiting for one that is missing. The first ring that is there but cannot be used ends the wait for
/// good; a later one is waited out, for a node may replace it.
pub fn wait_for_ring(
    options: &Options,
    shared: &Shared,
    max_payload: u32,
    is_first: bool,
) -> Result<Source, Stopped> {
    let mut has_waited = !is_first;
    loop {
        match Source::open(options, max_payload, is_first) {
            Ok(source) => return Ok(source),
            // Why the former ring is gone has been said.
            Err(OpenError::NotFound { .. }) if !is_first => {}
            Err(OpenError::NotFound { .. }) => {
                shared.status.set_source(
                    SourceState::Missing,
                    format!(
                        "There is no ring at {} yet; start the node or check --ring.",
                        options.ring.display()
                    ),
                );
            }
            Err(error) if !has_waited => {
                shared
                    .status
                    .set_source(SourceState::Failed, error.to_string());
                shared.log.wake();
                return Err(Stopped);
            }
            Err(error) => shared
                .status
                .set_source(SourceState::Down, error.to_string()),
        }
        if !has_waited {
            shared.log.wake();
        }
        has_waited = true;
        pause(shared, LOOK_EVERY)?;
    }
}

/// Sleeps unless the log is stopped.
pub fn pause(shared: &Shared, duration: Duration) -> Result<(), Stopped> {
    shared.log.pause(duration);
    if shared.log.is_stopped() {
        Err(Stopped)
    } else {
        Ok(())
    }
}
