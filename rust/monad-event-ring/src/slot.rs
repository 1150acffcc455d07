//! What a slot says about one seqno: committed, not written yet, or written over; and what follows from that
//! for the whole ring. Reads through mapping.rs, used by reader.rs. Source: ring-and-events §1.5, §2.1–2.3.

use std::sync::atomic::Ordering;

use crate::{
    descriptor::RawDescriptor,
    layout::{HEADER_LAST_SEQNO, MAX_SEQNO},
    mapping::Mapping,
    words::{fence, spin_loop},
};

/// What the slot of the next wanted event shows.
pub(crate) enum Observed {
    /// The event, copied.
    Committed(RawDescriptor),
    /// It has not been written, or not been committed.
    NotReady,
    /// Its slot holds a later event.
    Lost,
}

/// Where a seqno stands between the past and the future of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Residence {
    /// Its slot or its payload has been reused.
    Gone,
    /// Descriptor and payload can be read.
    Readable,
    /// Reserved by the writer and not committed.
    InFlight,
}

/// How often reset looks at a slot that is reserved and not committed.
const COMMIT_SPINS: u32 = 100;
/// How many events in a row may be in flight: no writer has more threads than that.
const MAX_IN_FLIGHT: u64 = 256;

impl Mapping {
    /// Looks at the event after `read_last`, as the official iterator does.
    #[inline]
    pub(crate) fn observe(&self, read_last: u64) -> Observed {
        let Some(wanted) = read_last.checked_add(1) else {
            return Observed::NotReady;
        };
        let seqno = self.slot_word::<0>(wanted, Ordering::Acquire);
        if seqno == wanted {
            return self
                .copy_slot(wanted)
                .map_or(Observed::Lost, Observed::Committed);
        }
        // 0 is a slot being written; less than read_last is an event of an earlier lap.
        if seqno == 0 || seqno < read_last {
            Observed::NotReady
        } else {
            Observed::Lost
        }
    }

    /// The descriptor of `seqno`, if its slot holds exactly that event.
    #[inline]
    pub(crate) fn try_copy(&self, seqno: u64) -> Option<RawDescriptor> {
        if seqno == 0 || self.slot_word::<0>(seqno, Ordering::Acquire) != seqno {
            return None;
        }
        self.copy_slot(seqno)
    }

    /// Copies a slot that was seen committed; `None` if it was written over meanwhile.
    ///
    /// The acquire load that saw `seqno` pairs with the writer's commit, so the words below are at least those of
    /// this event. If one of them is of a later event, the fence, paired with the writer's order of "seqno = 0"
    /// before the words, makes the last load see that 0 or something later. A seqno never comes twice.
    #[inline]
    fn copy_slot(&self, seqno: u64) -> Option<RawDescriptor> {
        let type_and_size = self.slot_word::<1>(seqno, Ordering::Relaxed);
        let descriptor = RawDescriptor {
            seqno,
            event_type: type_and_size as u16,
            payload_size: (type_and_size >> 32) as u32,
            record_epoch_nanos: self.slot_word::<2>(seqno, Ordering::Relaxed),
            payload_buf_offset: self.slot_word::<3>(seqno, Ordering::Relaxed),
            content_ext: [
                self.slot_word::<4>(seqno, Ordering::Relaxed),
                self.slot_word::<5>(seqno, Ordering::Relaxed),
                self.slot_word::<6>(seqno, Ordering::Relaxed),
                self.slot_word::<7>(seqno, Ordering::Relaxed),
            ],
        };
        fence(Ordering::Acquire);
        (self.slot_word::<0>(seqno, Ordering::Relaxed) == seqno).then_some(descriptor)
    }

    /// Last seqno that a writer has allocated; 0 in an empty ring. What a damaged header says above
    /// [`MAX_SEQNO`] is not believed, so no reader is led there.
    pub(crate) fn last_seqno(&self) -> u64 {
        self.header_word::<HEADER_LAST_SEQNO>(Ordering::Acquire)
            .min(MAX_SEQNO)
    }

    /// The newest event that is committed, waiting a little for those in flight; 0 if there is none.
    ///
    /// Source: ring-and-events §2.2. Slots further back than one lap cannot hold an older event, so the search ends
    /// there, whatever a damaged header says.
    pub(crate) fn newest_committed(&self) -> u64 {
        let last = self.last_seqno();
        let lap = self.geometry().descriptor_capacity().min(last);
        (0..lap)
            .map(|back| (back, last - back))
            .find(|(back, seqno)| {
                self.wait_for_commit(
                    *seqno,
                    if *back < MAX_IN_FLIGHT {
                        COMMIT_SPINS
                    } else {
                        1
                    },
                )
            })
            .map_or(0, |(_, seqno)| seqno)
    }

    fn wait_for_commit(&self, seqno: u64, spins: u32) -> bool {
        (0..spins).any(|_| {
            let is_committed = self.slot_word::<0>(seqno, Ordering::Acquire) == seqno;
            if !is_committed {
                spin_loop();
            }
            is_committed
        })
    }

    /// The oldest event whose descriptor and payload can still be read, and the last allocated seqno.
    ///
    /// Payload offsets do not decrease with seqno, so a binary search finds it in about 20 looks. It ends too early at
    /// an event that was never committed, or if the writer moves the window meanwhile, and then goes on from there.
    pub(crate) fn readable_range(&self) -> Option<(u64, u64)> {
        loop {
            let last = self.last_seqno();
            let mut from = last.saturating_sub(self.geometry().descriptor_capacity()) + 1;
            while from <= last {
                let low = self.first_not_gone(from, last);
                // Mostly `low` itself; a later one if it is in flight, or gone by now.
                let mut near = (low..=last).take(MAX_IN_FLIGHT as usize);
                if let Some(oldest) =
                    near.find(|seqno| self.residence(*seqno) == Residence::Readable)
                {
                    return Some((oldest, last));
                }
                from = low + MAX_IN_FLIGHT;
            }
            if self.last_seqno() == last {
                return None;
            }
        }
    }

    /// The lowest of the seqnos `low..=high` that is not gone, if they are gone up to a point; else one of them.
    fn first_not_gone(&self, mut low: u64, mut high: u64) -> u64 {
        while low < high {
            let middle = low + (high - low) / 2;
            match self.residence(middle) {
                Residence::Gone => low = middle + 1,
                Residence::Readable | Residence::InFlight => high = middle,
            }
        }
        low
    }

    fn residence(&self, seqno: u64) -> Residence {
        match self.try_copy(seqno) {
            Some(descriptor)
                if descriptor.payload_buf_offset >= self.window_start(Ordering::Acquire) =>
            {
                Residence::Readable
            }
            Some(_) => Residence::Gone,
            // A slot without this event waits for it, unless the writer has come round once more.
            None if self.last_seqno().saturating_sub(seqno)
                >= self.geometry().descriptor_capacity() =>
            {
                Residence::Gone
            }
            None => Residence::InFlight,
        }
    }
}
