//! Which storage the transactions of the open block touched, and how long they took (protocol 8.2).
//! Used by `metrics`; `report` draws the conclusions when the block has ended. Its memory is used for every block.

use hashbrown::HashTable;

use super::keys::{Address, KeyHasher, Slot};

/// Most slots and accesses of a block: several times what the gas of a block pays for. Everything together stays below
/// 64 MiB; of a block with more there is no ContentionData.
pub(super) const MOST_SLOTS: usize = 1 << 18;
const MOST_ACCESSES: usize = 1 << 20;

/// A contract of which storage was accessed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ContractRow {
    pub(super) address: Address,
    hash: u64,
}

/// A slot that was accessed.
#[derive(Clone, Copy, Debug)]
pub(super) struct SlotRow {
    pub(super) slot: Slot,
    /// Number of its contract.
    pub(super) contract: u32,
    hash: u64,
}

/// One access, as a number that sorts by slot, then by transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Access(u64);

impl Access {
    fn new(slot: u32, txn: usize, is_modified: bool) -> Access {
        Access(u64::from(slot) << 32 | (txn as u64 & 0x7fff_ffff) << 1 | u64::from(is_modified))
    }

    pub(super) fn slot(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub(super) fn txn(self) -> u32 {
        self.0 as u32 >> 1
    }

    pub(super) fn is_modified(self) -> bool {
        self.0 & 1 == 1
    }
}

/// What the transactions of a block did.
#[derive(Debug, Default)]
pub struct Contention {
    contract_table: HashTable<u32>,
    pub(super) contracts: Vec<ContractRow>,
    slot_table: HashTable<u32>,
    pub(super) slots: Vec<SlotRow>,
    pub(super) accesses: Vec<Access>,
    /// Number of the contract of the last access: accesses come account by account.
    last_contract: usize,
    /// By transaction index, when its header began; 0 if it did not, or has ended.
    starts_ns: Vec<u64>,
    txn_ns: u64,
    is_too_large: bool,
}

impl Contention {
    /// Begins another block.
    pub fn clear(&mut self) {
        self.contract_table.clear();
        self.contracts.clear();
        self.slot_table.clear();
        self.slots.clear();
        self.accesses.clear();
        self.last_contract = 0;
        self.starts_ns.clear();
        self.txn_ns = 0;
        self.is_too_large = false;
    }

    /// Sum of the times from header to end of the transactions that ended.
    pub fn txn_ns(&self) -> u64 {
        self.txn_ns
    }

    /// Whether the block had more accesses than are kept.
    pub fn is_too_large(&self) -> bool {
        self.is_too_large
    }

    /// Takes that the header of a transaction was recorded.
    pub fn begin_txn(&mut self, index: usize, now_ns: u64) {
        if self.starts_ns.len() <= index {
            self.starts_ns.resize(index + 1, 0);
        }
        self.starts_ns[index] = now_ns;
    }

    /// Takes that a transaction ended.
    pub fn end_txn(&mut self, index: usize, now_ns: u64) {
        if let Some(start_ns) = self.starts_ns.get_mut(index).filter(|start| **start > 0) {
            self.txn_ns = self.txn_ns.saturating_add(now_ns.saturating_sub(*start_ns));
            *start_ns = 0;
        }
    }

    /// Takes the access of a transaction to a slot outside transient storage; `hash` is the slot's.
    #[inline]
    pub fn access(
        &mut self,
        hasher: &KeyHasher,
        txn: usize,
        slot: &Slot,
        hash: u64,
        is_modified: bool,
    ) {
        let found = self
            .slot_table
            .find(hash, |at| self.slots[*at as usize].slot == *slot);
        let number = match found {
            Some(at) => *at,
            None if self.slots.len() < MOST_SLOTS => self.add_slot(hasher, slot, hash),
            None => return self.is_too_large = true,
        };
        if self.accesses.len() == MOST_ACCESSES {
            return self.is_too_large = true;
        }
        self.accesses.push(Access::new(number, txn, is_modified));
    }

    fn add_slot(&mut self, hasher: &KeyHasher, slot: &Slot, hash: u64) -> u32 {
        let contract = self.contract(hasher, slot);
        let number = self.slots.len() as u32;
        self.slots.push(SlotRow {
            slot: *slot,
            contract,
            hash,
        });
        let slots = &self.slots;
        self.slot_table
            .insert_unique(hash, number, |at| slots[*at as usize].hash);
        number
    }

    /// The number of a slot's contract.
    fn contract(&mut self, hasher: &KeyHasher, slot: &Slot) -> u32 {
        let address = slot.first_chunk().unwrap_or(&[0; 20]);
        let is_this = |row: &ContractRow| row.address == *address;
        if self.contracts.get(self.last_contract).is_some_and(is_this) {
            return self.last_contract as u32;
        }
        let hash = hasher.hash(address);
        let found = self
            .contract_table
            .find(hash, |at| is_this(&self.contracts[*at as usize]));
        let number = match found {
            Some(at) => *at,
            None => {
                let number = self.contracts.len() as u32;
                self.contracts.push(ContractRow {
                    address: *address,
                    hash,
                });
                let contracts = &self.contracts;
                self.contract_table
                    .insert_unique(hash, number, |at| contracts[*at as usize].hash);
                number
            }
        };
        self.last_contract = number as usize;
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_beyond_the_bounds_is_told_to_be_too_large_and_takes_no_more_memory() {
        let hasher = KeyHasher::default();
        let mut block = Contention::default();
        for round in 0..2 {
            for n in 0..MOST_SLOTS as u64 + 1000 {
                let mut slot = [0; 52];
                slot[12..20].copy_from_slice(&(n / 3).to_be_bytes());
                slot[44..].copy_from_slice(&n.to_be_bytes());
                let hash = hasher.hash(&slot);
                assert_eq!(block.is_too_large(), n > MOST_SLOTS as u64);
                block.access(&hasher, 0, &slot, hash, false);
            }
            assert_eq!(
                (block.slots.len(), block.contracts.len()),
                (MOST_SLOTS, MOST_SLOTS / 3 + 1)
            );
            assert_eq!(block.slots.capacity(), MOST_SLOTS, "round {round}");
            block.clear();
            assert!(!block.is_too_large());
        }
        let slot = [1; 52];
        let hash = hasher.hash(&slot);
        for _ in 0..=MOST_ACCESSES {
            assert!(!block.is_too_large());
            block.access(&hasher, 0, &slot, hash, false);
        }
        assert!(block.is_too_large());
        assert_eq!(block.accesses.capacity(), MOST_ACCESSES);
    }
}
