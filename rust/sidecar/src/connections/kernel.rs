//! What the kernel says about one descriptor, the reset of its connection, and what the kernel does with it by itself.
//! Used by `connections` for every descriptor of the process, most of which are no connections at all.

use std::mem::MaybeUninit;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use rustix::io;
use rustix::net::{connect_unspec, getpeername, getsockname, sockopt};

use super::Connection;

/// The beginning of the kernel's `struct tcp_info` (linux/tcp.h), which only ever grows at its end.
#[derive(Clone, Copy)]
#[repr(C)]
struct TcpInfo {
    state: u8,
    _until_backoff: [u8; 3],
    backoff: u8,
    _until_unacked: [u8; 19],
    unacked: u32, // segments
    _until_last_data_sent: [u8; 16],
    _last_data_sent: u32,
    _last_ack_sent: u32,
    last_data_recv: u32,
    _last_ack_recv: u32,
    _until_bytes_acked: [u8; 60],
    bytes_acked: u64,
    bytes_received: u64,
    _segs_out: u32,
    _segs_in: u32,
    notsent_bytes: u32,
}

/// Whoever has not read what came this long ago is not going to, and most connections need not be asked.
const READ_WITHIN_MS: u32 = 10_000;

/// How long the kernel lets data wait whose connection the process has closed, with half a second for its own timers: such
/// a connection is in no table any more, and the guard's limit of two seconds holds for it too.
const ORPHAN_MS: u32 = 1200;
/// How long it keeps a closed connection whose data was all taken and whose peer does not end it.
const ORPHAN_IDLE_SECS: libc::c_int = 1;
/// Bytes that may come from a peer before they are read; the kernel takes twice as many, its own records included. What a
/// client can send between two looks of the guard is this much for each time that the process reads.
const RECEIVE_BYTES: usize = 1 << 14;

/// What a descriptor is.
pub enum Socket {
    /// It accepts connections on the port.
    Listener,
    /// It was accepted on the port and has a peer.
    Connection {
        connection: Connection,
        /// Whether the peer takes nothing: a segment or a probe of its closed window had to be repeated.
        is_stalled: bool,
    },
}

const _: () = assert!(std::mem::offset_of!(TcpInfo, backoff) == 4);
const _: () = assert!(std::mem::offset_of!(TcpInfo, unacked) == 24);
const _: () = assert!(std::mem::offset_of!(TcpInfo, last_data_recv) == 52);
const _: () = assert!(std::mem::offset_of!(TcpInfo, bytes_acked) == 120);
const _: () = assert!(std::mem::offset_of!(TcpInfo, notsent_bytes) == 144);

/// The socket behind `descriptor` if it listens on `port` or was accepted there and has a peer.
pub fn socket(descriptor: BorrowedFd<'_>, port: u16) -> Option<Socket> {
    let local = SocketAddr::try_from(getsockname(descriptor).ok()?).ok()?;
    if local.port() != port {
        return None;
    }
    // A listening socket has no peer, and neither has a connection that was reset.
    let Ok(Some(peer)) = getpeername(descriptor) else {
        return match sockopt::socket_acceptconn(descriptor) {
            Ok(true) => Some(Socket::Listener),
            _ => None,
        };
    };
    let peer = SocketAddr::try_from(peer).ok()?;
    let info = tcp_info(descriptor)?;
    let peer_address = match peer.ip() {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    let waiting_bytes = info
        .notsent_bytes
        .saturating_add(u32::from(info.unacked > 0));
    let connection = Connection {
        cookie: sockopt::socket_cookie(descriptor).ok()?,
        received_bytes: info.bytes_received,
        acked_bytes: info.bytes_acked,
        waiting_bytes,
        data_received_ms_ago: info.last_data_recv,
        descriptor: descriptor.as_raw_fd().cast_unsigned(),
        peer_port: peer.port().into(),
        peer_address: peer_address.octets(),
        state: info.state.into(),
        unread_bytes: match info.last_data_recv < READ_WITHIN_MS {
            true => unread_bytes(descriptor)?,
            false => 0,
        },
    };
    Some(Socket::Connection {
        connection,
        is_stalled: info.backoff > 0 && waiting_bytes > 0,
    })
}

/// Gives a listening socket what every connection that it accepts begins with: the end that `set_end` gives to one that
/// does not stall, and a small buffer for what is received.
pub fn prepare_listener(descriptor: BorrowedFd<'_>) -> io::Result<()> {
    sockopt::set_tcp_user_timeout(descriptor, ORPHAN_MS)?;
    sockopt::set_socket_recv_buffer_size(descriptor, RECEIVE_BYTES)?;
    let secs = ORPHAN_IDLE_SECS;
    // SAFETY: TCP_LINGER2 reads one int, and `secs` is one.
    let result = unsafe {
        libc::setsockopt(
            descriptor.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_LINGER2,
            (&raw const secs).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result != 0 {
        return Err(
            io::Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(io::Errno::INVAL)
        );
    }
    Ok(())
}

/// Says what becomes of a connection when its owner closes the descriptor, which takes it out of every table: one that
/// stalls is reset at once, any other one unless all is taken soon. Until then a peer may stall for as long as the guard
/// allows; the kernel would not wait for the close.
pub fn set_end(descriptor: BorrowedFd<'_>, is_stalled: bool) -> io::Result<()> {
    let (timeout_ms, linger) = match is_stalled {
        true => (0, Some(Duration::ZERO)),
        false => (ORPHAN_MS, None),
    };
    sockopt::set_socket_linger(descriptor, linger)?;
    sockopt::set_tcp_user_timeout(descriptor, timeout_ms)
}

/// Resets a connection. Disconnecting is the one call that does it whatever waits to be sent: `shutdown` would leave the
/// data and a FIN behind it for as long as the peer takes none, and only the owner may close the descriptor.
pub fn reset(descriptor: BorrowedFd<'_>) -> io::Result<()> {
    sockopt::set_socket_linger(descriptor, Some(Duration::ZERO))?;
    connect_unspec(descriptor)
}

/// Without what pads the struct at its end, so that the kernel fills every byte that is asked for.
const TCP_INFO_LEN: libc::socklen_t =
    (std::mem::offset_of!(TcpInfo, notsent_bytes) + 4) as libc::socklen_t;

/// TCP_INFO, or `None` for a socket that is not TCP.
fn tcp_info(descriptor: BorrowedFd<'_>) -> Option<TcpInfo> {
    let mut info = MaybeUninit::<TcpInfo>::zeroed();
    let mut len = TCP_INFO_LEN;
    // SAFETY: `info` is valid for writes of more than `len` bytes, which the kernel is told, and `len` is a local.
    let result = unsafe {
        libc::getsockopt(
            descriptor.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            info.as_mut_ptr().cast(),
            &mut len,
        )
    };
    if result != 0 || len < TCP_INFO_LEN {
        return None;
    }
    // SAFETY: all bytes were zero before the kernel wrote some, and every pattern of them is a value.
    Some(unsafe { info.assume_init() })
}

/// Bytes in the queue of what was received.
fn unread_bytes(descriptor: BorrowedFd<'_>) -> Option<u32> {
    let mut bytes: libc::c_int = 0;
    // SAFETY: SIOCINQ, which has the number of FIONREAD, writes one int, and `bytes` is one.
    let result = unsafe { libc::ioctl(descriptor.as_raw_fd(), libc::FIONREAD, &raw mut bytes) };
    (result == 0).then(|| u32::try_from(bytes).unwrap_or(0))
}
