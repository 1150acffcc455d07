//! The log: an append-only sequence of entries in memory that JavaScript lends.
//! `record` is the layout of an index record, `memory` the lent bytes, `writer` appends; `door` lets JavaScript read.

mod memory;
mod record;
mod writer;

pub use memory::{Geometry, LentMemory, LogShared};
pub use record::{EntryKind, FIELDS, GAP, NATIVE_TRANSFER, RECORD_SIZE, Record};
pub use writer::{LogWriter, Stopped};
