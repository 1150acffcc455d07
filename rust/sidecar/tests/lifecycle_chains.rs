//! Lifecycle messages of whole chains against a model that knows nothing but the events and gaps of the log.
//! Single cases are in `lifecycle`. Source: protocol 8.4, 3.3, 7.3, 10.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::collections::{HashMap, HashSet, VecDeque};

use harness::chain::Simulation;
use harness::log::{Entry, LIFECYCLE, TRANSFER};
use harness::seed::seed;

const STAGES: [&str; 6] = [
    "Proposed",
    "Voted",
    "Finalized",
    "Verified",
    "Rejected",
    "Abandoned",
];

/// How often each step was told: the stage before, if any, and the stage.
type Counts = HashMap<(Option<usize>, usize), usize>;

struct Block {
    order: u32,
    number: u64,
    stage: usize,
    start_ns: u64,
    since_ns: u64,
    txn_count: u64,
    gas_used: Option<u64>,
    is_doubtful: bool,
}

/// The rules, event by event; every block id is executed at most once.
#[derive(Default)]
struct Model {
    blocks: HashMap<String, Block>,
    open: Option<String>,
    heard: HashMap<String, usize>,
    finalized: HashMap<u64, String>,
    waiting: VecDeque<String>,
    counts: Counts,
}

fn ms(ns: u64) -> String {
    format!("{}", ((ns + 500) / 1000) as f64 / 1000.0)
}

impl Model {
    fn step(&mut self, id: &str, to: usize, now_ns: u64) {
        let Some(block) = self.blocks.get_mut(id) else {
            return;
        };
        if to <= block.stage || block.stage >= 3 {
            return;
        }
        let from = block.stage;
        let previous = ms(now_ns.saturating_sub(block.since_ns));
        (block.stage, block.since_ns) = (to, now_ns);
        self.tell(id, Some((from, previous)), now_ns);
    }

    fn tell(&mut self, id: &str, from: Option<(usize, String)>, now_ns: u64) {
        let block = &self.blocks[id];
        let to = STAGES[block.stage];
        *self
            .counts
            .entry((from.as_ref().map(|from| from.0), block.stage))
            .or_default() += 1;
        let (mut before, mut previous) = (String::new(), String::new());
        if let Some((from, time)) = from {
            before = format!(r#""from_stage":"{}","#, STAGES[from]);
            previous = format!(r#""time_in_previous_stage_ms":{time},"#);
        }
        let age = ms(now_ns.saturating_sub(block.start_ns));
        let gas = block
            .gas_used
            .map_or(String::new(), |gas| format!(r#","gas_used":{gas}"#));
        let (number, txn_count) = (block.number, block.txn_count);
        self.waiting.push_back(format!(
            r#""Lifecycle":{{"block_hash":"{id}","block_number":{number},{before}"to_stage":"{to}",{previous}"block_age_ms":{age},"txn_count":{txn_count}{gas}}}}}"#
        ));
    }

    fn lose(&mut self) {
        if let Some(id) = self.open.take() {
            self.blocks.remove(&id);
        }
        self.blocks
            .values_mut()
            .for_each(|block| block.is_doubtful = true);
    }

    fn take(&mut self, entry: &Entry) {
        let event = entry.json();
        let now_ns = event["timestamp_ns"].as_u64().unwrap();
        let payload = &event["payload"];
        let id = payload["block_id"].as_str().unwrap_or_default().to_owned();
        let number = event["block_number"].as_u64().unwrap_or_default();
        match &entry.name()[..] {
            "BlockStart" => {
                let block = Block {
                    order: entry.proposal,
                    number,
                    stage: 0,
                    start_ns: now_ns,
                    since_ns: now_ns,
                    txn_count: payload["txn_count"].as_u64().unwrap(),
                    gas_used: None,
                    is_doubtful: false,
                };
                assert!(
                    self.blocks.insert(id.clone(), block).is_none(),
                    "an id is executed twice"
                );
                self.tell(&id, None, now_ns);
                let heard = self.heard.get(&id).copied().unwrap_or(0);
                self.step(&id, heard, now_ns);
                let is_late = self
                    .finalized
                    .keys()
                    .any(|final_number| *final_number >= number);
                if is_late && heard < 2 {
                    self.step(&id, 5, now_ns);
                }
                self.open = Some(id);
            }
            "BlockEnd" => {
                let id = self.open.take().unwrap();
                self.blocks.get_mut(&id).unwrap().gas_used = payload["gas_used"].as_u64();
            }
            "BlockReject" => self.reject(now_ns),
            "EvmError" if event.get("txn_idx").is_none() => self.reject(now_ns),
            "BlockQC" => self.hear(&id, 1, now_ns),
            "BlockFinalized" => {
                self.hear(&id, 2, now_ns);
                self.finalized.entry(number).or_insert(id.clone());
                let mut losers: Vec<_> = self
                    .blocks
                    .iter()
                    .filter(|(other, block)| {
                        **other != id && block.stage < 2 && block.number <= number
                    })
                    .map(|(other, block)| {
                        (block.number, block.order, other.clone(), block.is_doubtful)
                    })
                    .collect();
                losers.sort();
                for (height, _, loser, is_doubtful) in losers {
                    if is_doubtful && height < number {
                        self.blocks.remove(&loser);
                    } else {
                        self.step(&loser, 5, now_ns);
                    }
                }
            }
            "BlockVerified" => {
                if let Some(id) = self.finalized.get(&number).cloned() {
                    self.hear(&id, 3, now_ns);
                }
            }
            _ => {}
        }
    }

    fn hear(&mut self, id: &str, stage: usize, now_ns: u64) {
        let heard = self.heard.entry(id.to_owned()).or_default();
        *heard = stage.max(*heard);
        self.step(id, stage, now_ns);
    }

    fn reject(&mut self, now_ns: u64) {
        let id = self.open.take().unwrap();
        self.step(&id, 4, now_ns);
    }
}

/// Runs a chain through the model; how often each step was told, how many gaps there were, and the longest wait.
fn run(seed: u64, turns: u64, loses: bool) -> (Counts, u64, usize) {
    let mut simulation = Simulation::new(seed, 3, &[]);
    let mut model = Model::default();
    let (mut gaps, mut longest) = (0, 0);
    for turn in 0..turns {
        if turn % 2 == 0 {
            simulation.wish();
        }
        if simulation.random.below(40) == 0 {
            let stalled = simulation.random.below(30);
            simulation.chain.stall(stalled);
        }
        let loses = loses && simulation.random.below(6) == 0;
        let entries = simulation.turn(loses);
        // What an event causes follows it, and its NativeTransfer.
        let mut expected: VecDeque<(u64, String)> = VecDeque::new();
        for entry in &entries {
            if entry.entry_type == LIFECYCLE {
                let (seq, text) = expected
                    .pop_front()
                    .unwrap_or_else(|| panic!("unexpected: {}", entry.text));
                assert_eq!(
                    (entry.seq, &entry.text),
                    (seq, &format!("{{\"seq\":{seq},{text}"))
                );
                check(entry, &model);
            } else if entry.is_gap() {
                assert!(expected.is_empty());
                gaps += 1;
                model.lose();
            } else if entry.entry_type < TRANSFER {
                assert!(expected.is_empty(), "not told: {expected:?}");
                model.take(entry);
                longest = longest.max(model.waiting.len());
                let told = model.waiting.len().min(10);
                expected = (entry.seq + 5..).zip(model.waiting.drain(..told)).collect();
            }
        }
        assert!(expected.is_empty(), "not told: {expected:?}");
    }
    (model.counts, gaps, longest)
}

/// The record and the keys say what the text says.
fn check(entry: &Entry, model: &Model) {
    let json = entry.json();
    let message = &json["Lifecycle"];
    let number = |name: &str| {
        STAGES
            .iter()
            .position(|stage| message[name] == *stage)
            .map_or(0, |at| at as u32 + 1)
    };
    let id: Vec<u8> = entry.keys[..8]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    assert_eq!(message["block_hash"], harness::events::hex(&id));
    assert_eq!(
        entry.keys[8..11],
        [
            number("to_stage"),
            number("from_stage"),
            message["txn_count"].as_u64().unwrap() as u32
        ]
    );
    let gas = u64::from(entry.keys[12]) | u64::from(entry.keys[13]) << 32;
    assert_eq!(
        message["gas_used"].as_u64(),
        (entry.keys[11] == 3).then_some(gas)
    );
    assert!([0, 3].contains(&entry.keys[11]));
    assert_eq!(
        entry.keys[14..].iter().any(|word| *word != 0),
        entry.keys[11] == 3
    );
    assert_eq!(
        (entry.block_number, u32::from(entry.stage)),
        (
            message["block_number"].as_u64().unwrap(),
            number("to_stage")
        )
    );
    assert!(entry.proposal > 0 && entry.txn == 0 && entry.stage_at == 0);
    let block = &model.blocks.get(message["block_hash"].as_str().unwrap());
    assert!(block.is_none_or(|block| entry.recorded_us >= block.start_ns / 1000 - 100));
}

#[test]
fn chains_with_forks_failures_and_stalls_tell_every_step_at_its_place() {
    let (counts, gaps, longest) = run(seed(), 300, false);
    let steps: HashSet<_> = counts.keys().copied().collect();
    for step in [
        (None, 0),
        (Some(0), 1),
        (Some(0), 2),
        (Some(1), 2),
        (Some(2), 3),
        (Some(0), 4),
        (Some(0), 5),
        (Some(1), 5),
    ] {
        assert!(steps.contains(&step), "{step:?} is not tested: {counts:?}");
    }
    assert_eq!(gaps, 0);
    assert!(longest >= 2, "{longest}");
}

#[test]
fn chains_with_losses_say_nothing_of_half_blocks_and_guess_nothing() {
    let (counts, gaps, _) = run(seed(), 300, true);
    assert!(
        gaps > 20 && counts[&(Some(2), 3)] > 20,
        "{gaps} gaps, {counts:?}"
    );
}
