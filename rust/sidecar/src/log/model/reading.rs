//! Entries are read while the writer goes on, and their places are taken once they are released.

use loom::thread;

use super::small::{LEN, Log, append, assert_needed, explore};

/// Three entries through a log whose scarce part holds one or two; JavaScript learns the head from `status`, which
/// takes no lock.
fn pass_through(index_capacity: u64, text_size: u64) {
    explore(3, move || {
        let (log, mut writer) = Log::new(index_capacity, text_size);
        let writing = thread::spawn(move || {
            for number in 0..3 {
                append(&mut writer, number).unwrap();
                writer.publish();
            }
        });
        let mut next = 0;
        while next < 3 {
            let head = log.shared.head();
            while next < head {
                log.read(next);
                next += 1;
            }
            assert!(log.shared.release(next));
            thread::yield_now();
        }
        writing.join().unwrap();
        assert_eq!((log.shared.head(), log.shared.oldest()), (3, 3));
    });
}

fn few_records() {
    pass_through(1, 64);
}

/// Room for two texts, so that the third takes the first one's place.
fn little_text() {
    pass_through(8, TWO_TEXTS);
}

const TWO_TEXTS: u64 = 2 * (LEN as u64 + 1);

/// A full log: its oldest entry is read and released, and the next one takes its place.
fn reuse(index_capacity: u64, text_size: u64, held: u64) {
    explore(3, move || {
        let (log, mut writer) = Log::new(index_capacity, text_size);
        for number in 0..held {
            append(&mut writer, number).unwrap();
        }
        writer.publish();
        let writing = thread::spawn(move || append(&mut writer, held).unwrap());
        log.read(0);
        assert!(log.shared.release(1));
        writing.join().unwrap();
    });
}

fn reuse_of_a_record() {
    reuse(1, 64, 1);
}

fn reuse_of_text() {
    reuse(8, TWO_TEXTS, 2);
}

#[test]
fn a_place_is_taken_after_its_reader_has_read() {
    reuse_of_a_record();
    reuse_of_text();
}

#[test]
fn an_entry_is_whole_while_records_are_reused() {
    few_records();
}

#[test]
fn an_entry_is_whole_while_text_is_reused() {
    little_text();
}

#[test]
fn without_release_of_the_head_an_entry_is_read_half_written() {
    assert_needed("self.head.store(head, Ordering::Release)", 0, few_records);
}

#[test]
fn without_acquire_of_the_head_an_entry_is_read_half_written() {
    assert_needed("self.head.load(Ordering::Acquire)", 0, few_records);
}

#[test]
fn without_release_of_the_oldest_entry_a_record_is_reused_under_its_reader() {
    assert_needed(
        "self.oldest.store(entry, Ordering::Release)",
        0,
        reuse_of_a_record,
    );
}

#[test]
fn without_acquire_of_the_oldest_entry_a_record_is_reused_under_its_reader() {
    assert_needed("self.oldest.load(Ordering::Acquire)", 0, reuse_of_a_record);
}

#[test]
fn without_release_of_the_oldest_text_it_is_reused_under_its_reader() {
    let store = "self.text_oldest.store(text_oldest, Ordering::Release)";
    assert_needed(store, 0, reuse_of_text);
}

#[test]
fn without_acquire_of_the_oldest_text_it_is_reused_under_its_reader() {
    assert_needed("self.text_oldest.load(Ordering::Acquire)", 0, reuse_of_text);
}

/// JavaScript releases everything it knows while one more entry is published; that one stays held.
fn release_beside_publish() {
    explore(3, || {
        let (log, mut writer) = Log::new(4, 64);
        append(&mut writer, 0).unwrap();
        writer.publish();
        let writing = thread::spawn(move || {
            append(&mut writer, 1).unwrap();
            writer.publish();
        });
        log.read(0);
        assert!(log.shared.release(1));
        writing.join().unwrap();
        log.read(1);
        let mut text = [0; LEN];
        let span = [(LEN as u64 + 1, LEN)].into_iter();
        assert_eq!(log.shared.gather(span, &mut text), Some(LEN));
        assert_eq!(text, [1; LEN]);
        assert!(!log.shared.release(3));
    });
}

#[test]
fn releasing_everything_known_keeps_what_is_published_meanwhile() {
    release_beside_publish();
}

#[test]
fn without_the_publishers_lock_a_release_takes_the_next_text_with_it() {
    // The first lock of the file is the publisher's.
    assert_needed("let guard = self.lock();", 0, release_beside_publish);
}

/// One thread gathers text while another releases it and the writer reuses it.
fn gather_beside_release() {
    explore(3, || {
        let (log, mut writer) = Log::new(8, TWO_TEXTS);
        for number in 0..2 {
            append(&mut writer, number).unwrap();
        }
        writer.publish();
        let writing = thread::spawn(move || append(&mut writer, 2).unwrap());
        let gathering = {
            let log = log.clone();
            thread::spawn(move || {
                let mut text = [0; LEN];
                match log.shared.gather([(0, LEN)].into_iter(), &mut text) {
                    Some(_) => assert_eq!(text, [0; LEN]),
                    None => assert_eq!(log.shared.oldest(), 1),
                }
            })
        };
        assert!(log.shared.release(1));
        gathering.join().unwrap();
        writing.join().unwrap();
    });
}

#[test]
fn gathered_text_is_held_until_it_is_copied() {
    gather_beside_release();
}

#[test]
fn without_the_gatherers_lock_text_is_reused_while_it_is_copied() {
    assert_needed("let _guard = self.lock();", 0, gather_beside_release);
}
