//! A ring's words in this process's memory, each an atomic: a mapped file, or under `cfg(loom)` the words of a model.
//! mapping.rs reads them, writer/memory.rs writes them; both are the same code either way.

#[cfg(not(loom))]
mod mapped;
#[cfg(loom)]
pub(crate) mod modelled;

#[cfg(loom)]
pub(crate) use {
    loom::hint::spin_loop,
    modelled::{AtomicU64, RingWords, fence},
};
#[cfg(not(loom))]
pub(crate) use {
    mapped::RingWords,
    std::{
        hint::spin_loop,
        sync::atomic::{AtomicU64, fence},
    },
};
