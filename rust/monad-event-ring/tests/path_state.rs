//! A node that stops, dies or restarts: what the path of an opened ring leads to, and what the reader sees.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::{SMALL, TOTAL, TestRing, open, ready};
use monad_event_ring::{
    NextEvent, PathState, PayloadBuffer, RawEventReader, writer::EventRingWriter,
};

#[test]
fn a_restarted_writer_replaces_the_ring_and_the_old_one_stays_silent() {
    let TestRing {
        writer,
        path,
        directory,
    } = TestRing::new();
    let old = open(&path);
    let (mut reader, mut payload) = (
        RawEventReader::new(old.clone(), u32::MAX),
        PayloadBuffer::new(),
    );
    writer.record(1, [0; 4], None, &[b"before"]).unwrap();
    ready(&mut reader, &mut payload);
    assert_eq!(old.path_state(), PathState::Same);

    writer.close().unwrap();
    assert_eq!(old.path_state(), PathState::Missing);

    let writer = EventRingWriter::create(&path, &SMALL).unwrap();
    assert_eq!(old.path_state(), PathState::Replaced);
    writer.record(1, [0; 4], None, &[b"after"]).unwrap();
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);

    let new = open(&path);
    assert_eq!(new.path_state(), PathState::Same);
    let mut reader = RawEventReader::new(new, u32::MAX);
    assert_eq!(ready(&mut reader, &mut payload).seqno, 1);
    assert_eq!(payload.as_slice(), b"after");
    drop(directory);
}

#[test]
fn a_killed_writer_leaves_a_ring_that_can_be_read_to_its_end() {
    let TestRing {
        writer,
        path,
        directory,
    } = TestRing::new();
    writer.record(1, [0; 4], None, &[b"last words"]).unwrap();
    writer.abandon();
    let zombie = open(&path);
    let (mut reader, mut payload) = (
        RawEventReader::new(zombie.clone(), u32::MAX),
        PayloadBuffer::new(),
    );
    ready(&mut reader, &mut payload);
    assert_eq!(payload.as_slice(), b"last words");
    assert_eq!(reader.next(&mut payload), NextEvent::NotReady);
    assert_eq!(zombie.path_state(), PathState::Same);

    let _writer = EventRingWriter::create(&path, &SMALL).unwrap();
    assert_eq!(zombie.path_state(), PathState::Replaced);
    drop(directory);
}

#[test]
fn a_ring_that_was_cut_is_truncated_even_if_its_path_is_gone() {
    let ring = TestRing::new();
    let opened = ring.open();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(&ring.path)
        .unwrap();
    for len in [TOTAL - 1, 4096, 0] {
        file.set_len(len).unwrap();
        assert_eq!(opened.path_state(), PathState::Truncated);
    }
    file.set_len(TOTAL).unwrap();
    assert_eq!(opened.path_state(), PathState::Same);
    std::fs::remove_file(&ring.path).unwrap();
    file.set_len(1).unwrap();
    assert_eq!(opened.path_state(), PathState::Truncated);
}
