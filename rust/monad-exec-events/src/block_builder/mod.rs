//! From a stream of events to whole blocks.
//! `executed` keeps the open block, `txn` one transaction of it, `error` says why a block came to nothing.

mod error;
mod executed;
mod txn;

pub use error::{BlockBuilderError, BlockBuilderResult, ReassemblyError};
pub use executed::ExecutedBlockBuilder;
