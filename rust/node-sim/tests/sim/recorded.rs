//! Reads rings back, as any consumer would, and makes the chains and directories that tests need.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use monad_event_ring::{
    ContentType, NextEvent, PayloadBuffer, RawDescriptor, RawEventReader, RawEventRing,
    RingExpectation,
};
use monad_exec_events::{ExecEventRef, ExecEventRingFlowInfo, ffi::EXEC_SCHEMA_HASH};
use node_sim::{Chain, ChainOptions, LiveRing, Tape};

/// An event as it was read, with an aligned copy of its payload.
pub struct Recorded {
    pub descriptor: RawDescriptor,
    payload: PayloadBuffer,
}

impl Recorded {
    pub fn payload(&self) -> &[u8] {
        self.payload.as_slice()
    }

    /// What the descriptor says about the event.
    pub fn flow(&self) -> ExecEventRingFlowInfo {
        self.descriptor.content_ext.into()
    }

    /// The typed event; every one of this crate's rings has one.
    pub fn event(&self) -> ExecEventRef<'_> {
        let RawDescriptor {
            seqno,
            event_type,
            content_ext,
            ..
        } = self.descriptor;
        ExecEventRef::decode(event_type, content_ext, self.payload())
            .unwrap_or_else(|error| panic!("event {seqno}: {error}"))
    }
}

pub fn open(path: &Path) -> Arc<RawEventRing> {
    let expectation = RingExpectation {
        content_type: ContentType::Exec,
        schema_hash: EXEC_SCHEMA_HASH,
    };
    Arc::new(RawEventRing::open(path, &expectation, 1 << 32).unwrap())
}

/// Every event of a ring that has not wrapped, from seqno 1 on without a gap.
pub fn read_all(ring: &Arc<RawEventRing>) -> Vec<Recorded> {
    let mut reader = RawEventReader::new(Arc::clone(ring), u32::MAX);
    let mut events = Vec::new();
    loop {
        let mut payload = PayloadBuffer::new();
        match reader.next(&mut payload) {
            NextEvent::Ready(descriptor) => {
                assert_eq!(descriptor.seqno, events.len() as u64 + 1);
                events.push(Recorded {
                    descriptor,
                    payload,
                });
            }
            NextEvent::NotReady => return events,
            other => panic!("a ring that has not wrapped gave {other:?}"),
        }
    }
}

pub const OPTIONS: ChainOptions = ChainOptions {
    seed: 1,
    chain_id: 20143,
    first_block: 1000,
    txns_per_block: 100,
    trace_calls: true,
    is_wild: false,
};

/// Time of every block of [`chain_events`].
pub const NANOS: u128 = 1_700_000_000_123_456_789;

/// The first blocks of a chain, written into a ring and read back.
pub fn chain_events(options: ChainOptions, blocks: usize) -> Vec<Recorded> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let mut ring = LiveRing::create(&path, 18, 27).unwrap();
    let mut chain = Chain::new(options);
    for _ in 0..blocks {
        record(chain.next_turn(NANOS), &mut ring);
    }
    let events = read_all(&open(&path));
    ring.close().unwrap();
    events
}

/// Records a turn at once.
pub fn record(tape: &Tape, ring: &mut LiveRing) {
    for index in 0..tape.len() {
        let event = tape.event(index);
        ring.record(event.event_type.code(), event.content_ext, event.payload)
            .unwrap();
    }
}

/// A file of the fixtures directory.
pub fn fixture(name: &str) -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    std::env::var_os("RINGCAST_FIXTURES")
        .map_or_else(default, PathBuf::from)
        .join(name)
}
