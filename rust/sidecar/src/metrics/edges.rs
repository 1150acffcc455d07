//! The pairs of contracts of which the same transactions touched storage (protocol 8.2). Used by `report`.

use super::contention::Contention;
use super::keys::Address;

/// Longest list. Source: protocol 8.2.
const MOST_EDGES: usize = 15;

/// Most pairs that are looked at, a few milliseconds' worth. A transaction of n contracts has n·(n-1)/2, so that a few that
/// nobody needs could hold up the reader; of a block with more no edges are told.
const MOST_PAIRS: u64 = 1 << 23;

/// Two contracts that share transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The one with the smaller address.
    pub contract_a: Address,
    /// The other one.
    pub contract_b: Address,
    /// Transactions that touched storage of both.
    pub shared_txn_count: u32,
}

/// Memory that is used for every block.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// Contracts by address, and the rank of each.
    order: Vec<u32>,
    ranks: Vec<u32>,
    /// Transaction and rank of a contract that it touched, sorted, each pair once.
    touched: Vec<(u32, u32)>,
    /// Rank of a contract and a place of it in `touched`, sorted.
    places: Vec<(u32, u32)>,
    /// By rank, transactions shared with the contract that is looked at; and the ranks where that is not 0.
    shared: Vec<u32>,
    sharing: Vec<u32>,
}

impl Edges {
    /// Fills `edges` with those of a block.
    pub(super) fn find(&mut self, block: &Contention, edges: &mut Vec<Edge>) {
        edges.clear();
        self.rank(block);
        self.touched.clear();
        self.touched.extend(block.accesses.iter().map(|access| {
            let contract = block.slots[access.slot() as usize].contract;
            (access.txn(), self.ranks[contract as usize])
        }));
        self.touched.sort_unstable();
        self.touched.dedup();
        let pairs: u64 = self
            .touched
            .chunk_by(|a, b| a.0 == b.0)
            .map(|txn| txn.len() as u64 * (txn.len() as u64 - 1) / 2)
            .sum();
        if pairs > MOST_PAIRS {
            return;
        }
        self.places.clear();
        let places = self
            .touched
            .iter()
            .zip(0..)
            .map(|(touch, at)| (touch.1, at));
        self.places.extend(places);
        self.places.sort_unstable();
        self.shared.clear();
        self.shared.resize(self.order.len(), 0);
        let address = |rank: u32| block.contracts[self.order[rank as usize] as usize].address;
        for places in self.places.chunk_by(|a, b| a.0 == b.0) {
            for &(rank, at) in places {
                let (txn, _) = self.touched[at as usize];
                let same = |other: &&(u32, u32)| other.0 == txn;
                for &(_, other) in self.touched[at as usize + 1..].iter().take_while(same) {
                    debug_assert!(other > rank);
                    if self.shared[other as usize] == 0 {
                        self.sharing.push(other);
                    }
                    self.shared[other as usize] += 1;
                }
            }
            // Contracts come by address, so that of equal edges the one that came first stays first.
            self.sharing.sort_unstable();
            for other in self.sharing.drain(..) {
                let count = std::mem::take(&mut self.shared[other as usize]);
                let at = edges.partition_point(|edge| edge.shared_txn_count >= count);
                if at < MOST_EDGES {
                    edges.truncate(MOST_EDGES - 1);
                    edges.insert(
                        at,
                        Edge {
                            contract_a: address(places[0].0),
                            contract_b: address(other),
                            shared_txn_count: count,
                        },
                    );
                }
            }
        }
    }

    /// Ranks the contracts by address.
    fn rank(&mut self, block: &Contention) {
        let contracts = &block.contracts;
        self.order.clear();
        self.order.extend(0..contracts.len() as u32);
        self.order
            .sort_unstable_by_key(|at| contracts[*at as usize].address);
        self.ranks.clear();
        self.ranks.resize(contracts.len(), 0);
        for (&contract, rank) in self.order.iter().zip(0..) {
            self.ranks[contract as usize] = rank;
        }
    }
}
