//! What happens to one event on its way from the ring to the log: decode, place, write, number.
//! Called by `reader`; asks `chain` for surroundings, `entry` writes, `derived` says what follows.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use monad_event_ring::RawDescriptor;
use monad_exec_events::{ExecEventRef, ExecEventRingFlowInfo, ExecEventType};

use crate::chain::Chain;
use crate::derived::{Cause, Derived};
use crate::entry::append_event;
use crate::gap::{Gap, GapReason, Skipping};
use crate::log::{LogWriter, NATIVE_TRANSFER, Stopped};
use crate::status::Status;
use crate::text::{Tail, text_bound};
use crate::txns::MAX_TXN_INDEX;

/// The way of every event into one log.
#[derive(Debug)]
pub struct Pipeline {
    log: LogWriter,
    status: Arc<Status>,
    chain: Chain,
    derived: Derived,
    blocked: [bool; 32],
    base: u64,
    first_block: u64,
    skipping: Skipping,
    tail: Tail,
    events: u64,
    /// Seqno of the newest event that was taken in this ring; 0 before the first.
    newest_seqno: u64,
    recorded_us: u64,
}

impl Pipeline {
    /// A pipeline into `log`; events whose code is in `blocked` get no text (protocol 6.4), and blocks whose number is
    /// below `first_block` are left out.
    pub fn new(log: LogWriter, status: Arc<Status>, blocked: &[u8], first_block: u64) -> Pipeline {
        let mut is_blocked = [false; 32];
        for &code in blocked {
            if let Some(slot) = is_blocked.get_mut(usize::from(code)) {
                *slot = true;
            }
        }
        Pipeline {
            log,
            chain: Chain::new(Arc::clone(&status.proposals)),
            status,
            derived: Derived::default(),
            blocked: is_blocked,
            base: 0,
            first_block,
            skipping: Skipping::Beginning,
            tail: Tail::default(),
            events: 0,
            newest_seqno: 0,
            recorded_us: 0,
        }
    }

    /// Where the entries go.
    pub fn log(&mut self) -> &mut LogWriter {
        &mut self.log
    }

    /// Begins a ring whose first seq is above `at_least` and above every seq given before (protocol 3.3).
    pub fn begin_ring(&mut self, at_least: u64) {
        let above = match self.log.newest_seq() {
            0 => at_least,
            newest => at_least.max(newest + 1),
        };
        self.base = above.next_multiple_of(16);
        self.chain.clear();
        self.derived.clear();
        self.newest_seqno = 0;
        self.skipping = Skipping::Beginning;
    }

    /// Looks at the clock while there is nothing to take: without blocks TPS becomes 0 (protocol 8.1). Not within a
    /// loss, which is told first and at its own place.
    pub fn look_at_clock(&mut self, now: Instant) -> Result<(), Stopped> {
        if !matches!(self.skipping, Skipping::Nothing) {
            return Ok(());
        }
        let seq = self.base + 16 * self.newest_seqno;
        self.derived
            .append_fall(&mut self.log, Some(now), seq, self.recorded_us)
    }

    /// Says what is left to say when a recording ended at `last_seqno`.
    pub fn end_recording(&mut self, last_seqno: u64) -> Result<(), Stopped> {
        self.tell_loss(last_seqno)?;
        let seq = self.base + 16 * last_seqno;
        self.derived.append_rest(&mut self.log, seq)
    }

    /// Says at its place that the ring went away after `last_seqno` and how much was lost is not known.
    pub fn lose_ring(&mut self, last_seqno: u64) -> Result<(), Stopped> {
        const AFTER_TIMER: u64 = 15;
        self.tell_loss(last_seqno)?;
        let seq = self.base + 16 * last_seqno;
        self.derived
            .append_fall(&mut self.log, None, seq, self.recorded_us)?;
        let seq = (seq + AFTER_TIMER).max(self.log.newest_seq() + 1);
        let gap = Gap {
            reason: GapReason::SourceRestarted,
            from_seqno: last_seqno + 1,
            to_seqno: None,
        };
        self.append_gap(&gap, seq)
    }

    /// Says that everything from the first lost event to `to_seqno` was lost, if anything was. Called when the stream
    /// goes on behind it, or when the ring ended there.
    pub fn tell_loss(&mut self, to_seqno: u64) -> Result<(), Stopped> {
        let Skipping::Lost { from_seqno, reason } = self.skipping else {
            return Ok(());
        };
        self.skipping = Skipping::Beginning;
        let seq = (self.base + 16 * to_seqno).max(self.log.newest_seq() + 1);
        let gap = Gap {
            reason,
            from_seqno,
            to_seqno: Some(to_seqno),
        };
        self.append_gap(&gap, seq)
    }

    fn append_gap(&mut self, gap: &Gap, seq: u64) -> Result<(), Stopped> {
        self.status.gaps.fetch_add(1, Relaxed);
        self.status
            .lost
            .fetch_add(gap.dropped().unwrap_or(0), Relaxed);
        gap.append(&mut self.log, seq, self.recorded_us)
    }

    /// Takes the loss of the seqnos from `from_seqno` on; the events up to the next whole block go with it.
    pub fn lose(&mut self, from_seqno: u64, reason: GapReason) {
        if matches!(self.skipping, Skipping::Nothing) {
            let cut = self.chain.drop_block();
            self.derived.lose(cut);
            self.skipping = Skipping::Lost { from_seqno, reason };
        }
    }

    /// Takes the next event of the ring and its payload.
    #[inline]
    pub fn take(&mut self, descriptor: &RawDescriptor, payload: &[u8]) -> Result<(), Stopped> {
        let is_start = descriptor.event_type == ExecEventType::BlockStart as u16;
        if !matches!(self.skipping, Skipping::Nothing)
            && !self.resume(descriptor, payload, is_start)?
        {
            return Ok(());
        }
        if !is_start && !self.chain.knows_block(descriptor.content_ext[0]) {
            self.lose(descriptor.seqno, GapReason::Undecodable);
            return Ok(());
        }
        let is_blocked = self
            .blocked
            .get(usize::from(descriptor.event_type))
            .copied()
            .unwrap_or(false);
        // Looked at where it is: moving it out would wait for the stores that have just made it.
        let decoded = ExecEventRef::decode(descriptor.event_type, descriptor.content_ext, payload);
        let Ok(event) = &decoded else {
            self.lose(descriptor.seqno, GapReason::Undecodable);
            return Ok(());
        };
        if descriptor.content_ext[1] > MAX_TXN_INDEX as u64 {
            self.lose(descriptor.seqno, GapReason::Undecodable);
            return Ok(());
        }
        let is_fitting = self.write(descriptor, event, is_blocked)?;
        match event {
            _ if !is_fitting => self.lose(descriptor.seqno, GapReason::TooLarge),
            ExecEventRef::RecordError(_) => self.lose(descriptor.seqno, GapReason::RecordError),
            _ => {}
        }
        self.events += 1;
        Ok(())
    }

    /// Whether the stream goes on with this event; says what was lost before it.
    fn resume(
        &mut self,
        descriptor: &RawDescriptor,
        payload: &[u8],
        is_start: bool,
    ) -> Result<bool, Stopped> {
        match self.skipping {
            Skipping::Nothing => {}
            Skipping::Beginning if self.first_block > 0 => {
                let is_first = match ExecEventRef::decode(
                    descriptor.event_type,
                    descriptor.content_ext,
                    payload,
                ) {
                    Ok(ExecEventRef::BlockStart(start)) => {
                        start.block_tag.block_number >= self.first_block
                    }
                    _ => false,
                };
                if !is_first {
                    return Ok(false);
                }
                self.first_block = 0;
            }
            _ if !is_start && descriptor.content_ext[0] != 0 => return Ok(false),
            Skipping::Beginning => {}
            Skipping::Lost { .. } => self.tell_loss(descriptor.seqno - 1)?,
        }
        self.skipping = Skipping::Nothing;
        Ok(true)
    }

    /// Places the event and writes it, the NativeTransfer it implies and what else follows from it; `false` if something of
    /// that is too large for the log.
    #[inline]
    fn write(
        &mut self,
        descriptor: &RawDescriptor,
        event: &ExecEventRef<'_>,
        is_blocked: bool,
    ) -> Result<bool, Stopped> {
        let seqno = descriptor.seqno;
        let recorded_us = descriptor.record_epoch_nanos / 1000;
        self.recorded_us = recorded_us;
        self.newest_seqno = seqno;
        let flow = ExecEventRingFlowInfo::from(descriptor.content_ext);
        let place = self.chain.place(seqno, flow.txn_idx, event);
        let bound = text_bound(descriptor.payload_size);
        let is_deriving = place.is_transfer && !self.blocked[usize::from(NATIVE_TRANSFER)];
        let seq = self.base + 16 * seqno;
        if !is_blocked || is_deriving {
            if bound > self.log.max_text() {
                return Ok(false);
            }
            self.tail.set(seqno, descriptor.record_epoch_nanos);
        }
        let mut is_fitting = true;
        if !is_blocked {
            let own = (seq, recorded_us, descriptor.event_type as u8);
            is_fitting &= append_event(
                &mut self.log,
                bound,
                own,
                (&flow, event),
                &place,
                &self.tail,
            )?;
        }
        if is_deriving {
            let derived = (seq + 1, recorded_us, NATIVE_TRANSFER);
            is_fitting &= append_event(
                &mut self.log,
                bound,
                derived,
                (&flow, event),
                &place,
                &self.tail,
            )?;
        }
        self.derived
            .metrics
            .take(flow.txn_idx, event, descriptor.record_epoch_nanos);
        if self.derived.is_concerned(descriptor.event_type) {
            let cause = Cause {
                event,
                txn_index: flow.txn_idx,
                kind: place.middle.kind(),
                seq,
                recorded_ns: descriptor.record_epoch_nanos,
            };
            is_fitting &= self.derived.append(&mut self.log, &cause)?;
        }
        Ok(is_fitting)
    }

    /// Tells the status what the chain knows; called once per batch, not per event.
    pub fn report(&self) {
        let call_frames = match self.chain.has_call_frames {
            None => 0,
            Some(false) => 1,
            Some(true) => 2,
        };
        self.status.chain_id.store(self.chain.chain_id, Relaxed);
        self.status
            .block_number
            .store(self.chain.block_number, Relaxed);
        self.status.call_frames.store(call_frames, Relaxed);
        self.status.events.store(self.events, Relaxed);
        self.status.recorded_us.store(self.recorded_us, Relaxed);
        self.status.newest_seq.store(self.log.newest_seq(), Relaxed);
    }
}
