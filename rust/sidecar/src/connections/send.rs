//! Messages that go straight to a connection of Deno's, each whole or not at all. `door` gives it to `src/serve/session.ts`,
//! which sees to it that nothing of Deno's own waits for the same connection.

use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

use rustix::net::{SendFlags, send, sockopt};

use super::kernel::reset;

/// Room that is left for what Deno writes by itself, which is answers to Pings of at most 125 bytes each.
const RESERVED: u32 = 16 << 10;
/// A socket that may hold so much is worth waiting for; a smaller one grows by being filled, which Deno does.
const GROWN: u32 = 1 << 20;
/// Room that is left in such a one: more than the answers to all Pings that a client may send while it takes nothing.
const RESERVED_WHEN_GROWN: u32 = 256 << 10;
/// What the kernel adds to what waits: its record of each packet, counted for packets that carry 16 bytes for each of it.
const RECORDS_SHARE: u32 = 16;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// All of it is the kernel's.
    Whole,
    /// Nothing was sent: so much does not surely fit into what the socket may hold, which is not much.
    NoRoom,
    /// Nothing was sent: it will fit when the peer has taken more of the much that the socket holds.
    Later,
    /// Nothing is sent any more: the descriptor is no longer of that connection, or the connection has ended. It is reset if
    /// the kernel took a part and then no more, which it does only when it runs out of memory for all sockets.
    Gone,
}

/// Numbers of SO_MEMINFO's that are asked for.
const MEMINFO_LEN: usize = libc::SK_MEMINFO_WMEM_QUEUED as usize + 1;

/// Whether a message of `len` bytes would be taken whole.
pub fn has_room(descriptor: RawFd, cookie: u64, len: usize) -> bool {
    with(descriptor, cookie, |socket| {
        room(socket, len) == Room::Enough
    })
    .unwrap_or(false)
}

/// Sends `bytes`, whole or not at all, unless the descriptor is no more that of the socket `cookie`.
pub fn send_whole(descriptor: RawFd, cookie: u64, bytes: &[u8]) -> Sent {
    let sent = with(descriptor, cookie, |socket| {
        match room(socket, bytes.len()) {
            Room::Enough => {}
            Room::TooLittle => return Sent::NoRoom,
            Room::Later => return Sent::Later,
        }
        match send(socket, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(taken) if taken == bytes.len() => Sent::Whole,
            Ok(_) => {
                // What came after half a frame would be read as its other half.
                let _ = reset(socket);
                Sent::Gone
            }
            Err(rustix::io::Errno::AGAIN) => Sent::NoRoom,
            Err(_) => Sent::Gone,
        }
    });
    sent.unwrap_or(Sent::Gone)
}

/// Does something with a descriptor, if it is the socket `cookie`.
fn with<T>(descriptor: RawFd, cookie: u64, work: impl FnOnce(BorrowedFd<'_>) -> T) -> Option<T> {
    if descriptor < 0 {
        return None;
    }
    // SAFETY: the number is not -1. It is that of the connection as long as the cookie says so, and the sockets of
    // Deno.serve are closed by the thread that calls this and by no other, so that stays so until the return. A number
    // that was closed or used again before is a different file, of which nothing but the cookie is asked.
    let socket = unsafe { BorrowedFd::borrow_raw(descriptor) };
    (sockopt::socket_cookie(socket) == Ok(cookie)).then(|| work(socket))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Enough,
    TooLittle,
    Later,
}

/// Whether the socket may hold `len` more bytes, whatever packets they are put into, and the reserve.
fn room(socket: BorrowedFd<'_>, len: usize) -> Room {
    let (Some((limit, queued)), Ok(len)) = (send_memory(socket), u32::try_from(len)) else {
        return Room::TooLittle;
    };
    let (reserved, otherwise) = match limit {
        GROWN.. => (RESERVED_WHEN_GROWN, Room::Later),
        _ => (RESERVED, Room::TooLittle),
    };
    let wanted = len
        .saturating_add(len / RECORDS_SHARE)
        .saturating_add(reserved);
    if queued.saturating_add(wanted) <= limit {
        return Room::Enough;
    }
    // What does not fit into an empty one either never will.
    if wanted > limit {
        Room::TooLittle
    } else {
        otherwise
    }
}

/// Bytes that the socket may hold to be sent and acknowledged, and those that it holds, with the kernel's records of them.
fn send_memory(socket: BorrowedFd<'_>) -> Option<(u32, u32)> {
    let mut info = MaybeUninit::<[u32; MEMINFO_LEN]>::zeroed();
    let mut len = size_of_val(&info) as libc::socklen_t;
    // SAFETY: `info` is valid for writes of `len` bytes, which the kernel is told, and `len` is a local.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_MEMINFO,
            info.as_mut_ptr().cast(),
            &mut len,
        )
    };
    if result != 0 || (len as usize) < size_of_val(&info) {
        return None;
    }
    // SAFETY: all bytes were zero before the kernel wrote some, and every pattern of them is a value.
    let info = unsafe { info.assume_init() };
    Some((
        info[libc::SK_MEMINFO_SNDBUF as usize],
        info[libc::SK_MEMINFO_WMEM_QUEUED as usize],
    ))
}
