//! An explorer: rounds and their states, and every field of a block.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use monad_event_ring::{DecodedEventRing, EventNextResult, SnapshotEventRing};
use monad_exec_events::ffi::{
    MONAD_TXN_EIP1559, MONAD_TXN_EIP2930, MONAD_TXN_EIP4844, MONAD_TXN_EIP7702, MONAD_TXN_LEGACY,
    monad_exec_block_end, monad_exec_block_start, monad_exec_block_tag,
};
use monad_exec_events::{
    BlockBuilderError, BlockBuilderResult, BlockCommitState, CommitStateBlockBuilder,
    CommitStateBlockUpdate, ExecEventDecoder, ExecEventRef, ExecutedBlock, ExecutedBlockBuilder,
    ExecutedTxn, ExecutedTxnAccessListEntry, ExecutedTxnLog, ReassemblyError,
};

use crate::fixture;

/// The table of an explorer: by round, the state (`None` is abandoned) and the block.
#[derive(Default)]
struct Rounds(BTreeMap<u64, (Option<BlockCommitState>, Arc<ExecutedBlock>)>);

impl Rounds {
    fn process(&mut self, result: BlockBuilderResult<CommitStateBlockUpdate>) {
        match result {
            Err(BlockBuilderError::Rejected | BlockBuilderError::PayloadExpired) => unreachable!(),
            Err(BlockBuilderError::ImplicitDrop {
                block,
                reassembly_error,
            }) => panic!("{reassembly_error:#?}\n{block:#?}"),
            Ok(CommitStateBlockUpdate {
                block,
                state,
                abandoned,
            }) => {
                let round = block.start.round;
                self.0.entry(round).or_insert((Some(state), block)).0 = Some(state);
                for block in abandoned {
                    self.0.get_mut(&block.start.round).unwrap().0 = None;
                }
            }
        }
    }
}

/// Every field that a block view shows, named as officially.
fn show(block: &ExecutedBlock) -> String {
    let ExecutedBlock { start, end, txns } = block;
    let monad_exec_block_start {
        block_tag: monad_exec_block_tag { id, block_number },
        round,
        epoch,
        proposal_epoch_nanos,
        chain_id,
        author,
        parent_eth_hash,
        eth_block_input,
        monad_block_input,
    } = start;
    let monad_exec_block_end {
        eth_block_hash,
        exec_output,
    } = end;
    let kinds: Vec<&str> = txns
        .iter()
        .map(|ExecutedTxn { header, .. }| match header.txn_type {
            MONAD_TXN_LEGACY => "legacy",
            MONAD_TXN_EIP2930 => "2930",
            MONAD_TXN_EIP1559 => "1559",
            MONAD_TXN_EIP4844 => "4844",
            MONAD_TXN_EIP7702 => "7702",
            _ => "unknown",
        })
        .collect();
    let mut text = format!(
        "{:x?} {block_number} {round} {epoch} {proposal_epoch_nanos} {:?} {:x?} {:x?} {:x?}",
        id.bytes,
        chain_id.limbs,
        author.x,
        parent_eth_hash.bytes,
        eth_block_input.beneficiary.bytes
    );
    write!(
        text,
        " {:?} {:x?} {} {:x?} {:x?} {:x?} {kinds:?}",
        monad_block_input.base_fee_trend.limbs,
        eth_block_hash.bytes,
        exec_output.gas_used,
        exec_output.logs_bloom.bytes,
        exec_output.receipts_root.bytes,
        exec_output.state_root.bytes
    )
    .unwrap();
    for txn in txns {
        for ExecutedTxnLog {
            address,
            topic,
            data,
        } in &txn.logs
        {
            write!(text, "{:x?}{}{}", address.bytes, topic.len(), data.len()).unwrap();
        }
        for ExecutedTxnAccessListEntry {
            address,
            storage_keys,
        } in &txn.access_list
        {
            write!(text, "{:x?}{}", address.bytes, storage_keys.len()).unwrap();
        }
        for authorization in &txn.authorization_list {
            write!(
                text,
                "{} {:?}",
                authorization.nonce, authorization.chain_id.limbs
            )
            .unwrap();
        }
        for frame in txn.call_frames.iter().flatten() {
            let (input, output) = (frame.input.len(), frame.r#return.len());
            write!(text, "{} {input} {output}", frame.call_frame.opcode).unwrap();
        }
    }
    text
}

#[test]
fn an_explorer_follows_every_round_of_a_recording() {
    let path = fixture::fixture_path("emn-30b-15m.snapshot.zst");
    let bytes = std::fs::read(path).unwrap();
    let ring =
        SnapshotEventRing::<ExecEventDecoder>::new_from_zstd_bytes("30 blocks", &bytes, None)
            .unwrap();
    let mut reader = ring.create_reader();
    let mut builder = CommitStateBlockBuilder::new(ExecutedBlockBuilder::new(true));
    let mut rounds = Rounds::default();
    while let EventNextResult::Ready(event) = reader.next_descriptor() {
        if let Some(result) = builder.process_event_descriptor(&event) {
            rounds.process(result);
        }
    }
    assert_eq!(rounds.0.len(), 30);
    let (state, block) = &rounds.0[&15_000_001];
    assert_eq!(*state, Some(BlockCommitState::Verified));
    assert!(show(block).contains("15000001 0 1655778552000000000"));
    assert_eq!(rounds.0[&15_000_030].0, Some(BlockCommitState::Finalized));
    assert!(BlockCommitState::Proposed < BlockCommitState::Voted);
    let text = serde_json::to_string(&BlockCommitState::Finalized).unwrap();
    assert_eq!(text, r#""Finalized""#);
    assert_eq!(
        serde_json::from_str::<BlockCommitState>(&text).unwrap(),
        BlockCommitState::Finalized
    );
}

#[test]
fn a_block_that_was_not_ended_is_named_by_the_official_fields() {
    let mut builder = ExecutedBlockBuilder::new(false);
    let mut start = monad_exec_block_start::default();
    assert!(
        builder
            .process_event(Default::default(), ExecEventRef::BlockStart(&start))
            .is_none()
    );
    start.round = 2;
    let Some(Err(BlockBuilderError::ImplicitDrop {
        block,
        reassembly_error: ReassemblyError::UnterminatedBlock { unexpected_header },
    })) = builder.process_event(Default::default(), ExecEventRef::BlockStart(&start))
    else {
        panic!("not dropped")
    };
    assert_eq!((block.round, unexpected_header.round), (0, 2));
}
