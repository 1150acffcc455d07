//! A series of events with indices of their own: each has the index that follows, and in the end all have come.
//! Used by `txn` and `access`.

use super::{BlockPlace, ReassemblyError};
use crate::ExecEventType;

/// Which series an event belongs to.
#[derive(Clone, Copy)]
pub(super) struct Series {
    pub(super) event: ExecEventType,
    pub(super) place: BlockPlace,
    /// How many events the series has.
    pub(super) announced: u32,
}

impl Series {
    /// The event that came has the index that follows `so_far` others, and is one of those announced.
    pub(super) fn expect(self, so_far: usize, actual: u32) -> Result<(), ReassemblyError> {
        if actual as usize == so_far && actual < self.announced {
            return Ok(());
        }
        Err(ReassemblyError::UnexpectedIndex {
            event: self.event,
            place: self.place,
            expected: so_far,
            actual,
            announced: self.announced,
        })
    }

    /// All events that were announced have come.
    pub(super) fn complete(self, actual: usize) -> Result<(), ReassemblyError> {
        if actual == self.announced as usize {
            return Ok(());
        }
        Err(ReassemblyError::MissingEvents {
            event: self.event,
            place: self.place,
            expected: self.announced as usize,
            actual,
        })
    }
}
