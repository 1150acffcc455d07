//! What the writer and the readers of a log share: how far it is written, how far it is released, and who waits for what.
//! `writer` publishes from the reader thread; `door` answers JavaScript's questions from any thread.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::lent::LentMemory;
use super::record::{RECORD_SIZE, Record};
use super::sync::{AtomicBool, AtomicU64, Condvar, Mutex, MutexGuard};

/// Bytes of text that are worth a message. It takes 64 KiB, and some will have come until it is composed.
pub const ENOUGH_TEXT: u64 = 56 << 10;

/// How far the log is written and released; the only words both sides change.
#[derive(Debug)]
pub struct LogShared {
    /// The lent bytes.
    pub memory: LentMemory,
    head: AtomicU64,
    text_head: AtomicU64,
    oldest: AtomicU64,
    text_oldest: AtomicU64,
    stopped: AtomicBool,
    /// Calls of `wake`; changed under the lock.
    wakes: AtomicU64,
    /// Text position from which on a publication is waited for; changed under the lock.
    wanted: AtomicU64,
    /// Until when whoever waited last wants no less than a message, in nanoseconds since `began`.
    paused_until: AtomicU64,
    began: Instant,
    changed: Mutex<()>,
    published: Condvar,
    released: Condvar,
    woken: Condvar,
}

impl LogShared {
    /// An empty log in `memory`.
    pub fn new(memory: LentMemory) -> LogShared {
        LogShared {
            memory,
            head: AtomicU64::new(0),
            text_head: AtomicU64::new(0),
            oldest: AtomicU64::new(0),
            text_oldest: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            wakes: AtomicU64::new(0),
            wanted: AtomicU64::new(u64::MAX),
            paused_until: AtomicU64::new(0),
            began: Instant::now(),
            changed: Mutex::new(()),
            published: Condvar::new(),
            released: Condvar::new(),
            woken: Condvar::new(),
        }
    }

    #[cfg_attr(loom, track_caller)]
    fn lock(&self) -> MutexGuard<'_, ()> {
        // The mutex guards no data of its own, so a panic while it was held left nothing half done.
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of entries published so far; entry numbers below it are complete.
    pub fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// Bytes of text published so far, with commas and what was skipped at the end of the region.
    pub fn text_written(&self) -> u64 {
        self.text_head.load(Ordering::Acquire)
    }

    /// Oldest entry number that is not released.
    pub fn oldest(&self) -> u64 {
        self.oldest.load(Ordering::Acquire)
    }

    /// First text position that is not released.
    pub(super) fn text_oldest(&self) -> u64 {
        self.text_oldest.load(Ordering::Acquire)
    }

    /// Makes everything before `head` and `text_head` visible to readers and wakes those who wait for as much.
    ///
    /// Both change under the lock, since a release up to the head takes them for a pair.
    pub(super) fn publish(&self, head: u64, text_head: u64) {
        let guard = self.lock();
        self.text_head.store(text_head, Ordering::Relaxed);
        self.head.store(head, Ordering::Release);
        let is_wanted = text_head >= self.wanted.load(Ordering::Relaxed);
        if is_wanted {
            self.wanted.store(u64::MAX, Ordering::Relaxed);
        }
        drop(guard);
        if is_wanted {
            self.published.notify_all();
        }
    }

    /// Gives back every entry before `entry`; `false` if `entry` was never published. Going backwards changes nothing.
    pub fn release(&self, entry: u64) -> bool {
        let guard = self.lock();
        let head = self.head();
        if entry > head {
            return false;
        }
        if entry > self.oldest() {
            let text_oldest = if entry == head {
                self.text_head.load(Ordering::Relaxed)
            } else {
                self.published_text_at(entry)
            };
            self.text_oldest.store(text_oldest, Ordering::Release);
            self.oldest.store(entry, Ordering::Release);
        }
        drop(guard);
        self.released.notify_all();
        true
    }

    /// Where the text of an entry begins that the caller, who holds the lock, knows to be published and unreleased.
    fn published_text_at(&self, entry: u64) -> u64 {
        // SAFETY: the caller checked oldest < entry < head under the lock, so the record is completely written before
        // what is read here (the acquire load of `head`) and not reused (the writer waits for `oldest`, which only the
        // holder of the lock moves).
        let record = unsafe { self.memory.read_record(entry) };
        Record::text_span(&record).0
    }

    /// Copies spans of text one behind the other into `out` and returns the bytes copied.
    ///
    /// `spans` are pairs of unwrapped position and length. `None`, with `out` in an unknown state, if a span is not
    /// wholly published and unreleased, crosses the end of the text region, or does not fit.
    pub fn gather(
        &self,
        spans: impl Iterator<Item = (u64, usize)>,
        out: &mut [u8],
    ) -> Option<usize> {
        let _guard = self.lock();
        let (oldest, head) = (self.text_oldest(), self.text_head.load(Ordering::Acquire));
        let size = self.memory.geometry().text_size;
        let mut filled = 0usize;
        for (at, len) in spans {
            let end = at.checked_add(len as u64)?;
            let target = out.get_mut(filled..filled.checked_add(len)?)?;
            if at < oldest || end > head || at % size + len as u64 > size {
                return None;
            }
            // SAFETY: the span was just checked to be published (so it is written before the acquire load of the head),
            // unreleased, which only the holder of the lock could change, and not to cross the end of the text region.
            // `target` is an exclusive slice, which lent memory, whose owner gave it away, cannot be part of.
            unsafe { self.memory.read_text(at % size, target) };
            filled += len;
        }
        Some(filled)
    }

    /// Hands record and text of each of `entries` to `each` while none can be released; `None` stands for an entry that is
    /// not published, or released.
    pub(super) fn read_entries<E>(
        &self,
        entries: impl Iterator<Item = u64>,
        mut each: impl FnMut(u64, Option<(&[u8; RECORD_SIZE], &[u8])>) -> Result<(), E>,
    ) -> Result<(), E> {
        let _guard = self.lock();
        let held = self.oldest()..self.head();
        let size = self.memory.geometry().text_size;
        for entry in entries {
            if !held.contains(&entry) {
                each(entry, None)?;
                continue;
            }
            // SAFETY: the entry is published (the acquire load of the head) and not released, and releasing needs the
            // lock held here, so its record is complete and nobody writes it.
            let record = unsafe { self.memory.read_record(entry) };
            let (at, len) = Record::text_span(&record);
            debug_assert!(at % size + len as u64 <= size, "no text crosses the end");
            // SAFETY: as above, for the text of the entry, which the writer keeps within the region.
            let text = unsafe { self.memory.text(at % size, len) };
            each(entry, Some((&record, text)))?;
        }
        Ok(())
    }

    /// Waits until more than `known` entries are published, the log is stopped or woken, or `timeout` passed; returns
    /// the head.
    ///
    /// Entries that come within `pause` are waited for until it is over or their texts have [`ENOUGH_TEXT`]; within `rest`
    /// until it is over.
    pub fn wait_published(
        &self,
        known: u64,
        timeout: Duration,
        pause: Duration,
        rest: Duration,
    ) -> u64 {
        let begin = Instant::now();
        let (pause, rest) = (pause.min(timeout), rest.min(timeout));
        let paused_until = (begin + pause).duration_since(self.began).as_nanos();
        self.paused_until
            .store(paused_until as u64, Ordering::Relaxed);
        let mut guard = self.lock();
        let wakes = self.wakes.load(Ordering::Relaxed);
        // Whoever waits has not released what it waits for; what was released is no reason to wait for more.
        while known >= self.oldest()
            && !self.is_stopped()
            && self.wakes.load(Ordering::Relaxed) == wakes
        {
            let from = self.text_from(known);
            let passed = begin.elapsed();
            let (left, wanted) = if passed < rest {
                (rest - passed, u64::MAX)
            } else if passed < pause {
                (pause - passed, from + ENOUGH_TEXT)
            } else {
                (timeout.saturating_sub(passed), 0)
            };
            let has_come = known < self.head() && self.text_head.load(Ordering::Relaxed) >= wanted;
            if has_come || left.is_zero() {
                break;
            }
            let least = self.wanted.load(Ordering::Relaxed).min(wanted);
            self.wanted.store(least, Ordering::Relaxed);
            guard = self
                .published
                .wait_timeout(guard, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        self.head()
    }

    /// For how long nobody wants to know of a publication that is less than a message.
    pub fn patience(&self) -> Duration {
        let paused_until = Duration::from_nanos(self.paused_until.load(Ordering::Relaxed));
        paused_until.saturating_sub(self.began.elapsed())
    }

    /// Where the texts from entry `known` on begin, for the holder of the lock, to whom it is known not to be released.
    fn text_from(&self, known: u64) -> u64 {
        if known >= self.head() {
            self.text_head.load(Ordering::Relaxed)
        } else {
            self.published_text_at(known)
        }
    }

    /// Waits until `has_room` says so or the log is stopped.
    pub(super) fn wait_released(&self, has_room: impl Fn() -> bool) {
        let mut guard = self.lock();
        while !has_room() && !self.is_stopped() {
            guard = self
                .released
                .wait(guard)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Sleeps for `duration`, or less if the log is stopped or `wake` is called.
    pub fn pause(&self, duration: Duration) {
        let guard = self.lock();
        if !self.is_stopped() {
            drop(self.woken.wait_timeout(guard, duration));
        }
    }

    /// Wakes whoever waits, without a change of the log.
    pub fn wake(&self) {
        let guard = self.lock();
        self.wakes.fetch_add(1, Ordering::Relaxed);
        drop(guard);
        self.published.notify_all();
        self.released.notify_all();
        self.woken.notify_all();
    }

    /// Ends every wait for good.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.wake();
    }

    /// Whether [`LogShared::stop`] was called.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }
}
