//! The reader thread: waits for a ring, reads it to its end, waits for the next one.
//! Started and stopped by `door`; `source` is what it reads, `pipeline` where the events go.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use monad_event_ring::{NextEvent, PayloadBuffer};

use crate::gap::GapReason;
use crate::log::{LogWriter, Stopped};
use crate::options::{From, Options};
use crate::pipeline::Pipeline;
use crate::source::Source;
use crate::status::SourceState;
use crate::text::largest_payload;
use crate::waiting::{LOOK_EVERY, Shared, pause, wait_for_ring};

/// Pause between two looks at a ring that was written lately: a new event waits for half a millisecond at most.
const BUSY_PAUSE: Duration = Duration::from_micros(440);
/// The same while clients are sent messages in rounds, of which the next one is not due.
const PACED_PAUSE: Duration = Duration::from_millis(1);
/// Pause between two looks at a quiet ring: a new event waits for less than 20 ms.
const QUIET_PAUSE: Duration = Duration::from_micros(19_900);
/// How long a ring counts as busy after its last event.
const BUSY_FOR: Duration = Duration::from_secs(2);
/// Longest time between two publications while events keep coming.
const PUBLISH_EVERY: Duration = Duration::from_millis(1);
/// Events between two looks at the clock.
const BATCH: u32 = 64;

/// Why reading one ring ended.
enum End {
    /// The ring will bring nothing more; why.
    Source(&'static str),
    /// A snapshot was read to its end.
    Snapshot,
}

/// Reads rings into the log until it is stopped.
pub fn run(options: &Options, shared: &Arc<Shared>, log: LogWriter) -> Result<(), Stopped> {
    let first_block = match options.from {
        From::Block(number) => number,
        From::Oldest | From::Newest => 0,
    };
    let max_payload = largest_payload(log.max_text());
    let mut pipeline = Pipeline::new(
        log,
        Arc::clone(&shared.status),
        &options.blocked,
        first_block,
    );
    let mut payload = PayloadBuffer::new();
    let mut is_first = true;
    loop {
        let mut source = wait_for_ring(options, shared, max_payload, is_first)?;
        is_first = false;
        shared.status.set_kind(source.kind());
        pipeline.begin_ring(source.lowest_base());
        if options.wait_for_play && source.is_snapshot() {
            shared.status.set_source(
                SourceState::Reading,
                "The snapshot begins with the first subscription.",
            );
            shared.log.wake();
            while !shared.is_playing.load(Ordering::Acquire) {
                pause(shared, LOOK_EVERY)?;
            }
        }
        loop {
            match read(options, shared, &mut source, &mut pipeline, &mut payload)? {
                End::Snapshot if options.repeat => {
                    pipeline.end_recording(source.last_seqno())?;
                    source.repeat();
                    pipeline.begin_ring(0);
                }
                End::Snapshot => {
                    pipeline.end_recording(source.last_seqno())?;
                    publish(&mut pipeline);
                    shared
                        .status
                        .set_source(SourceState::Ended, "The snapshot ended.");
                    shared.log.wake();
                    return Ok(());
                }
                End::Source(reason) => {
                    pipeline.lose_ring(source.last_seqno())?;
                    publish(&mut pipeline);
                    shared.status.set_source(
                        SourceState::Down,
                        format!(
                            "Waiting for a new ring at {}: {reason}.",
                            options.ring.display()
                        ),
                    );
                    shared.log.wake();
                    break;
                }
            }
        }
    }
}

/// Reads one ring until it ends.
fn read(
    options: &Options,
    shared: &Shared,
    source: &mut Source,
    pipeline: &mut Pipeline,
    payload: &mut PayloadBuffer,
) -> Result<End, Stopped> {
    // A recording that is played in time has nothing to catch up with.
    let is_paced = source.pace.is_some() || options.wait_for_play;
    let is_filling = !(source.is_snapshot() && is_paced);
    shared.status.set_source(
        if is_filling {
            SourceState::Filling
        } else {
            SourceState::Reading
        },
        "",
    );
    let mut caught_up = !is_filling;
    let mut newest = Instant::now();
    let mut published = newest;
    let mut looked = newest;
    let mut batch = 0;
    let mut ending = None;
    loop {
        match &source.reader.next(payload) {
            NextEvent::Ready(descriptor) => {
                if let Some(pace) = &mut source.pace {
                    wait_until_due(shared, pipeline, || {
                        pace.wait_for(descriptor.record_epoch_nanos)
                    })?;
                }
                pipeline.take(descriptor, payload.as_slice())?;
                batch += 1;
                if batch >= BATCH {
                    batch = 0;
                    newest = Instant::now();
                    if newest - published >= PUBLISH_EVERY {
                        publish(pipeline);
                        published = newest;
                        if shared.log.is_stopped() {
                            return Err(Stopped);
                        }
                    }
                }
                continue;
            }
            NextEvent::Gap { from_seqno, .. } => {
                pipeline.lose(*from_seqno, GapReason::RingOverrun);
                continue;
            }
            NextEvent::Expired(descriptor) => {
                pipeline.lose(descriptor.seqno, GapReason::PayloadExpired);
                continue;
            }
            NextEvent::Malformed(descriptor) => {
                let reason = match source.is_damaged(descriptor) {
                    true => GapReason::Undecodable,
                    false => GapReason::TooLarge,
                };
                pipeline.lose(descriptor.seqno, reason);
                continue;
            }
            NextEvent::NotReady => {}
        }
        let now = Instant::now();
        if batch > 0 {
            batch = 0;
            newest = now;
        }
        if !source.is_snapshot() {
            pipeline.look_at_clock(now)?;
        }
        if publish(pipeline) {
            published = now;
        }
        if source.is_snapshot() {
            return Ok(End::Snapshot);
        }
        if !caught_up {
            caught_up = true;
            shared.status.set_source(SourceState::Reading, "");
            shared.log.wake();
        }
        if let Some(reason) = ending {
            return Ok(End::Source(reason));
        }
        if now - looked >= LOOK_EVERY {
            looked = now;
            if let Some(reason) = source.end_reason() {
                // Whatever was written before the look is still there to read, unless the file lost its end.
                if !reason.is_readable {
                    return Ok(End::Source(reason.text));
                }
                ending = Some(reason.text);
                continue;
            }
        }
        pause(
            shared,
            if now - newest < BUSY_FOR {
                shared.log.patience().clamp(BUSY_PAUSE, PACED_PAUSE)
            } else {
                QUIET_PAUSE
            },
        )?;
    }
}

fn publish(pipeline: &mut Pipeline) -> bool {
    pipeline.report();
    pipeline.log().publish()
}

fn wait_until_due(
    shared: &Shared,
    pipeline: &mut Pipeline,
    mut wait: impl FnMut() -> Duration,
) -> Result<(), Stopped> {
    let mut left = wait();
    if left > BUSY_PAUSE {
        publish(pipeline);
    }
    // Shorter waits are not worth a sleep: an event may come that much early.
    while left > BUSY_PAUSE {
        pause(shared, left.min(LOOK_EVERY))?;
        pipeline.look_at_clock(Instant::now())?;
        publish(pipeline);
        left = wait();
    }
    Ok(())
}
