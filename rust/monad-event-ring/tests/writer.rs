//! EventRingWriter: who may have a path, what a new ring's bytes are, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::{fs, os::unix::fs::MetadataExt};

use harness::{CAPACITY, PAYLOAD_BYTES, SMALL, TOTAL, TestRing, image, open};
use monad_event_ring::writer::{CreateError, EventRingWriter, WriteError, WriterConfig};

fn names_in(ring: &TestRing) -> Vec<String> {
    let entries = fs::read_dir(ring.directory.path()).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_new_ring_has_the_header_of_the_reference_and_zeros() {
    let ring = TestRing::new();
    let bytes = fs::read(&ring.path).unwrap();
    assert_eq!(bytes.len() as u64, TOTAL);
    assert_eq!(bytes[..192], image::header(CAPACITY, PAYLOAD_BYTES, 0));
    assert!(bytes[192..].iter().all(|byte| *byte == 0));
    // Nothing but the ring is left, and it takes only the space that is used.
    assert_eq!(names_in(&ring), ["ring"]);
    assert!(fs::metadata(&ring.path).unwrap().blocks() < 100);
}

#[test]
fn control_words_follow_what_is_recorded() {
    let ring = TestRing::new();
    assert_eq!(ring.writer.next_seqno(), 1);
    ring.record(3, 17);
    assert_eq!(ring.writer.next_seqno(), 4);
    let bytes = fs::read(&ring.path).unwrap();
    let word = |at: usize| u64::from_le_bytes(*bytes[at..].first_chunk().unwrap());
    assert_eq!((word(64), word(72), word(128)), (3, 96, 0));
}

#[test]
fn a_path_has_one_living_writer() {
    let ring = TestRing::new();
    ring.record(1, 0);
    let error = EventRingWriter::create(&ring.path, &SMALL).unwrap_err();
    assert!(matches!(error, CreateError::Locked { .. }), "{error}");
    assert_eq!(names_in(&ring), ["ring"]);
    assert_eq!(open(&ring.path).last_seqno(), 1);
}

#[test]
fn what_a_killed_writer_left_is_replaced() {
    let TestRing {
        writer,
        path,
        directory,
    } = TestRing::new();
    writer.record(1, [0; 4], None, &[]).unwrap();
    let before = fs::metadata(&path).unwrap().ino();
    writer.abandon();
    // Also the unfinished file that it left, if its process id was ours.
    fs::write(
        path.with_file_name(format!("ring.{}", std::process::id())),
        b"half",
    )
    .unwrap();
    let writer = EventRingWriter::create(&path, &SMALL).unwrap();
    assert_eq!(open(&path).last_seqno(), 0);
    assert_ne!(fs::metadata(&path).unwrap().ino(), before);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    drop(writer);
}

#[test]
fn a_file_of_something_else_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    for content in [&b""[..], b"RING", b"my notes"] {
        fs::write(&path, content).unwrap();
        let error = EventRingWriter::create(&path, &SMALL).unwrap_err();
        assert!(matches!(error, CreateError::NotARing { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), content);
    }
    let error = EventRingWriter::create(directory.path(), &SMALL)
        .err()
        .unwrap();
    assert!(matches!(error, CreateError::NotARing { .. }), "{error}");
    let error = EventRingWriter::create("", &SMALL).unwrap_err();
    assert!(matches!(error, CreateError::NoFileName { .. }), "{error}");
    let error = EventRingWriter::create(directory.path().join("no/ring"), &SMALL)
        .err()
        .unwrap();
    assert!(
        matches!(
            error,
            CreateError::Io {
                action: "create",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn an_orderly_end_removes_the_ring_but_never_anothers() {
    let TestRing {
        writer,
        path,
        directory: _directory,
    } = TestRing::new();
    drop(writer);
    assert!(!path.exists());
    let writer = EventRingWriter::create(&path, &SMALL).unwrap();
    writer.close().unwrap();
    assert!(!path.exists());

    let first = EventRingWriter::create(&path, &SMALL).unwrap();
    fs::remove_file(&path).unwrap();
    let _second = EventRingWriter::create(&path, &SMALL).unwrap();
    first.close().unwrap();
    assert!(path.exists());
}

#[test]
fn sizes_and_notes_that_do_not_fit_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let create = |config| EventRingWriter::create(&path, &config).unwrap_err();
    for (descriptor_shift, payload_shift) in
        [(15, 27), (33, 27), (64, 27), (16, 26), (16, 41), (16, 255)]
    {
        let error = create(WriterConfig {
            descriptor_shift,
            payload_shift,
            ..SMALL
        });
        assert!(matches!(error, CreateError::Geometry(_)), "{error}");
    }
    let long = "x".repeat(33);
    for note in ["", "two\nlines", "d\u{e9}mo", &long] {
        let error = create(WriterConfig {
            note: Some(note),
            ..SMALL
        });
        assert!(matches!(error, CreateError::Note { .. }), "{error}");
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    let note = "x".repeat(32);
    let _writer = EventRingWriter::create(
        &path,
        &WriterConfig {
            note: Some(&note),
            ..SMALL
        },
    )
    .unwrap();
    assert_eq!(open(&path).recorder_note(), Some(note));
}

#[test]
fn a_payload_that_would_expire_at_once_is_refused_and_uses_no_seqno() {
    let ring = TestRing::new();
    let limit = PAYLOAD_BYTES - (2 << 24);
    let zeros = vec![0; limit as usize];
    for size in [limit, limit - 15] {
        let refused = ring
            .writer
            .record(1, [0; 4], None, &[&zeros[..size as usize]]);
        assert_eq!(
            refused,
            Err(WriteError::OverflowExpire { size: limit, limit })
        );
    }
    // 64 parts of 64 MiB are one byte more than the descriptor can say.
    let part = &zeros[..64 << 20];
    let refused = ring.writer.record(1, [0; 4], None, &[part; 64]);
    assert_eq!(refused, Err(WriteError::Overflow4Gb { size: 1 << 32 }));
    assert_eq!(
        ring.writer
            .record(1, [0; 4], None, &[&zeros[..limit as usize - 16]]),
        Ok(1)
    );
}
