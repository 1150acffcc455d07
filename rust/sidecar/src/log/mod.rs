//! The log: an append-only sequence of entries in memory that JavaScript lends.
//! `record` is the layout of an index record, `lent` the bytes, `shared` how far they are written and released, `writer`
//! appends, `gather` joins events again; `door` lets JavaScript read. `sync` is what they synchronise with, `model` the
//! proof that it is enough.

mod gather;
mod lent;
#[cfg(loom)]
mod model;
mod record;
mod shared;
mod sync;
mod writer;

pub use gather::{GatherError, Joining, MOST_ADDED};
pub use lent::{Geometry, LentMemory};
pub use record::{
    CONTENTION_DATA, EntryKind, FIELDS, GAP, LIFECYCLE, NATIVE_TRANSFER, RECORD_SIZE, Record,
    TOP_ACCESSES, TPS,
};
pub use shared::{ENOUGH_TEXT, LogShared};
pub use writer::{LogWriter, Stopped};
