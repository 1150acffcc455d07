//! Random chains: forks of one to three, votes that are missing, repeated or late, executions that are repeated or
//! refused, late finality; and random losses of what was recorded.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::script::Event;

/// One number of the chain.
#[derive(Clone, Debug)]
pub struct Height {
    /// Proposals, of which one is finalized.
    pub proposals: u8,
    /// Which one, modulo their number.
    pub winner: u8,
    /// Votes for each proposal before its finality.
    pub votes: [u8; 3],
    pub has_late_vote: bool,
    /// A proposal that is executed twice, if there is one of this place.
    pub repeated: u8,
    /// Whether one more proposal is refused by execution.
    pub has_rejected: bool,
}

/// A chain, how far finality lags behind, and what is lost of its events.
#[derive(Clone, Debug)]
pub struct Chain {
    pub heights: Vec<Height>,
    pub lag: usize,
    /// (where, how many) in 256ths of all events.
    pub losses: Vec<(u8, u8)>,
    /// Events before this 256th were recorded before the reader came.
    pub begin: u8,
}

pub fn chains(with_losses: bool) -> impl Strategy<Value = Chain> {
    let height = (
        1..=3u8,
        0..3u8,
        any::<[u8; 3]>(),
        any::<bool>(),
        0..9u8,
        0..8u8,
    )
        .prop_map(
            |(proposals, winner, votes, has_late_vote, repeated, rejected)| Height {
                proposals,
                winner: winner % proposals,
                votes: votes.map(|votes| votes % 3),
                has_late_vote,
                repeated,
                has_rejected: rejected == 0,
            },
        );
    let losses = if with_losses { 0..4usize } else { 0..1 };
    let begin = if with_losses { 0..128u8 } else { 0..1 };
    (
        vec(height, 1..20),
        1..5usize,
        vec((any::<u8>(), 0..80u8), losses),
        begin,
    )
        .prop_map(|(heights, lag, losses, begin)| Chain {
            heights,
            lag,
            losses,
            begin,
        })
}

impl Chain {
    pub fn id(height: usize, proposal: u8) -> u8 {
        height as u8 * 4 + proposal
    }

    pub fn is_winner(&self, id: u8) -> bool {
        self.heights[usize::from(id / 4)].winner == id % 4
    }

    /// Everything that the node records.
    pub fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for (at, height) in self.heights.iter().enumerate() {
            let number = at as u64 + 100;
            for proposal in 0..height.proposals {
                let id = Self::id(at, proposal);
                events.extend([Event::Start(id, number), Event::End]);
                if height.repeated == proposal {
                    events.extend([Event::Start(id, number), Event::End]);
                }
                let votes = height.votes[usize::from(proposal)];
                events.extend((0..votes).map(|_| Event::Qc(id, number)));
            }
            if height.has_rejected {
                events.push(Event::Reject(Self::id(at, 3), number));
            }
            if let Some(decided) = at.checked_sub(self.lag) {
                self.finalize(decided, &mut events);
            }
        }
        events
    }

    fn finalize(&self, at: usize, events: &mut Vec<Event>) {
        let number = at as u64 + 100;
        let winner = Self::id(at, self.heights[at].winner);
        events.push(Event::Final(winner, number));
        if self.heights[at].has_late_vote {
            events.push(Event::Qc(winner, number));
        }
        if at >= 3 {
            events.push(Event::Verify(number - 3));
        }
    }

    /// What reaches a reader; a gap stands where something was lost.
    pub fn seen(&self) -> Vec<Event> {
        let events = self.events();
        let share = |part: u8| events.len() * usize::from(part) / 256;
        let is_lost = |at: usize| {
            self.losses
                .iter()
                .any(|&(from, count)| (share(from)..share(from) + share(count)).contains(&at))
        };
        let mut seen = Vec::new();
        for (at, event) in events.iter().enumerate().skip(share(self.begin)) {
            if !is_lost(at) {
                seen.push(*event);
            } else if seen.last() != Some(&Event::Gap) {
                seen.push(Event::Gap);
            }
        }
        seen
    }
}
