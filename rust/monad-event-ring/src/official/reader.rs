//! The official iterator: it stops at a gap until it is reset. RawEventReader names and skips the gap instead.

use std::marker::PhantomData;

use super::{decoder::EventDecoder, descriptor::EventDescriptor};
use crate::{RawEventRing, slot::Observed};

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
    read_last: u64,
    decoder: PhantomData<fn() -> D>,
}

impl<'ring, D: EventDecoder> EventReader<'ring, D> {
    /// A reader that wants `seqno` next.
    pub(super) fn starting_at(ring: &'ring RawEventRing, seqno: u64) -> Self {
        Self {
            ring,
            read_last: seqno.saturating_sub(1),
            decoder: PhantomData,
        }
    }

    /// Takes the next event. Source: ring-and-events §2.1.
    pub fn next_descriptor(&mut self) -> EventNextResult<EventDescriptor<'ring, D>> {
        match self.ring.mapping().observe(self.read_last) {
            Observed::Committed(raw) => {
                self.read_last = raw.seqno;
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

    /// Wants `seqno` next; not part of the official type.
    pub fn seek(&mut self, seqno: u64) {
        self.read_last = seqno.saturating_sub(1);
    }

    /// The seqno wanted next; not part of the official type.
    pub fn position(&self) -> u64 {
        self.read_last.saturating_add(1)
    }

    /// The event of any seqno, if the ring holds it; the position does not change. Not part of the official type.
    pub fn descriptor_at(&self, seqno: u64) -> Option<EventDescriptor<'ring, D>> {
        self.ring
            .try_copy(seqno)
            .map(|raw| EventDescriptor::new(self.ring, raw))
    }
}
