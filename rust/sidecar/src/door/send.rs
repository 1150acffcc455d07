//! The part of the door for messages that go straight to connections; `connections` sends, `src/native/direct.ts` calls.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::guard::guard;
use super::lent;
use crate::connections::{Sent, has_room, send_whole};

/// A connection that a message is for, as a record of `ringcast_connections` named it, and what became of it there.
/// `src/native/direct.ts` has the same layout.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout)]
#[repr(C)]
pub struct Target {
    /// The socket's cookie, a whole number.
    pub cookie: f64,
    /// Number of its descriptor.
    pub descriptor: u32,
    /// Filled in: sent whole (0), not at all because it may not fit (1), because the connection has ended (2), or because it
    /// does not fit yet (3).
    pub outcome: u32,
}

/// Sends `len` bytes to each of `count` targets, to each whole or not at all. Returns how many were sent them.
///
/// # Safety
/// `bytes` is valid for `len` bytes and `targets` for `count` of [`Target`]. The call is synchronous, on the thread that closes
/// the process's connections, and no write of anyone else's waits for one of the targets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ringcast_send(
    bytes: *mut u8,
    len: u32,
    targets: *mut u8,
    count: u32,
) -> u32 {
    guard(0, || {
        let targets_len = count.saturating_mul(size_of::<Target>() as u32);
        // SAFETY: this function's own condition; the two do not overlap, being arrays of their own.
        let (bytes, targets) = unsafe { (lent(bytes, len), lent(targets, targets_len)) };
        let mut whole = 0;
        for slot in targets.chunks_exact_mut(size_of::<Target>()) {
            let Ok(mut target) = Target::read_from_bytes(slot) else {
                continue;
            };
            let sent = send_whole(target.descriptor.cast_signed(), target.cookie as u64, bytes);
            target.outcome = match sent {
                Sent::Whole => 0,
                Sent::NoRoom => 1,
                Sent::Gone => 2,
                Sent::Later => 3,
            };
            whole += u32::from(sent == Sent::Whole);
            slot.copy_from_slice(target.as_bytes());
        }
        whole
    })
}

/// Whether `ringcast_send` would send so many bytes: 1 or 0.
#[unsafe(no_mangle)]
pub extern "C" fn ringcast_has_room(descriptor: u32, cookie: f64, len: u32) -> u32 {
    guard(0, || {
        u32::from(has_room(
            descriptor.cast_signed(),
            cookie as u64,
            len as usize,
        ))
    })
}
