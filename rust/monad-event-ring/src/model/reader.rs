//! The whole reader: events are taken while the writer laps them and reuses their payloads.

use loom::thread;

use super::{
    CAPACITY, PAYLOAD_BYTES, Ring, bytes_of, explore, payload_of, payload_word, record, slot_of,
    tag_of,
};
use crate::{NextEvent, PayloadBuffer};

/// Slots 3 and later hold events that nobody reuses, with payloads that stay.
fn settled(offset: usize) -> u64 {
    let slots = 2 << 20;
    let at = (offset - slots) as u64;
    if at >= CAPACITY * 64 {
        return 0;
    }
    match (at / 64 + 1, at % 64) {
        (seqno, 0) => seqno,
        (_, 24) => PAYLOAD_BYTES,
        _ => 0,
    }
}

/// A full ring, of which one event more takes the first slot and the bytes of the first payload.
#[test]
fn every_event_is_ready_and_whole_or_named_as_lost() {
    explore(Some(3), || {
        let [first, second] = payload_of(1);
        let words = slot_of(1, 1, 16, 0)
            .into_iter()
            .chain([(payload_word(0), first), (payload_word(8), second)]);
        let ring = Ring::new([CAPACITY, PAYLOAD_BYTES, 0], words, settled);
        let (writer, mut reader) = (ring.writer(), ring.reader());
        let writing = thread::spawn(move || record(&writer, 2));
        let mut payload = PayloadBuffer::new();
        match reader.next(&mut payload) {
            NextEvent::Ready(descriptor) => {
                assert_eq!((descriptor.seqno, tag_of(&descriptor)), (1, 1));
                assert_eq!(payload.as_slice(), bytes_of(1));
                assert_eq!(reader.position(), 2);
            }
            NextEvent::Expired(descriptor) => {
                assert_eq!((descriptor.seqno, tag_of(&descriptor)), (1, 1));
                assert!(payload.as_slice().is_empty());
                assert_eq!(reader.position(), 2);
            }
            NextEvent::Gap {
                from_seqno,
                to_seqno,
            } => {
                assert!(from_seqno == 1 && to_seqno <= CAPACITY / 64 + 1);
                assert_eq!(reader.position(), to_seqno + 1);
            }
            // The slot is being written.
            NextEvent::NotReady => assert_eq!(reader.position(), 1),
            NextEvent::Malformed(descriptor) => panic!("{descriptor:?}"),
        }
        writing.join().unwrap();
        reader.seek(1);
        let lost = reader.next(&mut payload);
        assert!(
            matches!(lost, NextEvent::Gap { from_seqno: 1, .. }),
            "{lost:?}"
        );
        reader.seek(CAPACITY + 1);
        let NextEvent::Ready(descriptor) = reader.next(&mut payload) else {
            panic!("the new event is there")
        };
        assert_eq!(tag_of(&descriptor), 2);
        assert_eq!(payload.as_slice(), bytes_of(2));
    });
}
