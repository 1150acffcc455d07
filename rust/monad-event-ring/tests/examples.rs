//! The hexdump example as a process: on a live ring, over a restart, and with a closed pipe.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
#[path = "harness/program.rs"]
#[allow(dead_code)]
mod program;

use harness::{SMALL, TestRing};
use monad_event_ring::writer::EventRingWriter;
use program::{Running, output, program};

#[test]
fn hexdump_prints_bytes_follows_a_restart_and_ends_with_a_signal() {
    let ring = TestRing::new();
    ring.writer.record(7, [0; 4], None, &[b"skipped"]).unwrap();
    ring.writer
        .record(7, [0, 3, 0, 0], None, &[b"0123456789"])
        .unwrap();
    let mut dump = Running::start(program("hexdump").arg(&ring.path).args(["--width", "8"]));
    assert_eq!(dump.line(), "00000002 07     10 [1]=0x3");
    assert_eq!(dump.line().trim(), "30 31 32 33 34 35 36 37");
    assert_eq!(dump.line().trim(), "38 39");
    let path = ring.path.clone();
    drop(ring.writer);
    let restarted = EventRingWriter::create(path, &SMALL).unwrap();
    restarted.record(8, [0; 4], None, &[]).unwrap();
    assert_eq!(dump.line(), "-- a new ring: seqnos begin anew");
    assert_eq!(dump.line(), "00000001 08      0");
    dump.signal("INT");
    assert_eq!(dump.end(), (Some(0), String::new()));
}

#[test]
fn hexdump_ends_quietly_when_nobody_reads_it() {
    let ring = TestRing::new();
    ring.record(20_000, 64);
    let mut dump = Running::start(program("hexdump").arg(&ring.path).arg("--all"));
    assert_eq!(dump.line(), "00000001 01     64");
    assert_eq!(dump.close_output(), (Some(0), String::new()));
}

#[test]
fn hexdump_says_what_is_wrong_with_a_path() {
    let (printed, output) = output(program("hexdump").arg("/nowhere/ring"));
    assert_eq!((printed.as_str(), output.status.code()), ("", Some(1)));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "hexdump: no event ring at /nowhere/ring; start the node with --exec-event-ring or give the ring's path\n"
    );
}
