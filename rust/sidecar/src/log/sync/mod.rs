//! What the log synchronises with: std's types, or under `cfg(loom)` those of a model.

#[cfg(loom)]
pub mod modelled;

#[cfg(loom)]
pub use modelled::{AtomicBool, AtomicU64, Condvar, Mutex, MutexGuard};
#[cfg(not(loom))]
pub use std::sync::{
    Condvar, Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU64},
};
