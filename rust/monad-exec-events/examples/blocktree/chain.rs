//! What is known of the blocks of a ring: every proposal with its state, from the first event to the last decision.
//! Fed by main.rs, laid out by tree.rs.

use monad_exec_events::ffi::{monad_c_bytes32, monad_exec_block_start};
use monad_exec_events::{
    BlockBuilderError, BlockCommitState, CommitStateBlockBuilder, CommitStateBlockUpdate,
    ExecEventRef, ExecEventRingFlowInfo, ForgetReason,
};

/// How far a proposal has come; what comes to nothing stands before what goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Execution refused it.
    Rejected,
    /// Another proposal of its number was finalized.
    Abandoned,
    /// Events about it were lost.
    Unknown,
    Executing,
    Proposed,
    Voted,
    Finalized,
    Verified,
}

impl From<BlockCommitState> for State {
    fn from(state: BlockCommitState) -> Self {
        match state {
            BlockCommitState::Proposed => Self::Proposed,
            BlockCommitState::Voted => Self::Voted,
            BlockCommitState::Finalized => Self::Finalized,
            BlockCommitState::Verified => Self::Verified,
        }
    }
}

/// One proposal.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub id: monad_c_bytes32,
    pub number: u64,
    pub round: u64,
    pub parent_eth_hash: monad_c_bytes32,
    /// `None` until it is executed.
    pub eth_hash: Option<monad_c_bytes32>,
    pub state: State,
    pub txns: u64,
    pub gas_used: Option<u64>,
    /// When its execution began, in nanoseconds since 1970.
    pub started_nanos: u64,
}

/// Proposals that are kept; older ones go.
const MAX_PROPOSALS: usize = 1024;

/// The newest proposals of a ring, in the order of execution.
#[derive(Default)]
pub struct Chain {
    pub proposals: Vec<Proposal>,
    pub lost_events: u64,
    builder: CommitStateBlockBuilder,
    /// The block that is being executed.
    open: Option<monad_c_bytes32>,
}

impl Chain {
    /// Takes an event; returns the proposals that it changed.
    pub fn process(
        &mut self,
        flow: ExecEventRingFlowInfo,
        event: ExecEventRef<'_>,
        record_nanos: u64,
    ) -> Vec<Proposal> {
        let mut changed = Vec::new();
        match self.builder.process_event(flow, event) {
            None => {}
            Some(Ok(update)) => self.apply(&update, &mut changed),
            Some(Err(BlockBuilderError::Rejected)) => {
                if let Some(id) = self.open {
                    self.set(&id, State::Rejected, &mut changed);
                }
            }
            Some(Err(_)) => self.lose_open(&mut changed),
        }
        let forgotten = self.builder.forgotten().iter().map(|one| {
            let state = match one.reason {
                ForgetReason::Abandoned => State::Abandoned,
                ForgetReason::Overtaken | ForgetReason::Evicted => State::Unknown,
            };
            (one.block.start.block_tag.id, state)
        });
        for (id, state) in forgotten.collect::<Vec<_>>() {
            self.set(&id, state, &mut changed);
        }
        match event {
            ExecEventRef::BlockStart(start) => self.begin(start, record_nanos, &mut changed),
            ExecEventRef::BlockEnd(_)
            | ExecEventRef::BlockReject(_)
            | ExecEventRef::EvmError { .. } => self.open = None,
            // These name a block even if parts of it were lost.
            ExecEventRef::BlockQC(qc) => self.raise(&qc.block_tag.id, State::Voted, &mut changed),
            ExecEventRef::BlockFinalized(tag) => {
                self.raise(&tag.id, State::Finalized, &mut changed);
            }
            _ => {}
        }
        changed
    }

    /// Goes on after `count` lost events.
    pub fn process_gap(&mut self, count: u64) -> Vec<Proposal> {
        let mut changed = Vec::new();
        self.lost_events += count;
        self.builder.process_gap();
        self.lose_open(&mut changed);
        changed
    }

    /// Goes over to the ring of another node run; what was undecided stays so.
    pub fn restart(&mut self) -> Vec<Proposal> {
        let mut changed = Vec::new();
        self.builder.reset();
        self.lose_open(&mut changed);
        changed
    }

    fn begin(
        &mut self,
        start: &monad_exec_block_start,
        record_nanos: u64,
        changed: &mut Vec<Proposal>,
    ) {
        self.open = Some(start.block_tag.id);
        if let Some(known) = self.find(&start.block_tag.id) {
            // Executed again: what consensus has decided stays.
            if known.state < State::Proposed {
                known.state = State::Executing;
                changed.push(known.clone());
            }
            return;
        }
        let proposal = Proposal {
            id: start.block_tag.id,
            number: start.block_tag.block_number,
            round: start.round,
            parent_eth_hash: start.parent_eth_hash,
            eth_hash: None,
            state: State::Executing,
            txns: start.eth_block_input.txn_count,
            gas_used: None,
            started_nanos: record_nanos,
        };
        changed.push(proposal.clone());
        if self.proposals.len() == MAX_PROPOSALS {
            self.proposals.remove(0);
        }
        self.proposals.push(proposal);
    }

    fn apply(&mut self, update: &CommitStateBlockUpdate, changed: &mut Vec<Proposal>) {
        let id = update.block.start.block_tag.id;
        if let Some(known) = self.find(&id) {
            known.eth_hash = Some(update.block.end.eth_block_hash);
            known.gas_used = Some(update.block.end.exec_output.gas_used);
        }
        self.set(&id, update.state.into(), changed);
        for other in &update.abandoned {
            self.set(&other.start.block_tag.id, State::Abandoned, changed);
        }
    }

    fn lose_open(&mut self, changed: &mut Vec<Proposal>) {
        if let Some(id) = self.open.take()
            && self
                .find(&id)
                .is_some_and(|one| one.state == State::Executing)
        {
            self.set(&id, State::Unknown, changed);
        }
    }

    fn raise(&mut self, id: &monad_c_bytes32, state: State, changed: &mut Vec<Proposal>) {
        if self.find(id).is_some_and(|one| one.state < state) {
            self.set(id, state, changed);
        }
    }

    fn set(&mut self, id: &monad_c_bytes32, state: State, changed: &mut Vec<Proposal>) {
        if let Some(known) = self.find(id)
            && known.state != state
        {
            known.state = state;
            changed.push(known.clone());
        }
    }

    fn find(&mut self, id: &monad_c_bytes32) -> Option<&mut Proposal> {
        self.proposals.iter_mut().rev().find(|one| one.id == *id)
    }
}
