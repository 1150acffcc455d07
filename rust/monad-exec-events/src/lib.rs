//! What a Monad node's execution records in an event ring: the payload structs, typed events and whole blocks.
//!
//! A descriptor's fields and the copied payload bytes become an [`ExecEventRef`] by [`ExecEventRef::decode`], which
//! accepts exactly what the schema allows and answers everything else with a [`DecodeError`].
//! Names and meanings are those of the official crate; feature `writer` adds the way back, from events to bytes.

#![forbid(unsafe_code)]

mod accesses;
mod block;
mod block_builder;
mod decoder;
mod event;
pub mod ffi;
mod hex;
mod names;
mod reader;

pub use accesses::{ExecutedAccountAccess, ExecutedBlockAccesses, ExecutedStorageAccess};
pub use block::{
    ExecutedBlock, ExecutedTxn, ExecutedTxnAccessListEntry, ExecutedTxnCallFrame, ExecutedTxnLog,
    ExecutedTxnSignedAuthorization,
};
pub use block_builder::{
    BlockBuilderError, BlockBuilderResult, BlockCommitState, BlockPlace, CommitStateBlockBuilder,
    CommitStateBlockUpdate, ExecutedBlockBuilder, ForgetReason, ForgottenProposal, ReassemblyError,
};
pub use decoder::{ExecEventDecoder, ExecEventRing, ExecSnapshotEventRing};
pub use event::{
    DecodeError, ExecEvent, ExecEventRef, ExecEventRingFlowInfo, ExecEventType, UnknownEventType,
};
pub use names::{block_reject_reason_name, opcode_name, txn_reject_reason_name};
pub use reader::{ExecEventDescriptorExt, ExecEventReaderExt, ExecEventReplayExt};
