//! What a follower of chaos says about blocks, against the truth: every state, every abandoned proposal, and nothing
//! about what it could not know.

use std::collections::{HashMap, HashSet};

use crate::{
    following::{Followed, Said, follow},
    node::{Node, Place},
    seeds, setting,
    truth::{Consensus, Event, Proposal, RingTruth, Truth},
};

/// Events without which a block is whole all the same, for a builder that collects no accesses.
const UNNEEDED: [&str; 9] = [
    "BlockPerfEvmEnter",
    "BlockPerfEvmExit",
    "TxnPerfEvmEnter",
    "TxnPerfEvmExit",
    "TxnHeaderEnd",
    "TxnEnd",
    "AccountAccessListHeader",
    "AccountAccess",
    "StorageAccess",
];

/// How far finality may go on before the builder gives up a block whose verification it has not seen.
const MAX_UNVERIFIED_NUMBERS: u64 = 64;

/// Of whom the truth is known so far, and how far consensus has come with each: 0 proposed to 2 finalized.
#[derive(Default)]
struct Known {
    by_id: HashMap<String, (u64, u8)>,
}

enum Entry<'a> {
    Ended(&'a Proposal),
    Consensus(&'a Consensus),
}

impl Known {
    fn take(&mut self, entry: &Entry<'_>) -> Vec<Said> {
        match entry {
            Entry::Ended(proposal) => self.execute(proposal),
            Entry::Consensus(consensus) => {
                let number = consensus.block_number;
                let id = consensus.block_id.clone().unwrap_or_default();
                match consensus.consensus.as_str() {
                    "BlockQC" => self.vote(&id),
                    "BlockFinalized" => self.finalize(number, &id),
                    _ => self.verify(number),
                }
            }
        }
    }

    fn execute(&mut self, proposal: &Proposal) -> Vec<Said> {
        let (id, number) = (proposal.block_id.clone(), proposal.block_number);
        if self.by_id.contains_key(&id) {
            return Vec::new();
        }
        let is_decided = self.by_id.values().any(|known| *known == (number, 2));
        let mut said = vec![update(&id, "Proposed")];
        match is_decided {
            true => said.push(Said::Forgotten(id)),
            false => drop(self.by_id.insert(id, (number, 0))),
        }
        said
    }

    fn vote(&mut self, id: &str) -> Vec<Said> {
        match self.by_id.get_mut(id) {
            Some((_, state @ 0)) => {
                *state = 1;
                vec![update(id, "Voted")]
            }
            _ => Vec::new(),
        }
    }

    fn finalize(&mut self, number: u64, id: &str) -> Vec<Said> {
        let mut said = Vec::new();
        let siblings = self.remove(|other, known| other != id && known.0 == number && known.1 < 2);
        match self.by_id.get_mut(id) {
            Some((_, state @ 0..2)) => {
                *state = 2;
                said.push(Said::Update {
                    id: id.into(),
                    state: "Finalized",
                    abandoned: siblings.into_iter().collect(),
                });
            }
            _ => said.extend(siblings.into_iter().map(Said::Forgotten)),
        }
        let passed = self.remove(|_, (own, state)| {
            *own < number && (*state < 2 || number - *own > MAX_UNVERIFIED_NUMBERS)
        });
        said.extend(passed.into_iter().map(Said::Forgotten));
        said
    }

    fn verify(&mut self, number: u64) -> Vec<Said> {
        let verified = self.remove(|_, known| *known == (number, 2));
        let passed = self.remove(|_, known| known.0 <= number);
        let verified = verified.iter().map(|id| update(id, "Verified"));
        verified
            .chain(passed.into_iter().map(Said::Forgotten))
            .collect()
    }

    fn remove(&mut self, is_over: impl Fn(&str, &(u64, u8)) -> bool) -> Vec<String> {
        let removed = self.by_id.extract_if(|id, known| is_over(id, known));
        removed.map(|(id, _)| id).collect()
    }
}

fn update(id: &str, state: &'static str) -> Said {
    Said::Update {
        id: id.into(),
        state,
        abandoned: HashSet::new(),
    }
}

/// Finds the ring that was followed: the first behind `after` that holds what was read.
fn identify<'a>(followed: &Followed, truth: &'a Truth, after: u32) -> Option<(u32, &'a RingTruth)> {
    let holds = |truth: &RingTruth| {
        followed.read.iter().take(1000).all(|(seqno, digest)| {
            let event = truth.events.get(*seqno as usize - 1);
            event.is_some_and(|event| event.digest == *digest || event.damage.is_some())
        })
    };
    let mut ordinals: Vec<u32> = truth
        .rings
        .keys()
        .copied()
        .filter(|ring| *ring > after)
        .collect();
    ordinals.sort_unstable();
    let found = ordinals
        .into_iter()
        .find(|ring| holds(&truth.rings[ring]))?;
    Some((found, &truth.rings[&found]))
}

/// What the builder has to say about the events that were read.
fn expected(followed: &Followed, truth: &RingTruth, known: &mut Known) -> Vec<(u64, Said)> {
    let read: HashMap<u64, u64> = followed.read.iter().copied().collect();
    let is_intact = |seqno: u64| {
        let event: &Event = &truth.events[seqno as usize - 1];
        read.get(&seqno).is_some_and(|digest| {
            assert!(
                *digest == event.digest || event.damage.is_some(),
                "event {seqno}"
            );
            *digest == event.digest || UNNEEDED.contains(&event.event.as_str())
        })
    };
    let mut entries: Vec<(u64, Entry<'_>)> = Vec::new();
    for proposal in &truth.proposals {
        let is_whole = proposal.outcome == "ended" && !proposal.events.contains_key("RecordError");
        if is_whole && (proposal.first_seqno..=proposal.last_seqno).all(is_intact) {
            entries.push((proposal.last_seqno, Entry::Ended(proposal)));
        }
    }
    let consensus = truth
        .consensus
        .iter()
        .filter(|one| read.contains_key(&one.seqno));
    entries.extend(consensus.map(|one| (one.seqno, Entry::Consensus(one))));
    entries.sort_by_key(|(seqno, _)| *seqno);
    entries
        .iter()
        .flat_map(|(seqno, entry)| known.take(entry).into_iter().map(|said| (*seqno, said)))
        .collect()
}

/// No winner is called void, and nobody else is called final.
fn check_fates(said: &[(u64, Said)], truth: &Truth) {
    let proposals = truth.rings.values().flat_map(|ring| &ring.proposals);
    let winners: HashSet<&str> = proposals
        .filter(|proposal| proposal.winner == Some(true))
        .map(|proposal| proposal.block_id.as_str())
        .collect();
    for (seqno, said) in said {
        if let Said::Update {
            id,
            state,
            abandoned,
        } = said
        {
            if matches!(*state, "Finalized" | "Verified") {
                assert!(
                    winners.contains(id.as_str()),
                    "{id} is no winner, event {seqno}"
                );
            }
            assert!(abandoned.iter().all(|id| !winners.contains(id.as_str())));
        }
    }
}

/// The statements after one event have no order among themselves.
fn sorted(mut said: Vec<(u64, Said)>) -> Vec<(u64, Said)> {
    said.sort_by_key(|(seqno, said)| match said {
        Said::Update { id, .. } => (*seqno, false, id.clone()),
        Said::Forgotten(id) => (*seqno, true, id.clone()),
    });
    said
}

#[test]
fn commit_states_and_abandoned_proposals_are_those_of_the_truth() {
    let blocks = setting("LAB_BLOCKS", 150);
    let (mut finalized, mut abandoned, mut rings) = (0, 0, 0);
    for seed in seeds(4) {
        println!("seed {seed}");
        let place = Place::new();
        let arguments = format!(
            "--seed {seed} --chaos {seed} --blocks {blocks} --block-ms 0 --txns-per-block 20 --descriptor-shift 16 \
             --truth-events"
        );
        let arguments: Vec<String> = arguments.split_whitespace().map(Into::into).collect();
        let mut node = Node::start(&place, &arguments);
        let followed = follow(&place, &mut node);
        assert_eq!(node.wait(), Some(0));
        let truth = Truth::read(&place.truth());
        truth.check();
        let mut known = Known::default();
        let mut ordinal = 0;
        for ring in followed {
            if ring.read.is_empty() {
                continue;
            }
            let (found, ring_truth) =
                identify(&ring, &truth, ordinal).expect("the ring in the truth");
            ordinal = found;
            let expected = expected(&ring, ring_truth, &mut known);
            check_fates(&ring.said, &truth);
            for (_, said) in &ring.said {
                if let Said::Update {
                    state: "Finalized",
                    abandoned: void,
                    ..
                } = said
                {
                    finalized += 1;
                    abandoned += void.len();
                }
            }
            assert_eq!(sorted(ring.said), sorted(expected), "ring {found}");
            rings += 1;
        }
    }
    println!("{finalized} blocks finalized, {abandoned} abandoned beside them, in {rings} rings");
    assert!(finalized > 0 && abandoned > 0);
}
