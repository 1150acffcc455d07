//! Messages past Deno, on real sockets: whole or not at all, whatever the peer reads and however small the socket's buffer
//! is, and never to a descriptor that is another connection's by now.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use proptest::prelude::*;
use ringcast_sidecar::connections::{Connections, Sent, has_room, send_whole};
use ringcast_sidecar::door::{Target, ringcast_has_room, ringcast_send};
use rustix::net::sockopt;

/// A connection as the process that accepted it has it, and its peer's end.
struct Pair {
    accepted: TcpStream,
    peer: TcpStream,
    cookie: u64,
}

impl Pair {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let accepted = listener.accept().unwrap().0;
        accepted.set_nonblocking(true).unwrap();
        let cookie = sockopt::socket_cookie(&accepted).unwrap();
        Self {
            accepted,
            peer,
            cookie,
        }
    }

    fn send(&self, bytes: &[u8]) -> Sent {
        send_whole(self.accepted.as_raw_fd(), self.cookie, bytes)
    }

    fn has_room(&self, len: usize) -> bool {
        has_room(self.accepted.as_raw_fd(), self.cookie, len)
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// The gateway sends a message of so many bytes.
    Send(usize),
    /// Deno answers a Ping of so many bytes.
    Answer(usize),
    /// The peer reads at most so many bytes.
    Read(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..80_000_usize).prop_map(Step::Send),
        2 => (2..128_usize).prop_map(Step::Answer),
        2 => (1..200_000_usize).prop_map(Step::Read),
    ]
}

proptest! {
    #[test]
    fn what_the_peer_reads_is_every_message_that_was_sent_and_nothing_else(
        buffer in prop::option::of(1_usize..300_000),
        steps in prop::collection::vec(step(), 1..300),
    ) {
        let mut pair = Pair::new();
        if let Some(buffer) = buffer {
            sockopt::set_socket_send_buffer_size(&pair.accepted, buffer).unwrap();
        }
        let (mut sent, mut read) = (Vec::new(), Vec::new());
        for (number, step) in steps.iter().enumerate() {
            match *step {
                Step::Send(len) => {
                    let bytes = vec![number as u8; len];
                    let had_room = pair.has_room(len);
                    match pair.send(&bytes) {
                        Sent::Whole => sent.extend(bytes),
                        Sent::NoRoom | Sent::Later => prop_assert!(!had_room),
                        Sent::Gone => prop_assert!(false, "the kernel took a part only"),
                    }
                }
                Step::Answer(len) => {
                    let bytes = vec![number as u8; len];
                    match pair.accepted.write(&bytes) {
                        Ok(taken) => sent.extend(&bytes[..taken]),
                        Err(error) => prop_assert_eq!(error.kind(), ErrorKind::WouldBlock),
                    }
                }
                Step::Read(most) => {
                    let mut bytes = vec![0; most.min(sent.len() - read.len())];
                    if !bytes.is_empty() {
                        let taken = pair.peer.read(&mut bytes).unwrap();
                        read.extend(&bytes[..taken]);
                    }
                }
            }
        }
        drop(pair.accepted);
        pair.peer.read_to_end(&mut read).unwrap();
        prop_assert!(read == sent, "{} bytes were read, {} sent", read.len(), sent.len());
    }
}

#[test]
fn a_peer_that_reads_nothing_leaves_room_for_the_answers_to_all_pings_that_it_may_send() {
    // A socket of loopback may hold 2.5 MB, one with a buffer of its own much less.
    for (buffer, full, answers) in [
        (None, Sent::Later, 2000),
        (Some(100_000), Sent::NoRoom, 100),
    ] {
        let mut pair = Pair::new();
        if let Some(buffer) = buffer {
            sockopt::set_socket_send_buffer_size(&pair.accepted, buffer).unwrap();
        }
        let message = vec![1; 60_000];
        while pair.send(&message) == Sent::Whole {}
        assert_eq!(pair.send(&message), full);
        for _ in 0..answers {
            assert_eq!(pair.accepted.write(&[2; 127]).unwrap(), 127);
        }
    }
}

#[test]
fn what_would_not_fit_into_an_empty_socket_is_not_waited_for() {
    let pair = Pair::new();
    assert_eq!(pair.send(&vec![1; 4 << 20]), Sent::NoRoom);
    assert_eq!(pair.send(b"small"), Sent::Whole);
}

#[test]
fn nothing_is_sent_to_what_is_not_the_connection_any_more() {
    let (pair, mut other) = (Pair::new(), Pair::new());
    let descriptor = other.accepted.as_raw_fd();
    assert_eq!(send_whole(descriptor, pair.cookie, b"abc"), Sent::Gone);
    assert!(!has_room(descriptor, pair.cookie, 3));
    let file = std::fs::File::open("/dev/null").unwrap();
    for number in [file.as_raw_fd(), -1, i32::MAX] {
        assert_eq!(send_whole(number, pair.cookie, b"abc"), Sent::Gone);
        assert!(!has_room(number, pair.cookie, 3));
    }
    assert_eq!(other.send(b"def"), Sent::Whole);
    drop(other.accepted);
    let mut read = Vec::new();
    other.peer.read_to_end(&mut read).unwrap();
    assert_eq!(read, b"def");
}

#[test]
fn a_connection_that_was_reset_takes_nothing() {
    let pair = Pair::new();
    let port = pair.accepted.local_addr().unwrap().port();
    let mut found = Vec::new();
    let mut connections = Connections::open().unwrap();
    connections.each(port, |_, one| found.push(one)).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].cookie, pair.cookie);
    assert_eq!(found[0].descriptor.cast_signed(), pair.accepted.as_raw_fd());
    assert_eq!(connections.cut(port, &found).unwrap(), 1);
    assert_eq!(pair.send(b"abc"), Sent::Gone);
}

#[test]
fn the_door_says_the_same() {
    let mut pair = Pair::new();
    let descriptor = pair.accepted.as_raw_fd().cast_unsigned();
    let cookie = pair.cookie as f64;
    let mut message = vec![3_u8; 60_000];
    let mut send = |cookies: &[f64]| {
        let mut targets: Vec<_> = cookies
            .iter()
            .map(|&cookie| Target {
                cookie,
                descriptor,
                outcome: u32::MAX,
            })
            .collect();
        // SAFETY: `message` is valid for 60,000 bytes, `targets` for as many as it has, and nobody else writes to the connection.
        let whole = unsafe {
            let targets = targets.as_mut_ptr().cast();
            ringcast_send(message.as_mut_ptr(), 60_000, targets, cookies.len() as u32)
        };
        let outcomes: Vec<_> = targets.iter().map(|target| target.outcome).collect();
        assert_eq!(
            whole as usize,
            outcomes.iter().filter(|one| **one == 0).count()
        );
        outcomes
    };
    assert_eq!(ringcast_has_room(descriptor, cookie, 60_000), 1);
    assert!(send(&[]).is_empty());
    assert_eq!(send(&[cookie + 1.0, cookie, cookie]), [2, 0, 0]);
    while send(&[cookie]) == [0] {}
    assert_eq!(send(&[cookie, cookie + 1.0]), [3, 2]);
    assert_eq!(ringcast_has_room(descriptor, cookie, 60_000), 0);
    drop(pair.accepted);
    let mut read = Vec::new();
    pair.peer.read_to_end(&mut read).unwrap();
    assert_eq!(read.len() % 60_000, 0);
}
