//! The commands that spoil single events: their descriptors, their times, or the events themselves.

use std::sync::Arc;

use monad_event_ring::{NextEvent, PayloadBuffer, RawDescriptor, RawEventReader};
use monad_exec_events::ExecEventRef;

use crate::{
    faults::{paused, read_from},
    node::Place,
    truth::Truth,
};

#[test]
fn damaged_descriptors_say_what_they_were_told_to() {
    let place = Place::new();
    let mut node = paused(&place, &["--truth-events"]);
    let ring = place.open();
    let mut reader = RawEventReader::new(Arc::clone(&ring), u32::MAX);
    let mut payload = PayloadBuffer::new();
    for (kind, seqno) in [("type", 1), ("size", 2), ("offset", 3), ("flow", 4)] {
        node.tell(&format!("corrupt {kind}"));
        assert_eq!(node.tell("burst 1"), (1, seqno));
        match (kind, reader.next(&mut payload)) {
            ("type", NextEvent::Ready(descriptor)) => assert_eq!(descriptor.event_type, 999),
            ("size" | "offset", NextEvent::Malformed(descriptor)) => {
                assert_eq!(descriptor.seqno, seqno);
            }
            ("flow", NextEvent::Ready(descriptor)) => {
                assert_eq!(descriptor.content_ext[1], u64::MAX);
            }
            (_, other) => panic!("corrupt {kind} gave {other:?}"),
        }
    }
    node.tell("corrupt seqno");
    node.tell("burst 2");
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    assert!(ring.try_copy(6).is_some());
    node.tell("stop");
    node.wait();
    let truth = Truth::read(&place.truth());
    let damage = truth.rings[&1].events[..6]
        .iter()
        .map(|event| event.damage.as_deref());
    let kinds = ["type", "size", "offset", "flow", "seqno"].map(Some);
    assert!(damage.eq(kinds.into_iter().chain([None])));
}

#[test]
fn the_recorded_times_follow_the_clock() {
    let place = Place::new();
    let mut node = paused(&place, &[]);
    node.tell("burst 1");
    node.tell("clock -3600000");
    node.tell("burst 1");
    node.tell("clock 7200000");
    node.tell("burst 1");
    let times: Vec<u64> = read_from(&place.open(), 1)
        .iter()
        .map(|(descriptor, _)| descriptor.record_epoch_nanos / 1_000_000_000)
        .collect();
    assert!((3590..=3600).contains(&(times[0] - times[1])), "{times:?}");
    assert!((7200..=7210).contains(&(times[2] - times[1])), "{times:?}");
}

#[test]
fn record_errors_take_the_place_of_an_event_and_keep_what_a_node_keeps() {
    let place = Place::new();
    let mut node = paused(&place, &[]);
    node.tell("record-error missing");
    node.tell("burst 700");
    node.tell("record-error overflow");
    node.tell("burst 700");
    let ring = place.open();
    let events = read_from(&ring, 1);
    let errors: Vec<_> = events
        .iter()
        .filter_map(|(descriptor, payload)| {
            let RawDescriptor {
                event_type,
                content_ext,
                ..
            } = *descriptor;
            match ExecEventRef::decode(event_type, content_ext, payload.as_slice()).unwrap() {
                ExecEventRef::RecordError(record_error) => {
                    assert_ne!(content_ext[1], 0, "of a transaction");
                    Some((payload.as_slice().len(), record_error.error_type))
                }
                _ => None,
            }
        })
        .collect();
    assert_eq!(errors, [(16, 3), (8192, 2)]);
}
