//! Records the events of the chain one by one, each at its time, and does what commands say between two of them.
//! Driven by mod.rs; obey.rs has what each command does.

use std::{
    collections::VecDeque,
    thread,
    time::{Duration, Instant},
};

use super::{
    Announce, command::Command, console::Console, faults::PendingFaults, schedule::Schedule,
};
use crate::{
    chain::Chain, error::SimError, live_ring::LiveRing, stop::Stop, tape::Event, truth::Truth,
};

/// Longest sleep, so that commands and requests to stop are seen soon; and the shortest.
const LONGEST_SLEEP: Duration = Duration::from_millis(10);
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Played {
    /// It was recorded.
    Recorded,
    /// It was not: the node has restarted, and the open block begins again.
    Restarted,
    /// It was not and never will be: the node is over.
    Over,
}

/// How far events are recorded at once, whatever their time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rush {
    /// Until so many events of the run are recorded.
    Events(u64),
    /// Until the ring was given so many payload bytes.
    PayloadBytes(u64),
}

/// A node at work.
pub(super) struct Player<'a> {
    pub(super) ring: &'a mut LiveRing,
    pub(super) truth: Option<&'a mut Truth>,
    pub(super) schedule: Schedule,
    pub(super) events: u64,
    pub(super) faults: PendingFaults,
    console: &'a Console,
    pub(super) announce: Announce<'a>,
    pub(super) stop: &'a Stop,
    /// When the first event was due, moved on by everything that held the node up.
    start: Instant,
    /// Time since the start when the clock was last read; what is due before needs no further look.
    seen: Duration,
    pub(super) paused: Option<Option<Instant>>,
    /// Each with the command that is answered at its end.
    pub(super) rushes: Vec<(Rush, String)>,
    /// When a node that is down starts again, with which schema, and by which command.
    pub(super) back: Option<(Instant, [u8; 32], String)>,
    has_restarted: bool,
    pub(super) has_died: bool,
    pub(super) wishes: VecDeque<Command>,
}

impl<'a> Player<'a> {
    pub(super) fn new(
        ring: &'a mut LiveRing,
        truth: Option<&'a mut Truth>,
        schedule: Schedule,
        console: &'a Console,
        announce: Announce<'a>,
        stop: &'a Stop,
    ) -> Self {
        Self {
            ring,
            truth,
            schedule,
            events: 0,
            faults: PendingFaults::default(),
            console,
            announce,
            stop,
            start: Instant::now(),
            seen: Duration::ZERO,
            paused: None,
            rushes: Vec::new(),
            back: None,
            has_restarted: false,
            has_died: false,
            wishes: VecDeque::new(),
        }
    }

    /// Passes on what was wished for from the chain.
    pub(super) fn pass_wishes_to(&mut self, chain: &mut Chain) {
        for command in self.wishes.drain(..) {
            match command {
                Command::Contest(kind) => chain.wish(kind),
                Command::Stall(blocks) => chain.stall(blocks),
                Command::CatchUp(blocks) => chain.catch_up(blocks),
                _ => {}
            }
        }
        let is_expiring = |(rush, _): &(Rush, String)| matches!(rush, Rush::PayloadBytes(_));
        chain.set_heavy(self.rushes.iter().any(is_expiring));
    }

    /// Waits until `due` (since the start) and for pauses; false when the node is over. True at once after a request
    /// to stop inside a block (`is_inside`), so that it ends at a border.
    pub(super) fn wait_until(&mut self, due: Duration, is_inside: bool) -> Result<bool, SimError> {
        loop {
            while self.takes_lines()
                && let Some(line) = self.console.line()
            {
                self.tell(&line)?;
            }
            while let Some(told) = self.schedule.before_event(self.events) {
                self.obey(told)?;
            }
            if self.has_died || self.stop.is_requested() && !(is_inside && self.ring.is_up()) {
                return Ok(false);
            }
            if self.has_restarted || self.stop.is_requested() {
                return Ok(true);
            }
            let is_rushing = !self.rushes.is_empty();
            let wait = match (&self.back, self.paused, is_rushing) {
                (Some((at, ..)), ..) => match at.saturating_duration_since(Instant::now()) {
                    Duration::ZERO => {
                        self.come_back(due)?;
                        continue;
                    }
                    left => left,
                },
                (None, ..) if !self.ring.is_up() => LONGEST_SLEEP,
                (None, _, true) => return Ok(true),
                (None, Some(Some(end)), false) => {
                    match end.saturating_duration_since(Instant::now()) {
                        Duration::ZERO => {
                            self.resume(due);
                            continue;
                        }
                        left => left,
                    }
                }
                (None, Some(None), false) => LONGEST_SLEEP,
                (None, None, false) => match self.until(due) {
                    Duration::ZERO => return Ok(true),
                    left => left,
                },
            };
            let wait = wait.clamp(SHORTEST_SLEEP, LONGEST_SLEEP);
            if !self.takes_lines() {
                thread::sleep(wait);
            } else if let Some(line) = self.console.wait(wait) {
                self.tell(&line)?;
            }
        }
    }

    /// True unless a command is being carried out: each is done before the next is taken.
    fn takes_lines(&self) -> bool {
        self.rushes.is_empty() && self.back.is_none()
    }

    /// Records an event when it is due.
    #[inline]
    pub(super) fn play(
        &mut self,
        event: &Event<'_>,
        due: Duration,
        is_inside: bool,
    ) -> Result<Played, SimError> {
        if !self.wait_until(due, is_inside)? {
            return Ok(Played::Over);
        }
        if std::mem::take(&mut self.has_restarted) {
            return Ok(Played::Restarted);
        }
        self.record(event)?;
        self.events += 1;
        self.end_rushes(due);
        Ok(Played::Recorded)
    }

    fn until(&mut self, due: Duration) -> Duration {
        if due > self.seen {
            self.seen = self.start.elapsed();
        }
        due.saturating_sub(self.seen)
    }

    /// Makes now the time that is due.
    fn rebase(&mut self, due: Duration) {
        let now = Instant::now();
        self.start = now.checked_sub(due).unwrap_or(now);
        self.seen = due;
    }

    fn resume(&mut self, due: Duration) {
        self.paused = None;
        self.rebase(due);
    }

    #[inline]
    fn end_rushes(&mut self, due: Duration) {
        if self.rushes.is_empty() {
            return;
        }
        let (events, payload_bytes) = (self.events, self.ring.payload_bytes());
        let is_over = |(rush, _): &mut (Rush, String)| match rush {
            Rush::Events(target) => events >= *target,
            Rush::PayloadBytes(target) => payload_bytes >= *target,
        };
        let over: Vec<_> = self.rushes.extract_if(.., is_over).collect();
        for (_, line) in &over {
            self.answer(line);
        }
        if !over.is_empty() && self.rushes.is_empty() {
            self.rebase(due);
        }
    }

    fn come_back(&mut self, due: Duration) -> Result<(), SimError> {
        if let Some((_, schema_hash, line)) = self.back.take() {
            self.ring.start(schema_hash)?;
            self.has_restarted = true;
            self.rebase(due);
            self.answer(&line);
        }
        Ok(())
    }

    /// Puts a line that this crate wrote on the schedule, so many events ahead.
    pub(super) fn tell_later(&mut self, after: u64, line: &str) {
        if let Ok(told) = line.parse() {
            self.schedule.add(self.events + after, told);
        }
    }

    /// Obeys a line, or answers what is wrong with it.
    pub(super) fn tell(&mut self, line: &str) -> Result<(), SimError> {
        match line.parse() {
            Ok(told) => self.obey(told),
            Err(reason) => {
                (self.announce)(&format!("error {}", reason.replace('\n', "; ")));
                Ok(())
            }
        }
    }
}
