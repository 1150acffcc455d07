//! zstd bytes taken for a snapshot: any bytes at all are refused or become a ring that can be read, and the frame of a
//! damaged ring is read exactly as that ring's bytes say.
#![no_main]
#![allow(missing_docs, reason = "a program")]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use monad_event_ring::{NextEvent, PayloadBuffer, RawEventReader, RawEventRing};
use ringcast_fuzz::{
    frame,
    image::{Image, SHIFTS, TEST},
    oracle,
};

/// Largest image that is unpacked: the frame's header may announce more.
const MAX_IMAGE: u64 = 1 << 18;

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        Some((0, zstd)) => any_bytes(zstd),
        Some((_, damage)) => damaged_ring(damage),
        None => {}
    }
});

fn any_bytes(zstd: &[u8]) {
    let ring = match RawEventRing::from_zstd_bytes("snapshot", zstd, None, MAX_IMAGE) {
        Ok(ring) => ring,
        Err(error) => return assert!(error.to_string().contains("snapshot")),
    };
    assert!(ring.geometry().total_size() <= MAX_IMAGE);
    let mut reader = RawEventReader::new(ring.into(), u32::MAX);
    let mut payload = PayloadBuffer::new();
    let mut wanted = 1;
    loop {
        match reader.next(&mut payload) {
            NextEvent::NotReady => break,
            NextEvent::Ready(event) => {
                assert_eq!(payload.as_slice().len(), event.payload_size as usize);
            }
            _ => {}
        }
        assert!(reader.position() > wanted);
        wanted = reader.position();
    }
    let last = reader.ring().last_seqno();
    reader.seek(last.saturating_sub(1));
    for _ in 0..4 {
        reader.next(&mut payload);
    }
}

fn damaged_ring(damage: &[u8]) {
    let mut image = Image::new(&TEST, SHIFTS);
    if image.damage(&mut Unstructured::new(damage)).is_err() {
        return;
    }
    let zstd = frame::of(&image.bytes);
    match RawEventRing::from_zstd_bytes("snapshot", &zstd, None, MAX_IMAGE) {
        Err(error) => {
            let is_intact = image.bytes[..64] == Image::new(&TEST, SHIFTS).bytes[..64];
            assert!(!is_intact, "{error}");
        }
        Ok(ring) if ring.geometry().total_size() == image.bytes.len() as u64 => {
            oracle::check(ring, &image);
        }
        Ok(ring) => drop(ring),
    }
}
