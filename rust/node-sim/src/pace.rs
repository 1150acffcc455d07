//! Keeps events at their times: each has an absolute deadline, so that the average holds whatever a sleep takes.
//! Used by run.rs and replay/.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::stop::Stop;

/// How fast a recording is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// By its own times, divided by this factor (finite, above 0).
    Recorded(f64),
    /// This many events per second (at least 1), evenly.
    Rate(u64),
    /// This many events per second (at least 1), each block with what follows it in one go.
    Bursts(u64),
    /// As fast as the ring can be written.
    Max,
}

/// Shortest sleep; what falls due meanwhile is written in one go afterwards.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);
/// Longest sleep, so that a request to stop is seen soon.
const LONGEST_SLEEP: Duration = Duration::from_millis(20);

/// A clock that starts with the first event.
pub(crate) struct Pacer<'a> {
    start: Instant,
    stop: &'a Stop,
    /// Time since the start when the clock was last read; everything due before needs no further look.
    seen: Duration,
}

impl<'a> Pacer<'a> {
    /// Starts the clock.
    pub(crate) fn start(stop: &'a Stop) -> Self {
        Self {
            start: Instant::now(),
            stop,
            seen: Duration::ZERO,
        }
    }

    /// Returns when `deadline` after the start has come, or at once if the deadline is past or a stop is requested.
    #[inline]
    pub(crate) fn wait_until(&mut self, deadline: Duration) {
        if deadline > self.seen {
            self.sleep_until(deadline);
        }
    }

    fn sleep_until(&mut self, deadline: Duration) {
        self.seen = self.start.elapsed();
        while deadline > self.seen && !self.stop.is_requested() {
            thread::sleep((deadline - self.seen).clamp(SHORTEST_SLEEP, LONGEST_SLEEP));
            self.seen = self.start.elapsed();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_deadline_is_kept_from_the_start_on_and_not_from_the_event_before() {
        let stop = Stop::default();
        let mut pacer = Pacer::start(&stop);
        pacer.start -= Duration::from_secs(3600);
        let begin = Instant::now();
        for overdue in 0..10_000 {
            pacer.wait_until(Duration::from_millis(overdue));
        }
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "overdue events waited for each other"
        );
        let deadline = begin.elapsed() + Duration::from_millis(3_600_030);
        pacer.wait_until(deadline);
        assert!(pacer.start.elapsed() >= deadline);
    }

    #[test]
    fn a_request_to_stop_ends_the_wait() {
        let stop = Stop::default();
        let other = stop.clone();
        let waiter = thread::spawn(move || {
            Pacer::start(&other).wait_until(Duration::from_secs(3600));
        });
        stop.request();
        waiter.join().unwrap();
    }
}
