//! The kernel's table of connections and the cut, on real sockets of this process: IPv4, IPv6 and IPv4 on an IPv6 listener.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use ringcast_sidecar::connections::{CONNECTION_FIELDS, Connection, Connections};
use ringcast_sidecar::door::*;
use zerocopy::{FromBytes, FromZeros, IntoBytes};

const RECORD: usize = size_of::<Connection>();

/// A listener and one connection on it, as both ends see it.
struct Pair {
    port: u16,
    listener: TcpListener,
    peer: TcpStream,
    accepted: TcpStream,
}

impl Pair {
    fn new(listen: &str, connect: &str) -> Self {
        let listener = TcpListener::bind(listen).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (peer, accepted) = connection(&listener, connect);
        Self {
            port,
            listener,
            peer,
            accepted,
        }
    }
}

fn connection(listener: &TcpListener, to: &str) -> (TcpStream, TcpStream) {
    let to = SocketAddr::new(to.parse().unwrap(), listener.local_addr().unwrap().port());
    let peer = TcpStream::connect(to).unwrap();
    (peer, listener.accept().unwrap().0)
}

fn table(port: u16) -> Vec<Connection> {
    let mut found = Vec::new();
    let mut connections = Connections::open().unwrap();
    connections.each(port, |_, one| found.push(one)).unwrap();
    found
}

fn cut(port: u16, targets: &[Connection]) -> usize {
    Connections::open().unwrap().cut(port, targets).unwrap()
}

/// Whether the kernel knows a socket between these ports, in any state.
fn is_known(port: u16, peer: u16) -> bool {
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().any(|path| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.lines().any(|line| {
            let ports: Vec<&str> = line
                .split_whitespace()
                .skip(1)
                .take(2)
                .filter_map(|address| address.rsplit(':').next())
                .collect();
            let (a, b) = (format!("{port:04X}"), format!("{peer:04X}"));
            ports == [a.as_str(), b.as_str()] || ports == [b.as_str(), a.as_str()]
        })
    })
}

#[test]
fn a_connection_shows_its_peer_and_what_was_received_and_acknowledged() {
    for (listen, connect, shown) in [
        ("127.0.0.1:0", "127.0.0.1", "::ffff:127.0.0.1"),
        ("[::1]:0", "::1", "::1"),
        ("[::]:0", "127.0.0.1", "::ffff:127.0.0.1"),
    ] {
        let mut pair = Pair::new(listen, connect);
        pair.peer.write_all(&[1; 1000]).unwrap();
        pair.accepted.read_exact(&mut [0; 900]).unwrap();
        pair.accepted.write_all(&[2; 300]).unwrap();
        pair.peer.read_exact(&mut [0; 300]).unwrap();
        let [found] = table(pair.port)[..] else {
            panic!("the listener and the peer's own end are not among them");
        };
        let peer = pair.peer.local_addr().unwrap();
        assert_eq!(
            IpAddr::from(found.peer_address),
            shown.parse::<IpAddr>().unwrap()
        );
        assert_eq!(found.peer_port, u32::from(peer.port()));
        assert_eq!((found.received_bytes, found.unread_bytes), (1000, 100));
        assert!(found.acked_bytes == 300 || found.waiting_bytes > 0);
        assert_eq!(found.state, 1);
        assert!(found.data_received_ms_ago < 30_000 && found.cookie > 0);
    }
}

#[test]
fn a_peer_that_reads_nothing_leaves_waiting_bytes_and_its_cut_leaves_no_socket() {
    let mut pair = Pair::new("127.0.0.1:0", "127.0.0.1");
    let peer_port = pair.peer.local_addr().unwrap().port();
    pair.accepted.set_nonblocking(true).unwrap();
    while pair.accepted.write(&[0; 1 << 16]).is_ok() {}
    let [before] = table(pair.port)[..] else {
        panic!("one connection");
    };
    assert!(before.waiting_bytes > 1 << 16);
    assert_eq!(cut(pair.port, &[before]), 1);
    // The owner is told, although it has not closed its descriptor yet, and the kernel holds nothing for it.
    let error = pair.accepted.write(&[0]).unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
        ),
        "{error}"
    );
    assert!(table(pair.port).is_empty());
    let mut rest = Vec::new();
    let error = pair.peer.read_to_end(&mut rest).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    drop(pair.peer);
    assert!(!is_known(pair.port, peer_port));
    assert_eq!(cut(pair.port, &[before]), 0);
}

#[test]
fn a_connection_that_has_the_descriptor_of_a_former_one_is_not_cut_for_it() {
    let pair = Pair::new("[::1]:0", "::1");
    let former = table(pair.port)[0];
    let number = pair.accepted.as_raw_fd();
    drop(pair.accepted);
    // Other tests of this process open descriptors too, so the number may take a few tries to come back.
    let mut others = Vec::new();
    let (mut peer, mut accepted) = loop {
        let (peer, accepted) = connection(&pair.listener, "::1");
        if accepted.as_raw_fd() == number || others.len() > 100 {
            break (peer, accepted);
        }
        others.push((peer, accepted));
    };
    let present = *table(pair.port)
        .iter()
        .find(|one| one.peer_port == u32::from(peer.local_addr().unwrap().port()))
        .unwrap();
    // Neither the descriptor nor the peer's address is enough without the cookie, nor the cookie without the address.
    let stranger = Connection {
        cookie: former.cookie,
        ..present
    };
    let moved = Connection {
        peer_port: former.peer_port,
        ..present
    };
    assert_eq!(cut(pair.port, &[former, stranger, moved]), 0);
    accepted.write_all(b"still here").unwrap();
    peer.read_exact(&mut [0; 10]).unwrap();
    assert_eq!(cut(pair.port, &[former, present]), 1);
}

#[test]
fn the_door_fills_what_fits_and_says_how_many_there_are() {
    let pair = Pair::new("127.0.0.1:0", "127.0.0.1");
    let _more: Vec<_> = (0..4)
        .map(|_| connection(&pair.listener, "127.0.0.1"))
        .collect();
    let port = u32::from(pair.port);
    let mut out = [0xff; 3 * RECORD + 7];
    // SAFETY: `out` is as long as it says.
    let count = unsafe { ringcast_connections(port, out.as_mut_ptr(), out.len() as u32) };
    assert_eq!(count, 5.0);
    assert_eq!(out[3 * RECORD..], [0xff; 7]);
    // SAFETY: `out` holds three records.
    assert_eq!(unsafe { ringcast_cut(port, out.as_mut_ptr(), 3) }, 3.0);
    assert_eq!(table(pair.port).len(), 2);
    let cut = Connection::read_from_bytes(&out[..RECORD]).unwrap();
    assert!(table(pair.port).iter().all(|one| one.cookie != cut.cookie));
}

#[test]
fn the_door_refuses_what_is_no_port_and_describes_its_records() {
    let mut record = Connection::new_zeroed();
    for port in [0, 65_536, u32::MAX] {
        let out = record.as_mut_bytes();
        // SAFETY: `out` is as long as it says.
        let filled = unsafe { ringcast_connections(port, out.as_mut_ptr(), out.len() as u32) };
        // SAFETY: `out` holds one record.
        let cut = unsafe { ringcast_cut(port, out.as_mut_ptr(), 1) };
        assert_eq!((filled, cut), (-1.0, -1.0), "{port}");
        let mut said = [0; 200];
        // SAFETY: `said` is as long as it says.
        let len = unsafe { ringcast_last_error(said.as_mut_ptr(), said.len() as u32) };
        let said = String::from_utf8_lossy(&said[..len as usize]);
        assert!(said.contains("is no port"), "{said}");
    }
    let mut out = [0; 1024];
    // SAFETY: `out` is as long as it says.
    let len = unsafe { ringcast_describe_connections(out.as_mut_ptr(), out.len() as u32) };
    let described: serde_json::Value = serde_json::from_slice(&out[..len as usize]).unwrap();
    assert_eq!(described["record_size"], RECORD);
    assert_eq!(
        described["fields"].as_array().unwrap().len(),
        CONNECTION_FIELDS.len()
    );
    assert!(ringcast_raise_descriptor_limit() > 0);
    assert_eq!(ringcast_trim_memory(), OK);
}
