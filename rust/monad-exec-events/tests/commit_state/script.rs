//! Consensus events in one line each, and what a builder says to them in a form that compares.

use monad_exec_events::ffi::*;
use monad_exec_events::{
    BlockBuilderError, BlockCommitState, CommitStateBlockBuilder, CommitStateBlockUpdate,
    ExecEventRef, ExecutedBlock, ForgetReason,
};

/// Ids are one byte, repeated; numbers are as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Start and End.
    Block(u8, u64),
    /// A Block whose execution used that much gas.
    BlockOfGas(u8, u64, u64),
    Start(u8, u64),
    End,
    /// Start and BLOCK_REJECT.
    Reject(u8, u64),
    Qc(u8, u64),
    Final(u8, u64),
    Verify(u64),
    /// Events were lost here.
    Gap,
}

/// What a builder said.
#[allow(clippy::large_enum_variant, reason = "a few of them, compared once")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Update {
        id: u8,
        state: BlockCommitState,
        abandoned: Vec<u8>,
    },
    Forgotten(u8, BlockCommitState, ForgetReason),
    Error(BlockBuilderError),
}

pub fn tag(id: u8, block_number: u64) -> monad_exec_block_tag {
    monad_exec_block_tag {
        id: [id; 32].into(),
        block_number,
    }
}

pub fn start(id: monad_c_bytes32, block_number: u64) -> monad_exec_block_start {
    monad_exec_block_start {
        block_tag: monad_exec_block_tag { id, block_number },
        ..Default::default()
    }
}

/// Everything that a fresh builder says to `events`.
pub fn run(events: &[Event]) -> Vec<Said> {
    let mut builder = CommitStateBlockBuilder::default();
    events
        .iter()
        .flat_map(|event| said_of(&mut builder, *event))
        .collect()
}

/// What the builder says to one event.
pub fn said_of(builder: &mut CommitStateBlockBuilder, event: Event) -> Vec<Said> {
    let mut said = Vec::new();
    let mut put = |event: ExecEventRef<'_>| {
        let result = builder.process_event(event.flow(0), event);
        said.extend(result.map(|result| match result {
            Ok(CommitStateBlockUpdate {
                block,
                state,
                abandoned,
            }) => Said::Update {
                id: id_of(&block),
                state,
                abandoned: abandoned.iter().map(|block| id_of(block)).collect(),
            },
            Err(error) => Said::Error(error),
        }));
        let forgotten = builder.forgotten().iter();
        said.extend(forgotten.map(|one| Said::Forgotten(id_of(&one.block), one.state, one.reason)));
    };
    let mut end = monad_exec_block_end::default();
    match event {
        Event::Block(id, number) => {
            put(ExecEventRef::BlockStart(&start([id; 32].into(), number)));
            put(ExecEventRef::BlockEnd(&end));
        }
        Event::BlockOfGas(id, number, gas) => {
            end.exec_output.gas_used = gas;
            put(ExecEventRef::BlockStart(&start([id; 32].into(), number)));
            put(ExecEventRef::BlockEnd(&end));
        }
        Event::Start(id, number) => {
            put(ExecEventRef::BlockStart(&start([id; 32].into(), number)));
        }
        Event::End => put(ExecEventRef::BlockEnd(&end)),
        Event::Reject(id, number) => {
            put(ExecEventRef::BlockStart(&start([id; 32].into(), number)));
            put(ExecEventRef::BlockReject(&1));
        }
        Event::Qc(id, number) => put(ExecEventRef::BlockQC(&monad_exec_block_qc {
            block_tag: tag(id, number),
            ..Default::default()
        })),
        Event::Final(id, number) => put(ExecEventRef::BlockFinalized(&tag(id, number))),
        Event::Verify(block_number) => {
            put(ExecEventRef::BlockVerified(&monad_exec_block_verified {
                block_number,
            }));
        }
        Event::Gap => builder.process_gap(),
    }
    said
}

fn id_of(block: &ExecutedBlock) -> u8 {
    block.start.block_tag.id.bytes[0]
}
