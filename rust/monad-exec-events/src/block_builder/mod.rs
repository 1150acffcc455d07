//! From a stream of events to whole blocks, and on to what consensus decides about them.
//! `executed` keeps the open block, `txn` one transaction of it, `access` its state accesses, `series` checks indices,
//! `error` says why a block came to nothing; `commit_state` follows finished blocks to their end.
#![allow(
    clippy::large_enum_variant,
    clippy::result_large_err,
    reason = "the official errors hold BLOCK_START by value; one is made per dropped block"
)]

mod access;
mod commit_state;
mod error;
mod executed;
mod series;
mod txn;

pub use commit_state::{
    BlockCommitState, CommitStateBlockBuilder, CommitStateBlockUpdate, ForgetReason,
    ForgottenProposal,
};
pub use error::{BlockBuilderError, BlockBuilderResult, BlockPlace, ReassemblyError};
pub use executed::ExecutedBlockBuilder;
