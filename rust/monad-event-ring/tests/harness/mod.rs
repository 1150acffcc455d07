//! What the tests of this crate share: rings in temporary directories, zstd frames made by hand, fixtures.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod image;
pub mod pattern;
pub mod zstd;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use monad_event_ring::{
    ContentType, NextEvent, PayloadBuffer, RawDescriptor, RawEventReader, RawEventRing,
    RingExpectation,
    writer::{EventRingWriter, WriterConfig},
};
use tempfile::TempDir;

/// The smallest ring of the format: 65 536 descriptors, 128 MiB of payload.
pub const SMALL: WriterConfig<'static> = WriterConfig {
    descriptor_shift: 16,
    payload_shift: 27,
    content_type: ContentType::Test,
    schema_hash: [0; 32],
    note: None,
};

/// Descriptors of a small ring.
pub const CAPACITY: u64 = 1 << 16;
/// Payload bytes of a small ring.
pub const PAYLOAD_BYTES: u64 = 1 << 27;
/// File bytes of a small ring.
pub const TOTAL: u64 = (2 << 20) + CAPACITY * 64 + PAYLOAD_BYTES;

pub const EXPECTED: RingExpectation = RingExpectation {
    content_type: ContentType::Test,
    schema_hash: [0; 32],
};

/// Schema of the execution events in the fixtures (ring-and-events §1.1).
pub const EXEC: RingExpectation = RingExpectation {
    content_type: ContentType::Exec,
    schema_hash: [
        0x89, 0x33, 0xf9, 0x07, 0xc4, 0x32, 0xc9, 0x8a, 0xc0, 0xc8, 0xdb, 0x62, 0xf9, 0xaa, 0x16,
        0x4c, 0x0c, 0x3f, 0x16, 0x72, 0xf4, 0x12, 0x90, 0xe4, 0xea, 0x34, 0x08, 0xdf, 0x6c, 0x67,
        0x23, 0xf3,
    ],
};

/// A small ring with a writer, in a directory of its own.
pub struct TestRing {
    pub writer: EventRingWriter,
    pub path: PathBuf,
    pub directory: TempDir,
}

impl TestRing {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ring");
        let writer = EventRingWriter::create(&path, &SMALL).unwrap();
        Self {
            writer,
            path,
            directory,
        }
    }

    pub fn open(&self) -> Arc<RawEventRing> {
        open(&self.path)
    }

    pub fn reader(&self) -> RawEventReader {
        RawEventReader::new(self.open(), u32::MAX)
    }

    /// Records `count` events of type 1 with `size` bytes of zeros each.
    pub fn record(&self, count: u64, size: usize) {
        let payload = vec![0; size];
        for _ in 0..count {
            self.writer.record(1, [0; 4], Some(0), &[&payload]).unwrap();
        }
    }
}

pub fn open(path: &Path) -> Arc<RawEventRing> {
    Arc::new(RawEventRing::open(path, &EXPECTED, 0).unwrap())
}

/// The next event must be there; its descriptor.
pub fn ready(reader: &mut RawEventReader, payload: &mut PayloadBuffer) -> RawDescriptor {
    match reader.next(payload) {
        NextEvent::Ready(descriptor) => descriptor,
        other => panic!("expected an event at {}, got {other:?}", reader.position()),
    }
}

/// A file of the fixtures' directory: RINGCAST_FIXTURES, or shared/fixtures beside the project.
pub fn fixture(name: &str) -> PathBuf {
    let directory = std::env::var_os("RINGCAST_FIXTURES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"),
        PathBuf::from,
    );
    let path = directory.join(name);
    assert!(
        path.is_file(),
        "the fixture {} is missing; set RINGCAST_FIXTURES to the directory of the snapshots",
        path.display()
    );
    path
}
