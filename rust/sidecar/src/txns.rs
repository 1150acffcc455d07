//! The transactions of the open block, by index. `chain` asks for one per event; `transfer` follows each one's frames.

use crate::stages::Proposal;
use crate::text::Middle;
use crate::transfer::Transfers;

/// Largest transaction index that is believed; a block of the largest gas limit in use holds a tenth of it.
pub const MAX_TXN_INDEX: usize = 1 << 16;

/// What is known of one transaction.
#[derive(Debug)]
pub struct Txn {
    /// What surrounds the payloads of its events.
    pub middle: Middle,
    /// Which of its call frames moved value.
    pub transfers: Transfers,
}

/// The transactions that events were seen of, and those with smaller indices.
#[derive(Debug, Default)]
pub struct Txns(Vec<Txn>);

impl Txns {
    /// Forgets all of them, keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether no transaction was seen.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The transaction of this index, made when its first event comes; `None` outside a block, which has no
    /// `proposal`, and for an index above `MAX_TXN_INDEX`.
    #[inline]
    pub fn get_or_add(&mut self, index: usize, proposal: Option<&Proposal>) -> Option<&mut Txn> {
        if self.0.len() <= index {
            self.add(index, proposal?);
        }
        self.0.get_mut(index)
    }

    #[cold]
    fn add(&mut self, last_index: usize, proposal: &Proposal) {
        while self.0.len() <= last_index.min(MAX_TXN_INDEX) {
            let index = self.0.len() as u32;
            self.0.push(Txn {
                middle: Middle::new(Some(proposal), Some(index), None),
                transfers: Transfers::default(),
            });
        }
    }
}
