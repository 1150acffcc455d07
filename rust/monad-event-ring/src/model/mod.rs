//! The reader against the writer under every interleaving and every reordering that the memory model allows.
//!
//! The functions are those of the product; words/modelled.rs stands in for the mapped file. The ring has the smallest
//! size of the format, and its control words begin where one event reuses a slot, moves the window, or does both.
//! Each model is shown to need the orderings that the code names: weakened, it fails. docs/proofs.md says what is
//! proven and what is not. Run with `RUSTFLAGS="--cfg loom" cargo test --release --lib -p monad-event-ring`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod descriptor;
mod payload;
mod range;
mod reader;
mod writers;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use crate::{
    RawDescriptor, RawEventReader, RawEventRing, RingGeometry,
    mapping::Mapping,
    words::{
        RingWords,
        modelled::{Weakening, weakened},
    },
    writer::EventRingWriter,
};

/// Descriptors of the smallest ring.
const CAPACITY: u64 = 1 << 16;
/// Payload bytes of the smallest ring.
const PAYLOAD_BYTES: u64 = 1 << 27;
/// Step of the payload window in bytes.
const INCREMENT: u64 = 1 << 24;

/// File offset of the window's word.
const WINDOW_START: usize = 128;

/// File offset of word `index` of the slot of `seqno`. Source: ring-and-events §1.3, §1.5.
const fn slot_word(seqno: u64, index: usize) -> usize {
    (2 << 20) + ((seqno - 1) % CAPACITY * 64) as usize + index * 8
}

/// File offset of the payload byte at an unwrapped offset.
const fn payload_word(at: u64) -> usize {
    (2 << 20) + (CAPACITY * 64 + at % PAYLOAD_BYTES) as usize
}

/// A ring of a model: the last allocated seqno, the next payload byte and the window's start are competed for, and
/// so are the words that are named.
#[derive(Clone)]
struct Ring {
    words: RingWords,
    geometry: RingGeometry,
}

impl Ring {
    fn new(
        control: [u64; 3],
        competed_for: impl IntoIterator<Item = (usize, u64)>,
        settled: fn(usize) -> u64,
    ) -> Self {
        let geometry = RingGeometry::new(CAPACITY, PAYLOAD_BYTES, 0).unwrap();
        let control = [64, 72, WINDOW_START].into_iter().zip(control);
        let words = control.chain(competed_for);
        Self {
            words: RingWords::new(geometry.total_size(), words, settled),
            geometry,
        }
    }

    fn mapping(&self) -> Mapping {
        Mapping::of(self.words.clone(), self.geometry)
    }

    fn reader(&self) -> RawEventReader {
        RawEventReader::new(Arc::new(RawEventRing::of(self.mapping())), 1 << 10)
    }

    fn writer(&self) -> EventRingWriter {
        EventRingWriter::of(self.words.clone(), self.geometry)
    }
}

/// The words of a slot that holds the event `tag`: every field follows from it.
fn slot_of(seqno: u64, tag: u64, size: u64, offset: u64) -> [(usize, u64); 8] {
    let words = [seqno, tag | size << 32, tag, offset, tag, tag, tag, tag];
    std::array::from_fn(|index| (slot_word(seqno, index), words[index]))
}

/// Two words of payload of the event `tag`.
fn payload_of(tag: u64) -> [u64; 2] {
    [tag << 32 | 1, tag << 32 | 2]
}

fn bytes_of(tag: u64) -> Vec<u8> {
    payload_of(tag).map(u64::to_le_bytes).concat()
}

/// Records the event `tag` with its 16 bytes of payload; returns its seqno.
fn record(writer: &EventRingWriter, tag: u64) -> u64 {
    writer
        .record(tag as u16, [tag; 4], Some(tag), &[&bytes_of(tag)])
        .unwrap()
}

/// The tag of a descriptor all of whose fields agree.
#[track_caller]
fn tag_of(descriptor: &RawDescriptor) -> u64 {
    let tag = descriptor.record_epoch_nanos;
    let is_whole = descriptor.content_ext == [tag; 4] && u64::from(descriptor.event_type) == tag;
    assert!(is_whole, "a torn descriptor: {descriptor:?}");
    tag
}

/// Runs a model under every execution with at most so many preemptions, or all of them; the environment's
/// RINGCAST_LOOM=exhaustive lifts the bound, which takes minutes for some models and hours for others.
fn explore(preemptions: Option<usize>, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions.filter(|_| std::env::var_os("RINGCAST_LOOM").is_none());
    builder.max_branches = 10_000;
    let executions = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&executions);
    builder.check(move || {
        counted.fetch_add(1, Relaxed);
        model();
    });
    println!("{} executions", executions.load(Relaxed));
}

/// Asserts that some execution breaks the model once the ordering is weaker than the code says.
#[track_caller]
fn assert_needed(weakening: Weakening, explore: impl FnOnce()) {
    let outcome = catch_unwind(AssertUnwindSafe(|| weakened(weakening, explore)));
    assert!(outcome.is_err(), "nothing fails without {weakening:?}");
}
