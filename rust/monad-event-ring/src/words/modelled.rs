//! Words of a loom model. Those that threads of the model compete for are loom's atomics; all others keep the value
//! that the model's author computed for them and swallow stores. Orderings can be weakened, one at a time, to show
//! that the model needs them.
#![cfg_attr(not(test), allow(dead_code, reason = "the models are tests"))]

use std::{
    cell::Cell,
    collections::HashMap,
    fs::File,
    io,
    panic::Location,
    sync::{Arc, Mutex},
};

use loom::sync::atomic::{self, Ordering};

/// What is made weaker than the code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weakening {
    /// Loads of the word at this offset are relaxed.
    Load(usize),
    /// Stores to the word at this offset are relaxed.
    Store(usize),
    /// The fence in the source file of this name is left out.
    Fence(&'static str),
}

thread_local! {
    /// Loom runs all threads of a model on the one that called it.
    static WEAKENED: Cell<Option<Weakening>> = const { Cell::new(None) };
}

/// Runs `model` with an ordering weakened.
pub(crate) fn weakened(weakening: Weakening, model: impl FnOnce()) {
    WEAKENED.set(Some(weakening));
    model();
    WEAKENED.set(None);
}

/// As [`std::sync::atomic::fence`].
#[track_caller]
pub(crate) fn fence(ordering: Ordering) {
    let file = Location::caller().file();
    match WEAKENED.get() {
        Some(Weakening::Fence(name)) if file.ends_with(name) => {}
        _ => atomic::fence(ordering),
    }
}

/// One word: competed for, or settled.
pub(crate) struct AtomicU64 {
    offset: usize,
    value: Result<atomic::AtomicU64, u64>,
}

impl AtomicU64 {
    fn weaken(&self, operation: fn(usize) -> Weakening, ordering: Ordering) -> Ordering {
        if WEAKENED.get() == Some(operation(self.offset)) {
            return Ordering::Relaxed;
        }
        ordering
    }

    pub(crate) fn load(&self, ordering: Ordering) -> u64 {
        match &self.value {
            Ok(word) => word.load(self.weaken(Weakening::Load, ordering)),
            Err(settled) => *settled,
        }
    }

    pub(crate) fn store(&self, value: u64, ordering: Ordering) {
        if let Ok(word) = &self.value {
            word.store(value, self.weaken(Weakening::Store, ordering));
        }
    }

    pub(crate) fn fetch_add(&self, value: u64, ordering: Ordering) -> u64 {
        self.competed_for().fetch_add(value, ordering)
    }

    pub(crate) fn fetch_max(&self, value: u64, ordering: Ordering) -> u64 {
        self.competed_for().fetch_max(value, ordering)
    }

    fn competed_for(&self) -> &atomic::AtomicU64 {
        self.value
            .as_ref()
            .expect("a word that is read, modified and written is competed for")
    }
}

/// The words of one ring; clones are the same words, as two mappings of a file are.
#[derive(Clone)]
pub(crate) struct RingWords(Arc<Words>);

struct Words {
    len: usize,
    settled: fn(usize) -> u64,
    words: Mutex<HashMap<usize, Box<AtomicU64>>>,
}

impl RingWords {
    /// A ring of `len` bytes in which threads compete for the words at the given offsets, which have the given values
    /// at first; every other word is what `settled` says of its offset.
    pub(crate) fn new(
        len: u64,
        competed_for: impl IntoIterator<Item = (usize, u64)>,
        settled: fn(usize) -> u64,
    ) -> Self {
        let words = competed_for.into_iter().map(|(offset, value)| {
            let value = Ok(atomic::AtomicU64::new(value));
            (offset, Box::new(AtomicU64 { offset, value }))
        });
        Self(Arc::new(Words {
            len: len as usize,
            settled,
            words: Mutex::new(words.collect()),
        }))
    }

    /// Files are not modelled.
    pub(crate) fn read_only(_: &File, _: u64) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Files are not modelled.
    #[cfg(feature = "writer")]
    pub(crate) fn writable(_: &File, _: u64) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len
    }

    /// The word at byte `offset`.
    ///
    /// # Safety
    /// None needed here; the condition is the mapped ring's.
    pub(crate) unsafe fn word(&self, offset: usize) -> &AtomicU64 {
        assert!(
            offset.is_multiple_of(8) && offset + 8 <= self.len(),
            "word {offset} is outside the ring"
        );
        let mut words = self
            .0
            .words
            .lock()
            .expect("no thread of a model panics here");
        let word: *const AtomicU64 = &**words.entry(offset).or_insert_with(|| {
            let value = Err((self.0.settled)(offset));
            Box::new(AtomicU64 { offset, value })
        });
        // SAFETY: the box is never removed or replaced, so the word stays where it is as long as the map, which the
        // borrow of `self` keeps; it is only ever lent shared.
        unsafe { &*word }
    }
}
