//! The builder that follows executed blocks until consensus has decided about them.
//! Blocks come from `executed`; `update` is what is said about them.

mod update;

use std::sync::Arc;

use monad_event_ring::{EventDescriptor, EventPayloadResult};

pub use update::{BlockCommitState, CommitStateBlockUpdate, ForgetReason, ForgottenProposal};

use super::{BlockBuilderError, BlockBuilderResult, ExecutedBlockBuilder};
use crate::ffi::{
    MONAD_EXEC_BLOCK_FINALIZED, MONAD_EXEC_BLOCK_QC, MONAD_EXEC_BLOCK_VERIFIED, monad_c_bytes32,
    monad_exec_block_tag,
};
use crate::{
    ExecEventDecoder, ExecEventRef, ExecEventRingFlowInfo, ExecutedBlock, ExecutedBlockAccesses,
};

/// Most blocks that are followed at once; a node is a handful ahead of finalization.
const MAX_FOLLOWED: usize = 256;

/// A finalized block waits for its BLOCK_VERIFIED until one this many numbers above is finalized; the delay is 3.
const MAX_UNVERIFIED_NUMBERS: u64 = 64;

/// Says every change of state of every block that a ring executes.
///
/// Feed it every event in the order of the ring. It never panics and guesses nothing: what a lost event leaves open
/// is [forgotten](Self::forgotten) as soon as consensus has gone past it. A BLOCK_FINALIZED for an unknown id abandons
/// the known proposals of its number; BLOCK_VERIFIED counts only for the id that was seen finalized. A block that is
/// executed again takes the place of its first execution, with its state, and nothing is said.
/// Memory: 256 blocks at most. Source: ring-and-events §5.1, §5.3; monad-facts §2.2.
#[derive(Debug, Default)]
pub struct CommitStateBlockBuilder {
    block_builder: ExecutedBlockBuilder,
    /// In the order of execution, which is that of eviction; few enough to be searched.
    followed: Vec<Followed>,
    /// Those that the last event ended, kept for [`accesses`](Self::accesses).
    ended: Vec<Followed>,
    forgotten: Vec<ForgottenProposal>,
}

#[derive(Debug)]
struct Followed {
    block: Arc<ExecutedBlock>,
    accesses: Option<Arc<ExecutedBlockAccesses>>,
    state: BlockCommitState,
}

/// An event about a block that was executed before.
enum ConsensusEvent {
    Qc(monad_exec_block_tag),
    Finalized(monad_exec_block_tag),
    Verified(u64),
}

impl CommitStateBlockBuilder {
    /// A builder that takes its blocks from `block_builder`.
    pub fn new(block_builder: ExecutedBlockBuilder) -> Self {
        Self {
            block_builder,
            ..Self::default()
        }
    }

    /// Forgets everything, as a ring of another node run demands.
    pub fn reset(&mut self) {
        self.begin();
        self.block_builder.reset();
        self.followed.clear();
    }

    /// Goes on after a gap in the events: the open block is dropped, everything else is still true.
    ///
    /// Blocks keep the last state that was seen, and later events say what became of them, or that it cannot be known.
    /// Not part of the official type, which has only [`reset`](Self::reset).
    pub fn process_gap(&mut self) {
        self.begin();
        self.block_builder.reset();
    }

    /// Takes the next event and what its descriptor says about it; `Some` when a block changes its state or comes to nothing before it has one.
    pub fn process_event(
        &mut self,
        flow: ExecEventRingFlowInfo,
        event: ExecEventRef<'_>,
    ) -> Option<BlockBuilderResult<CommitStateBlockUpdate>> {
        self.begin();
        match consensus_event(event) {
            Some(event) => self.decide(event).map(Ok),
            None => {
                let result = self.block_builder.process_event(flow, event)?;
                self.executed(result)
            }
        }
    }

    /// As [`process_event`](Self::process_event), with the payload still in the ring.
    ///
    /// An expired payload is a gap, after which [`process_gap`](Self::process_gap) has been done.
    pub fn process_event_descriptor(
        &mut self,
        event_descriptor: &EventDescriptor<'_, ExecEventDecoder>,
    ) -> Option<BlockBuilderResult<CommitStateBlockUpdate>> {
        self.begin();
        match event_descriptor.raw().event_type {
            MONAD_EXEC_BLOCK_QC | MONAD_EXEC_BLOCK_FINALIZED | MONAD_EXEC_BLOCK_VERIFIED => {
                match event_descriptor.try_filter_map(consensus_event) {
                    EventPayloadResult::Ready(event) => self.decide(event?).map(Ok),
                    EventPayloadResult::Expired => {
                        self.process_gap();
                        Some(Err(BlockBuilderError::PayloadExpired))
                    }
                }
            }
            _ => {
                let result = self
                    .block_builder
                    .process_event_descriptor(event_descriptor)?;
                self.executed(result)
            }
        }
    }

    /// The proposals that the last event ended without an update; empty again with the next event.
    ///
    /// Not part of the official type.
    pub fn forgotten(&self) -> &[ForgottenProposal] {
        &self.forgotten
    }

    /// The accesses of a block that is followed or was in the last update, by its id, if the executed block builder
    /// [collects them](ExecutedBlockBuilder::with_accesses). Not part of the official type.
    pub fn accesses(&self, id: &monad_c_bytes32) -> Option<&Arc<ExecutedBlockAccesses>> {
        self.followed
            .iter()
            .chain(&self.ended)
            .find(|one| one.id() == *id)
            .and_then(|one| one.accesses.as_ref())
    }

    /// Forgets what the event before has left for its caller.
    fn begin(&mut self) {
        self.ended.clear();
        self.forgotten.clear();
    }

    /// Takes a finished block, which is Proposed whatever consensus has done meanwhile.
    fn executed(
        &mut self,
        result: BlockBuilderResult<ExecutedBlock>,
    ) -> Option<BlockBuilderResult<CommitStateBlockUpdate>> {
        let block = match result {
            Ok(block) => Arc::new(block),
            Err(error) => return Some(Err(error)),
        };
        let accesses = self.block_builder.take_accesses().map(Arc::new);
        let tag = block.start.block_tag;
        if let Some(known) = self.find(&tag.id) {
            (known.block, known.accesses) = (block, accesses);
            return None;
        }
        let state = BlockCommitState::Proposed;
        let is_void = self.followed.iter().any(|one| {
            one.number() == tag.block_number && one.state == BlockCommitState::Finalized
        });
        self.followed.push(Followed {
            block: block.clone(),
            accesses,
            state,
        });
        if is_void {
            self.forget(ForgetReason::Abandoned, |one| one.id() == tag.id);
        } else if self.followed.len() > MAX_FOLLOWED {
            let oldest = self.followed[0].id();
            self.forget(ForgetReason::Evicted, |one| one.id() == oldest);
        }
        Some(Ok(CommitStateBlockUpdate {
            block,
            state,
            abandoned: Vec::new(),
        }))
    }

    fn decide(&mut self, event: ConsensusEvent) -> Option<CommitStateBlockUpdate> {
        match event {
            ConsensusEvent::Qc(tag) => self.advance(&tag.id, BlockCommitState::Voted),
            ConsensusEvent::Finalized(tag) => self.finalize(tag),
            ConsensusEvent::Verified(number) => self.verify(number),
        }
    }

    /// Moves a followed block on to `state`; `None` if it is unknown or has come as far already.
    fn advance(
        &mut self,
        id: &monad_c_bytes32,
        state: BlockCommitState,
    ) -> Option<CommitStateBlockUpdate> {
        let one = self.find(id).filter(|one| one.state < state)?;
        one.state = state;
        Some(CommitStateBlockUpdate {
            block: one.block.clone(),
            state,
            abandoned: Vec::new(),
        })
    }

    fn finalize(&mut self, tag: monad_exec_block_tag) -> Option<CommitStateBlockUpdate> {
        let is_undecided = |one: &Followed| one.state < BlockCommitState::Finalized;
        let number = self
            .find(&tag.id)
            .map_or(tag.block_number, |one| one.number());
        let mut update = self.advance(&tag.id, BlockCommitState::Finalized);
        let is_sibling = |one: &Followed| is_undecided(one) && one.number() == number;
        match &mut update {
            Some(update) => {
                self.ended
                    .extend(self.followed.extract_if(.., |one| is_sibling(one)));
                update.abandoned = self.ended.iter().map(|one| one.block.clone()).collect();
            }
            None => self.forget(ForgetReason::Abandoned, is_sibling),
        }
        self.forget(ForgetReason::Overtaken, |one| {
            one.number() < number
                && (is_undecided(one) || number - one.number() > MAX_UNVERIFIED_NUMBERS)
        });
        update
    }

    fn verify(&mut self, number: u64) -> Option<CommitStateBlockUpdate> {
        let is_finalized =
            |one: &Followed| one.number() == number && one.state == BlockCommitState::Finalized;
        let verified = self.followed.iter().find(|one| is_finalized(one));
        let update = verified.map(|one| CommitStateBlockUpdate {
            block: one.block.clone(),
            state: BlockCommitState::Verified,
            abandoned: Vec::new(),
        });
        self.ended
            .extend(self.followed.extract_if(.., |one| is_finalized(one)));
        self.forget(ForgetReason::Overtaken, |one| one.number() <= number);
        update
    }

    /// Ends every followed block that `is_over`, without an update.
    fn forget(&mut self, reason: ForgetReason, is_over: impl Fn(&Followed) -> bool) {
        for one in self.followed.extract_if(.., |one| is_over(one)) {
            self.forgotten.push(ForgottenProposal {
                block: one.block.clone(),
                state: one.state,
                reason,
            });
            self.ended.push(one);
        }
    }

    fn find(&mut self, id: &monad_c_bytes32) -> Option<&mut Followed> {
        self.followed.iter_mut().find(|one| one.id() == *id)
    }
}

impl Followed {
    fn id(&self) -> monad_c_bytes32 {
        self.block.start.block_tag.id
    }

    fn number(&self) -> u64 {
        self.block.start.block_tag.block_number
    }
}

fn consensus_event(event: ExecEventRef<'_>) -> Option<ConsensusEvent> {
    match event {
        ExecEventRef::BlockQC(qc) => Some(ConsensusEvent::Qc(qc.block_tag)),
        ExecEventRef::BlockFinalized(tag) => Some(ConsensusEvent::Finalized(*tag)),
        ExecEventRef::BlockVerified(verified) => {
            Some(ConsensusEvent::Verified(verified.block_number))
        }
        _ => None,
    }
}
