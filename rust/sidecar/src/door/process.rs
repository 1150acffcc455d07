//! The part of the door for what the whole process has: its allocator, its descriptors, the time of its threads.
//! Declared with the rest in `src/native/ffi.ts`.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::guard::{guard, set_error};
use super::{BAD_ARGUMENT, OK, PANICKED};

/// Sets the process's allocator for many large messages. Source: deno §2.2b, measure 1.
#[unsafe(no_mangle)]
pub extern "C" fn ringcast_prepare_process() -> u32 {
    guard(PANICKED, || {
        const MIB: i32 = 1 << 20;
        let settings = [
            (libc::M_MMAP_THRESHOLD, 32 * MIB),
            (libc::M_TRIM_THRESHOLD, 1024 * MIB),
            (libc::M_TOP_PAD, 64 * MIB),
        ];
        for (parameter, value) in settings {
            // SAFETY: mallopt only stores a setting of the allocator, which takes its own lock.
            if unsafe { libc::mallopt(parameter, value) } == 0 {
                set_error(format!("mallopt refused parameter {parameter}."));
                return BAD_ARGUMENT;
            }
        }
        OK
    })
}

/// Lets the process have as many descriptors as it may ask for; returns that number, at most the largest u32, or 0 with
/// `ringcast_last_error`.
#[unsafe(no_mangle)]
pub extern "C" fn ringcast_raise_descriptor_limit() -> u32 {
    guard(0, || {
        let maximum = getrlimit(Resource::Nofile).maximum;
        let wanted = Rlimit {
            current: maximum,
            maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, wanted) {
            set_error(format!(
                "The limit of descriptors cannot be raised: {error}."
            ));
            return 0;
        }
        maximum.map_or(u32::MAX, |maximum| {
            u32::try_from(maximum).unwrap_or(u32::MAX)
        })
    })
}

/// Milliseconds of processor time that the calling thread has used.
#[unsafe(no_mangle)]
pub extern "C" fn ringcast_busy_ms() -> f64 {
    guard(0.0, || {
        let used = clock_gettime(ClockId::ThreadCPUTime);
        used.tv_sec as f64 * 1e3 + used.tv_nsec as f64 / 1e6
    })
}

/// Gives memory that the process freed back to the system, which the allocator's settings otherwise keep for later.
#[unsafe(no_mangle)]
pub extern "C" fn ringcast_trim_memory() -> u32 {
    guard(PANICKED, || {
        // SAFETY: malloc_trim only gives back pages that hold no allocation, under the allocator's own locks.
        unsafe { libc::malloc_trim(0) };
        OK
    })
}
