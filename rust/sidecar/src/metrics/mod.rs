//! What is computed of whole blocks, from every event, blocked or not (protocol section 8).
//! Fed by `derived`, which writes the frames: `tps` counts transactions, `contention` and `report` what they get in each
//! other's way with, `top` and `sketch` what is accessed most, by `keys`.

mod contention;
mod edges;
mod keys;
mod report;
mod sketch;
mod top;
mod tps;

use std::time::Instant;

use monad_exec_events::ExecEventRef;

use contention::Contention;
use keys::{KeyHasher, slot};
pub use report::Report;
use top::TopAccesses;
pub use top::TopAccessesReport;
use tps::Tps;

/// A block between its BlockStart and its end.
#[derive(Clone, Copy, Debug)]
struct OpenBlock {
    number: u64,
    txn_count: u64,
    started_ns: u64,
}

/// What a block that ended leads to.
#[derive(Debug)]
pub struct BlockMetrics<'a> {
    /// Number of the block.
    pub block_number: u64,
    /// Its transactions.
    pub txn_count: u64,
    /// Transactions per second.
    pub tps: u64,
    /// From its BlockStart to its BlockEnd.
    pub wall_ns: u64,
    /// Sum over its transactions, from header to end.
    pub txn_ns: u64,
    /// What its accesses say; `None` if they were too many.
    pub contention: Option<&'a Report>,
    /// What was accessed most; `None` if that was told less than a second ago.
    pub top_accesses: Option<TopAccessesReport<'a>>,
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    block: Option<OpenBlock>,
    tps: Tps,
    hasher: KeyHasher,
    contention: Contention,
    report: Report,
    top: TopAccesses,
}

impl Metrics {
    /// Takes an event that `chain` knows the place of and that its descriptor counts to `txn_index`, recorded at
    /// `now_ns`.
    #[inline]
    pub fn take(&mut self, txn_index: Option<usize>, event: &ExecEventRef<'_>, now_ns: u64) {
        use ExecEventRef as E;
        match *event {
            E::StorageAccess(access) => {
                let slot = slot(&access.address.bytes, &access.key.bytes);
                let hash = self.hasher.hash(&slot);
                self.top.count_slot(&slot, hash, now_ns);
                if let Some(txn) = txn_index.filter(|_| !access.transient && self.block.is_some()) {
                    self.contention
                        .access(&self.hasher, txn, &slot, hash, access.modified);
                }
            }
            E::AccountAccess(access) => {
                let address = &access.address.bytes;
                self.top
                    .count_account(address, self.hasher.hash(address), now_ns);
            }
            E::TxnHeaderStart { txn_index, .. } => self.contention.begin_txn(txn_index, now_ns),
            E::TxnEnd => {
                if let Some(txn_index) = txn_index {
                    self.contention.end_txn(txn_index, now_ns);
                }
            }
            E::BlockStart(start) => {
                self.block = Some(OpenBlock {
                    number: start.block_tag.block_number,
                    txn_count: start.eth_block_input.txn_count,
                    started_ns: now_ns,
                });
                self.contention.clear();
            }
            E::BlockReject(_) => self.block = None,
            E::EvmError(_) if txn_index.is_none() => self.block = None,
            _ => {}
        }
    }

    /// Takes that the open block ended at `now_ns`; `None` if no block was open.
    pub fn end(&mut self, now_ns: u64) -> Option<BlockMetrics<'_>> {
        let block = self.block.take()?;
        let tps = self
            .tps
            .end(block.number, block.txn_count, now_ns, Instant::now());
        let contention = match self.contention.is_too_large() {
            true => None,
            false => {
                self.report.fill(&mut self.contention);
                Some(&self.report)
            }
        };
        let top_accesses = self.top.is_due(now_ns).then(|| self.top.report());
        Some(BlockMetrics {
            block_number: block.number,
            txn_count: block.txn_count,
            tps,
            wall_ns: now_ns.saturating_sub(block.started_ns),
            txn_ns: self.contention.txn_ns(),
            contention,
            top_accesses,
        })
    }

    /// Takes that what followed from a block that ended at `now_ns` was written.
    pub fn told(&mut self, now_ns: u64) {
        self.top.restart(now_ns);
    }

    /// Whether TPS falls to 0 because no block ended for two seconds before `now`; says so once.
    pub fn falls(&mut self, now: Instant) -> bool {
        self.tps.falls(now)
    }

    /// Whether the last TPS was above 0; it is 0 from here on.
    pub fn fall(&mut self) -> bool {
        self.tps.fall()
    }

    /// Throws away what a loss made wrong: the open block, and what was counted towards TPS. Accesses that were seen were
    /// made, whatever became of their block.
    pub fn lose(&mut self) {
        self.block = None;
        self.tps.lose();
    }

    /// Forgets everything, as a ring of another node run demands.
    pub fn clear(&mut self) {
        *self = Metrics::default();
    }
}
