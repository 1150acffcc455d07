//! From a real ring through reader and pipeline into a log, step by step on the test's own thread.
//! What the reader thread does with each answer of the ring is done here too; `door` tests the thread itself.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use monad_event_ring::{
    ContentType, NextEvent, PayloadBuffer, RawEventReader, RawEventRing, RingExpectation,
};
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;
use ringcast_sidecar::gap::GapReason;
use ringcast_sidecar::pipeline::Pipeline;
use ringcast_sidecar::status::Status;

use super::log::{Entry, Log};
use super::recorder::Recorder;

/// How a stream is set up.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    pub blocked: &'a [u8],
    pub first_block: u64,
    pub base: u64,
    pub from_seqno: u64,
    pub memory: usize,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Setup {
            blocked: &[],
            first_block: 0,
            base: 0,
            from_seqno: 1,
            memory: 16 << 20,
        }
    }
}

/// A ring on its way into a log.
pub struct Stream {
    pub reader: RawEventReader,
    pub pipeline: Pipeline,
    pub status: Arc<Status>,
    payload: PayloadBuffer,
    log: Log,
    entries: Vec<Entry>,
}

impl Stream {
    pub fn of(recorder: &Recorder) -> Stream {
        Stream::with(recorder, Setup::default())
    }

    pub fn with(recorder: &Recorder, setup: Setup<'_>) -> Stream {
        Stream::open(&recorder.path, setup)
    }

    pub fn open(path: &std::path::Path, setup: Setup<'_>) -> Stream {
        let expected = RingExpectation {
            content_type: ContentType::Exec,
            schema_hash: EXEC_SCHEMA_HASH,
        };
        let ring = Arc::new(RawEventRing::open(path, &expected, 1 << 30).unwrap());
        let (log, writer) = Log::new(setup.memory, 1 << 10);
        let status = Arc::new(Status::default());
        let mut pipeline = Pipeline::new(
            writer,
            Arc::clone(&status),
            setup.blocked,
            setup.first_block,
        );
        pipeline.begin_ring(setup.base);
        let mut reader = RawEventReader::new(ring, u32::MAX);
        reader.seek(setup.from_seqno);
        let (payload, entries) = (PayloadBuffer::new(), Vec::new());
        Stream {
            reader,
            pipeline,
            status,
            payload,
            log,
            entries,
        }
    }

    /// Takes the ring's next answer; `false` if there is nothing new.
    pub fn step(&mut self) -> bool {
        match self.reader.next(&mut self.payload) {
            NextEvent::Ready(descriptor) => {
                self.pipeline
                    .take(&descriptor, self.payload.as_slice())
                    .unwrap();
            }
            NextEvent::Gap { from_seqno, .. } => {
                self.pipeline.lose(from_seqno, GapReason::RingOverrun);
            }
            NextEvent::Expired(descriptor) => {
                self.pipeline
                    .lose(descriptor.seqno, GapReason::PayloadExpired);
            }
            NextEvent::Malformed(descriptor) => {
                self.pipeline.lose(descriptor.seqno, GapReason::TooLarge);
            }
            NextEvent::NotReady => return false,
        }
        self.keep();
        true
    }

    /// Passes over the next event as if it had been lost.
    pub fn skip(&mut self, reason: GapReason) {
        let seqno = self.reader.position();
        self.pipeline.lose(seqno, reason);
        self.reader.seek(seqno + 1);
    }

    /// Takes `count` answers.
    pub fn steps(&mut self, count: usize) {
        (0..count).for_each(|_| assert!(self.step()));
    }

    /// Reads until there is nothing new, and hands over every event and gap since the last call.
    pub fn read(&mut self) -> Vec<Entry> {
        while self.step() {}
        self.entries()
    }

    /// As [`Stream::read`], with metrics and Lifecycle messages.
    pub fn read_all(&mut self) -> Vec<Entry> {
        while self.step() {}
        self.all_entries()
    }

    /// Every event and gap since the last call.
    pub fn entries(&mut self) -> Vec<Entry> {
        let mut entries = self.all_entries();
        entries.retain(|entry| !entry.is_metric());
        entries
    }

    /// Every entry since the last call.
    pub fn all_entries(&mut self) -> Vec<Entry> {
        self.pipeline.report();
        let entries = std::mem::take(&mut self.entries);
        assert!(
            entries.is_sorted_by(|a, b| a.seq < b.seq),
            "3.4: seqs increase strictly"
        );
        entries
    }

    /// Takes what was written out of the log, so that it never fills.
    pub fn keep(&mut self) {
        self.pipeline.log().publish();
        self.entries.extend(self.log.drain());
    }

    pub fn lost(&self) -> u64 {
        self.status.lost.load(Relaxed)
    }
}
