//! Reads a node's truth file back.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use serde::Deserialize;

/// One line; which fields there are says what it is about.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Event {
        event: String,
        ring: u32,
        seqno: u64,
        size: u64,
        digest: String,
    },
    Consensus(Consensus),
    Fault {
        fault: String,
        ring: u32,
        seqno: u64,
    },
    Proposal(Proposal),
}

/// A vote, finality or verification.
#[derive(Clone, Debug, Deserialize)]
pub struct Consensus {
    pub consensus: String,
    pub ring: u32,
    pub seqno: u64,
    pub block_number: u64,
    pub block_id: Option<String>,
}

/// A proposal.
#[derive(Clone, Debug, Deserialize)]
pub struct Proposal {
    pub block_number: u64,
    pub block_id: String,
    pub first_seqno: u64,
    pub last_seqno: u64,
    pub events: HashMap<String, u64>,
    pub outcome: String,
    pub winner: Option<bool>,
    pub ring: u32,
}

/// What was recorded under one seqno.
#[derive(Clone, Debug)]
pub struct Event {
    pub event: String,
    pub size: u64,
    pub digest: u64,
    /// Which part of its descriptor lies, if one does.
    pub damage: Option<String>,
}

/// Everything of one ring.
#[derive(Default)]
pub struct RingTruth {
    /// From seqno 1 on.
    pub events: Vec<Event>,
    pub consensus: Vec<Consensus>,
    pub proposals: Vec<Proposal>,
}

/// The whole file, by ring.
#[derive(Default)]
pub struct Truth {
    pub rings: HashMap<u32, RingTruth>,
}

impl Truth {
    pub fn read(path: &Path) -> Self {
        let mut truth = Self::default();
        let mut file = BufReader::new(File::open(path).unwrap());
        let mut text = String::new();
        while file.read_line(&mut text).unwrap() > 0 {
            let line =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
            truth.take(line);
            text.clear();
        }
        truth
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Event {
                event,
                ring,
                seqno,
                size,
                digest,
            } => {
                let events = &mut self.ring(ring).events;
                events.push(Event {
                    event,
                    size,
                    digest: u64::from_str_radix(&digest, 16).unwrap(),
                    damage: None,
                });
                assert_eq!(events.len() as u64, seqno, "seqnos of ring {ring}");
            }
            Line::Consensus(consensus) => self.ring(consensus.ring).consensus.push(consensus),
            Line::Proposal(proposal) => self.ring(proposal.ring).proposals.push(proposal),
            Line::Fault { fault, ring, seqno } => {
                if let Some(kind) = fault.strip_prefix("corrupt ")
                    && let Some(event) = self.ring(ring).events.get_mut(seqno as usize - 1)
                {
                    event.damage = Some(kind.into());
                }
            }
        }
    }

    fn ring(&mut self, ring: u32) -> &mut RingTruth {
        self.rings.entry(ring).or_default()
    }

    /// Checks that proposals, votes and finality account for every event of every ring, and for nothing else.
    pub fn check(&self) {
        for (ring, truth) in &self.rings {
            let mut is_told = vec![false; truth.events.len()];
            let mut tell = |seqno: u64| {
                let told = &mut is_told[seqno as usize - 1];
                assert!(!*told, "event {seqno} of ring {ring} is told twice");
                *told = true;
            };
            for consensus in &truth.consensus {
                let event = &truth.events[consensus.seqno as usize - 1].event;
                assert_eq!(*event, consensus.consensus);
                tell(consensus.seqno);
            }
            for proposal in &truth.proposals {
                let mut counts = HashMap::<String, u64>::new();
                for seqno in proposal.first_seqno..=proposal.last_seqno {
                    let event = &truth.events[seqno as usize - 1].event;
                    *counts.entry(event.clone()).or_default() += 1;
                    tell(seqno);
                }
                assert_eq!(counts, proposal.events);
                let is_whole = proposal.events.contains_key("BlockEnd");
                assert_eq!(proposal.outcome == "ended", is_whole);
            }
            assert!(
                is_told.iter().all(|told| *told),
                "ring {ring} has more events"
            );
        }
    }
}
