//! What the accesses of a whole block say about contention: counts and the largest of each kind (protocol 8.2).
//! Fed by `contention`; `edges` finds contracts that share transactions; `text` writes it.

use std::cmp::Ordering;

use super::contention::Contention;
use super::edges::{Edge, Edges};
use super::keys::{Address, Slot};

/// Longest lists. Source: protocol 8.2.
const MOST_SLOTS: usize = 20;
const MOST_CONTRACTS: usize = 15;

/// One contended slot.
#[derive(Clone, Copy, Debug)]
pub struct ContendedSlot {
    /// Address and storage key.
    pub slot: Slot,
    /// Transactions that accessed it.
    pub txn_count: u32,
    /// Accesses.
    pub access_count: u32,
}

/// A contract with contended slots.
#[derive(Clone, Copy, Debug)]
pub struct ContendedContract {
    /// The contract.
    pub address: Address,
    /// Slots that were accessed.
    pub total_slots: u32,
    /// Those that at least two transactions accessed.
    pub contended_slots: u32,
    /// Accesses to all of them.
    pub total_accesses: u32,
}

/// What a ContentionData frame says of storage.
#[derive(Debug, Default)]
pub struct Report {
    /// Slots that transactions accessed.
    pub unique_slots: u64,
    /// Those that at least two transactions accessed.
    pub contended_slots: u64,
    /// Of these, those that an access modified.
    pub write_contended_slots: u64,
    /// The most contended slots.
    pub top_slots: Vec<ContendedSlot>,
    /// The contracts with the most contended slots.
    pub top_contracts: Vec<ContendedContract>,
    /// The pairs of contracts that share the most transactions.
    pub edges: Vec<Edge>,
    pairs: Edges,
}

impl Report {
    /// Makes this the report of a block's accesses, and sorts them.
    pub fn fill(&mut self, block: &mut Contention) {
        block.accesses.sort_unstable();
        self.unique_slots = block.slots.len() as u64;
        (self.contended_slots, self.write_contended_slots) = (0, 0);
        self.top_slots.clear();
        self.top_contracts.clear();
        self.top_contracts
            .extend(block.contracts.iter().map(|row| ContendedContract {
                address: row.address,
                total_slots: 0,
                contended_slots: 0,
                total_accesses: 0,
            }));
        for accesses in block.accesses.chunk_by(|a, b| a.slot() == b.slot()) {
            let row = &block.slots[accesses[0].slot() as usize];
            let txn_count = accesses.chunk_by(|a, b| a.txn() == b.txn()).count() as u32;
            let access_count = accesses.len() as u32;
            let contract = &mut self.top_contracts[row.contract as usize];
            contract.total_slots += 1;
            contract.total_accesses += access_count;
            if txn_count < 2 {
                continue;
            }
            contract.contended_slots += 1;
            self.contended_slots += 1;
            self.write_contended_slots +=
                u64::from(accesses.iter().any(|access| access.is_modified()));
            self.top_slots.push(ContendedSlot {
                slot: row.slot,
                txn_count,
                access_count,
            });
        }
        keep_first(&mut self.top_slots, MOST_SLOTS, |a, b| {
            b.txn_count.cmp(&a.txn_count).then(a.slot.cmp(&b.slot))
        });
        self.top_contracts
            .retain(|contract| contract.contended_slots > 0);
        keep_first(&mut self.top_contracts, MOST_CONTRACTS, |a, b| {
            b.contended_slots
                .cmp(&a.contended_slots)
                .then(a.address.cmp(&b.address))
        });
        self.pairs.find(block, &mut self.edges);
    }
}

/// Keeps the `most` first rows in `order`.
fn keep_first<T>(rows: &mut Vec<T>, most: usize, order: impl Fn(&T, &T) -> Ordering) {
    if most < rows.len() {
        rows.select_nth_unstable_by(most, &order);
        rows.truncate(most);
    }
    rows.sort_unstable_by(order);
}
