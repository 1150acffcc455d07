//! A payload is copied while the writer moves the window past it and reuses its bytes.

use loom::thread;

use super::{
    CAPACITY, INCREMENT, PAYLOAD_BYTES, Ring, assert_needed, bytes_of, explore, payload_of,
    payload_word, record, slot_of,
};
use crate::{PayloadBuffer, RawDescriptor, mapping::PayloadCopy, words::modelled::Weakening};

/// The payload of event 1 lies at offset 0, where the next event's will lie as well; the window is as far behind as
/// before a payload of 16 MiB, so that this one event moves it and reuses the bytes.
fn reuse_of_a_payload() {
    explore(None, || {
        let [first, second] = payload_of(1);
        let payload = [(payload_word(0), first), (payload_word(8), second)];
        let ring = Ring::new([1, PAYLOAD_BYTES, 0], payload, |_| 0);
        let (writer, mapping) = (ring.writer(), ring.mapping());
        let writing = thread::spawn(move || record(&writer, 2));
        let mut payload = PayloadBuffer::new();
        let of = |seqno, payload_buf_offset| RawDescriptor {
            seqno,
            event_type: 0,
            payload_size: 16,
            record_epoch_nanos: 0,
            payload_buf_offset,
            content_ext: [0; 4],
        };
        match mapping.copy_payload(&of(1, 0), 16, &mut payload) {
            PayloadCopy::Copied => assert_eq!(payload.as_slice(), bytes_of(1)),
            PayloadCopy::Expired => assert!(payload.as_slice().is_empty()),
            PayloadCopy::Malformed => panic!("the descriptor is well-formed"),
        }
        writing.join().unwrap();
        let after = mapping.copy_payload(&of(1, 0), 16, &mut payload);
        assert_eq!(after, PayloadCopy::Expired);
        let later = mapping.copy_payload(&of(2, PAYLOAD_BYTES), 16, &mut payload);
        assert_eq!(later, PayloadCopy::Copied);
        assert_eq!(payload.as_slice(), bytes_of(2));
        assert_eq!(ring.reader().ring().buffer_window_start(), 2 * INCREMENT);
    });
}

#[test]
fn a_payload_is_whole_or_expired() {
    reuse_of_a_payload();
}

#[test]
fn without_the_readers_fence_a_payload_is_torn() {
    assert_needed(Weakening::Fence("mapping.rs"), reuse_of_a_payload);
}

#[test]
fn without_the_writers_fence_a_payload_is_torn() {
    assert_needed(Weakening::Fence("record.rs"), reuse_of_a_payload);
}

/// The descriptor's commit carries the payload to whoever sees it, though no payload word is stored with release.
fn visibility_of_a_payload() {
    explore(None, || {
        let words = slot_of(CAPACITY + 1, 0, 0, 0).map(|(offset, _)| (offset, 0));
        let payload = [(payload_word(0), 0), (payload_word(8), 0)];
        let ring = Ring::new([0, 0, 0], words.into_iter().chain(payload), |_| 0);
        let writer = ring.writer();
        let writing = thread::spawn(move || record(&writer, 2));
        let mapping = ring.mapping();
        if let Some(descriptor) = mapping.try_copy(1) {
            let mut payload = PayloadBuffer::new();
            let copy = mapping.copy_payload(&descriptor, 16, &mut payload);
            assert_eq!(copy, PayloadCopy::Copied);
            assert_eq!(payload.as_slice(), bytes_of(2));
        }
        writing.join().unwrap();
    });
}

#[test]
fn a_payload_is_seen_with_its_descriptor() {
    visibility_of_a_payload();
}

#[test]
fn without_release_at_the_commit_a_payload_is_not_seen() {
    assert_needed(
        Weakening::Store(super::slot_word(1, 0)),
        visibility_of_a_payload,
    );
}
