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
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let (path, rounds) = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [path] => (path, None),
        [path, "--rounds", rounds] => (path, rounds.parse().ok()),
        _ => {
            eprintln!(
                "Give the path of a snapshot, and --rounds N to encode it so often and do nothing else: \
                 cargo bench -p ringcast-sidecar -- FILE.snapshot.zst"
            );
            std::process::exit(2);
        }
    };
    let expected = RingExpectation {
        content_type: ContentType::Exec,
        schema_hash: EXEC_SCHEMA_HASH,
    };
    let ring = Arc::new(
        RawEventRing::open(path, &expected, 4 << 30).unwrap_or_else(|error| panic!("{error}")),
    );
    match rounds {
        Some(rounds) => {
            let mut memory = vec![0; SMALL / 8];
            let mut encoded = Encoded::default();
            for _ in 0..rounds {
                encoded = encode(&ring, &mut memory, 1 << 11, &[]);
            }
            println!("{{\"events\":{}}}", encoded.events);
        }
        None => compare(&ring),
    }
}

/// Best of several rounds of everything that is compared.
fn compare(ring: &Arc<RawEventRing>) {
    let mut memory = vec![0; LARGE / 8];
    let every_type: Vec<u8> = (1..=24).collect();
    let mut best = [f64::MAX; 5];
    let mut encoded = Encoded::default();
    for _ in 0..ROUNDS {
        encoded = encode(ring, &mut memory[..SMALL / 8], 1 << 11, &[]);
        best[0] = best[0].min(encoded.seconds);
        best[3] = best[3].min(encode(ring, &mut memory, 1 << 16, &[]).seconds);
        best[4] = best[4].min(encode(ring, &mut memory[..SMALL / 8], 1 << 11, &every_type).seconds);

        let mut out = Vec::with_capacity(1 << 20);
        let started = Instant::now();
        read_all(ring, |descriptor, payload| {
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
        read_all(ring, |descriptor, payload| {
            let event =
                ExecEventRef::decode(descriptor.event_type, descriptor.content_ext, payload);
            black_box(&event).as_ref().unwrap();
        });
        best[2] = best[2].min(started.elapsed().as_secs_f64());
    }
    let [encode, serde, decode, large, blocked] =
        best.map(|seconds| encoded.events as f64 / seconds);
    println!(
        "{{\"events\":{},\"bytes\":{},\"encode_events_per_s\":{encode:.0},\"encode_bytes_per_s\":{:.0},\
         \"serde_json_events_per_s\":{serde:.0},\"decode_events_per_s\":{decode:.0},\
         \"large_log_events_per_s\":{large:.0},\"blocked_events_per_s\":{blocked:.0}}}",
        encoded.events,
        encoded.bytes,
        encoded.bytes as f64 / best[0]
    );
}

/// What one way through the recording gave.
#[derive(Default)]
struct Encoded {
    events: u64,
    /// Bytes of text.
    bytes: u64,
    seconds: f64,
}

/// Encodes the whole recording into a log of its own.
fn encode(
    ring: &Arc<RawEventRing>,
    memory: &mut [u64],
    index_capacity: u32,
    blocked: &[u8],
) -> Encoded {
    let geometry =
        Geometry::divide(size_of_val(memory), index_capacity).expect("it is large enough");
    // SAFETY: `memory` outlives the log, which ends with this call, and nobody else writes it.
    let lent = unsafe { LentMemory::new(memory.as_mut_ptr().cast(), geometry) };
    let status = Arc::new(Status::default());
    let shared = Arc::new(LogShared::new(lent));
    let log = LogWriter::new(Arc::clone(&shared));
    let mut pipeline = Pipeline::new(log, Arc::clone(&status), blocked, 0);
    pipeline.begin_ring(0);
    let started = Instant::now();
    let events = encode_all(ring, &mut pipeline, &shared);
    let seconds = started.elapsed().as_secs_f64();
    pipeline.log().publish();
    let gaps = status.gaps.load(Ordering::Relaxed);
    assert_eq!(
        gaps, 0,
        "an event that does not fit would make the rest look fast"
    );
    Encoded {
        events,
        bytes: shared.text_written(),
        seconds,
    }
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
