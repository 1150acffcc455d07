//! Samples cut, lengthened and with flipped bits, and random bytes: an event or a typed error, never a panic.

use std::cell::Cell;

use monad_exec_events::{DecodeError, ExecEventRef, ExecEventType};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::aligned::Aligned;
use crate::samples::{Sample, samples};
use crate::seed::seeded;

/// Decodes any bytes; an event must survive its own encoding, and keep its size.
pub fn decode_any(
    event_type: u16,
    content_ext: [u64; 4],
    payload: &[u8],
) -> Result<ExecEventType, DecodeError> {
    let event = ExecEventRef::decode(event_type, content_ext, payload)?;
    let mut bytes = Vec::new();
    event.encode_payload(&mut bytes);
    if !matches!(event, ExecEventRef::RecordError(_)) {
        assert_eq!(bytes.len(), payload.len(), "{event:?}");
    }
    let bytes = Aligned::new(&bytes);
    assert_eq!(
        ExecEventRef::decode(event_type, content_ext, bytes.as_slice()),
        Ok(event)
    );
    Ok(event.event_type())
}

/// Every shorter payload of a valid one is refused with the size that came.
pub fn refuse_truncations(sample: &Sample) {
    let payload = sample.payload.as_slice();
    for len in 0..payload.len() {
        // The short form of RECORD_ERROR is itself valid.
        if sample.event == ExecEventType::RecordError && len == 16 {
            continue;
        }
        refuse_size(sample, &payload[..len]);
    }
}

fn refuse_size(sample: &Sample, payload: &[u8]) {
    let error = ExecEventRef::decode(sample.event.code(), sample.content_ext, payload).unwrap_err();
    let DecodeError::PayloadSize {
        event,
        expected,
        actual,
    } = error
    else {
        panic!("{} bytes of {}: {error}", payload.len(), sample.event);
    };
    assert_eq!((event, actual), (sample.event, payload.len() as u64));
    assert_ne!(expected, actual);
}

#[test]
fn every_truncation_and_every_longer_payload_is_refused() {
    for sample in samples() {
        refuse_truncations(&sample);
        for extra in [1, 16, 32, 4096] {
            let longer = [sample.payload.as_slice(), &vec![0; extra]].concat();
            refuse_size(&sample, Aligned::new(&longer).as_slice());
        }
    }
}

#[test]
fn every_single_bit_flip_gives_an_event_or_a_typed_error() {
    let (mut events, mut errors) = (0, 0);
    for mut sample in samples() {
        let bits = sample.payload.as_slice().len().min(1024) * 8;
        for bit in 0..bits {
            sample.payload.as_mut_slice()[bit / 8] ^= 1 << (bit % 8);
            match decode_any(
                sample.event.code(),
                sample.content_ext,
                sample.payload.as_slice(),
            ) {
                Ok(_) => events += 1,
                Err(_) => errors += 1,
            }
            sample.payload.as_mut_slice()[bit / 8] ^= 1 << (bit % 8);
        }
    }
    assert!(events > 0 && errors > 0, "{events} events, {errors} errors");
}

#[test]
fn random_bytes_give_an_event_or_a_typed_error() {
    let fixed_sizes = prop_oneof![
        Just(0),
        Just(4),
        Just(8),
        Just(16),
        Just(24),
        Just(28),
        Just(32),
        Just(124),
        Just(128),
        Just(152),
        Just(168),
        Just(352),
        Just(360),
        Just(528),
        0..2048usize
    ];
    // Mostly zeros and ones, which are counts and bools that pass the first checks.
    let byte = |drawn: u16| match drawn >> 8 {
        0..192 => 0,
        192..224 => 1,
        _ => drawn as u8,
    };
    let payload = fixed_sizes
        .prop_flat_map(move |len| proptest::collection::vec(any::<u16>().prop_map(byte), len));
    let case = (0..30u16, any::<[u64; 4]>(), payload);
    let events = Cell::new(0);
    TestRunner::new(seeded(2048))
        .run(&case, |(event_type, content_ext, payload)| {
            let decoded = decode_any(event_type, content_ext, Aligned::new(&payload).as_slice());
            events.set(events.get() + u32::from(decoded.is_ok()));
            Ok(())
        })
        .unwrap();
    assert!((1..2048).contains(&events.get()), "{} events", events.get());
}
