//! A simulated chain, recorded turn by turn at times that a test's seed decides, and read as it grows.
//! `node-sim` invents the events; used by the tests of what is computed of whole blocks.

use monad_exec_events::ExecEventType;
use node_sim::{Chain, ChainOptions, ContestKind, FailureKind};
use ringcast_sidecar::gap::GapReason;

use super::log::Entry;
use super::recorder::Recorder;
use super::seed::Random;
use super::stream::{Setup, Stream};

/// A chain, the ring that it is recorded into, and the stream that reads it.
pub struct Simulation {
    pub chain: Chain,
    pub stream: Stream,
    pub random: Random,
    recorder: Recorder,
    time_ns: u64,
    block: u64,
}

impl Simulation {
    /// A wild chain of blocks of `txns` transactions; `blocked` events get no text.
    pub fn new(seed: u64, txns: u32, blocked: &[u8]) -> Simulation {
        let recorder = Recorder::new();
        let options = ChainOptions {
            seed,
            chain_id: 20_143,
            first_block: 1000,
            txns_per_block: txns,
            trace_calls: true,
            is_wild: true,
        };
        let setup = Setup {
            blocked,
            ..Setup::default()
        };
        Simulation {
            chain: Chain::new(options),
            stream: Stream::with(&recorder, setup),
            random: Random(seed),
            recorder,
            time_ns: 1_700_000_000_000_000_000,
            block: 0,
        }
    }

    /// Wishes for a contest of any kind.
    pub fn wish(&mut self) {
        let kind = match self.random.below(8) {
            0 | 1 => ContestKind::Fork(2),
            2 => ContestKind::Fork(3),
            3 => ContestKind::VotedLoser,
            4 => ContestKind::Absent,
            5 | 6 => ContestKind::Failing(FailureKind::ALL[self.random.below(5) as usize]),
            _ => ContestKind::Single,
        };
        self.chain.wish(kind);
    }

    /// Records one turn, in which times go back now and then, and of which up to three events are lost if `loses`.
    pub fn turn(&mut self, loses: bool) -> Vec<Entry> {
        self.time_ns += self.random.below(400_000_000);
        let tape = self.chain.next_turn(self.time_ns.into());
        let first = self.recorder.writer.next_seqno();
        for at in 0..tape.len() {
            let event = tape.event(at);
            if event.event_type == ExecEventType::BlockStart {
                self.block = self.recorder.writer.next_seqno();
            }
            let mut content_ext = event.content_ext;
            if content_ext[0] != 0 {
                content_ext[0] = self.block;
            }
            self.time_ns += self.random.below(20_000);
            let time_ns = self.time_ns - self.random.below(8) / 7 * 15_000;
            self.recorder
                .writer
                .record(
                    event.event_type.code(),
                    content_ext,
                    Some(time_ns),
                    &[event.payload],
                )
                .unwrap();
        }
        if loses {
            let count = self.recorder.last() + 1 - first;
            let lost = first + self.random.below(count);
            while self.stream.reader.position() < lost {
                assert!(self.stream.step());
            }
            for _ in 0..1 + self.random.below(3) {
                if self.stream.reader.position() <= self.recorder.last() {
                    self.stream.skip(GapReason::RingOverrun);
                }
            }
        }
        self.stream.read_all()
    }
}
