//! What becomes of connections whose owner has closed them and whose peers read nothing or stay, on real sockets of this
//! process: the kernel keeps nothing of them for long (protocol 11.2).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ringcast_sidecar::connections::Connections;

/// A connection that was accepted after its listener was watched, as both ends see it.
struct Pair {
    port: u16,
    peer: TcpStream,
    accepted: TcpStream,
    _listener: TcpListener,
}

impl Pair {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        watch(port);
        let peer = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let accepted = listener.accept().unwrap().0;
        Self {
            port,
            peer,
            accepted,
            _listener: listener,
        }
    }
}

fn waiting_bytes(port: u16) -> u32 {
    let mut waiting = 0;
    let mut connections = Connections::open().unwrap();
    connections
        .each(port, |_, one| waiting += one.waiting_bytes)
        .unwrap();
    waiting
}

/// Whether the kernel has the accepted end of the connection with this peer, in any state.
fn has_accepted_end(port: u16, peer: u16) -> bool {
    let text = std::fs::read_to_string("/proc/net/tcp").unwrap();
    text.lines().any(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let mut port_of = || {
            columns
                .next()
                .and_then(|address| address.rsplit(':').next())
        };
        (port_of(), port_of()) == (Some(&format!("{port:04X}")), Some(&format!("{peer:04X}")))
    })
}

fn watch(port: u16) -> usize {
    let mut count = 0;
    let mut connections = Connections::open().unwrap();
    connections.watch(port, |_| count += 1).unwrap();
    count
}

/// How long the accepted end stays once its owner has closed it; gives up after ten seconds.
fn lingering(port: u16, peer: u16) -> Duration {
    let closed = Instant::now();
    while has_accepted_end(port, peer) && closed.elapsed() < Duration::from_secs(10) {
        sleep(Duration::from_millis(10));
    }
    closed.elapsed()
}

/// A connection of a watched listener whose peer has a closed window and reads nothing.
fn stalled() -> (Pair, u16) {
    let mut pair = Pair::new();
    let peer_port = pair.peer.local_addr().unwrap().port();
    pair.accepted.set_nonblocking(true).unwrap();
    while pair.accepted.write(&[0; 1 << 16]).is_ok() {}
    (pair, peer_port)
}

#[test]
fn a_connection_closed_before_anybody_saw_it_stall_is_gone_soon_though_its_peer_reads_nothing() {
    let (pair, peer_port) = stalled();
    drop(pair.accepted);
    assert!(has_accepted_end(pair.port, peer_port));
    let took = lingering(pair.port, peer_port);
    assert!(took < Duration::from_secs(4), "{took:?}");
    println!("gone after {took:?}");
}

#[test]
fn a_connection_seen_to_stall_stays_as_long_as_it_is_watched_and_is_gone_once_it_is_closed() {
    let (pair, peer_port) = stalled();
    let stalls = Instant::now();
    while stalls.elapsed() < Duration::from_secs(4) {
        assert_eq!(watch(pair.port), 1, "{:?}", stalls.elapsed());
        sleep(Duration::from_millis(50));
    }
    assert!(has_accepted_end(pair.port, peer_port));
    drop(pair.accepted);
    assert!(!has_accepted_end(pair.port, peer_port), "reset at once");
}

#[test]
fn a_connection_that_stalled_and_goes_on_is_closed_in_order() {
    let (mut pair, _) = stalled();
    sleep(Duration::from_millis(800)); // a few probes of the closed window
    watch(pair.port);
    pair.peer.set_nonblocking(true).unwrap();
    let mut bytes = [0; 1 << 16];
    let settled = Instant::now();
    // Nothing waits any more once everything was read and acknowledged.
    while waiting_bytes(pair.port) > 0 || pair.peer.peek(&mut bytes).is_ok() {
        let _ = pair.peer.read(&mut bytes);
        assert!(settled.elapsed() < Duration::from_secs(20));
    }
    watch(pair.port);
    pair.accepted.write_all(b"goodbye").unwrap();
    drop(pair.accepted);
    pair.peer.set_nonblocking(false).unwrap();
    let mut rest = Vec::new();
    pair.peer.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"goodbye");
}

#[test]
fn a_closed_connection_whose_peer_stays_is_gone_soon() {
    let pair = Pair::new();
    drop(pair.accepted);
    let took = lingering(pair.port, pair.peer.local_addr().unwrap().port());
    assert!(took < Duration::from_secs(4), "{took:?}");
}
