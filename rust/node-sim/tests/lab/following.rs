//! Follows a node that runs at full speed through chaos, as a consumer does: from ring to ring, over gaps, expired and
//! damaged events, with the builder of commit states. commits.rs compares what came of it with the truth.

use std::{collections::HashSet, sync::Arc, thread};

use monad_event_ring::{NextEvent, PathState, PayloadBuffer, RawEventReader, RawEventRing};
use monad_exec_events::{
    CommitStateBlockBuilder, CommitStateBlockUpdate, ExecEventRef, ExecutedBlockBuilder,
};
use node_sim::digest_event;

use crate::node::{Node, Place};

/// What a reader got of one ring.
#[derive(Default)]
pub struct Followed {
    /// Seqno and digest of every event that could be decoded.
    pub read: Vec<(u64, u64)>,
    /// What the builder said, with the seqno of the event that it said it after.
    pub said: Vec<(u64, Said)>,
}

/// A statement of the builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A block has a new state; with Finalized, these others are void.
    Update {
        id: String,
        state: &'static str,
        abandoned: HashSet<String>,
    },
    /// It is void or unknown what became of it.
    Forgotten(String),
}

/// Follows a node to its end and returns what came of every ring that was there long enough to be opened.
pub fn follow(place: &Place, node: &mut Node) -> Vec<Followed> {
    let mut builder = CommitStateBlockBuilder::new(ExecutedBlockBuilder::new(true));
    let mut rings = Vec::new();
    let mut known: Option<Arc<RawEventRing>> = None;
    loop {
        let has_ended = node.has_ended();
        let is_known = known
            .as_ref()
            .is_some_and(|ring| ring.path_state() == PathState::Same);
        match (is_known, place.try_open()) {
            (false, Some(ring)) => {
                builder.process_gap();
                rings.push(read_to_its_end(&ring, node, &mut builder));
                known = Some(ring);
            }
            _ if has_ended => return rings,
            _ => thread::yield_now(),
        }
    }
}

fn read_to_its_end(
    ring: &Arc<RawEventRing>,
    node: &mut Node,
    builder: &mut CommitStateBlockBuilder,
) -> Followed {
    let mut reader = RawEventReader::new(Arc::clone(ring), u32::MAX);
    let mut payload = PayloadBuffer::new();
    let mut followed = Followed::default();
    let mut is_over = false;
    loop {
        match reader.next(&mut payload) {
            NextEvent::Ready(descriptor) => {
                let (event_type, words) = (descriptor.event_type, descriptor.content_ext);
                let bytes = payload.as_slice();
                let Ok(event) = ExecEventRef::decode(event_type, words, bytes) else {
                    builder.process_gap();
                    continue;
                };
                let digest = digest_event(event_type, words, bytes);
                followed.read.push((descriptor.seqno, digest));
                let update = builder.process_event(words.into(), event);
                let said = update.and_then(Result::ok).map(of_update);
                let forgotten = builder.forgotten().iter();
                let forgotten = forgotten.map(|one| Said::Forgotten(id(&one.block)));
                let all = said.into_iter().chain(forgotten);
                followed
                    .said
                    .extend(all.map(|said| (descriptor.seqno, said)));
            }
            NextEvent::NotReady if is_over => return followed,
            NextEvent::NotReady => {
                // What was recorded before the ring was replaced, or the node ended, is read once more.
                is_over = ring.path_state() != PathState::Same || node.has_ended();
                thread::yield_now();
            }
            NextEvent::Gap { .. } | NextEvent::Expired(_) | NextEvent::Malformed(_) => {
                builder.process_gap();
            }
        }
    }
}

fn of_update(update: CommitStateBlockUpdate) -> Said {
    use monad_exec_events::BlockCommitState::{Finalized, Proposed, Verified, Voted};
    Said::Update {
        id: id(&update.block),
        state: match update.state {
            Proposed => "Proposed",
            Voted => "Voted",
            Finalized => "Finalized",
            Verified => "Verified",
        },
        abandoned: update.abandoned.iter().map(|block| id(block)).collect(),
    }
}

fn id(block: &monad_exec_events::ExecutedBlock) -> String {
    let bytes = block.start.block_tag.id.bytes;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}")
}
