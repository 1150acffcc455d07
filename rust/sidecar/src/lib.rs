//! The library that ringcast loads through Deno's FFI: it reads a node's event ring on a thread of its own and appends
//! what it reads, as JSON text and index records, to a log in memory that JavaScript lends.
//!
//! `door` is the C ABI, `reader` the thread (`waiting` while there is nothing to read), `source` the ring, `pipeline` what
//! happens to one event, `gap` to one that was lost,
//! `chain` what an event needs to know about its block, `derived` what follows from it (`metrics`, `lifecycle`), `entry`
//! what is written of it, `text` its JSON and `log` where it ends up. `connections` is apart from all that: what the
//! kernel knows of the process's clients.

pub mod chain;
pub mod connections;
pub mod derived;
pub mod door;
pub mod entry;
pub mod gap;
pub mod lifecycle;
pub mod log;
pub mod metrics;
pub mod options;
pub mod pipeline;
pub mod proposals;
pub mod reader;
pub mod source;
pub mod stages;
pub mod status;
pub mod text;
pub mod transfer;
pub mod txns;
pub mod waiting;
