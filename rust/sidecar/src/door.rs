//! The C door: the only functions JavaScript calls, declared once more in `src/native/ffi.ts`.
//! `u32`, `f64` and buffers only; every export goes through `guard`, so that a panic becomes a status.

mod connections;
mod gather;
mod guard;
mod instance;
mod layout;
mod process;
mod send;

use std::time::Duration;

pub use connections::*;
use gather::{join, number};
use guard::{guard, set_error};
use instance::{Instance, close, find, open};
pub use process::*;
pub use send::*;

/// Version of the functions, the record and the status layout; JavaScript refuses any other.
pub const ABI_VERSION: u32 = 5;

/// The call did what it says.
pub const OK: u32 = 0;
/// An argument makes no sense; `ringcast_last_error` says which.
pub const BAD_ARGUMENT: u32 = 1;
/// There is no log with this handle.
pub const UNKNOWN_HANDLE: u32 = 2;
/// The library failed inside; `ringcast_last_error` says how.
pub const PANICKED: u32 = 3;

/// A buffer of JavaScript's as a slice; empty for a null pointer or no length.
///
/// # Safety
/// `start` is null or valid for reads and writes of `len` bytes during `'a`, and nobody else touches them meanwhile:
/// Deno passes a view's own address and length, and JavaScript waits for a synchronous call.
unsafe fn lent<'a>(start: *mut u8, len: u32) -> &'a mut [u8] {
    if start.is_null() || len == 0 {
        return &mut [];
    }
    // SAFETY: the caller's promise above, and `start` was just checked.
    unsafe { std::slice::from_raw_parts_mut(start, len as usize) }
}

/// Copies as much of `text` as fits and returns its whole length.
fn answer(text: &str, out: &mut [u8]) -> u32 {
    let fitting = text.len().min(out.len());
    out[..fitting].copy_from_slice(&text.as_bytes()[..fitting]);
    text.len() as u32
}

/// The version of this interface.
#[unsafe(no_mangle)]
pub extern "C" fn ringcast_abi_version() -> u32 {
    ABI_VERSION
}

/// Writes a JSON description of the index record and the status; returns its length in bytes.
///
/// # Safety
/// `out` is valid for `out_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ringcast_describe(out: *mut u8, out_len: u32) -> u32 {
    guard(0, || {
        // SAFETY: this function's own condition.
        let out = unsafe { lent(out, out_len) };
        answer(&layout::describe(), out)
    })
}

/// Writes the sentence that goes with the last failed call of this thread; returns its length in bytes.
///
/// # Safety
/// `out` is valid for `out_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ringcast_last_error(out: *mut u8, out_len: u32) -> u32 {
    guard(0, || {
        // SAFETY: this function's own condition.
        let out = unsafe { lent(out, out_len) };
        answer(&guard::last_error(), out)
    })
}

/// Opens a log in lent memory and starts its reader; returns a handle, or 0 with `ringcast_last_error`.
///
/// # Safety
/// `options` is valid for `options_len` bytes during the call. `memory` is valid for `memory_len` bytes, 8-aligned and
/// written by nobody else, until `ringcast_close` returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ringcast_open(
    options: *mut u8,
    options_len: u32,
    memory: *mut u8,
    memory_len: f64,
) -> u32 {
    guard(0, || {
        // SAFETY: this function's own condition.
        let options = unsafe { lent(options, options_len) };
        // SAFETY: this function's own condition.
        match unsafe { open(options, memory, memory_len as usize) } {
            Ok(handle) => handle,
            Err(message) => {
                set_error(message);
                0
            }
        }
    })
}

/// Waits until more than `known` entries are published or `timeout_ms` passed; returns the number of entries, or -1.
/// For `pause_us` from the call on, less text than fills a message is waited for to become more, and for `rest_us` whatever
/// there is. Called nonblocking, with at most one such call in flight.
#[unsafe(no_mangle)]
pub extern "C" fn ringcast_wait(
    handle: u32,
    known: f64,
    timeout_ms: u32,
    pause_us: u32,
    rest_us: u32,
) -> f64 {
    let timeout = Duration::from_millis(timeout_ms.into());
    let [pause, rest] = [pause_us, rest_us].map(|micros| Duration::from_micros(micros.into()));
    guard(-1.0, || match find(handle) {
        Some(instance) => {
            let log = &instance.shared.log;
            log.wait_published(known as u64, timeout, pause, rest) as f64
        }
        None => -1.0,
    })
}

fn with(handle: u32, work: impl FnOnce(&Instance) -> u32 + std::panic::UnwindSafe) -> u32 {
    guard(PANICKED, || match find(handle) {
        Some(instance) => work(&instance),
        None => {
            set_error(format!(
                "There is no log with handle {handle}; it was closed or never opened."
            ));
            UNKNOWN_HANDLE
        }
    })
}

/// Gives back every entry before number `entry`.
#[unsafe(no_mangle)]
pub extern "C" fn ringcast_release(handle: u32, entry: f64) -> u32 {
    with(handle, |instance| {
        match instance.shared.log.release(entry as u64) {
            true => OK,
            false => {
                set_error(format!(
                    "Entry {entry} cannot be released: it was never published."
                ));
                BAD_ARGUMENT
            }
        }
    })
}

/// Copies `count` spans of text one behind the other to `out`; `spans` holds an f64 position and an f64 length each.
/// Returns the number of bytes, or -1 with `ringcast_last_error`.
///
/// # Safety
/// `spans` is valid for `16 * count` bytes and `out` for `out_len` bytes; they do not overlap, and neither is part of
/// the log's memory. The call is synchronous and on the thread that calls `ringcast_close`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ringcast_gather(
    handle: u32,
    spans: *mut u8,
    count: u32,
    out: *mut u8,
    out_len: u32,
) -> f64 {
    guard(-1.0, || {
        let Some(instance) = find(handle) else {
            return -1.0;
        };
        let Some(spans_len) = count.checked_mul(16) else {
            return -1.0;
        };
        // SAFETY: this function's own condition.
        let (spans, out) = unsafe { (lent(spans, spans_len), lent(out, out_len)) };
        let spans = spans
            .chunks_exact(16)
            .map(|span| (number(&span[..8]), number(&span[8..]) as usize));
        match instance.shared.log.gather(spans, out) {
            Some(copied) => copied as f64,
            None => {
                set_error("A span of text is not held any more, or does not fit.".to_owned());
                -1.0
            }
        }
    })
}

/// Joins the events of `count` entries, f64 entry numbers in ascending order, with single commas into `out`.
///
/// `stage` (1 Proposed to 5 Rejected) replaces the value of every `commit_stage`; 0 leaves them. Flag 1 appends
/// `block_id` to every event of a known block, unless so many blocks came since that its id is gone. The sum of the
/// text lengths and 90 bytes per entry is always enough room. Returns the number of bytes, or -1 with
/// `ringcast_last_error`.
///
/// # Safety
/// `entries` is valid for `8 * count` bytes and `out` for `out_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ringcast_gather_entries(
    handle: u32,
    entries: *mut u8,
    count: u32,
    stage: u32,
    flags: u32,
    out: *mut u8,
    out_len: u32,
) -> f64 {
    guard(-1.0, || {
        // SAFETY: this function's own condition.
        let out = unsafe { lent(out, out_len) };
        // SAFETY: this function's own condition.
        let entries = unsafe { lent(entries, count.saturating_mul(8)) };
        match join(handle, entries, stage, flags, out) {
            Ok(written) => written as f64,
            Err(message) => {
                set_error(message);
                -1.0
            }
        }
    })
}

/// Fills `out` with the status numbers as f64, in the order that `ringcast_describe` says.
///
/// # Safety
/// `out` is valid for `out_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ringcast_status(handle: u32, out: *mut u8, out_len: u32) -> u32 {
    with(handle, |instance| {
        let log = &instance.shared.log;
        let numbers = instance.shared.status.numbers((log.head(), log.oldest()));
        // SAFETY: this function's own condition.
        let out = unsafe { lent(out, out_len) };
        for (slot, number) in out.chunks_exact_mut(8).zip(numbers) {
            slot.copy_from_slice(&number.to_le_bytes());
        }
        OK
    })
}

/// Writes the sentence that goes with the state of the source; returns its length in bytes.
///
/// # Safety
/// `out` is valid for `out_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ringcast_source_message(handle: u32, out: *mut u8, out_len: u32) -> u32 {
    guard(0, || match find(handle) {
        // SAFETY: this function's own condition.
        Some(instance) => answer(&instance.shared.status.message(), unsafe {
            lent(out, out_len)
        }),
        None => 0,
    })
}

/// Lets a snapshot begin that waits for it; nothing else changes.
#[unsafe(no_mangle)]
pub extern "C" fn ringcast_play(handle: u32) -> u32 {
    with(handle, |instance| {
        instance
            .shared
            .is_playing
            .store(true, std::sync::atomic::Ordering::Release);
        instance.shared.log.wake();
        OK
    })
}

/// Stops the reader, waits for its end, and forgets the log. The lent memory is JavaScript's again.
#[unsafe(no_mangle)]
pub extern "C" fn ringcast_close(handle: u32) -> u32 {
    guard(PANICKED, || match close(handle) {
        true => OK,
        false => UNKNOWN_HANDLE,
    })
}
