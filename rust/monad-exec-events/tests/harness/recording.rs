//! A shipped recording, opened through the ring crate and read event by event.
//! Included, together with `fixture`, by the tests that want real payloads.

use std::sync::Arc;

use monad_event_ring::{
    ContentType, NextEvent, PayloadBuffer, RawDescriptor, RawEventReader, RawEventRing,
    RingExpectation,
};
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;

use crate::fixture::fixture_path;

/// A recording, positioned at its first event.
pub struct Recording {
    reader: RawEventReader,
    payload: PayloadBuffer,
}

impl Recording {
    pub fn open(name: &str) -> Self {
        let expected = RingExpectation {
            content_type: ContentType::Exec,
            schema_hash: EXEC_SCHEMA_HASH,
        };
        let ring = RawEventRing::open(fixture_path(name), &expected, 1 << 30).unwrap();
        Self {
            reader: RawEventReader::new(Arc::new(ring), 1 << 28),
            payload: PayloadBuffer::new(),
        }
    }

    /// The next event and its payload; `None` at the end.
    pub fn next(&mut self) -> Option<(RawDescriptor, &[u8])> {
        match self.reader.next(&mut self.payload) {
            NextEvent::Ready(descriptor) => Some((descriptor, self.payload.as_slice())),
            NextEvent::NotReady => None,
            other => panic!(
                "seqno {} of a recording is {other:?}",
                self.reader.position()
            ),
        }
    }
}
