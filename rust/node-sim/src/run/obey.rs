//! What each command does to a node at work. player.rs takes commands when it may, faults.rs has the ring's part.

use std::time::Instant;

use super::{
    command::{Command, Told},
    player::{Player, Rush},
};
use crate::error::SimError;

impl Player<'_> {
    /// Does what a command says. It is answered when it is done.
    pub(super) fn obey(&mut self, told: Told) -> Result<(), SimError> {
        let Told { line, command } = told;
        let is_noted_now = !matches!(
            command,
            // These are noted with the event that they meet, or are no faults.
            Command::Corrupt(_)
                | Command::RecordError(_)
                | Command::Contest(_)
                | Command::Stall(_)
                | Command::CatchUp(_)
                | Command::Stop
        );
        if is_noted_now {
            self.note(&line)?;
        }
        let now = Instant::now();
        match command {
            Command::Pause(time) => self.paused = Some(time.map(|time| now + time)),
            Command::Resume => self.paused = Some(Some(now)),
            Command::Burst(0) => {}
            Command::Burst(events) => {
                self.rushes.push((Rush::Events(self.events + events), line));
                return Ok(());
            }
            Command::Overrun => {
                let target = self.events + 2 * self.ring.capacity().0;
                self.rushes.push((Rush::Events(target), line));
                return Ok(());
            }
            Command::Expire => {
                let target = self.ring.payload_bytes() + self.ring.capacity().1;
                self.rushes.push((Rush::PayloadBytes(target), line));
                return Ok(());
            }
            // A node that is down already comes back when it was first told to.
            Command::Restart(_) | Command::Crash(_) | Command::Schema(_) if self.back.is_some() => {
            }
            Command::Restart(time) | Command::Crash(time) | Command::Schema(time) => {
                let schema_hash = self.go_down(command)?;
                self.back = Some((now + time, schema_hash, line));
                return Ok(());
            }
            Command::Die => {
                self.go_down(command)?;
                self.has_died = true;
            }
            Command::Truncate(_) => {
                self.go_down(command)?;
            }
            Command::Vanish => self.ring.vanish()?,
            Command::Corrupt(damage) => self.faults.damage = Some((damage, line.clone())),
            Command::Clock(ms) => self.ring.shift_clock(ms.saturating_mul(1_000_000)),
            Command::RecordError(kind) => self.faults.record_error = Some((kind, line.clone())),
            Command::Contest(_) | Command::Stall(_) | Command::CatchUp(_) => {
                self.wishes.push_back(command);
            }
            Command::Stop => self.stop.request(),
        }
        self.answer(&line);
        Ok(())
    }

    /// Writes a fault into the truth.
    pub(super) fn note(&mut self, line: &str) -> Result<(), SimError> {
        let (ring, seqno) = (self.ring.ordinal(), self.ring.last_seqno());
        self.truth.as_deref_mut().map_or(Ok(()), |truth| {
            truth.fault(ring, seqno, line).map_err(SimError::Truth)
        })
    }

    pub(super) fn answer(&mut self, line: &str) {
        let (ring, seqno) = (self.ring.ordinal(), self.ring.last_seqno());
        (self.announce)(&format!("ok {line} ring {ring} seqno {seqno}"));
    }
}
