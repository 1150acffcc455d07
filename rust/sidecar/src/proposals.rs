//! The block ids behind the ordinals that index records carry. Filled by `stages` on the reader thread, asked by
//! `log::gather` when a client wants `block_id` in an event that was written long ago.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::stages::BlockId;

/// Most ids kept, 8 MiB: those of a day, and more than the blocks of a window.
const MOST_IDS: usize = 1 << 18;

/// The newest block ids by ordinal.
#[derive(Debug, Default)]
pub struct ProposalIds(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// Ordinal of the first id.
    first: u32,
    ids: VecDeque<BlockId>,
}

impl ProposalIds {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        // An id is added or removed in one step, so a panic leaves the table whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the id of the next ordinal.
    pub fn push(&self, ordinal: u32, id: &BlockId) {
        let mut kept = self.lock();
        if ordinal != kept.first.wrapping_add(kept.ids.len() as u32) {
            kept.ids.clear();
        }
        if kept.ids.is_empty() {
            kept.first = ordinal;
        }
        kept.ids.push_back(*id);
        if kept.ids.len() > MOST_IDS {
            kept.ids.pop_front();
            kept.first += 1;
        }
    }

    /// The id of an ordinal; `None` if it was never given or is gone.
    pub fn get(&self, ordinal: u32) -> Option<BlockId> {
        let kept = self.lock();
        let at = ordinal.checked_sub(kept.first)?;
        kept.ids.get(at as usize).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_ids_are_kept_and_no_others() {
        let ids = ProposalIds::default();
        let id = |n: u32| {
            let mut id = [0; 32];
            id[..4].copy_from_slice(&n.to_le_bytes());
            id
        };
        let last = MOST_IDS as u32 + 10;
        (1..=last).for_each(|n| ids.push(n, &id(n)));
        assert_eq!(ids.get(last), Some(id(last)));
        assert_eq!(ids.get(11), Some(id(11)));
        assert_eq!([0, 10, last + 1].map(|n| ids.get(n)), [None; 3]);
        ids.push(1, &id(7));
        assert_eq!((ids.get(1), ids.get(last)), (Some(id(7)), None));
    }
}
