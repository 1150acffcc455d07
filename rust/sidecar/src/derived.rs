//! The entries that an event causes beside its own: metrics of a block that ended, steps in the lives of blocks.
//! Called by `pipeline`; `metrics` and `lifecycle` compute, this file gives them their slots (protocol 3.3).

use std::time::Instant;

use monad_exec_events::{ExecEventRef, ExecEventType};

use crate::entry::{FrameKind, append_frame};
use crate::lifecycle::Lifecycle;
use crate::log::{CONTENTION_DATA, EntryKind, LIFECYCLE, LogWriter, Stopped, TOP_ACCESSES, TPS};
use crate::metrics::Metrics;
use crate::stages::Proposal;
use crate::text::{
    CONTENTION_BOUND, Json, LIFECYCLE_BOUND, TOP_ACCESSES_BOUND, TPS_BOUND, write_contention,
    write_lifecycle, write_lifecycle_keys, write_top_accesses, write_tps, write_tps_key,
};

/// Slots of the frames of one event.
const TPS_SLOT: u64 = 2;
const CONTENTION_SLOT: u64 = 3;
const TOP_ACCESSES_SLOT: u64 = 4;
const LIFECYCLE_SLOTS: std::ops::RangeInclusive<u64> = 5..=14;
const TIMER_SLOT: u64 = 15;

/// The event that causes entries.
#[derive(Clone, Copy, Debug)]
pub struct Cause<'a> {
    /// The event.
    pub event: &'a ExecEventRef<'a>,
    /// The transaction that its descriptor names.
    pub txn_index: Option<usize>,
    /// Where it belongs.
    pub kind: &'a EntryKind,
    /// Its seq.
    pub seq: u64,
    /// When it was recorded, in nanoseconds since 1970.
    pub recorded_ns: u64,
}

/// What follows from events.
#[derive(Debug, Default)]
pub struct Derived {
    /// What is counted of every event.
    pub metrics: Metrics,
    lifecycle: Lifecycle,
    /// Number of the newest block with metrics.
    block_number: u64,
}

impl Derived {
    /// Whether [`Derived::append`] has something to do for an event of this type.
    #[inline]
    pub fn is_concerned(&self, event_type: u16) -> bool {
        const TYPES: u32 = 1 << ExecEventType::BlockStart as u32
            | 1 << ExecEventType::BlockReject as u32
            | 1 << ExecEventType::BlockEnd as u32
            | 1 << ExecEventType::BlockQC as u32
            | 1 << ExecEventType::BlockFinalized as u32
            | 1 << ExecEventType::BlockVerified as u32
            | 1 << ExecEventType::EvmError as u32;
        TYPES >> (event_type & 31) & 1 == 1 || self.lifecycle.has_messages()
    }

    /// Appends what `cause` leads to, and as many older messages as it has slots for; `false` if an entry does not fit.
    pub fn append(&mut self, log: &mut LogWriter, cause: &Cause<'_>) -> Result<bool, Stopped> {
        let is_of_block =
            !matches!(cause.event, ExecEventRef::EvmError(_)) || cause.txn_index.is_none();
        let mut is_fitting = true;
        if is_of_block {
            if matches!(cause.event, ExecEventRef::BlockEnd(_)) {
                is_fitting &= self.append_metrics(log, cause)?;
            }
            self.lifecycle
                .take(cause.event, cause.kind, cause.recorded_ns);
        }
        is_fitting &= self.append_lifecycle(log, cause.seq)?;
        Ok(is_fitting)
    }

    fn append_metrics(&mut self, log: &mut LogWriter, cause: &Cause<'_>) -> Result<bool, Stopped> {
        let Some(block) = self.metrics.end(cause.recorded_ns) else {
            return Ok(true);
        };
        self.block_number = cause.kind.block_number;
        let kind = &metric_kind(self.block_number);
        let frame = |slot, entry_type| FrameKind {
            seq: cause.seq + slot,
            recorded_us: cause.recorded_ns / 1000,
            entry_type,
            kind,
        };
        let mut is_fitting = append_tps(log, block.tps, &frame(TPS_SLOT, TPS))?;
        if let Some(report) = block.contention {
            let frame = frame(CONTENTION_SLOT, CONTENTION_DATA);
            let body = |json: &mut Json<'_>| write_contention(json, &block, report);
            is_fitting &= append_frame(log, CONTENTION_BOUND, &frame, body, |_| {})?;
        }
        if let Some(report) = &block.top_accesses {
            let frame = frame(TOP_ACCESSES_SLOT, TOP_ACCESSES);
            let body = |json: &mut Json<'_>| write_top_accesses(json, report);
            is_fitting &= append_frame(log, TOP_ACCESSES_BOUND, &frame, body, |_| {})?;
            self.metrics.told(cause.recorded_ns);
        }
        Ok(is_fitting)
    }

    fn append_lifecycle(&mut self, log: &mut LogWriter, seq: u64) -> Result<bool, Stopped> {
        let mut is_fitting = true;
        for slot in LIFECYCLE_SLOTS {
            let Some(message) = self.lifecycle.next_message() else {
                break;
            };
            let frame = FrameKind {
                seq: seq + slot,
                recorded_us: message.recorded_us,
                entry_type: LIFECYCLE,
                kind: &message.kind,
            };
            is_fitting &= append_frame(
                log,
                LIFECYCLE_BOUND,
                &frame,
                |json| write_lifecycle(json, &message),
                |json| write_lifecycle_keys(json, &message),
            )?;
        }
        Ok(is_fitting)
    }

    /// Appends a TPS of 0 behind everything of the event with this seq, if the last one was above 0 and either no block
    /// ended for two seconds before `now` or there is no `now` to wait for.
    pub fn append_fall(
        &mut self,
        log: &mut LogWriter,
        now: Option<Instant>,
        seq: u64,
        recorded_us: u64,
    ) -> Result<(), Stopped> {
        let falls = match now {
            Some(now) => self.metrics.falls(now),
            None => self.metrics.fall(),
        };
        if falls {
            let frame = FrameKind {
                seq: seq + TIMER_SLOT,
                recorded_us,
                entry_type: TPS,
                kind: &metric_kind(self.block_number),
            };
            append_tps(log, 0, &frame)?;
        }
        Ok(())
    }

    /// Appends the messages that the last event, with this seq, had no slots for, as if events came behind it.
    pub fn append_rest(&mut self, log: &mut LogWriter, mut seq: u64) -> Result<(), Stopped> {
        while self.lifecycle.has_messages() {
            seq += 16;
            self.append_lifecycle(log, seq)?;
        }
        Ok(())
    }

    /// Takes that events were lost, with them the end of the block `cut`.
    pub fn lose(&mut self, cut: Option<Proposal>) {
        self.metrics.lose();
        self.lifecycle
            .lose(cut.map(|cut| (cut.block_number, cut.ordinal)));
    }

    /// Forgets everything, as a ring of another node run demands.
    pub fn clear(&mut self) {
        self.metrics.clear();
        self.lifecycle.clear();
    }
}

/// A metric is about the chain: its record names the block that caused it and no proposal.
fn metric_kind(block_number: u64) -> EntryKind {
    EntryKind {
        block_number,
        ..EntryKind::default()
    }
}

fn append_tps(log: &mut LogWriter, tps: u64, frame: &FrameKind<'_>) -> Result<bool, Stopped> {
    let body = |json: &mut Json<'_>| write_tps(json, tps);
    append_frame(log, TPS_BOUND, frame, body, |json| write_tps_key(json, tps))
}
