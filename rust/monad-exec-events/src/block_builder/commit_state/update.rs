//! What the commit state builder says about a block: its state, what became of its siblings, and what is not known.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ExecutedBlock;

/// How far consensus has come with a block; later states are greater. Source: monad-facts §2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BlockCommitState {
    /// A leader proposed it and it was executed.
    Proposed,
    /// A quorum voted for it.
    Voted,
    /// It is irreversible.
    Finalized,
    /// A quorum agreed on the state after it.
    Verified,
}

/// A block whose state has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitStateBlockUpdate {
    /// The block.
    pub block: Arc<ExecutedBlock>,
    /// Its state now.
    pub state: BlockCommitState,
    /// With `Finalized`: the other proposals of its number, which are void.
    pub abandoned: Vec<Arc<ExecutedBlock>>,
}

/// A proposal that the builder follows no longer, though no update says how it ended.
///
/// Not part of the official crate, which keeps such proposals for ever or takes one of them for the verified block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgottenProposal {
    /// The block.
    pub block: Arc<ExecutedBlock>,
    /// The last state that was reported for it.
    pub state: BlockCommitState,
    /// What is known of its end.
    pub reason: ForgetReason,
}

/// What is known of a [`ForgottenProposal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum ForgetReason {
    /// It is void: an unknown proposal of its number was finalized, or a known one before this one was executed.
    Abandoned,
    /// Not known: consensus went on above its number, and the event that decided about it was lost.
    Overtaken,
    /// Not known: too many proposals are undecided at once, and it was the oldest of them.
    Evicted,
}
