//! RawEventRing::open() refuses what is no ring with an error that says what it found, and never faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::{fs::File, io::Write, path::PathBuf};

use harness::{CAPACITY, EXPECTED, PAYLOAD_BYTES, SMALL, TOTAL, image};
use monad_event_ring::{
    ContentType, GeometryError, NextEvent, OpenError, PayloadBuffer, RawEventReader, RawEventRing,
    RingExpectation, RingKind, writer::EventRingWriter,
};
use tempfile::TempDir;

/// Opens a file of `len` bytes that begins with `start`.
fn open_file(start: &[u8], len: u64) -> (Result<RawEventRing, OpenError>, PathBuf, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    image::write(&path, start, len);
    (RawEventRing::open(&path, &EXPECTED, 0), path, directory)
}

/// The error of such a file, whose message is one line and names the path.
fn refused(start: &[u8], len: u64) -> OpenError {
    let (opened, path, _directory) = open_file(start, len);
    let error = opened.expect_err("the file must be refused");
    let message = error.to_string();
    assert!(
        message.contains(path.to_str().unwrap()) && !message.contains('\n'),
        "{message}"
    );
    error
}

#[test]
fn a_path_that_leads_nowhere_is_not_found() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    File::create(&file).unwrap();
    for path in [directory.path().join("ring"), file.join("ring")] {
        let error = RawEventRing::open(&path, &EXPECTED, 0).unwrap_err();
        assert!(matches!(error, OpenError::NotFound { .. }), "{error}");
        assert!(error.to_string().contains("--exec-event-ring"), "{error}");
    }
}

#[test]
fn only_a_regular_file_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let socket = directory.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for (path, kind) in [
        (directory.path().into(), "directory"),
        (pipe, "named pipe"),
        (socket, "socket"),
        (PathBuf::from("/dev/zero"), "device"),
    ] {
        match RawEventRing::open(&path, &EXPECTED, 0).unwrap_err() {
            OpenError::NotARegularFile { found, .. } => assert_eq!(found, kind),
            other => panic!("expected that a {kind} is refused, got {other}"),
        }
    }
}

#[test]
fn a_file_too_short_for_a_header_is_empty_or_truncated() {
    assert!(matches!(refused(b"", 0), OpenError::Empty { .. }));
    for len in [1, 5, 6, 191] {
        let error = refused(&image::small_header()[..len.min(6) as usize], len);
        assert!(
            matches!(error, OpenError::Truncated { expected: 192, actual, .. } if actual == len),
            "{error}"
        );
    }
}

#[test]
fn a_ring_that_lacks_more_than_fifteen_bytes_is_truncated() {
    let header = image::small_header();
    for len in [192, 2 << 20, TOTAL - 4096, TOTAL - 16] {
        let error = refused(&header, len);
        let OpenError::Truncated {
            expected, actual, ..
        } = error
        else {
            panic!("{error}")
        };
        assert_eq!((expected, actual), (TOTAL, len));
    }
}

#[test]
fn a_ring_that_lacks_up_to_fifteen_bytes_is_read_to_its_last_payload_byte() {
    for (context, missing) in [(0, 0), (0, 1), (0, 15), (8, 15), (1, 9), (4096, 15)] {
        let header = image::header(CAPACITY, PAYLOAD_BYTES, context);
        let (ring, path, _directory) = open_file(&header, TOTAL + context - missing);
        let mut reader = RawEventReader::new(ring.unwrap().into(), u32::MAX);
        // An event whose payload is the end of the buffer, past the end of the file.
        image::patch_slot(&path, 1, 12, &64_u32.to_le_bytes());
        image::patch_slot(&path, 1, 24, &(PAYLOAD_BYTES - 64).to_le_bytes());
        image::patch_slot(&path, 1, 0, &1_u64.to_le_bytes());
        let mut payload = PayloadBuffer::new();
        assert!(matches!(reader.next(&mut payload), NextEvent::Ready(_)));
        assert_eq!(payload.as_slice(), [0; 64]);
    }
}

#[test]
fn a_file_of_something_else_is_named_by_its_first_bytes() {
    let error = refused(b"\x7fELF\x02\x01 and so on", 1 << 20);
    assert!(
        matches!(
            error,
            OpenError::BadMagic {
                found: [0x7f, b'E', b'L', b'F', 2, 1],
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains(r#"begins with "\x7fELF\x02\x01" and not with "RING01""#),
        "{error}"
    );
    assert!(matches!(
        refused(b"RING02", TOTAL),
        OpenError::BadMagic { .. }
    ));
}

#[test]
fn another_content_type_or_schema_is_refused_with_both_values() {
    let mut header = image::small_header();
    header[6] = 2;
    let error = refused(&header, TOTAL);
    assert!(
        matches!(
            error,
            OpenError::ContentType {
                expected: ContentType::Test,
                found: 2,
                ..
            }
        ),
        "{error}"
    );

    let mut header = image::small_header();
    header[8..40].copy_from_slice(&std::array::from_fn::<u8, 32, _>(|at| at as u8 + 0xa0));
    let message = refused(&header, TOTAL).to_string();
    let found = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf";
    assert!(
        message.contains(found) && message.contains(&"00".repeat(32)),
        "{message}"
    );
    assert!(
        message.contains("update this program or the node"),
        "{message}"
    );

    let (_, path, _directory) = open_file(&header, TOTAL);
    let ring = RawEventRing::open_any(&path, 0).unwrap();
    assert_eq!((ring.content_type(), ring.schema_hash()[31]), (1, 0xbf));
}

#[test]
fn sizes_that_the_format_does_not_allow_are_refused_by_name() {
    for (sizes, field) in [
        ((0, PAYLOAD_BYTES, 0), "descriptor_capacity"),
        ((CAPACITY + 1, PAYLOAD_BYTES, 0), "descriptor_capacity"),
        ((CAPACITY / 2, PAYLOAD_BYTES, 0), "descriptor_capacity"),
        ((1 << 33, PAYLOAD_BYTES, 0), "descriptor_capacity"),
        ((1 << 63, PAYLOAD_BYTES, 0), "descriptor_capacity"),
        ((CAPACITY, u64::MAX, 0), "payload_buf_size"),
        ((CAPACITY, PAYLOAD_BYTES / 2, 0), "payload_buf_size"),
        ((CAPACITY, 1 << 63, 0), "payload_buf_size"),
        ((CAPACITY, PAYLOAD_BYTES, 3), "context_area_size"),
        ((CAPACITY, PAYLOAD_BYTES, 1 << 63), "context_area_size"),
    ] {
        let error = refused(&image::header(sizes.0, sizes.1, sizes.2), TOTAL);
        let OpenError::Geometry { source, .. } = &error else {
            panic!("{error}")
        };
        let (GeometryError::NotPowerOfTwo { field: found, .. }
        | GeometryError::OutOfRange { field: found, .. }) = source;
        assert_eq!(*found, field);
        assert!(error.to_string().contains(field), "{error}");
    }
}

#[test]
fn the_largest_sizes_do_not_overflow() {
    let error = refused(&image::header(1 << 32, 1 << 40, 1 << 40), TOTAL);
    let OpenError::Truncated { expected, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(expected, (2 << 20) + (1 << 38) + (1 << 40) + (1 << 40));
}

#[test]
fn a_ring_file_tells_what_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let config = monad_event_ring::writer::WriterConfig {
        content_type: ContentType::Exec,
        schema_hash: [7; 32],
        note: Some("ringcast node-sim"),
        ..SMALL
    };
    let _writer = EventRingWriter::create(&path, &config).unwrap();
    let expected = RingExpectation {
        content_type: ContentType::Exec,
        schema_hash: [7; 32],
    };
    let ring = RawEventRing::open(&path, &expected, 0).unwrap();
    assert_eq!((ring.kind(), ring.path()), (RingKind::File, path.as_path()));
    assert_eq!(ring.recorder_note().as_deref(), Some("ringcast node-sim"));
    assert_eq!(ring.geometry().total_size(), TOTAL);
    assert_eq!(
        (
            ring.last_seqno(),
            ring.buffer_window_start(),
            ring.oldest_readable()
        ),
        (0, 0, None)
    );
}

#[test]
fn an_unreadable_file_is_an_io_error_with_its_cause() {
    // A name that no file system takes stands for all that only the system can refuse.
    let error = RawEventRing::open("x".repeat(300), &EXPECTED, 0)
        .err()
        .unwrap();
    assert!(
        matches!(
            error,
            OpenError::Io {
                action: "look at",
                ..
            }
        ),
        "{error}"
    );
    let mut text = Vec::new();
    write!(text, "{error}").unwrap();
    assert!(
        String::from_utf8(text)
            .unwrap()
            .contains("File name too long")
    );
}
