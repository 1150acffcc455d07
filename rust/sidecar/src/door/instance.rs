//! The open logs by handle, each with its reader thread. Used by `door`; the thread runs `reader`.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::guard::panic_message;
use crate::log::{Geometry, LentMemory, LogShared, LogWriter};
use crate::options::Options;
use crate::reader;
use crate::status::{SourceState, Status};
use crate::waiting::Shared;

/// An open log.
#[derive(Debug)]
pub struct Instance {
    /// What the reader thread shares.
    pub shared: Arc<Shared>,
    reader: Mutex<Option<JoinHandle<()>>>,
}

static INSTANCES: LazyLock<Mutex<HashMap<u32, Arc<Instance>>>> = LazyLock::new(Mutex::default);
static NEXT_HANDLE: AtomicU32 = AtomicU32::new(1);

fn instances() -> MutexGuard<'static, HashMap<u32, Arc<Instance>>> {
    // Every use inserts, removes or copies in one step, so a panic leaves the map whole.
    INSTANCES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The log with this handle.
pub fn find(handle: u32) -> Option<Arc<Instance>> {
    instances().get(&handle).cloned()
}

/// Opens a log and starts its reader thread.
///
/// # Safety
/// `memory` is valid for `memory_len` bytes and written by nobody else until [`close`] returned.
pub unsafe fn open(options: &[u8], memory: *mut u8, memory_len: usize) -> Result<u32, String> {
    let options: Options = serde_json::from_slice(options)
        .map_err(|error| format!("The options of the log are not understood: {error}."))?;
    let geometry = Geometry::divide(memory_len, options.index_capacity).ok_or_else(|| {
        format!(
            "{memory_len} bytes of memory cannot hold {} records and their text.",
            options.index_capacity
        )
    })?;
    if memory.is_null() {
        return Err("No memory was lent for the log.".to_owned());
    }
    if !memory.addr().is_multiple_of(8) {
        return Err(
            "The memory of the log does not begin at a multiple of 8; lend a whole buffer."
                .to_owned(),
        );
    }
    // SAFETY: the caller's promise holds until `close` returned: it waits for the reader thread, which owns the only
    // writer, and release and gather are synchronous calls of the thread that closes. A `wait` of another thread may
    // hold the log longer, but does not look at the memory. `divide` took only a power of two, and no more bytes.
    let memory = unsafe { LentMemory::new(memory, geometry) };
    let shared = Arc::new(Shared {
        log: Arc::new(LogShared::new(memory)),
        status: Arc::new(Status::default()),
        is_playing: AtomicBool::new(false),
    });
    let reader = {
        let shared = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("ring-reader".to_owned())
            .spawn(move || {
                let writer = LogWriter::new(Arc::clone(&shared.log));
                let result =
                    catch_unwind(AssertUnwindSafe(|| reader::run(&options, &shared, writer)));
                if let Err(payload) = result {
                    shared
                        .status
                        .set_source(SourceState::Failed, panic_message(payload.as_ref()));
                    shared.log.wake();
                }
            })
    };
    let reader =
        reader.map_err(|error| format!("The reader thread cannot be started: {error}."))?;
    let handle = NEXT_HANDLE.fetch_add(1, Ordering::Relaxed);
    instances().insert(
        handle,
        Arc::new(Instance {
            shared,
            reader: Mutex::new(Some(reader)),
        }),
    );
    Ok(handle)
}

/// Stops the reader of this log and waits for its end; `false` if there is no such log.
pub fn close(handle: u32) -> bool {
    let Some(instance) = instances().remove(&handle) else {
        return false;
    };
    instance.shared.log.stop();
    let reader = instance
        .reader
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    // The thread catches its own panics, so joining cannot fail.
    reader.map(JoinHandle::join).transpose().is_ok()
}
