//! A ring that is being written, opened through the official names.
//! Included by the tests that record events themselves.
#![allow(dead_code)]

use monad_event_ring::writer::{EventRingWriter, WriterConfig};
use monad_event_ring::{ContentType, EventRingPath};
use monad_exec_events::ffi::DEFAULT_FILE_NAME;
use monad_exec_events::{ExecEventRef, ExecEventRing, ExecEventRingFlowInfo};

/// A small ring in a directory of its own, and the writer that keeps it alive.
pub struct LiveRing {
    pub writer: EventRingWriter,
    pub ring: ExecEventRing,
    pub directory: tempfile::TempDir,
}

impl LiveRing {
    pub fn new(schema_hash: [u8; 32]) -> Result<Self, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(DEFAULT_FILE_NAME);
        let config = WriterConfig {
            descriptor_shift: 16,
            payload_shift: 27,
            content_type: ContentType::Exec,
            schema_hash,
            note: None,
        };
        let writer = EventRingWriter::create(&path, &config).unwrap();
        let ring = ExecEventRing::new(EventRingPath::resolve(&path)?)?;
        Ok(Self {
            writer,
            ring,
            directory,
        })
    }

    /// Records an event of the block whose BLOCK_START is `block_seqno`; returns its seqno.
    pub fn record(&self, event: ExecEventRef<'_>, block_seqno: u64) -> u64 {
        self.record_in(event.flow(block_seqno), event)
    }

    /// Records an event with a descriptor that says `flow`; returns its seqno.
    pub fn record_in(&self, flow: ExecEventRingFlowInfo, event: ExecEventRef<'_>) -> u64 {
        let mut payload = Vec::new();
        event.encode_payload(&mut payload);
        self.writer
            .record(event.event_type().code(), flow.into(), None, &[&payload])
            .unwrap()
    }
}
