//! How far every block whose BlockStart was seen has come, and the message for each step (protocol 8.4).
//! Fed by `derived` with events that `chain` has placed, after `stages` has applied them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use monad_exec_events::ExecEventRef;

use crate::log::EntryKind;
use crate::stages::{BlockId, MAX_PROPOSALS, REMEMBERED_NUMBERS, Stage};

/// One executed block.
#[derive(Clone, Copy, Debug)]
struct Life {
    id: BlockId,
    stage: Stage,
    started_ns: u64,
    /// When it came to its stage.
    since_ns: u64,
    txn_count: u64,
    output: Option<Output>,
    /// Whether events that a loss swallowed may have finalized it.
    is_doubtful: bool,
}

/// What a BlockEnd says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// Gas of the block.
    pub gas_used: u64,
    /// Its hash as Ethereum counts it.
    pub eth_block_hash: [u8; 32],
}

/// One step of one block.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// Block, number and the stage it came to, as the index record says them.
    pub kind: EntryKind,
    /// The block id.
    pub id: BlockId,
    /// The stage before; `None` at Proposed.
    pub from: Option<Stage>,
    /// The stage now.
    pub to: Stage,
    /// How long it was in the stage before.
    pub previous_ns: u64,
    /// How long ago its BlockStart was recorded.
    pub age_ns: u64,
    /// Transactions of the block.
    pub txn_count: u64,
    /// What its BlockEnd said, if it was seen.
    pub output: Option<Output>,
    /// When the event that caused the step was recorded, in microseconds since 1970.
    pub recorded_us: u64,
}

/// Number and ordinal: lowest number first, then first seen.
type Key = (u64, u32);

/// Every executed block that is remembered.
#[derive(Debug, Default)]
pub struct Lifecycle {
    lives: BTreeMap<Key, Life>,
    newest_finalized: Option<u64>,
    messages: VecDeque<Message>,
}

impl Lifecycle {
    /// Takes an event that begins or ends a block or says its stage; `kind` is its place, recorded at `now_ns`.
    pub fn take(&mut self, event: &ExecEventRef<'_>, kind: &EntryKind, now_ns: u64) {
        use ExecEventRef as E;
        let key = (kind.block_number, kind.proposal);
        let Some(stage) = Stage::of(kind.stage) else {
            return;
        };
        match *event {
            E::BlockStart(start) => {
                let life = Life {
                    id: start.block_tag.id.bytes,
                    stage: Stage::Proposed,
                    started_ns: now_ns,
                    since_ns: now_ns,
                    txn_count: start.eth_block_input.txn_count,
                    output: None,
                    is_doubtful: false,
                };
                self.start(key, life, stage);
            }
            E::BlockEnd(end) => {
                if let Some(life) = self.lives.get_mut(&key) {
                    life.output = Some(Output {
                        gas_used: end.exec_output.gas_used,
                        eth_block_hash: end.eth_block_hash.bytes,
                    });
                }
            }
            E::BlockFinalized(_) => {
                self.advance(key, stage, now_ns);
                self.abandon(key, now_ns);
                self.forget();
            }
            _ => self.advance(key, stage, now_ns),
        }
    }

    /// The next message to be told.
    pub fn next_message(&mut self) -> Option<Message> {
        self.messages.pop_front()
    }

    /// Whether there are messages to be told.
    #[inline]
    pub fn has_messages(&self) -> bool {
        !self.messages.is_empty()
    }

    /// Takes that events were lost, with them the end of the block `cut`: of that one nothing more is said.
    ///
    /// Of other blocks the loss may have swallowed the BlockFinalized, so that a higher number's says nothing of them.
    pub fn lose(&mut self, cut: Option<Key>) {
        if let Some(key) = cut {
            self.lives.remove(&key);
        }
        for life in self.lives.values_mut() {
            life.is_doubtful = life.stage < Stage::Finalized;
        }
    }

    /// Forgets everything, untold messages included, as a ring of another node run demands.
    pub fn clear(&mut self) {
        *self = Lifecycle::default();
    }

    /// A block begins: it is Proposed, then at once what was heard of its id before. One that is executed again goes on.
    fn start(&mut self, key: Key, life: Life, stage: Stage) {
        let now_ns = life.started_ns;
        if let Entry::Vacant(place) = self.lives.entry(key) {
            place.insert(life);
            self.tell(key, None, &life, now_ns);
            self.forget();
        }
        self.advance(key, stage, now_ns);
        if self.newest_finalized >= Some(key.0) && stage < Stage::Finalized {
            self.advance(key, Stage::Abandoned, now_ns);
        }
    }

    fn advance(&mut self, key: Key, to: Stage, now_ns: u64) {
        let Some(life) = self.lives.get_mut(&key) else {
            return;
        };
        let from = life.stage;
        if to <= from || matches!(from, Stage::Verified | Stage::Rejected | Stage::Abandoned) {
            return;
        }
        let before = *life;
        (life.stage, life.since_ns) = (to, now_ns);
        let after = *life;
        self.tell(key, Some(before), &after, now_ns);
    }

    /// Abandons what can never be finalized any more, now that `winner` was. Source: protocol 7.3.
    fn abandon(&mut self, winner: Key, now_ns: u64) {
        self.newest_finalized = self.newest_finalized.max(Some(winner.0));
        let losers: Vec<(Key, bool)> = self
            .lives
            .range(..=(winner.0, u32::MAX))
            .filter(|(key, life)| **key != winner && life.stage < Stage::Finalized)
            .map(|(key, life)| (*key, life.is_doubtful && key.0 < winner.0))
            .collect();
        for (key, is_unknown) in losers {
            if is_unknown {
                self.lives.remove(&key);
            } else {
                self.advance(key, Stage::Abandoned, now_ns);
            }
        }
    }

    fn tell(&mut self, (number, ordinal): Key, before: Option<Life>, life: &Life, now_ns: u64) {
        self.messages.push_back(Message {
            kind: EntryKind {
                stage: life.stage as u8,
                txn: 0,
                proposal: ordinal,
                block_number: number,
            },
            id: life.id,
            from: before.map(|before| before.stage),
            to: life.stage,
            previous_ns: before.map_or(0, |before| now_ns.saturating_sub(before.since_ns)),
            age_ns: now_ns.saturating_sub(life.started_ns),
            txn_count: life.txn_count,
            output: life.output,
            recorded_us: now_ns / 1000,
        });
    }

    /// Keeps to the bounds of `stages`.
    fn forget(&mut self) {
        let floor = self
            .newest_finalized
            .map_or(0, |number| number.saturating_sub(REMEMBERED_NUMBERS));
        while let Some((lowest, _)) = self.lives.first_key_value() {
            if lowest.0 >= floor && self.lives.len() <= MAX_PROPOSALS {
                break;
            }
            self.lives.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use monad_exec_events::ffi::{monad_exec_block_start, monad_exec_block_tag};

    fn start(lifecycle: &mut Lifecycle, number: u64) {
        let kind = EntryKind {
            stage: Stage::Proposed as u8,
            txn: 0,
            proposal: number as u32,
            block_number: number,
        };
        let start = monad_exec_block_start::default();
        lifecycle.take(&ExecEventRef::BlockStart(&start), &kind, number);
    }

    #[test]
    fn memory_is_bounded_with_and_without_finality() {
        let mut lifecycle = Lifecycle::default();
        let last = MAX_PROPOSALS as u64 + 5000;
        for number in 1..=last {
            start(&mut lifecycle, number);
            assert_eq!(lifecycle.messages.len(), 1);
            lifecycle.next_message();
        }
        assert_eq!(lifecycle.lives.len(), MAX_PROPOSALS);
        let kind = EntryKind {
            stage: Stage::Finalized as u8,
            txn: 0,
            proposal: last as u32,
            block_number: last,
        };
        let tag = monad_exec_block_tag::default();
        lifecycle.take(&ExecEventRef::BlockFinalized(&tag), &kind, last);
        assert_eq!(
            lifecycle.messages.len(),
            MAX_PROPOSALS,
            "one for each that was held"
        );
        assert_eq!(lifecycle.lives.len() as u64, REMEMBERED_NUMBERS + 1);
    }
}
