//! Nobody waits for ever: a publication, a release, a wake and a stop each end the waits that they should.
//! No wait of a model ends by its time, so a lost wake-up is a deadlock, which loom reports.

use std::time::Duration;

use loom::thread;

use super::super::writer::Stopped;
use super::small::{Log, append, assert_needed, explore};

const FOR_EVER: Duration = Duration::from_secs(1 << 30);

/// JavaScript waits for an entry on a thread of its own, and reads it.
fn wait_for_an_entry() {
    explore(3, || {
        let (log, mut writer) = Log::new(4, 64);
        let waiting = {
            let log = log.clone();
            thread::spawn(move || {
                assert_eq!(
                    log.shared
                        .wait_published(0, FOR_EVER, Duration::ZERO, Duration::ZERO),
                    1
                );
                log.read(0);
            })
        };
        append(&mut writer, 0).unwrap();
        assert!(writer.publish());
        waiting.join().unwrap();
    });
}

#[test]
fn a_publication_ends_the_wait_for_it() {
    wait_for_an_entry();
}

#[test]
fn without_its_notification_a_publication_is_not_noticed() {
    assert_needed("self.published.notify_all();", 0, wait_for_an_entry);
}

#[test]
fn without_its_lock_a_publication_is_not_noticed() {
    assert_needed("let guard = self.lock();", 0, wait_for_an_entry);
}

/// The writer waits for room in a full log.
fn wait_for_room() {
    explore(3, || {
        let (log, mut writer) = Log::new(1, 64);
        append(&mut writer, 0).unwrap();
        writer.publish();
        let writing = thread::spawn(move || append(&mut writer, 1).unwrap());
        assert!(log.shared.release(1));
        writing.join().unwrap();
    });
}

#[test]
fn a_release_ends_the_wait_for_room() {
    wait_for_room();
}

#[test]
fn without_its_notification_a_release_is_not_noticed() {
    assert_needed("self.released.notify_all();", 0, wait_for_room);
}

#[test]
fn without_its_lock_a_release_is_not_noticed() {
    // The second lock of the file is the releaser's.
    assert_needed("let guard = self.lock();", 1, wait_for_room);
}

/// JavaScript waits for an entry, the writer waits for room, and another call stops the log.
fn stop_everything() {
    explore(2, || {
        let (log, mut writer) = Log::new(1, 64);
        append(&mut writer, 0).unwrap();
        writer.publish();
        let writing = thread::spawn(move || append(&mut writer, 1));
        let waiting = {
            let log = log.clone();
            thread::spawn(move || {
                log.shared
                    .wait_published(1, FOR_EVER, Duration::ZERO, Duration::ZERO)
            })
        };
        log.shared.stop();
        assert_eq!(writing.join().unwrap(), Err(Stopped));
        assert_eq!(waiting.join().unwrap(), 1);
        assert_eq!(
            log.shared
                .wait_published(1, FOR_EVER, Duration::ZERO, Duration::ZERO),
            1
        );
        log.shared.pause(FOR_EVER);
        log.read(0);
    });
}

#[test]
fn a_stop_ends_every_wait() {
    stop_everything();
}

#[test]
fn without_its_notifications_a_stop_is_not_noticed() {
    assert_needed("self.published.notify_all();", 1, stop_everything);
    assert_needed("self.released.notify_all();", 1, stop_everything);
}

#[test]
fn without_its_lock_a_stop_is_not_noticed() {
    // The locks of the file: publish, release, pause, wake.
    assert_needed("let guard = self.lock();", 3, stop_everything);
}

/// The reader thread pauses when it has nothing to read; a stop ends the pause.
fn stop_a_pause() {
    explore(3, || {
        let (log, _) = Log::new(1, 64);
        let pausing = {
            let log = log.clone();
            thread::spawn(move || {
                log.shared.pause(FOR_EVER);
                assert!(log.shared.is_stopped());
            })
        };
        log.shared.stop();
        pausing.join().unwrap();
    });
}

#[test]
fn a_stop_ends_a_pause() {
    stop_a_pause();
}

#[test]
fn without_its_notification_a_stop_does_not_end_a_pause() {
    assert_needed("self.woken.notify_all();", 0, stop_a_pause);
}

#[test]
fn without_its_lock_a_pause_is_not_ended() {
    assert_needed("let guard = self.lock();", 3, stop_a_pause);
}
