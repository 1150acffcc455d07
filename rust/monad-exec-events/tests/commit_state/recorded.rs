//! The shipped recording through the commit state builder: every block in every state, with its accesses.

use monad_event_ring::{DecodedEventRing, EventNextResult};
use monad_exec_events::BlockCommitState::{Finalized, Proposed, Verified, Voted};
use monad_exec_events::{CommitStateBlockBuilder, ExecSnapshotEventRing, ExecutedBlockBuilder};

use crate::fixture::fixture_path;

#[test]
fn every_recorded_block_goes_through_its_states_with_its_accesses() {
    let path = fixture_path("emn-30b-15m.snapshot.zst");
    let ring = ExecSnapshotEventRing::new_from_zstd_path(path, None).unwrap();
    let mut reader = ring.create_reader();
    let mut builder = CommitStateBlockBuilder::new(ExecutedBlockBuilder::new(true).with_accesses());
    let mut updates = Vec::new();
    while let EventNextResult::Ready(event) = reader.next_descriptor() {
        if let Some(update) = builder.process_event_descriptor(&event) {
            let update = update.unwrap();
            let accesses = builder.accesses(&update.block.start.block_tag.id).unwrap();
            assert_eq!(accesses.txns.len(), update.block.txns.len());
            assert!(update.abandoned.is_empty());
            let number = update.block.start.block_tag.block_number;
            updates.push((number, update.state));
        }
        assert!(builder.forgotten().is_empty());
    }
    // The recording ends before the last block is verified (ring-and-events §7).
    let mut expected: Vec<_> = (15_000_001..=15_000_030)
        .flat_map(|number| [Proposed, Voted, Finalized, Verified].map(|state| (number, state)))
        .collect();
    expected.pop();
    assert_eq!(updates, expected);
}
