//! decode() accepts exactly what the schema allows and answers every other byte string with a typed error.
//! `samples` makes valid events of every type, `damage` and `recorded` change them and the recorded ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../harness/aligned.rs"]
mod aligned;
mod damage;
#[path = "../harness/fixture.rs"]
mod fixture;
mod recorded;
#[path = "../harness/recording.rs"]
mod recording;
mod samples;
#[path = "../harness/seed.rs"]
mod seed;

use std::collections::BTreeSet;

use aligned::Aligned;
use monad_exec_events::{DecodeError, ExecEventRef, ExecEventType, UnknownEventType};
use samples::{Sample, samples};

/// The first sample of a type.
fn sample_of(event: ExecEventType) -> Sample {
    samples()
        .into_iter()
        .find(|sample| sample.event == event)
        .unwrap()
}

#[test]
fn a_sample_of_every_type_decodes_to_what_was_encoded() {
    let mut types = BTreeSet::new();
    for sample in samples() {
        types.insert(sample.event);
        let event = sample.decode().unwrap();
        assert_eq!(event.event_type(), sample.event);
        let mut payload = Vec::new();
        event.encode_payload(&mut payload);
        let expected = match event {
            // What was kept of a dropped payload is no part of the event.
            ExecEventRef::RecordError(_) => &sample.payload.as_slice()[..16],
            _ => sample.payload.as_slice(),
        };
        assert_eq!(payload, expected, "{event:?}");
        let text = serde_json::to_string(&event).unwrap();
        assert!(text.contains(sample.event.name()), "{text}");
        assert_eq!(text, serde_json::to_string(&event.into_owned()).unwrap());
    }
    assert_eq!(types, BTreeSet::from(ExecEventType::ALL));
}

#[test]
fn codes_outside_the_schema_are_refused() {
    for code in (0..=u16::MAX).filter(|code| !(1..=24).contains(code)) {
        let refused = ExecEventRef::decode(code, [1, 1, 0, 0], &[]);
        assert_eq!(
            refused,
            Err(DecodeError::UnknownEventType(UnknownEventType(code)))
        );
    }
}

#[test]
fn an_event_of_a_transaction_must_name_it() {
    let mut refused = BTreeSet::new();
    for mut sample in samples() {
        sample.content_ext[1] = 0;
        if let Err(error) = sample.decode() {
            assert_eq!(
                error,
                DecodeError::MissingTxnIndex {
                    event: sample.event
                }
            );
            refused.insert(sample.event.code());
        }
    }
    assert_eq!(refused, BTreeSet::from_iter(10..=20));
}

#[test]
fn the_largest_transaction_index_is_no_special_case() {
    let mut sample = sample_of(ExecEventType::TxnReject);
    sample.content_ext[1] = u64::MAX;
    let Ok(ExecEventRef::TxnReject { txn_index, .. }) = sample.decode() else {
        panic!("{:?}", sample.decode())
    };
    assert_eq!(txn_index, usize::MAX - 1);
}

#[test]
fn a_bool_other_than_0_and_1_is_named() {
    use ExecEventType::{
        AccountAccess, StorageAccess, TxnAuthListEntry, TxnEvmOutput, TxnHeaderStart,
    };
    let bools = [
        (TxnHeaderStart, 228, "is_contract_creation"),
        (TxnHeaderStart, 296, "y_parity"),
        (TxnAuthListEntry, 72, "y_parity"),
        (TxnAuthListEntry, 164, "is_valid_authority"),
        (TxnEvmOutput, 0, "status"),
        (AccountAccess, 25, "is_balance_modified"),
        (AccountAccess, 26, "is_nonce_modified"),
        (StorageAccess, 25, "modified"),
        (StorageAccess, 26, "transient"),
    ];
    for (event, offset, field) in bools {
        for value in [2, 255] {
            let mut sample = sample_of(event);
            sample.payload.as_mut_slice()[offset] = value;
            assert_eq!(
                sample.decode(),
                Err(DecodeError::InvalidBool {
                    event,
                    field,
                    value
                })
            );
        }
    }
}

#[test]
fn extra_data_never_exceed_their_field() {
    let mut sample = sample_of(ExecEventType::BlockStart);
    sample.payload.as_mut_slice()[336] = 33;
    assert_eq!(
        sample.decode(),
        Err(DecodeError::ExtraDataLength { actual: 33 })
    );
}

#[test]
fn a_misaligned_payload_is_an_error_and_not_a_panic() {
    for sample in samples()
        .iter()
        .filter(|sample| !sample.payload.as_slice().is_empty())
    {
        let shifted = Aligned::new(&[&[0], sample.payload.as_slice()].concat());
        let event = sample.event;
        let decoded =
            ExecEventRef::decode(event.code(), sample.content_ext, &shifted.as_slice()[1..]);
        assert_eq!(decoded, Err(DecodeError::Misaligned { event }));
    }
}

#[test]
fn announced_lengths_that_overflow_are_an_error() {
    let event = ExecEventType::TxnCallFrame;
    for (offset, length) in [(112, u64::MAX), (120, u64::MAX), (112, 1 << 62)] {
        let mut sample = sample_of(event);
        sample.payload.as_mut_slice()[offset..offset + 8].copy_from_slice(&length.to_le_bytes());
        let expected = length.saturating_add(128);
        assert_eq!(
            sample.decode(),
            Err(DecodeError::PayloadSize {
                event,
                expected,
                actual: 128
            })
        );
    }
}

#[test]
fn errors_are_sentences_with_what_was_expected_and_what_came() {
    let mut sample = sample_of(ExecEventType::BlockVerified);
    sample.payload = Aligned::new(&[0; 9]);
    let text = sample.decode().unwrap_err().to_string();
    assert!(
        text.contains("BlockVerified has 9 bytes, expected 8"),
        "{text}"
    );
    assert!(size_of::<DecodeError>() <= 32);
}
