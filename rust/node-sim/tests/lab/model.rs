//! What a ring holds after any number of events, computed from their sizes alone: an independent account of the
//! writer's window. Source: ring-and-events §1.4–1.6.

use crate::truth::RingTruth;

const ALIGNMENT: u64 = 16;
const INCREMENT: u64 = 1 << 24;

/// A ring of known sizes.
pub struct Model {
    capacity: u64,
    /// By seqno − 1: first payload byte, and the window's start once the event was recorded.
    offsets: Vec<u64>,
    windows: Vec<u64>,
}

impl Model {
    pub fn new(truth: &RingTruth, capacity: u64, payload_buf_size: u64) -> Self {
        let (mut next, mut window) = (0_u64, 0);
        let (mut offsets, mut windows) = (Vec::new(), Vec::new());
        for event in &truth.events {
            offsets.push(next);
            next += event.size.div_ceil(ALIGNMENT) * ALIGNMENT;
            let kept = payload_buf_size - INCREMENT;
            if next - window > kept {
                window = next.div_ceil(INCREMENT) * INCREMENT - kept;
            }
            windows.push(window);
        }
        Self {
            capacity,
            offsets,
            windows,
        }
    }

    /// True if the slot of `seqno` still holds it when `last` was recorded last.
    pub fn has_descriptor(&self, seqno: u64, last: u64) -> bool {
        seqno <= last && seqno + self.capacity > last
    }

    /// True if the payload of `seqno` is still valid when `last` was recorded last.
    pub fn has_payload(&self, seqno: u64, last: u64) -> bool {
        self.offsets[seqno as usize - 1] >= self.windows[last as usize - 1]
    }

    /// The first seqno that can be read, with its payload, when `last` was recorded last.
    pub fn oldest_readable(&self, last: u64) -> u64 {
        (1..=last)
            .rev()
            .take_while(|seqno| self.has_descriptor(*seqno, last) && self.has_payload(*seqno, last))
            .last()
            .expect("the newest event can always be read")
    }
}
