//! The sidecar's whole way from a recording to the log, on a ring that the input wrote: whatever it is, record and text
//! of every entry agree, seqs follow the rule and nothing is lost in silence.
//! Input: blocked types, first block, then the events of `ringcast_fuzz::chain`.
#![no_main]
#![allow(missing_docs, reason = "a program")]

use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use arbitrary::{Result, Unstructured};
use libfuzzer_sys::{Corpus, fuzz_target};
use ringcast_fuzz::entries::{self, RECORD_SIZE, Sums};
use ringcast_fuzz::image::Image;
use ringcast_fuzz::memory_file::MemoryFile;
use ringcast_fuzz::{chain, frame};
use ringcast_sidecar::log::{Geometry, LentMemory, LogShared, LogWriter};
use ringcast_sidecar::options::{From, Options};
use ringcast_sidecar::reader;
use ringcast_sidecar::status::Status;
use ringcast_sidecar::waiting::Shared;

const INDEX: u32 = 1024;
/// Small enough that a payload can be too large for it: an entry takes at most 64 KiB.
const TEXT: usize = 512 << 10;

struct Bench {
    file: MemoryFile,
    /// Lent to one log after the other; u64, as records are aligned.
    memory: *mut u64,
}

thread_local! {
    static BENCH: OnceCell<Bench> = const { OnceCell::new() };
}

const BYTES: usize = INDEX as usize * RECORD_SIZE + TEXT;

impl Bench {
    fn new() -> Self {
        let words = vec![0_u64; BYTES / 8].into_boxed_slice();
        Self {
            file: MemoryFile::new(),
            memory: Box::into_raw(words).cast(),
        }
    }
}

fuzz_target!(|bytes: &[u8]| -> Corpus {
    match BENCH.with(|bench| run(bench.get_or_init(Bench::new), bytes)) {
        Ok(true) => Corpus::Keep,
        _ => Corpus::Reject,
    }
});

/// Whether all text that the ring can lead to fits the log at once, so that the reader never waits for a release.
fn fits(image: &Image) -> bool {
    let kind = |seqno: u64| image.word(image.slot(seqno) + 8) as u16;
    let events = 1..=image.descriptors();
    let accesses = events
        .filter(|seqno| matches!(kind(*seqno), 22 | 23))
        .count() as u64;
    let most = |seqno: u64| {
        let size = image.word(image.slot(seqno) + 8) >> 32;
        let derived = match kind(seqno) {
            // Six changes of stage at most.
            2 => 6 * 512,
            // Metrics: their lists grow with the accesses.
            6 => 2048 + 400 * accesses,
            _ => 0,
        };
        // Two entries and a gap.
        derived
            + if size > image.payload_size() {
                256
            } else {
                2 * (size * 9 / 4 + 2500) + 256
            }
    };
    (1..=image.descriptors()).map(most).sum::<u64>() < (TEXT - (TEXT >> 3)) as u64
}

fn run(bench: &Bench, bytes: &[u8]) -> Result<bool> {
    let mut input = Unstructured::new(bytes);
    let blocked: Vec<u8> = match input.arbitrary::<u8>()? {
        code @ 1..32 => vec![code],
        _ => vec![],
    };
    let first_block = input.arbitrary::<u8>()?;
    let image = chain::image(&mut input)?;
    if !fits(&image) {
        return Ok(false);
    }
    let zstd = frame::of(&image.bytes);
    bench.file.fill(&zstd, zstd.len() as u64);

    let geometry = Geometry::divide(BYTES, INDEX).expect("a log");
    // SAFETY: the memory has BYTES bytes, is never freed, and each log ends before the next one begins, so nothing
    // else reads or writes it meanwhile; the records are looked at below, after the reader has ended.
    let memory = unsafe { LentMemory::new(bench.memory.cast(), geometry) };
    let shared = Arc::new(Shared {
        log: Arc::new(LogShared::new(memory)),
        status: Arc::new(Status::default()),
        is_playing: AtomicBool::new(false),
    });
    let is_whole = blocked.is_empty();
    let options = Options {
        ring: bench.file.path.clone(),
        from: if first_block == 0 {
            From::Oldest
        } else {
            From::Block(first_block.into())
        },
        blocked,
        index_capacity: INDEX,
        speed: None,
        repeat: false,
        wait_for_play: false,
    };
    let writer = LogWriter::new(Arc::clone(&shared.log));
    reader::run(&options, &shared, writer).expect("a snapshot that is read to its end");

    // SAFETY: as above; the writer was given up by `run`.
    let memory = unsafe { std::slice::from_raw_parts(bench.memory.cast::<u8>(), BYTES) };
    let head = shared.log.head() as usize;
    let sums = entries::check(memory, INDEX as usize, head, is_whole);
    let status = &shared.status;
    assert_eq!(
        sums,
        Sums {
            gaps: status.gaps.load(Relaxed),
            lost: status.lost.load(Relaxed)
        }
    );
    assert!(shared.log.text_written() <= TEXT as u64);
    Ok(true)
}
