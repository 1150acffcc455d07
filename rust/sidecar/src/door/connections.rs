//! The part of the door for the process's connections; `connections` does the work, `send` is the way to them.

use std::sync::{Mutex, PoisonError};

use zerocopy::{FromBytes, IntoBytes};

use super::guard::{guard, set_error};
use super::{answer, lent};
use crate::connections::{CONNECTION_FIELDS, Connection, Connections};

/// Opened at the first call. Only one thread calls; the lock is there because Rust cannot know that.
static CONNECTIONS: Mutex<Option<Connections>> = Mutex::new(None);

fn with_connections<T>(work: impl FnOnce(&mut Connections) -> std::io::Result<T>) -> Option<T> {
    let mut held = CONNECTIONS.lock().unwrap_or_else(PoisonError::into_inner);
    let result = match held.take().map_or_else(Connections::open, Ok) {
        Ok(connections) => work(held.insert(connections)),
        Err(error) => Err(error),
    };
    result
        .map_err(|error| {
            set_error(format!(
                "The process's descriptors cannot be listed in /proc/self/fd: {error}."
            ));
        })
        .ok()
}

fn port_of(port: u32) -> Option<u16> {
    let checked = u16::try_from(port).ok().filter(|port| *port != 0);
    if checked.is_none() {
        set_error(format!("{port} is no port; expected 1 to 65535."));
    }
    checked
}

/// Writes a JSON description of the records that `ringcast_connections` fills in; returns its length in bytes.
///
/// # Safety
/// `out` is valid for `out_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ringcast_describe_connections(out: *mut u8, out_len: u32) -> u32 {
    guard(0, || {
        let described = serde_json::json!({
            "record_size": size_of::<Connection>(),
            "fields": CONNECTION_FIELDS,
        });
        // SAFETY: this function's own condition.
        answer(&described.to_string(), unsafe { lent(out, out_len) })
    })
}

/// Fills `out` with a record for each connection that was accepted on `port`, and tells the kernel what is to become of each
/// when it is closed. Returns how many there are, which may be more than fit, or -1 with `ringcast_last_error`.
///
/// # Safety
/// `out` is valid for `out_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ringcast_connections(port: u32, out: *mut u8, out_len: u32) -> f64 {
    guard(-1.0, || {
        let Some(port) = port_of(port) else {
            return -1.0;
        };
        // SAFETY: this function's own condition.
        let out = unsafe { lent(out, out_len) };
        let mut slots = out.chunks_exact_mut(size_of::<Connection>());
        let mut count = 0u32;
        let listed = with_connections(|connections| {
            connections.watch(port, |connection| {
                count += 1;
                if let Some(slot) = slots.next() {
                    slot.copy_from_slice(connection.as_bytes());
                }
            })
        });
        listed.map_or(-1.0, |()| f64::from(count))
    })
}

/// Resets those of the `count` connections, given as the records that `ringcast_connections` made of them, that are still the
/// same. Returns how many were reset, or -1 with `ringcast_last_error`.
///
/// # Safety
/// `targets` is valid for `count` records.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ringcast_cut(port: u32, targets: *mut u8, count: u32) -> f64 {
    guard(-1.0, || {
        let Some(port) = port_of(port) else {
            return -1.0;
        };
        let Some(len) = count.checked_mul(size_of::<Connection>() as u32) else {
            set_error(format!("{count} connections are more than there can be."));
            return -1.0;
        };
        // SAFETY: this function's own condition.
        let targets = unsafe { lent(targets, len) };
        let targets: Vec<Connection> = targets
            .chunks_exact(size_of::<Connection>())
            .filter_map(|bytes| Connection::read_from_bytes(bytes).ok())
            .collect();
        let cut = with_connections(|connections| connections.cut(port, &targets));
        cut.map_or(-1.0, |cut| cut as f64)
    })
}
