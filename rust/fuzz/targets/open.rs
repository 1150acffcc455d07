//! A ring file of which the input damages header, control words, slots, payloads and length: refused with a typed
//! error, or read exactly as its bytes say.
#![no_main]
#![allow(missing_docs, reason = "a program")]

use std::cell::OnceCell;

use arbitrary::{Result, Unstructured};
use libfuzzer_sys::{Corpus, fuzz_target};
use monad_event_ring::{ContentType, RawEventRing, RingExpectation};
use ringcast_fuzz::{
    image::{Image, SHIFTS, TEST},
    memory_file::MemoryFile,
    oracle,
};

const EXPECTED: RingExpectation = RingExpectation {
    content_type: ContentType::Test,
    schema_hash: [0; 32],
};

thread_local! {
    static FILE: OnceCell<MemoryFile> = const { OnceCell::new() };
}

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let is_kept = FILE
        .with(|file| run(file.get_or_init(MemoryFile::new), bytes))
        .is_ok();
    if is_kept {
        Corpus::Keep
    } else {
        Corpus::Reject
    }
});

fn run(file: &MemoryFile, bytes: &[u8]) -> Result<()> {
    let mut input = Unstructured::new(bytes);
    let flags = input.arbitrary::<u8>()?;
    let missing = match flags & 3 {
        0 | 1 => 0,
        2 => input.arbitrary::<u8>()?.into(),
        _ => input.arbitrary::<u16>()?.into(),
    };
    let shifts = (SHIFTS.0 + (flags >> 2 & 1), SHIFTS.1 + (flags >> 3 & 1));
    let mut image = Image::new(&TEST, shifts);
    image.damage(&mut input)?;
    let len = image.bytes.len() as u64;
    file.fill(&image.bytes, len.saturating_sub(missing));
    // What was cut off reads as zeros.
    let kept = len.saturating_sub(missing) as usize;
    image.bytes[kept..].fill(0);
    let opened = match flags & 16 {
        0 => RawEventRing::open(&file.path, &EXPECTED, 1 << 20),
        _ => RawEventRing::open_any(&file.path, 1 << 20),
    };
    let has_sizes = image.word(40) == 1 << shifts.0 && image.word(48) == 1 << shifts.1;
    match opened {
        Err(error) => {
            let message = error.to_string();
            assert!(
                message.contains("/proc/self/fd/") && message.len() < 400,
                "{message}"
            );
            // An intact header and at most 15 missing bytes are no reason.
            let is_intact = image.bytes[..64] == Image::new(&TEST, shifts).bytes[..64];
            assert!(!is_intact || missing > 15, "{message}");
        }
        // A header that was damaged to other valid sizes divides the file differently.
        Ok(ring) if !has_sizes => drop(ring),
        Ok(ring) if flags & 32 != 0 => oracle::check_reset(ring, &image),
        Ok(ring) => oracle::check(ring, &image),
    }
    Ok(())
}
