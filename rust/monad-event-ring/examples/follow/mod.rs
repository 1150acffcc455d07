//! Follows a ring as a program in a terminal does: waits for events, says what was lost, goes on with the ring of a
//! restarted node, and ends on Ctrl-C or when nobody reads the output any more. Shared by the examples of both crates.

use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use monad_event_ring::{
    NextEvent, OpenError, PathState, PayloadBuffer, RawDescriptor, RawEventReader, RawEventRing,
    RingExpectation, RingKind, resolve_ring_path,
};
use signal_hook::consts::{SIGINT, SIGTERM};

/// Address space that a snapshot may take; only what it holds takes memory.
const MAX_SNAPSHOT_BYTES: u64 = 1 << 34;
/// Pause between two looks at a ring without news.
const PAUSE: Duration = Duration::from_millis(1);
/// Pause between two looks at what the ring's path leads to.
const PATH_PAUSE: Duration = Duration::from_millis(500);

/// Which ring is followed.
#[derive(clap::Args)]
pub struct Source {
    /// Ring or zstd snapshot: a path, or a file name in the event-rings directory of the hugetlbfs
    #[arg(default_value = "monad-exec-events")]
    ring: PathBuf,

    /// Begin at the oldest event that the ring still holds (a snapshot always does)
    #[arg(short, long)]
    all: bool,
}

/// What [`Follower::next`] came upon.
pub enum Step {
    /// An event, whose payload is in [`Follower::payload`].
    Event(RawDescriptor),
    /// The events of this inclusive range cannot be read any more.
    Lost {
        from_seqno: u64,
        to_seqno: u64,
        because: &'static str,
    },
    /// The node was restarted: what comes is from its new ring, whose seqnos begin anew.
    Restarted,
    /// Nothing new; show what there is, then ask again.
    Idle,
    /// A snapshot is over, or the user wants to stop.
    End,
}

/// A position in a ring, and whatever ring takes its place.
pub struct Follower {
    path: PathBuf,
    expected: Option<RingExpectation>,
    reader: RawEventReader,
    payload: PayloadBuffer,
    is_stopped: Arc<AtomicBool>,
    is_idle: bool,
    is_replaced: bool,
    path_seen: Instant,
}

#[allow(dead_code, reason = "no example needs all of it")]
impl Follower {
    /// Opens the ring at its newest event, or at its oldest.
    pub fn open(
        source: &Source,
        expected: Option<RingExpectation>,
    ) -> Result<Self, Box<dyn Error>> {
        let is_stopped = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The second signal ends the process at once, should the output be stuck.
            let flag = || Arc::clone(&is_stopped);
            signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, flag())?;
            signal_hook::flag::register(signal, flag())?;
        }
        let path = resolve_ring_path(&source.ring, None)?;
        let ring = open(&path, expected.as_ref())?;
        let is_snapshot = ring.kind() == RingKind::Snapshot;
        let mut follower = Self {
            path,
            expected,
            reader: RawEventReader::new(Arc::new(ring), u32::MAX),
            payload: PayloadBuffer::new(),
            is_stopped,
            is_idle: false,
            is_replaced: false,
            path_seen: Instant::now(),
        };
        if !source.all && !is_snapshot {
            follower.reader.reset();
        } else if let Some(oldest) = follower.reader.oldest_readable() {
            follower.reader.seek(oldest);
        }
        Ok(follower)
    }

    /// The reader, to look around in the ring or to choose another position.
    pub fn reader(&mut self) -> &mut RawEventReader {
        &mut self.reader
    }

    /// Whether the ring is a recording that ends.
    pub fn is_snapshot(&self) -> bool {
        self.reader.ring().kind() == RingKind::Snapshot
    }

    /// The path of the ring.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The payload of the event that came last.
    pub fn payload(&self) -> &[u8] {
        self.payload.as_slice()
    }

    /// Takes the next event; waits a moment if the one before was [`Step::Idle`].
    pub fn next(&mut self) -> Result<Step, Box<dyn Error>> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return Ok(Step::End);
        }
        if std::mem::take(&mut self.is_idle) {
            thread::sleep(PAUSE);
        }
        let lost = |event: RawDescriptor, because| Step::Lost {
            from_seqno: event.seqno,
            to_seqno: event.seqno,
            because,
        };
        Ok(match self.reader.next(&mut self.payload) {
            NextEvent::Ready(event) => Step::Event(event),
            NextEvent::Gap {
                from_seqno,
                to_seqno,
            } => Step::Lost {
                from_seqno,
                to_seqno,
                because: "written over before they were read",
            },
            NextEvent::Expired(event) => lost(event, "its payload expired before it was read"),
            NextEvent::Malformed(event) => lost(event, "its descriptor is damaged"),
            NextEvent::NotReady if self.is_snapshot() => Step::End,
            NextEvent::NotReady => {
                self.is_idle = true;
                self.look_at_path()?
            }
        })
    }

    /// Goes over to the ring that has taken the place of this one, once this one is read up.
    fn look_at_path(&mut self) -> Result<Step, Box<dyn Error>> {
        if self.is_replaced {
            match open(&self.path, self.expected.as_ref()) {
                Ok(ring) => self.reader = RawEventReader::new(Arc::new(ring), u32::MAX),
                // Between two nodes there may be no ring for a while.
                Err(OpenError::NotFound { .. } | OpenError::Empty { .. }) => return Ok(Step::Idle),
                Err(error) => return Err(error.into()),
            }
            self.is_replaced = false;
            return Ok(Step::Restarted);
        }
        if self.path_seen.elapsed() >= PATH_PAUSE {
            self.path_seen = Instant::now();
            match self.reader.ring().path_state() {
                PathState::Same | PathState::Missing => {}
                // The next look at this ring comes after its last event.
                PathState::Replaced => self.is_replaced = true,
                PathState::Truncated => {
                    let path = self.path.display();
                    return Err(format!("{path} was cut off while it was read; start again").into());
                }
            }
        }
        Ok(Step::Idle)
    }
}

fn open(path: &Path, expected: Option<&RingExpectation>) -> Result<RawEventRing, OpenError> {
    match expected {
        Some(expected) => RawEventRing::open(path, expected, MAX_SNAPSHOT_BYTES),
        None => RawEventRing::open_any(path, MAX_SNAPSHOT_BYTES),
    }
}

/// The program's end: an error is one sentence, and a reader of the output that went away is none.
pub fn exit(name: &str, result: Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    let is_closed_pipe = error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
    if is_closed_pipe {
        return ExitCode::SUCCESS;
    }
    eprintln!("{name}: {error}");
    ExitCode::FAILURE
}
