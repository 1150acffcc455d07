//! Execution events under the ring crate's official names: a program written for the official crates, on recordings
//! and on a ring that is being written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "harness/fixture.rs"]
mod fixture;
#[path = "harness/live.rs"]
mod live;

use std::ffi::CStr;

use live::LiveRing;
use monad_event_ring::{DecodedEventRing, EventNextResult, EventPayloadResult, EventReader};
use monad_exec_events::ffi::*;
use monad_exec_events::{
    BlockBuilderError, ExecEvent, ExecEventDecoder, ExecEventRef, ExecEventRingFlowInfo,
    ExecEventType, ExecSnapshotEventRing, ExecutedBlockBuilder,
};

fn next<'ring>(
    reader: &mut EventReader<'ring, ExecEventDecoder>,
) -> monad_event_ring::EventDescriptor<'ring, ExecEventDecoder> {
    match reader.next_descriptor() {
        EventNextResult::Ready(event) => event,
        EventNextResult::NotReady => panic!("seqno {} is not there", reader.position()),
        EventNextResult::Gap => panic!("seqno {} is lost", reader.position()),
    }
}

#[test]
fn a_program_written_for_the_official_crates_gets_every_recorded_block() {
    let path = fixture::fixture_path("emn-30b-15m.snapshot.zst");
    let ring = ExecSnapshotEventRing::new_from_zstd_path(path, None).unwrap();
    let mut reader = ring.create_reader();
    let mut builder = ExecutedBlockBuilder::new(false);
    let (mut blocks, mut txns) = (0, 0);
    loop {
        let event = match reader.next_descriptor() {
            EventNextResult::Ready(event) => event,
            EventNextResult::NotReady => break,
            EventNextResult::Gap => panic!("a recording has no gaps"),
        };
        match builder.process_event_descriptor(&event) {
            None => {}
            Some(Ok(block)) => {
                blocks += 1;
                txns += block.txns.len();
            }
            Some(Err(BlockBuilderError::Rejected | BlockBuilderError::PayloadExpired)) => {
                unreachable!()
            }
            Some(Err(error @ BlockBuilderError::ImplicitDrop { .. })) => panic!("{error}"),
        }
    }
    assert_eq!((blocks, txns), (30, 6187));
}

#[test]
fn what_is_recorded_is_read() {
    let live = LiveRing::new(EXEC_SCHEMA_HASH).unwrap();
    let mut reader = live.ring.create_reader();
    let storage_access = monad_exec_storage_access {
        index: 4,
        modified: true,
        ..Default::default()
    };
    let event = ExecEventRef::StorageAccess(&storage_access);
    let flow = ExecEventRingFlowInfo {
        block_seqno: 9,
        txn_idx: Some(2),
        account_idx: 5,
    };
    live.record_in(flow, event);
    let descriptor = next(&mut reader);
    assert_eq!(descriptor.info().flow_info, flow);
    assert_eq!(
        descriptor.try_read(),
        EventPayloadResult::Ready(event.into_owned())
    );
}

#[test]
fn a_ring_of_another_schema_is_refused() {
    let error = LiveRing::new([7; 32]).err().unwrap();
    assert!(
        error.contains("07070707") && error.contains("8933f907"),
        "{error}"
    );
}

#[test]
fn bytes_that_are_no_event_read_as_a_missing_event_of_that_type() {
    let live = LiveRing::new(EXEC_SCHEMA_HASH).unwrap();
    let mut reader = live.ring.create_reader();
    for (code, named) in [(ExecEventType::TxnLog.code(), 18), (999, 0)] {
        live.writer
            .record(code, [1, 1, 0, 0], None, &[b"abc"])
            .unwrap();
        let descriptor = next(&mut reader);
        let EventPayloadResult::Ready(ExecEvent::RecordError(record_error)) = descriptor.try_read()
        else {
            panic!("type {code}: {:?}", descriptor.try_read())
        };
        assert_eq!(
            (record_error.error_type, record_error.dropped_event_type),
            (3, named)
        );
        let EventPayloadResult::Ready(Err(error)) = descriptor.try_decode() else {
            panic!("type {code}")
        };
        assert!(
            error.source.is::<monad_exec_events::DecodeError>(),
            "{error}"
        );
    }
}

#[test]
fn a_payload_that_expired_ends_the_open_block() {
    let live = LiveRing::new(EXEC_SCHEMA_HASH).unwrap();
    let mut reader = live.ring.create_reader();
    let mut builder = ExecutedBlockBuilder::default();
    live.record(ExecEventRef::BlockStart(&Default::default()), 1);
    live.record(ExecEventRef::BlockEnd(&Default::default()), 1);
    assert_eq!(builder.process_event_descriptor(&next(&mut reader)), None);
    let end = next(&mut reader);
    let large = vec![0; 16 << 20];
    while live.ring.raw().buffer_window_start() == 0 {
        live.writer
            .record(ExecEventType::TxnLog.code(), [1, 1, 0, 0], None, &[&large])
            .unwrap();
    }
    let expired = Some(Err(BlockBuilderError::PayloadExpired));
    assert_eq!(builder.process_event_descriptor(&end), expired);
    let empty_end = monad_exec_block_end::default();
    assert_eq!(
        builder.process_event(Default::default(), ExecEventRef::BlockEnd(&empty_end)),
        None,
        "the block is forgotten"
    );
}

#[test]
fn the_metadata_table_names_every_code() {
    for (code, metadata) in g_monad_exec_event_metadata.iter().enumerate() {
        assert_eq!(usize::from(metadata.event_type), code);
        // SAFETY: the table points at NUL-terminated literals, which live as long as the program.
        let c_name = unsafe { CStr::from_ptr(metadata.c_name) }.to_str().unwrap();
        match ExecEventType::try_from(metadata.event_type) {
            Ok(event) => {
                assert_eq!((event.c_name(), usize::from(event.code())), (c_name, code));
                // TXN_LOG and TxnLog are the same letters.
                assert_eq!(
                    c_name.replace('_', "").to_lowercase(),
                    event.name().to_lowercase()
                );
                assert!(!event.description().is_empty());
            }
            Err(_) => assert_eq!((c_name, code), ("NONE", 0)),
        }
    }
}
