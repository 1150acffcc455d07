//! The kernel's view of the TCP connections that this process accepted on one port, and the way to end one at once.
//! Deno shows neither; `door` gives both to `src/serve/guard.ts`. `kernel` asks about one descriptor.
//!
//! The connections are found through the process's own descriptors. A descriptor's number is never trusted: numbers are used
//! again, so every call knows a connection by its socket cookie, which is not.

mod kernel;
mod send;

use std::io;
use std::os::fd::BorrowedFd;

use kernel::Socket;
use rustix::fs::{Dir, Mode, OFlags};
pub use send::{Sent, has_room, send_whole};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// One connection; `src/native/connections.ts` reads the same layout.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout)]
#[repr(C)]
pub struct Connection {
    /// Names the socket among all that the kernel ever made.
    pub cookie: u64,
    /// Bytes that came from the peer in order, TCP_INFO's `bytes_received`.
    pub received_bytes: u64,
    /// Bytes that the peer acknowledged, TCP_INFO's `bytes_acked`.
    pub acked_bytes: u64,
    /// Bytes that the process wrote and that were not sent yet, plus one if any were sent and are not acknowledged.
    pub waiting_bytes: u32,
    /// Milliseconds since data came from the peer.
    pub data_received_ms_ago: u32,
    /// Number of the descriptor, which is another connection's once this one is closed: see [`send_whole`].
    pub descriptor: u32,
    /// Port of the peer.
    pub peer_port: u32,
    /// Address of the peer; IPv4 as `::ffff:a.b.c.d`.
    pub peer_address: [u8; 16],
    /// State of the connection as the kernel counts them, 1 = ESTABLISHED.
    pub state: u32,
    /// Bytes that came from the peer and the process has not read (SIOCINQ); 0 once nothing came for ten seconds.
    pub unread_bytes: u32,
}

/// Name, offset and type of every field of [`Connection`], as `ringcast_describe_connections` reports them.
pub const CONNECTION_FIELDS: [(&str, usize, &str); 10] = [
    ("cookie", std::mem::offset_of!(Connection, cookie), "u64"),
    (
        "received_bytes",
        std::mem::offset_of!(Connection, received_bytes),
        "u64",
    ),
    (
        "acked_bytes",
        std::mem::offset_of!(Connection, acked_bytes),
        "u64",
    ),
    (
        "waiting_bytes",
        std::mem::offset_of!(Connection, waiting_bytes),
        "u32",
    ),
    (
        "data_received_ms_ago",
        std::mem::offset_of!(Connection, data_received_ms_ago),
        "u32",
    ),
    (
        "descriptor",
        std::mem::offset_of!(Connection, descriptor),
        "u32",
    ),
    (
        "peer_port",
        std::mem::offset_of!(Connection, peer_port),
        "u32",
    ),
    (
        "peer_address",
        std::mem::offset_of!(Connection, peer_address),
        "16 bytes",
    ),
    ("state", std::mem::offset_of!(Connection, state), "u32"),
    (
        "unread_bytes",
        std::mem::offset_of!(Connection, unread_bytes),
        "u32",
    ),
];

/// The process's own descriptors. Kept open, so that they can be listed when none is left to open the list with.
#[derive(Debug)]
pub struct Connections {
    descriptors: Dir,
}

impl Connections {
    /// Opens the list of descriptors.
    ///
    /// # Errors
    /// If `/proc` is not mounted or no descriptor is left.
    pub fn open() -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let list = rustix::fs::open("/proc/self/fd", flags, Mode::empty())?;
        Ok(Self {
            descriptors: Dir::new(list)?,
        })
    }

    /// Calls `visit` for every connection that was accepted on `port` and still has a peer.
    ///
    /// # Errors
    /// If the descriptors cannot be listed.
    pub fn each(
        &mut self,
        port: u16,
        mut visit: impl FnMut(BorrowedFd<'_>, Connection),
    ) -> io::Result<()> {
        self.each_socket(port, |descriptor, socket| {
            if let Socket::Connection { connection, .. } = socket {
                visit(descriptor, connection);
            }
        })
    }

    /// As `each`, and sees to it that nothing of a connection stays in the kernel for long once its descriptor is closed,
    /// whatever its peer does; for those that are accepted later too. Called more often than once a second, so that a peer
    /// that stalls is not given up by the kernel before its time.
    ///
    /// # Errors
    /// If the descriptors cannot be listed.
    pub fn watch(&mut self, port: u16, mut visit: impl FnMut(Connection)) -> io::Result<()> {
        self.each_socket(port, |descriptor, socket| match socket {
            // A socket that was closed or reset meanwhile takes no settings, and needs none.
            Socket::Listener => {
                let _ = kernel::prepare_listener(descriptor);
            }
            Socket::Connection {
                connection,
                is_stalled,
            } => {
                let _ = kernel::set_end(descriptor, is_stalled);
                visit(connection);
            }
        })
    }

    fn each_socket(
        &mut self,
        port: u16,
        mut visit: impl FnMut(BorrowedFd<'_>, Socket),
    ) -> io::Result<()> {
        self.descriptors.rewind();
        while let Some(entry) = self.descriptors.read() {
            let entry = entry?;
            // "." and ".." are no numbers.
            let Some(number) = entry
                .file_name()
                .to_str()
                .ok()
                .and_then(|name| name.parse().ok())
            else {
                continue;
            };
            // SAFETY: the number was listed as open a moment ago, and the sockets of Deno.serve are closed by the thread
            // that calls this and by no other. A number that another thread closed or used again meanwhile is at worst
            // a different file: every answer below comes from one socket on `port`, or there is none.
            let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
            if let Some(socket) = kernel::socket(descriptor, port) {
                visit(descriptor, socket);
            }
        }
        Ok(())
    }

    /// Resets those of `targets` that are still the same connections; nothing of them stays in the kernel, and the owner of
    /// the descriptor is woken with an error. Returns how many that were.
    ///
    /// # Errors
    /// If the descriptors cannot be listed.
    pub fn cut(&mut self, port: u16, targets: &[Connection]) -> io::Result<usize> {
        let mut cut = 0;
        self.each(port, |descriptor, found| {
            let is_target = targets.iter().any(|target| {
                target.cookie == found.cookie
                    && target.peer_port == found.peer_port
                    && target.peer_address == found.peer_address
            });
            if is_target && kernel::reset(descriptor).is_ok() {
                cut += 1;
            }
        })?;
        Ok(cut)
    }
}
