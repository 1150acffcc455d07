//! The log between threads: waiting for room, stopping, and a reader beside a writer that wraps many times.
//! Single calls are in `log`, the race of publish and release in `log_race`. Source: design ("The log is the product"), the conditions in `src/log`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use harness::seed::{Random, seed};
use harness::small_log::{INDEX, TEXT, append, small_log, text};
use harness::{PATIENCE, until};
use ringcast_sidecar::log::{ENOUGH_TEXT, LogShared, LogWriter};

/// Fills the log on a thread and says every number that was appended; `len` bytes of text each.
fn fill(
    mut writer: LogWriter,
    len: usize,
) -> (std::sync::mpsc::Receiver<u64>, thread::JoinHandle<u64>) {
    let (said, heard) = channel();
    let thread = thread::spawn(move || {
        let mut number = 0;
        while append(&mut writer, number, len).is_ok() {
            said.send(number).unwrap();
            number += 1;
        }
        number
    });
    (heard, thread)
}

#[test]
fn a_full_log_waits_for_the_release_and_goes_on() {
    // By records (short texts) and by text (long ones).
    for len in [10, 8000] {
        let (log, writer) = small_log();
        let (heard, thread) = fill(writer, len);
        let held = if len == 10 {
            u64::from(INDEX)
        } else {
            (TEXT / (len + 1)) as u64
        };
        until("the log is full", || log.shared.head() == held);
        assert_eq!(heard.iter().take(held as usize).last(), Some(held - 1));
        assert_eq!(
            heard.recv_timeout(Duration::from_millis(30)).ok(),
            None,
            "it waits"
        );
        for number in 0..held {
            assert_eq!(
                log.entry(number).text,
                text(number, len),
                "nothing was written over"
            );
        }
        assert!(log.shared.release(2));
        let next = heard.recv_timeout(PATIENCE).unwrap();
        assert_eq!(next, held, "it goes on");
        log.shared.stop();
        assert!(thread.join().unwrap() <= held + 2);
    }
}

#[test]
fn stop_ends_every_wait() {
    let (log, writer) = small_log();
    let (heard, full) = fill(writer, 10);
    assert_eq!(heard.iter().take(INDEX as usize).count(), INDEX as usize);
    until("the log is full", || log.shared.head() == u64::from(INDEX));
    let waits = [
        (|shared: &LogShared| {
            shared.wait_published(
                64,
                Duration::from_secs(3600),
                Duration::ZERO,
                Duration::ZERO,
            )
        }) as fn(&LogShared) -> u64,
        |shared| {
            shared.pause(Duration::from_secs(3600));
            shared.head()
        },
    ];
    let waiting: Vec<_> = waits
        .into_iter()
        .map(|wait| {
            let shared = Arc::clone(&log.shared);
            thread::spawn(move || wait(&shared))
        })
        .collect();
    log.shared.stop();
    assert_eq!(
        full.join().unwrap(),
        u64::from(INDEX),
        "the append in flight was given up"
    );
    for thread in waiting {
        assert_eq!(thread.join().unwrap(), u64::from(INDEX));
    }
    assert!(log.shared.is_stopped());
    assert_eq!(
        log.shared.wait_published(
            64,
            Duration::from_secs(3600),
            Duration::ZERO,
            Duration::ZERO
        ),
        64,
        "no wait after it"
    );
}

#[test]
fn wait_answers_at_once_if_there_is_more_and_at_the_end_of_its_time_if_not() {
    let (log, mut writer) = small_log();
    append(&mut writer, 0, 10).unwrap();
    writer.publish();
    assert_eq!(
        log.shared
            .wait_published(0, Duration::from_secs(3600), Duration::ZERO, Duration::ZERO),
        1
    );
    assert_eq!(
        log.shared
            .wait_published(1, Duration::from_millis(1), Duration::ZERO, Duration::ZERO),
        1
    );
    let shared = Arc::clone(&log.shared);
    let waiting = thread::spawn(move || {
        shared.wait_published(1, Duration::from_secs(3600), Duration::ZERO, Duration::ZERO)
    });
    append(&mut writer, 1, 10).unwrap();
    writer.publish();
    assert_eq!(waiting.join().unwrap(), 2);
}

#[test]
fn a_pause_ends_with_as_much_text_as_fills_a_message_and_not_before_whoever_else_waits() {
    let hour = Duration::from_secs(3600);
    let (log, mut writer) = small_log();
    let wait = |known, pause| {
        let shared = Arc::clone(&log.shared);
        thread::spawn(move || shared.wait_published(known, hour, pause, Duration::ZERO))
    };
    let (paced, unpaced) = (wait(0, hour), wait(0, Duration::ZERO));
    for number in 0..ENOUGH_TEXT / 7001 {
        append(&mut writer, number, 7000).unwrap();
        writer.publish();
    }
    assert!(unpaced.join().unwrap() >= 1);
    thread::sleep(Duration::from_millis(30));
    assert!(!paced.is_finished(), "8 of 9 texts are not enough");
    append(&mut writer, ENOUGH_TEXT / 7001, 7000).unwrap();
    writer.publish();
    assert_eq!(paced.join().unwrap(), 9);
    let begin = Instant::now();
    let rest = Duration::from_millis(20);
    assert_eq!(log.shared.wait_published(0, hour, rest / 2, rest), 9);
    assert!(begin.elapsed() >= rest, "whatever there is");
    let waited = log.shared.wait_published(9, Duration::ZERO, hour, hour);
    assert_eq!(waited, 9, "no pause is longer than the wait");
    assert_eq!(log.shared.patience(), Duration::ZERO);
    let paced = wait(9, hour);
    until("it waits", || !log.shared.patience().is_zero());
    log.shared.stop();
    assert_eq!(paced.join().unwrap(), 9);
}

/// A writer that publishes after random numbers of entries, and a reader that checks every byte and releases at random.
#[test]
fn a_reader_sees_every_byte_while_the_writer_wraps_many_times() {
    const ENTRIES: u64 = 30_000;
    let seed = seed();
    let len = move |number: u64| Random(seed ^ number).below(4000) as usize;
    let (log, mut writer) = small_log();
    let thread = thread::spawn(move || {
        let mut random = Random(seed);
        for number in 0..ENTRIES {
            append(&mut writer, number, len(number)).unwrap();
            if random.below(4) == 0 {
                writer.publish();
            }
        }
        writer.publish();
    });
    let mut random = Random(!seed);
    let mut next = 0;
    while next < ENTRIES {
        let head = log
            .shared
            .wait_published(next, PATIENCE, Duration::ZERO, Duration::ZERO);
        assert!(head > next, "the writer stands still at {head}");
        while next < head {
            let entry = log.entry(next);
            assert_eq!((entry.seq, entry.recorded_us), (16 * next + 16, next));
            assert_eq!(entry.text, text(next, len(next)), "entry {next}");
            next += 1;
            if random.below(8) == 0 {
                assert!(log.shared.release(next));
            }
        }
        assert!(log.shared.release(next));
    }
    thread.join().unwrap();
    assert!(log.shared.text_written() > 100 * TEXT as u64);
}
