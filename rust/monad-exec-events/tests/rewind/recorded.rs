//! Ways back in the shipped recording, from its end to its beginning.

use monad_event_ring::{DecodedEventRing, EventNextResult};
use monad_exec_events::ExecEventType::{BlockFinalized, BlockStart, BlockVerified};
use monad_exec_events::{
    ExecEventDescriptorExt, ExecEventReaderExt, ExecEventReplayExt, ExecSnapshotEventRing,
    ExecutedBlockBuilder,
};

use crate::fixture::fixture_path;

#[test]
fn a_recording_is_walked_back_block_by_block_and_replayed_from_its_middle() {
    let path = fixture_path("emn-30b-15m.snapshot.zst");
    let ring = ExecSnapshotEventRing::new_from_zstd_path(path, None).unwrap();
    let mut reader = ring.create_reader();
    reader.seek(ring.raw().last_seqno());
    let mut numbers = Vec::new();
    while let Some(start) = reader.consensus_prev(Some(BlockStart)) {
        numbers.push(start.get_block_number().unwrap());
    }
    assert_eq!(numbers, (15_000_001..=15_000_030).rev().collect::<Vec<_>>());

    reader.seek(ring.raw().last_seqno());
    assert!(
        reader
            .block_number_prev(15_000_030, Some(BlockVerified))
            .is_none()
    );
    let verified = reader
        .block_number_prev(15_000_007, Some(BlockVerified))
        .unwrap();
    assert_eq!(verified.get_block_number(), Some(15_000_007));
    let mut id = [0; 32];
    id[24..].copy_from_slice(&15_000_003_u64.to_be_bytes());
    let finalized = reader
        .block_id_prev(&id.into(), Some(BlockFinalized))
        .unwrap();
    assert_eq!(finalized.get_block_number(), Some(15_000_003));

    reader.seek(ring.raw().last_seqno());
    reader.rewind_for_simple_replay(15_000_020).unwrap();
    let mut builder = ExecutedBlockBuilder::new(false);
    let mut replayed = Vec::new();
    while let EventNextResult::Ready(event) = reader.next_descriptor() {
        if let Some(block) = builder.process_event_descriptor(&event) {
            replayed.push(block.unwrap().start.block_tag.block_number);
        }
    }
    assert_eq!(replayed, (15_000_021..=15_000_030).collect::<Vec<_>>());
}
