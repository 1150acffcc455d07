//! Loom's types with the interface of std's. An operation can be made weaker than its source line says, to show that
//! the model needs it: an ordering becomes relaxed, a notification is not sent, a lock is not taken.
#![cfg_attr(not(test), allow(dead_code, reason = "the models are tests"))]

use std::cell::Cell;
use std::panic::Location;
use std::sync::LockResult;
use std::sync::atomic::Ordering;
use std::time::Duration;

use loom::sync::{self, WaitTimeoutResult, atomic};

/// The operations of this text in `shared.rs` that are made weaker: the one with this number, from 0, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weakening {
    /// Part of a source line.
    pub text: &'static str,
    /// Which of the lines that contain it.
    pub number: usize,
}

thread_local! {
    /// Loom runs all threads of a model on the one that called it.
    static WEAKENED: Cell<Option<Weakening>> = const { Cell::new(None) };
}

/// Runs `model` with an operation weakened.
pub fn weakened(weakening: Weakening, model: impl FnOnce()) {
    WEAKENED.set(Some(weakening));
    model();
    WEAKENED.set(None);
}

fn is_weakened(at: &Location<'_>) -> bool {
    WEAKENED.get().is_some_and(|weakening| {
        let mut lines = include_str!("../shared.rs").lines().zip(1..);
        let is_named = |(line, _): &(&str, u32)| line.contains(weakening.text);
        let named = lines.by_ref().filter(is_named).nth(weakening.number);
        at.file().ends_with("log/shared.rs") && named.is_some_and(|(_, line)| line == at.line())
    })
}

fn weaken(ordering: Ordering, at: &Location<'_>) -> Ordering {
    if is_weakened(at) {
        Ordering::Relaxed
    } else {
        ordering
    }
}

/// As std's.
#[derive(Debug)]
pub struct AtomicU64(atomic::AtomicU64);

impl AtomicU64 {
    /// As std's.
    pub fn new(value: u64) -> Self {
        Self(atomic::AtomicU64::new(value))
    }

    /// As std's.
    #[track_caller]
    pub fn load(&self, ordering: Ordering) -> u64 {
        self.0.load(weaken(ordering, Location::caller()))
    }

    /// As std's.
    #[track_caller]
    pub fn store(&self, value: u64, ordering: Ordering) {
        self.0.store(value, weaken(ordering, Location::caller()));
    }

    /// As std's.
    pub fn fetch_add(&self, value: u64, ordering: Ordering) -> u64 {
        self.0.fetch_add(value, ordering)
    }
}

/// As std's.
#[derive(Debug)]
pub struct AtomicBool(atomic::AtomicBool);

impl AtomicBool {
    /// As std's.
    pub fn new(value: bool) -> Self {
        Self(atomic::AtomicBool::new(value))
    }

    /// As std's.
    #[track_caller]
    pub fn load(&self, ordering: Ordering) -> bool {
        self.0.load(weaken(ordering, Location::caller()))
    }

    /// As std's.
    #[track_caller]
    pub fn store(&self, value: bool, ordering: Ordering) {
        self.0.store(value, weaken(ordering, Location::caller()));
    }
}

/// As std's.
#[derive(Debug)]
pub struct Mutex<T>(sync::Mutex<T>);

/// As std's; `None` if the lock was not taken.
#[derive(Debug)]
pub struct MutexGuard<'a, T>(Option<sync::MutexGuard<'a, T>>);

impl<T> Mutex<T> {
    /// As std's.
    pub fn new(value: T) -> Self {
        Self(sync::Mutex::new(value))
    }

    /// As std's.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        if is_weakened(Location::caller()) {
            return Ok(MutexGuard(None));
        }
        self.0
            .lock()
            .map(|guard| MutexGuard(Some(guard)))
            .map_err(|_| unreachable!("loom does not poison"))
    }
}

/// As std's.
#[derive(Debug)]
pub struct Condvar(sync::Condvar);

impl Condvar {
    /// As std's.
    pub fn new() -> Self {
        Self(sync::Condvar::new())
    }

    /// As std's.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let guard = guard.0.expect("whoever waits holds the lock");
        let guard = self.0.wait(guard).expect("loom does not poison");
        Ok(MutexGuard(Some(guard)))
    }

    /// As std's, but the time never comes: what only a timeout would end is a deadlock, which loom reports.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let guard = guard.0.expect("whoever waits holds the lock");
        let (guard, result) = self
            .0
            .wait_timeout(guard, timeout)
            .expect("loom does not poison");
        Ok((MutexGuard(Some(guard)), result))
    }

    /// As std's.
    #[track_caller]
    pub fn notify_all(&self) {
        if !is_weakened(Location::caller()) {
            self.0.notify_all();
        }
    }
}
