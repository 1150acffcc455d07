//! A ring's words in this process's memory, each an atomic: a mapped file, or under `cfg(loom)` the words of a model.
//! mapping.rs reads them, writer/memory.rs writes them; both are the same code either way.

#[cfg(not(loom))]
mod mapped;
#[cfg(loom)]
pub(crate) mod modelled;

#[cfg(loom)]
pub(crate) use loom::hint::spin_loop;
#[cfg(not(loom))]
use mapped as of_this_build;
#[cfg(loom)]
use modelled as of_this_build;
#[cfg(not(loom))]
pub(crate) use std::hint::spin_loop;

#[cfg(feature = "writer")]
pub(crate) use of_this_build::AtomicU64;
pub(crate) use of_this_build::{RingWords, fence};
