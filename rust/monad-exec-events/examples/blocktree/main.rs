//! Shows the blocks of a ring as a tree of proposals, with what consensus decided about each.
//! chain.rs keeps what is known, tree.rs lays it out, screen.rs draws it.

mod chain;
#[path = "../../../monad-event-ring/examples/follow/mod.rs"]
mod follow;
mod screen;
mod tree;

use std::{
    error::Error,
    process::ExitCode,
    time::{Duration, Instant},
};

use chain::Chain;
use clap::Parser;
use follow::{Follower, Source, Step};
use monad_event_ring::{ContentType, RingExpectation};
use monad_exec_events::ExecEventRef;
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;
use screen::Screen;

/// Time between two drawings.
const PERIOD: Duration = Duration::from_millis(100);

/// Shows the blocks of a ring as a tree, with what consensus decided about each
///
/// On a terminal the newest blocks are drawn in place, competing proposals of a height as branches; elsewhere every
/// change of a block is one line. Gaps and restarts of the node are survived. A snapshot ends by itself, a live ring
/// with Ctrl-C. NO_COLOR in the environment leaves the colors out.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    source: Source,
}

fn main() -> ExitCode {
    follow::exit("blocktree", run(&Options::parse()))
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let expected = RingExpectation {
        content_type: ContentType::Exec,
        schema_hash: EXEC_SCHEMA_HASH,
    };
    let mut follower = Follower::open(&options.source, Some(expected))?;
    let mut screen = Screen::new();
    let mut chain = Chain::default();
    let mut restarts = 0;
    let mut drawn: Option<Instant> = None;
    loop {
        let step = follower.next()?;
        let is_over = matches!(step, Step::End);
        let is_idle = matches!(step, Step::Idle);
        let changed = match step {
            Step::Event(event) => {
                let payload = follower.payload();
                match ExecEventRef::decode(event.event_type, event.content_ext, payload) {
                    Ok(decoded) => {
                        chain.process(event.content_ext.into(), decoded, event.record_epoch_nanos)
                    }
                    Err(error) => {
                        screen.remark(&format!("event {}: {error}", event.seqno))?;
                        chain.process_gap(1)
                    }
                }
            }
            Step::Lost {
                from_seqno,
                to_seqno,
                because,
            } => {
                let count = to_seqno - from_seqno + 1;
                screen.remark(&format!("{count} events lost: {because}"))?;
                chain.process_gap(count)
            }
            Step::Restarted => {
                restarts += 1;
                screen.remark("the node was restarted: its new ring")?;
                chain.restart()
            }
            Step::Idle | Step::End => Vec::new(),
        };
        if !screen.is_terminal() {
            screen.print(&changed)?;
            if is_idle || is_over {
                screen.flush()?;
            }
        } else if is_over || drawn.is_none_or(|drawn| drawn.elapsed() >= PERIOD) {
            drawn = Some(Instant::now());
            let lost = chain.lost_events;
            let title = format!(
                "{}   {lost} events lost   {restarts} restarts",
                follower.path().display()
            );
            screen.draw(&title, &chain)?;
        }
        if is_over {
            return Ok(());
        }
    }
}
