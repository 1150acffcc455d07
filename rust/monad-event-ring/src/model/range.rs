//! What holds of the ring as a whole while a writer goes on: the newest committed event and the oldest readable one.

use loom::thread;

use super::{CAPACITY, PAYLOAD_BYTES, Ring, explore, record, slot_word};

/// Word 0 and word 3 of every slot of a full ring: event n lies at offset 16 n.
fn full(offset: usize) -> u64 {
    let at = (offset - (2 << 20)) as u64;
    match (at / 64 + 1, at % 64) {
        (seqno, 0) => seqno,
        (seqno, 24) => 16 * seqno,
        _ => 0,
    }
}

/// The slots of the first two events, by the words that decide where an event stands.
fn first_slots() -> impl Iterator<Item = (usize, u64)> {
    [1, 2].into_iter().flat_map(|seqno| {
        [
            (slot_word(seqno, 0), seqno),
            (slot_word(seqno, 3), 16 * seqno),
        ]
    })
}

#[test]
fn the_oldest_readable_event_was_readable_and_is_not_passed_over() {
    explore(Some(2), || {
        let ring = Ring::new([CAPACITY, 16 * (CAPACITY + 1), 0], first_slots(), full);
        let (writer, mapping) = (ring.writer(), ring.mapping());
        let writing = thread::spawn(move || {
            assert_eq!(record(&writer, 2), CAPACITY + 1);
            assert_eq!(record(&writer, 3), CAPACITY + 2);
        });
        let (oldest, last) = mapping.readable_range().unwrap();
        // 1 before the writer, 3 after both its events, and never more than was lost by then.
        assert!((1..=3).contains(&oldest), "{oldest}");
        assert!((CAPACITY..=CAPACITY + 2).contains(&last), "{last}");
        writing.join().unwrap();
        assert_eq!(mapping.readable_range(), Some((3, CAPACITY + 2)));
    });
}

#[test]
fn a_moved_window_makes_just_what_it_passed_unreadable() {
    explore(Some(2), || {
        // The second event ends 16 bytes behind what the window of 0 allows, and moves it past all that the ring holds.
        let next = PAYLOAD_BYTES - (1 << 24) - 16;
        let ring = Ring::new([CAPACITY, next, 0], first_slots(), full);
        let (writer, mapping) = (ring.writer(), ring.mapping());
        let writing = thread::spawn(move || {
            record(&writer, 2);
            record(&writer, 3);
        });
        if let Some((oldest, last)) = mapping.readable_range() {
            let newest = [CAPACITY + 1, CAPACITY + 2];
            assert!(oldest <= 3 || newest.contains(&oldest), "{oldest}");
            assert!(oldest <= last);
        }
        writing.join().unwrap();
        assert_eq!(mapping.readable_range(), Some((CAPACITY + 1, CAPACITY + 2)));
    });
}

#[test]
fn the_newest_committed_event_is_committed_and_no_older_than_at_the_call() {
    explore(Some(2), || {
        let competed_for = [(slot_word(3, 0), 0)];
        let ring = Ring::new([2, 0, 0], competed_for, |offset| match offset {
            _ if offset == slot_word(1, 0) => 1,
            _ if offset == slot_word(2, 0) => 2,
            _ => 0,
        });
        let (writer, mapping) = (ring.writer(), ring.mapping());
        let writing = thread::spawn(move || record(&writer, 3));
        let newest = mapping.newest_committed();
        assert!(newest == 2 || newest == 3, "{newest}");
        if newest == 3 {
            assert!(mapping.try_copy(3).is_some());
        }
        writing.join().unwrap();
        assert_eq!(mapping.newest_committed(), 3);
    });
}
