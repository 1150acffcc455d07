//! The one source of events: a ring, live or recorded, read in order and, if recorded, in time.
//! Opened and driven by `reader`; `monad-event-ring` does the reading.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use monad_event_ring::layout::{ContentType, PAYLOAD_ALIGNMENT};
use monad_event_ring::{
    OpenError, PathState, RawDescriptor, RawEventReader, RawEventRing, RingExpectation, RingKind,
    resolve_ring_path,
};
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;

use crate::options::{From, Options};
use crate::status::SourceKind;

/// Largest snapshot that is unpacked.
const MAX_SNAPSHOT_BYTES: u64 = 4 << 30;

/// What our simulated node writes behind a ring's header; a real node leaves zeros there.
const SIMULATOR_NOTE: &str = "ringcast node-sim";

/// An open ring and the place in it.
pub struct Source {
    ring: Arc<RawEventRing>,
    /// Reads the next event.
    pub reader: RawEventReader,
    /// When a recorded event is due.
    pub pace: Option<Pace>,
}

impl Source {
    /// Opens the ring that `options` name; payloads above `max_payload` bytes will not be read.
    ///
    /// `from` holds for the first ring alone: of one that a node made meanwhile everything is wanted.
    pub fn open(options: &Options, max_payload: u32, is_first: bool) -> Result<Source, OpenError> {
        let path = resolve_ring_path(&options.ring, None)?;
        let expectation = RingExpectation {
            content_type: ContentType::Exec,
            schema_hash: EXEC_SCHEMA_HASH,
        };
        let ring = Arc::new(RawEventRing::open(path, &expectation, MAX_SNAPSHOT_BYTES)?);
        let mut source = Source {
            reader: RawEventReader::new(Arc::clone(&ring), max_payload),
            pace: options
                .speed
                .filter(|_| ring.kind() == RingKind::Snapshot)
                .map(Pace::new),
            ring,
        };
        source.rewind(if is_first { options.from } else { From::Oldest });
        Ok(source)
    }

    /// Goes to the first event that is wanted.
    fn rewind(&mut self, from: From) {
        match from {
            _ if self.is_snapshot() => self.reader.seek(1),
            From::Newest => self.reader.seek(self.ring.last_seqno() + 1),
            From::Oldest | From::Block(_) => {
                self.reader.seek(self.reader.oldest_readable().unwrap_or(1))
            }
        }
    }

    /// Begins the recording again.
    pub fn repeat(&mut self) {
        self.reader.seek(1);
        if let Some(pace) = &mut self.pace {
            *pace = Pace::new(pace.speed);
        }
    }

    /// Whether the ring is a recording, which ends.
    pub fn is_snapshot(&self) -> bool {
        self.ring.kind() == RingKind::Snapshot
    }

    /// What is being read.
    pub fn kind(&self) -> SourceKind {
        match self.ring.recorder_note() {
            _ if self.is_snapshot() => SourceKind::Snapshot,
            Some(note) if note == SIMULATOR_NOTE => SourceKind::Simulated,
            _ => SourceKind::Live,
        }
    }

    /// Why the ring will bring nothing more, if so; two `stat` calls.
    pub fn end_reason(&self) -> Option<EndReason> {
        let (text, is_readable) = match self.ring.path_state() {
            PathState::Same => return None,
            PathState::Replaced => ("the node made another one", true),
            PathState::Missing => ("the node removed its ring", true),
            PathState::Truncated => ("the file of the ring was cut short", false),
        };
        Some(EndReason { text, is_readable })
    }

    /// Seqno of the last event that was read or lost.
    pub fn last_seqno(&self) -> u64 {
        self.reader.position().saturating_sub(1)
    }

    /// Whether no recorder can have written this descriptor; otherwise its payload is merely larger than the log takes.
    pub fn is_damaged(&self, descriptor: &RawDescriptor) -> bool {
        u64::from(descriptor.payload_size) > self.ring.geometry().payload_buf_size()
            || !descriptor
                .payload_buf_offset
                .is_multiple_of(PAYLOAD_ALIGNMENT)
    }

    /// Lowest base of this ring's seqs: 0 for a snapshot, else the time in microseconds since 1970 (protocol 3.3).
    pub fn lowest_base(&self) -> u64 {
        match self.is_snapshot() {
            true => 0,
            false => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |now| now.as_micros() as u64),
        }
    }
}

/// Why a ring ended.
#[derive(Clone, Copy, Debug)]
pub struct EndReason {
    /// As the end of a sentence.
    pub text: &'static str,
    /// Whether the mapping can still be read without a SIGBUS.
    pub is_readable: bool,
}

/// When recorded events are due, by their timestamps.
#[derive(Debug)]
pub struct Pace {
    speed: f64,
    begin: Option<(Instant, u64)>,
}

impl Pace {
    /// A pace of `speed` times the recorded one.
    pub fn new(speed: f64) -> Pace {
        Pace { speed, begin: None }
    }

    /// How long to wait for an event recorded at `nanos`. The first event asked for is due at once; times that go
    /// backwards are due at once too.
    pub fn wait_for(&mut self, nanos: u64) -> Duration {
        let (begin, first) = *self.begin.get_or_insert_with(|| (Instant::now(), nanos));
        let elapsed_ns = nanos.saturating_sub(first) as f64 / self.speed;
        Duration::from_nanos(elapsed_ns as u64).saturating_sub(begin.elapsed())
    }
}
