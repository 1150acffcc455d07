//! Two threads record at once.

use loom::thread;

use super::{
    CAPACITY, INCREMENT, PAYLOAD_BYTES, Ring, bytes_of, explore, payload_word, record, slot_of,
    tag_of,
};
use crate::{NextEvent, PayloadBuffer};
use std::sync::Arc;

#[test]
fn events_of_two_writers_come_whole_and_in_the_order_of_their_seqnos() {
    explore(Some(4), || {
        let free = |seqno| slot_of(seqno, 0, 0, 0).map(|(offset, _)| (offset, 0));
        let words = [free(1), free(2)].into_iter().flatten();
        let payload = [0, 8, 16, 24].map(|at| (payload_word(at), 0));
        let ring = Ring::new([0, 0, 0], words.chain(payload), |_| 0);
        let (writer, mut reader) = (Arc::new(ring.writer()), ring.reader());
        let writing = [2, 3].map(|tag| {
            let writer = Arc::clone(&writer);
            thread::spawn(move || record(&writer, tag))
        });
        let mut payload = PayloadBuffer::new();
        let mut tags = vec![];
        let mut read = |tags: &mut Vec<u64>| {
            while let NextEvent::Ready(descriptor) = reader.next(&mut payload) {
                tags.push(tag_of(&descriptor));
                assert_eq!(descriptor.seqno, tags.len() as u64);
                assert_eq!(payload.as_slice(), bytes_of(tag_of(&descriptor)));
            }
        };
        read(&mut tags);
        let seqnos = writing.map(|thread| thread.join().unwrap());
        read(&mut tags);
        assert!(seqnos == [1, 2] || seqnos == [2, 1]);
        tags.sort_unstable();
        assert_eq!(tags, [2, 3]);
    });
}

/// Both events need the window moved, the later one by a step more than the earlier one.
#[test]
fn the_window_is_where_the_later_of_two_events_needs_it() {
    explore(None, || {
        let ring = Ring::new([CAPACITY, PAYLOAD_BYTES - 16, 0], [], |_| 0);
        let writer = Arc::new(ring.writer());
        let writing = [2, 3].map(|tag| {
            let writer = Arc::clone(&writer);
            thread::spawn(move || record(&writer, tag))
        });
        for thread in writing {
            thread.join().unwrap();
        }
        let window_start = ring.reader().ring().buffer_window_start();
        assert_eq!(window_start, 2 * INCREMENT);
    });
}
