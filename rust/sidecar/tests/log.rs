//! The log in lent memory on one thread: how it is divided, what is seen, gathered and released.
//! Waits and races are in `log_threads`. Source: the conditions in `src/log`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::small_log::{TEXT, append, gather, small_log, text};
use ringcast_sidecar::log::{Geometry, RECORD_SIZE};

#[test]
fn memory_is_divided_or_refused() {
    let divided = Geometry::divide(64 * RECORD_SIZE + TEXT, 64).unwrap();
    assert_eq!(
        (divided.index_capacity, divided.text_size),
        (64, TEXT as u64)
    );
    for (bytes, capacity) in [
        (0, 64),
        (64 * RECORD_SIZE, 64),
        (64 * RECORD_SIZE + TEXT - 1, 64),
        (1 << 20, 0),
        (1 << 20, 63),
        (1 << 20, 1 << 31),
        (usize::MAX, 3),
    ] {
        assert_eq!(
            Geometry::divide(bytes, capacity),
            None,
            "{bytes} bytes, {capacity} records"
        );
    }
}

#[test]
fn nothing_is_seen_before_it_is_published() {
    let (log, mut writer) = small_log();
    append(&mut writer, 0, 10).unwrap();
    assert_eq!((log.shared.head(), log.shared.text_written()), (0, 0));
    assert_eq!(gather(&log.shared, &[(0, 10)], 10), None);
    assert!(writer.publish());
    assert!(!writer.publish(), "there is nothing new");
    let entry = log.entry(0);
    assert_eq!((entry.seq, entry.text_at, entry.text), (16, 0, text(0, 10)));
    assert_eq!(writer.newest_seq(), 16);
}

#[test]
fn a_reservation_that_is_not_committed_leaves_no_trace() {
    let (log, mut writer) = small_log();
    append(&mut writer, 0, 100).unwrap();
    writer.reserve(500).unwrap().fill(b'!');
    append(&mut writer, 1, 100).unwrap();
    writer.publish();
    assert_eq!(
        (log.entry(0).text, log.entry(1).text),
        (text(0, 100), text(1, 100))
    );
    assert_eq!(log.entry(1).text_at, 101);
}

#[test]
fn gather_takes_what_is_held_and_refuses_everything_else() {
    let (log, mut writer) = small_log();
    (0..10).for_each(|number| append(&mut writer, number, 99).unwrap());
    writer.publish();
    let shared = &log.shared;
    let both = [text(2, 99), text(7, 99)].concat().into_bytes();
    assert_eq!(gather(shared, &[(200, 99), (700, 99)], 198), Some(both));
    assert_eq!(
        gather(shared, &[(200, 99), (700, 99)], 197),
        None,
        "it does not fit"
    );
    assert_eq!(
        gather(shared, &[(900, 100)], 200).unwrap().len(),
        100,
        "with its comma"
    );
    assert_eq!(gather(shared, &[(900, 101)], 200), None, "not published");
    assert_eq!(gather(shared, &[(1000, 1)], 200), None, "not published");
    assert_eq!(gather(shared, &[(u64::MAX, 1)], 200), None);
    assert_eq!(gather(shared, &[(1, usize::MAX)], 200), None);
    assert_eq!(gather(shared, &[], 0), Some(vec![]));
    assert!(shared.release(3));
    assert_eq!(gather(shared, &[(200, 99)], 99), None, "released");
    assert_eq!(gather(shared, &[(299, 2)], 99), None, "partly released");
    assert_eq!(
        gather(shared, &[(300, 99)], 99),
        Some(text(3, 99).into_bytes())
    );
}

#[test]
fn gather_refuses_a_span_that_crosses_the_end_of_the_region() {
    let (log, mut writer) = small_log();
    let mut number = 0;
    // The newest two entries stay held.
    while log.shared.text_written() < TEXT as u64 {
        append(&mut writer, number, 5000).unwrap();
        writer.publish();
        assert!(log.shared.release(number.saturating_sub(1)));
        number += 1;
    }
    let (last, first) = (log.entry(number - 2), log.entry(number - 1));
    assert_eq!(
        first.text_at, TEXT as u64,
        "the text that does not fit begins the region anew"
    );
    assert_eq!(
        (last.text, first.text),
        (text(number - 2, 5000), text(number - 1, 5000))
    );
    let gap = first.text_at - 1;
    assert!(
        gather(&log.shared, &[(gap, 1), (gap + 1, 1)], 9).is_some(),
        "both sides are held"
    );
    assert_eq!(
        gather(&log.shared, &[(gap, 2)], 9),
        None,
        "it crosses the end"
    );
}

#[test]
fn release_refuses_what_was_never_published_and_does_not_go_back() {
    let (log, mut writer) = small_log();
    assert!(log.shared.release(0));
    assert!(!log.shared.release(1));
    (0..5).for_each(|number| append(&mut writer, number, 10).unwrap());
    assert!(!log.shared.release(1), "not published");
    writer.publish();
    assert!(!log.shared.release(6));
    assert!(!log.shared.release(u64::MAX));
    assert!(log.shared.release(4));
    assert!(log.shared.release(2));
    assert_eq!(log.shared.oldest(), 4);
    assert_eq!(log.entry(4).text, text(4, 10));
    assert!(log.shared.release(5));
    assert_eq!(log.shared.oldest(), 5);
}
