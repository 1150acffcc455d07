//! The official iterator: it stops at a gap until it is reset. RawEventReader names and skips the gap instead.

use std::{fmt, marker::PhantomData};

use super::{decoder::EventDecoder, descriptor::EventDescriptor};
use crate::{
    RawEventRing,
    ffi::{monad_event_descriptor, monad_event_iterator, monad_event_ring},
    slot::Observed,
};

/// What [`EventReader::next_descriptor`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventNextResult<T> {
    /// The next event.
    Ready(T),
    /// It is not there yet.
    NotReady,
    /// It is lost; the reader stays here until [`EventReader::reset`].
    Gap,
}

/// A position in a ring.
pub struct EventReader<'ring, D: EventDecoder> {
    ring: &'ring RawEventRing,
    iterator: monad_event_iterator,
    decoder: PhantomData<fn() -> D>,
}

impl<'ring, D: EventDecoder> EventReader<'ring, D> {
    /// A reader that wants `seqno` next.
    pub(super) fn starting_at(ring: &'ring RawEventRing, seqno: u64) -> Self {
        Self {
            ring,
            iterator: before(seqno),
            decoder: PhantomData,
        }
    }

    /// Takes the next event. Source: ring-and-events §2.1.
    pub fn next_descriptor(&mut self) -> EventNextResult<EventDescriptor<'ring, D>> {
        match self.ring.mapping().observe(self.iterator.read_last_seqno) {
            Observed::Committed(raw) => {
                self.iterator.read_last_seqno = raw.seqno;
                EventNextResult::Ready(EventDescriptor::new(self.ring, raw))
            }
            Observed::NotReady => EventNextResult::NotReady,
            Observed::Lost => EventNextResult::Gap,
        }
    }

    /// Wants the newest committed event next. Source: ring-and-events §2.2.
    pub fn reset(&mut self) {
        self.seek(self.ring.mapping().newest_committed());
    }

    /// Lends the ring and the position under their C names; the closure may move the position.
    ///
    /// What it returns becomes an event of this ring. A descriptor that the ring never held is harmless: its payload
    /// is copied with every check or found expired.
    pub fn with_raw(
        &mut self,
        f: impl FnOnce(&monad_event_ring, &mut monad_event_iterator) -> Option<monad_event_descriptor>,
    ) -> Option<EventDescriptor<'ring, D>> {
        f(self.ring, &mut self.iterator).map(|raw| EventDescriptor::new(self.ring, raw))
    }

    /// Wants `seqno` next; not part of the official type.
    pub fn seek(&mut self, seqno: u64) {
        self.iterator = before(seqno);
    }

    /// The seqno wanted next; not part of the official type.
    pub fn position(&self) -> u64 {
        self.iterator.read_last_seqno.saturating_add(1)
    }

    /// The event of any seqno, if the ring holds it; the position does not change. Not part of the official type.
    pub fn descriptor_at(&self, seqno: u64) -> Option<EventDescriptor<'ring, D>> {
        self.ring
            .try_copy(seqno)
            .map(|raw| EventDescriptor::new(self.ring, raw))
    }
}

impl<D: EventDecoder> fmt::Debug for EventReader<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventReader")
            .field("ring", self.ring)
            .field("iterator", &self.iterator)
            .finish()
    }
}

/// The position at which `seqno` is wanted next.
fn before(seqno: u64) -> monad_event_iterator {
    monad_event_iterator {
        read_last_seqno: seqno.saturating_sub(1),
    }
}
