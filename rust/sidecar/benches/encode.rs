//! How fast one core turns ring events into log entries, beside serde_json over the same typed events.
//! Prints one JSON object; `scripts/bench.ts` runs it on the 30-block recording and shows the figures as ratios.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use monad_event_ring::{
    ContentType, NextEvent, PayloadBuffer, RawEventReader, RawEventRing, RingExpectation,
};
use monad_exec_events::ExecEventRef;
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;
use ringcast_sidecar::log::{Geometry, LentMemory, LogShared, LogWriter};
use ringcast_sidecar::pipeline::Pipeline;
use ringcast_sidecar::status::Status;

const ROUNDS: usize = 7;
/// A log that stays in the processor's cache, as the buffer of serde_json does.
const SMALL: usize = 2 << 20;
/// A log that does not, as the gateway's own does not.
const LARGE: usize = 64 << 20;

fn main() {
    let Some(path) = std::env::args().skip(1).find(|arg| !arg.starts_with("--")) else {
        eprintln!(
            "Give the path of a snapshot: cargo bench -p ringcast-sidecar -- FILE.snapshot.zst"
        );
        std::process::exit(2);
    };
    let expected = RingExpectation {
        content_type: ContentType::Exec,
        schema_hash: EXEC_SCHEMA_HASH,
    };
    let ring = Arc::new(
        RawEventRing::open(&path, &expected, 4 << 30).unwrap_or_else(|error| panic!("{error}")),
    );
    let mut lent_bytes = vec![0u64; LARGE / 8];
    let mut bytes = 0;
    let mut events = 0;

    let mut best = [f64::MAX; 5];
    for _ in 0..ROUNDS {
        let every_type: Vec<u8> = (1..=24).collect();
        for (slot, memory, index_capacity, blocked) in [
            (0, SMALL, 1 << 11, &[][..]),
            (3, LARGE, 1 << 16, &[]),
            (4, SMALL, 1 << 11, &every_type),
        ] {
            let geometry = Geometry::divide(memory, index_capacity).expect("it is large enough");
            // SAFETY: `lent_bytes` outlives the log, which ends with this turn, and nobody else writes it.
            let lent = unsafe { LentMemory::new(lent_bytes.as_mut_ptr().cast(), geometry) };
            let status = Arc::new(Status::default());
            let shared = Arc::new(LogShared::new(lent));
            let log = LogWriter::new(Arc::clone(&shared));
            let mut pipeline = Pipeline::new(log, Arc::clone(&status), blocked, 0);
            pipeline.begin_ring(0);
            let started = Instant::now();
            events = encode_all(&ring, &mut pipeline, &shared);
            best[slot] = best[slot].min(started.elapsed().as_secs_f64());
            pipeline.log().publish();
            if slot == 0 {
                bytes = shared.text_written();
            }
            let gaps = status.gaps.load(Ordering::Relaxed);
            assert_eq!(
                gaps, 0,
                "an event that does not fit would make the rest look fast"
            );
        }

        let mut out = Vec::with_capacity(1 << 20);
        let started = Instant::now();
        read_all(&ring, |descriptor, payload| {
            let event =
                ExecEventRef::decode(descriptor.event_type, descriptor.content_ext, payload)
                    .unwrap();
            serde_json::to_writer(&mut out, &event).unwrap();
            if out.len() > 1 << 19 {
                black_box(&out);
                out.clear();
            }
        });
        best[1] = best[1].min(started.elapsed().as_secs_f64());

        let started = Instant::now();
        read_all(&ring, |descriptor, payload| {
            let event =
                ExecEventRef::decode(descriptor.event_type, descriptor.content_ext, payload);
            black_box(&event).as_ref().unwrap();
        });
        best[2] = best[2].min(started.elapsed().as_secs_f64());
    }
    let [encode, serde, decode, large, blocked] = best.map(|seconds| events as f64 / seconds);
    println!(
        "{{\"events\":{events},\"bytes\":{bytes},\"encode_events_per_s\":{encode:.0},\"encode_bytes_per_s\":{:.0},\
         \"serde_json_events_per_s\":{serde:.0},\"decode_events_per_s\":{decode:.0},\"large_log_events_per_s\":{large:.0},\"blocked_events_per_s\":{blocked:.0}}}",
        bytes as f64 / best[0]
    );
}

/// Everything that the gateway does with an event before a client is looked at.
#[inline(never)]
fn encode_all(ring: &Arc<RawEventRing>, pipeline: &mut Pipeline, shared: &LogShared) -> u64 {
    read_all(ring, |descriptor, payload| {
        pipeline
            .take(descriptor, payload)
            .expect("the log is not stopped");
        if descriptor.seqno % 64 == 0 {
            pipeline.log().publish();
            shared.release(shared.head());
        }
    })
}

#[inline(always)]
fn read_all(
    ring: &Arc<RawEventRing>,
    mut each: impl FnMut(&monad_event_ring::RawDescriptor, &[u8]),
) -> u64 {
    let mut reader = RawEventReader::new(Arc::clone(ring), 1 << 24);
    let mut payload = PayloadBuffer::new();
    let mut events = 0;
    loop {
        match &reader.next(&mut payload) {
            NextEvent::Ready(descriptor) => {
                events += 1;
                each(descriptor, payload.as_slice());
            }
            NextEvent::NotReady => return events,
            other => panic!("a recording has no {other:?}"),
        }
    }
}
