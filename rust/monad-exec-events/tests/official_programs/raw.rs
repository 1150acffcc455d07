//! The C names that are lent, and a decoder of one's own.

use ::monad_event_ring::ffi::{
    MONAD_EVENT_CONTENT_TYPE_EXEC, MONAD_EVENT_CONTENT_TYPE_TEST, monad_event_content_type,
    monad_event_descriptor, monad_event_iterator, monad_event_record_error, monad_event_ring,
};
use ::monad_event_ring::{
    DecodedEventRing, EventDecoder, EventDescriptorInfo, EventNextResult, EventPayloadResult,
    EventRing, EventRingPath,
};
use monad_exec_events::{ExecEvent, ExecEventDecoder, ExecEventRef, ExecEventRing};

use crate::live;

#[test]
fn the_c_types_are_lent_and_move_the_reader() {
    let live = live::LiveRing::new(*ExecEventDecoder::ring_schema_hash()).unwrap();
    for _ in 0..3 {
        live.record(ExecEventRef::BlockReject(&5), 0);
    }
    let ring = ExecEventRing::new(EventRingPath::resolve(live.writer.path()).unwrap()).unwrap();
    let mut reader = ring.create_reader();
    let first = |_: &monad_event_ring, iterator: &mut monad_event_iterator| {
        iterator.read_last_seqno = 0;
        None::<monad_event_descriptor>
    };
    assert!(reader.with_raw(first).is_none());
    let EventNextResult::Ready(event) = reader.next_descriptor() else {
        panic!("nothing is ready")
    };
    assert_eq!(
        event.with_raw(|_, descriptor| (descriptor.seqno, descriptor.content_ext[0])),
        (1, 0)
    );
    let event = reader
        .with_raw(|ring, iterator| ring.try_copy(iterator.read_last_seqno + 1))
        .unwrap();
    assert_eq!(event.info().seqno, 2);
    assert_eq!(
        event.try_read(),
        EventPayloadResult::Ready(ExecEvent::BlockReject(5))
    );
    // What the ring never held is not taken for one of its events.
    let invented = monad_event_descriptor {
        payload_buf_offset: 1,
        payload_size: u32::MAX,
        ..Default::default()
    };
    let event = reader.with_raw(|_, _| Some(invented)).unwrap();
    assert_eq!(event.try_read(), EventPayloadResult::Expired);
    assert_eq!(size_of::<monad_event_record_error>(), 16);
}

/// A decoder of one's own.
struct LengthDecoder;

impl EventDecoder for LengthDecoder {
    type FlowInfo = ();
    type Event = usize;
    type EventRef<'ring> = usize;

    fn ring_content_ctype() -> monad_event_content_type {
        MONAD_EVENT_CONTENT_TYPE_TEST
    }

    fn ring_schema_hash() -> &'static [u8; 32] {
        ExecEventDecoder::ring_schema_hash()
    }

    fn check_ring_content_type(c_event_ring: &monad_event_ring) -> Result<(), String> {
        (c_event_ring.content_type() == MONAD_EVENT_CONTENT_TYPE_EXEC)
            .then_some(())
            .ok_or_else(|| "not a ring of execution events".into())
    }

    fn transmute_flow_info(_: [u64; 4]) {}

    fn raw_to_event_ref(_: EventDescriptorInfo<Self>, bytes: &[u8]) -> usize {
        bytes.len()
    }

    fn event_ref_to_event(event_ref: usize) -> usize {
        event_ref
    }
}

#[test]
fn a_decoder_of_ones_own_reads_a_ring_that_it_accepts() {
    let live = live::LiveRing::new(*ExecEventDecoder::ring_schema_hash()).unwrap();
    live.record(ExecEventRef::BlockReject(&5), 0);
    let path = EventRingPath::resolve(live.writer.path()).unwrap();
    let ring = EventRing::<LengthDecoder>::new(path).unwrap();
    let EventNextResult::Ready(event) = ring.create_reader().next_descriptor() else {
        panic!("nothing is ready")
    };
    assert_eq!(event.try_read(), EventPayloadResult::Ready(4));
    assert_eq!(LengthDecoder::ring_ctype_name(), "test");
}
