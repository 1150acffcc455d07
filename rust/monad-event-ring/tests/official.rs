//! The official names: where readers start, what a gap does, and how payloads are decoded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::{CAPACITY, TestRing, fixture};
use monad_event_ring::ffi::{MONAD_EVENT_CONTENT_TYPE_TEST, monad_event_content_type};
use monad_event_ring::{
    BytesDecoder, DecodeFailure, DecodedEventRing, EventDecoder, EventDescriptorInfo,
    EventNextResult, EventPayloadResult, EventRing, EventRingPath, SnapshotEventRing,
};

/// Events of content type 1 whose payload is text; anything else is undecodable.
struct TextDecoder;

impl EventDecoder for TextDecoder {
    type FlowInfo = u64;
    type Event = String;
    type EventRef<'payload> = &'payload str;

    fn ring_content_ctype() -> monad_event_content_type {
        MONAD_EVENT_CONTENT_TYPE_TEST
    }

    fn ring_schema_hash() -> &'static [u8; 32] {
        &[0; 32]
    }

    fn transmute_flow_info(content_ext: [u64; 4]) -> u64 {
        content_ext[0]
    }

    fn raw_to_event_ref(info: EventDescriptorInfo<Self>, bytes: &[u8]) -> &str {
        Self::try_raw_to_event_ref(info, bytes).unwrap_or("undecodable")
    }

    fn try_raw_to_event_ref(
        _: EventDescriptorInfo<Self>,
        bytes: &[u8],
    ) -> Result<&str, DecodeFailure> {
        Ok(std::str::from_utf8(bytes)?)
    }

    fn event_ref_to_event(event_ref: &str) -> String {
        event_ref.into()
    }
}

fn path_of(ring: &TestRing) -> EventRingPath {
    EventRingPath::resolve(&ring.path).unwrap()
}

#[test]
fn a_live_reader_starts_at_the_newest_event_and_stays_at_a_gap() {
    let ring = TestRing::new();
    for text in ["one", "two"] {
        ring.writer
            .record(9, [5, 0, 0, 0], Some(77), &[text.as_bytes()])
            .unwrap();
    }
    let opened = EventRing::<TextDecoder>::new(path_of(&ring)).unwrap();
    let mut reader = opened.create_reader();
    let EventNextResult::Ready(event) = reader.next_descriptor() else {
        panic!("nothing is ready")
    };
    let info = event.info();
    assert_eq!(
        (
            info.seqno,
            info.event_type,
            info.record_epoch_nanos,
            info.flow_info
        ),
        (2, 9, 77, 5)
    );
    assert_eq!(
        event.try_read(),
        EventPayloadResult::Ready("two".to_string())
    );
    assert_eq!(
        event
            .try_filter_map(|text| (text.len() == 3).then_some(1))
            .map(Option::unwrap),
        EventPayloadResult::Ready(1)
    );
    let raw = event.try_filter_map_raw(|info, bytes| Some((info.seqno, bytes.to_vec())));
    assert_eq!(raw, EventPayloadResult::Ready(Some((2, b"two".to_vec()))));
    assert!(matches!(
        reader.next_descriptor(),
        EventNextResult::NotReady
    ));

    ring.record(CAPACITY + 1, 0);
    for _ in 0..3 {
        assert!(matches!(reader.next_descriptor(), EventNextResult::Gap));
    }
    reader.reset();
    let EventNextResult::Ready(newest) = reader.next_descriptor() else {
        panic!("nothing is ready")
    };
    assert_eq!(newest.info().seqno, CAPACITY + 3);
}

#[test]
fn a_payload_that_is_gone_is_expired_for_every_accessor() {
    let ring = TestRing::new();
    ring.writer
        .record(1, [0; 4], None, &[b"soon gone"])
        .unwrap();
    let opened = EventRing::<TextDecoder>::new(path_of(&ring)).unwrap();
    let event = opened.create_reader().descriptor_at(1).unwrap();
    ring.record(2, 90_000_000);
    assert_eq!(event.try_read(), EventPayloadResult::Expired);
    assert_eq!(
        event.try_filter_map(|text| Some(text.len())),
        EventPayloadResult::Expired
    );
    assert_eq!(
        event.try_filter_map_raw(|_, bytes| Some(bytes.len())),
        EventPayloadResult::Expired
    );
    assert!(matches!(event.try_decode(), EventPayloadResult::Expired));
}

#[test]
fn undecodable_bytes_are_not_called_expired() {
    let ring = TestRing::new();
    ring.writer.record(4, [0; 4], None, &[b"\xff"]).unwrap();
    let opened = EventRing::<TextDecoder>::new(path_of(&ring)).unwrap();
    let event = opened.create_reader().descriptor_at(1).unwrap();
    assert_eq!(
        event.try_read(),
        EventPayloadResult::Ready("undecodable".to_string())
    );
    let EventPayloadResult::Ready(Err(error)) = event.try_decode() else {
        panic!("decoded or expired")
    };
    assert!(
        error
            .to_string()
            .starts_with("event 1 of type 4 cannot be decoded: invalid utf-8"),
        "{error}"
    );
}

#[test]
fn a_snapshot_is_read_from_its_first_event() {
    let path = fixture("emn-1b-15m.snapshot.zst");
    assert_eq!(
        EventRingPath::resolve(&path).unwrap().is_snapshot_file(),
        Ok(true)
    );
    let snapshot = SnapshotEventRing::<BytesDecoder>::new_from_zstd_path(&path, None).unwrap();
    let mut reader = snapshot.create_reader();
    let EventNextResult::Ready(event) = reader.next_descriptor() else {
        panic!("nothing is ready")
    };
    assert_eq!(event.info().seqno, 1);
    let EventPayloadResult::Ready((event_type, bytes)) = event.try_read() else {
        panic!("expired")
    };
    assert_eq!(
        (usize::from(event_type), bytes.len()),
        (
            event.info().event_type.into(),
            event.raw().payload_size as usize
        )
    );

    let error = SnapshotEventRing::<TextDecoder>::new_from_zstd_path(&path, None).unwrap_err();
    assert!(
        error.contains("holds events of content type 2, this build reads test (1)"),
        "{error}"
    );
    let bytes = std::fs::read(&path).unwrap();
    let error =
        SnapshotEventRing::<BytesDecoder>::new_from_zstd_bytes("memory", &bytes, Some(1 << 20))
            .unwrap_err();
    assert!(
        error.contains("memory decompresses to 140509184 bytes, the limit is 1048576"),
        "{error}"
    );
}

#[test]
fn a_live_ring_and_a_snapshot_are_not_taken_for_each_other() {
    let ring = TestRing::new();
    assert_eq!(path_of(&ring).is_snapshot_file(), Ok(false));
    let error =
        SnapshotEventRing::<BytesDecoder>::new_from_zstd_path(&ring.path, None).unwrap_err();
    assert!(
        error.contains("is a ring file and not a zstd snapshot"),
        "{error}"
    );
    let snapshot = EventRingPath::resolve(fixture("emn-1b-15m.snapshot.zst")).unwrap();
    let error = EventRing::<BytesDecoder>::new(snapshot).unwrap_err();
    assert!(
        error.contains("is a zstd snapshot and not a live ring"),
        "{error}"
    );
}

#[test]
fn rings_and_readers_can_be_used_by_several_threads() {
    fn check<T: Send + Sync>() {}
    check::<EventRing<TextDecoder>>();
    check::<SnapshotEventRing<BytesDecoder>>();
    check::<monad_event_ring::RawEventRing>();
    check::<monad_event_ring::RawEventReader>();
    check::<monad_event_ring::writer::EventRingWriter>();
}
