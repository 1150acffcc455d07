//! Walks a ring from event to event and says exactly what was lost on the way.
//! Stands on slot.rs (descriptors) and mapping.rs (payloads); fills payload.rs.

use std::sync::Arc;

use crate::{
    descriptor::RawDescriptor, mapping::PayloadCopy, payload::PayloadBuffer, ring::RawEventRing,
    slot::Observed,
};

/// What [`RawEventReader::next`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextEvent {
    /// The next event; its payload is in the buffer. The reader is past it.
    Ready(RawDescriptor),
    /// The next event is not there yet, or never will be (a dead writer looks the same).
    NotReady,
    /// The writer was faster: the events of this inclusive range are lost, the reader stands behind it.
    Gap {
        /// First lost seqno: the one that was wanted.
        from_seqno: u64,
        /// Last lost seqno.
        to_seqno: u64,
    },
    /// The payload of this event, and nothing else, is gone. The reader is past it.
    Expired(RawDescriptor),
    /// The payload of this event was not looked at: it is larger than the reader's limit or the ring's payload
    /// buffer, or its offset is no multiple of 16. The reader is past it.
    Malformed(RawDescriptor),
}

/// A position in a ring; several readers of one ring do not know of each other.
pub struct RawEventReader {
    ring: Arc<RawEventRing>,
    read_last: u64,
    max_payload_size: u32,
}

/// After a gap the reader skips this share (1/64) of what is still readable, so that a writer at full speed does
/// not overtake it again at once.
const MARGIN_DIVISOR: u64 = 64;

impl RawEventReader {
    /// A reader that wants seqno 1 next and takes payloads of up to `max_payload_size` bytes.
    pub fn new(ring: Arc<RawEventRing>, max_payload_size: u32) -> Self {
        Self {
            ring,
            read_last: 0,
            max_payload_size,
        }
    }

    /// Takes the next event, with its payload in `payload`.
    ///
    /// After `Ready` the buffer holds the payload as it was recorded; after `Expired` and `Malformed` it is empty;
    /// otherwise it is unchanged. Does not allocate, except for a payload larger than all before.
    /// Source: ring-and-events §2.1.
    #[inline]
    pub fn next(&mut self, payload: &mut PayloadBuffer) -> NextEvent {
        match self.ring.mapping().observe(self.read_last) {
            Observed::Committed(descriptor) => {
                self.read_last = descriptor.seqno;
                match self
                    .ring
                    .mapping()
                    .copy_payload(&descriptor, self.max_payload_size, payload)
                {
                    PayloadCopy::Copied => NextEvent::Ready(descriptor),
                    PayloadCopy::Expired => NextEvent::Expired(descriptor),
                    PayloadCopy::Malformed => NextEvent::Malformed(descriptor),
                }
            }
            Observed::NotReady => NextEvent::NotReady,
            Observed::Lost => self.skip_lost(),
        }
    }

    /// Moves to the oldest readable event, plus a margin, and names what lies between.
    #[cold]
    fn skip_lost(&mut self) -> NextEvent {
        let from_seqno = self.position();
        let Some((oldest, last)) = self.ring.mapping().readable_range() else {
            return NextEvent::NotReady;
        };
        let target = (oldest + (last - oldest) / MARGIN_DIVISOR).max(from_seqno.saturating_add(1));
        if target > last {
            // Only a damaged slot shows a later event than the writer has allocated: wait for the writer.
            return NextEvent::NotReady;
        }
        self.seek(target);
        NextEvent::Gap {
            from_seqno,
            to_seqno: target - 1,
        }
    }

    /// Wants `seqno` next, whatever the ring holds; 0 is taken as 1.
    pub fn seek(&mut self, seqno: u64) {
        self.read_last = seqno.saturating_sub(1);
    }

    /// Wants the newest committed event next (seqno 1 if there is none), as a fresh official iterator does.
    ///
    /// Source: ring-and-events §2.2.
    pub fn reset(&mut self) {
        self.seek(self.ring.mapping().newest_committed());
    }

    /// The seqno wanted next.
    pub fn position(&self) -> u64 {
        self.read_last.saturating_add(1)
    }

    /// The oldest seqno whose descriptor and payload can still be read; `None` if there is none.
    pub fn oldest_readable(&self) -> Option<u64> {
        self.ring.oldest_readable()
    }

    /// The descriptor of any seqno, if the ring still (or already) holds it; the position does not change.
    pub fn try_copy(&self, seqno: u64) -> Option<RawDescriptor> {
        self.ring.try_copy(seqno)
    }

    /// Copies the payload of any descriptor of this ring; `false`, with an empty buffer, if it is gone, larger than
    /// the reader's limit or malformed.
    pub fn copy_payload(&self, of: &RawDescriptor, payload: &mut PayloadBuffer) -> bool {
        self.ring
            .mapping()
            .copy_payload(of, self.max_payload_size, payload)
            == PayloadCopy::Copied
    }

    /// The ring that is read.
    pub fn ring(&self) -> &Arc<RawEventRing> {
        &self.ring
    }
}
