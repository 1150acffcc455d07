//! What is computed of whole blocks, from every event, blocked or not (protocol section 8).
//! Fed by `derived`, which writes the frames; `tps` counts transactions.

mod tps;

use std::time::Instant;

use monad_exec_events::ExecEventRef;

pub use tps::Tps;

/// A block between its BlockStart and its end.
#[derive(Clone, Copy, Debug)]
struct OpenBlock {
    number: u64,
    txn_count: u64,
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    block: Option<OpenBlock>,
    tps: Tps,
}

impl Metrics {
    /// Takes an event that `chain` knows the place of, recorded at `now_ns`.
    #[inline]
    pub fn take(&mut self, event: &ExecEventRef<'_>, _now_ns: u64) {
        use ExecEventRef as E;
        match *event {
            E::BlockStart(start) => {
                self.block = Some(OpenBlock {
                    number: start.block_tag.block_number,
                    txn_count: start.eth_block_input.txn_count,
                });
            }
            E::BlockReject(_)
            | E::EvmError {
                txn_index: None, ..
            } => self.block = None,
            _ => {}
        }
    }

    /// Takes that the open block ended at `now_ns` and returns the TPS then; `None` if no block was open.
    pub fn end(&mut self, now_ns: u64) -> Option<u64> {
        let block = self.block.take()?;
        Some(
            self.tps
                .end(block.number, block.txn_count, now_ns, Instant::now()),
        )
    }

    /// Whether TPS falls to 0 because no block ended for two seconds before `now`; says so once.
    pub fn falls(&mut self, now: Instant) -> bool {
        self.tps.falls(now)
    }

    /// Whether the last TPS was above 0; it is 0 from here on.
    pub fn fall(&mut self) -> bool {
        self.tps.fall()
    }

    /// Throws away what a loss made wrong: the open block, and what was counted towards TPS.
    pub fn lose(&mut self) {
        self.block = None;
        self.tps.lose();
    }

    /// Forgets everything, as a ring of another node run demands.
    pub fn clear(&mut self) {
        *self = Metrics::default();
    }
}
