//! A writer that publishes at the very moment at which the reader releases everything it knows; alone in its program,
//! because the two threads must really run at once. Other threads are in `log_threads`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::thread;

use harness::seed::{Random, seed};
use harness::small_log::{append, gather, small_log};

/// What is published while the reader releases up to the head that it knows stays held.
#[test]
fn releasing_everything_known_keeps_what_is_published_meanwhile() {
    const ENTRIES: u64 = 1_000_000;
    let seed = seed();
    let (log, mut writer) = small_log();
    let thread = thread::spawn(move || {
        let mut random = Random(seed);
        for number in 0..ENTRIES {
            append(&mut writer, number, 8).unwrap();
            (0..random.below(64)).for_each(|_| std::hint::spin_loop());
            writer.publish();
        }
    });
    let (mut released, mut lost) = (0, 0);
    while released < ENTRIES {
        let head = log.shared.head();
        if head > released {
            assert!(log.shared.release(head));
            released = head;
            if head < ENTRIES {
                while log.shared.head() == head {
                    thread::yield_now();
                }
                let span = (log.record_text_at(head), 8);
                lost += u64::from(gather(&log.shared, &[span], 8).is_none());
            }
        }
    }
    thread.join().unwrap();
    assert_eq!(
        lost, 0,
        "entries were published and not held, though nobody released them"
    );
}
