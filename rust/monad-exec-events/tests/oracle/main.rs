//! What execution itself wrote down while it recorded the ring, against what this crate makes of the ring: every
//! block, transaction and vote of the recording, field by field. `render` turns typed data into the oracle's JSON.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../harness/fixture.rs"]
mod fixture;
#[path = "../harness/recording.rs"]
mod recording;
mod render;

use fixture::fixture_path;
use monad_exec_events::{ExecEventRef, ExecutedBlockBuilder};
use recording::Recording;
use serde_json::Value;

/// The recording ends before the oracle does; its content is the oracle's first 119 items.
/// Source: ring-and-events §7.1.
const ITEMS_IN_RING: usize = 119;

fn expected_items() -> Vec<Value> {
    let path = fixture_path("emn-30b-15m.expected.json.zst");
    let file =
        std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = ruzstd::decoding::StreamingDecoder::new(std::io::BufReader::new(file)).unwrap();
    serde_json::from_reader(std::io::BufReader::new(text)).unwrap()
}

#[test]
fn thirty_blocks_equal_what_execution_wrote_down() {
    let mut recording = Recording::open("emn-30b-15m.snapshot.zst");
    let mut builder = ExecutedBlockBuilder::new(true);
    let expected = expected_items();
    assert_eq!(expected.len(), 124);

    let (mut items, mut blocks, mut txns, mut events) = (0, 0, 0, 0);
    while let Some((descriptor, payload)) = recording.next() {
        events += 1;
        let event = ExecEventRef::decode(descriptor.event_type, descriptor.content_ext, payload)
            .unwrap_or_else(|error| panic!("seqno {}: {error}", descriptor.seqno));
        let built = builder
            .process_event(descriptor.content_ext.into(), event)
            .map(|block| block.unwrap_or_else(|error| panic!("{error}")));
        let item = match (built, event) {
            (Some(block), _) => {
                blocks += 1;
                txns += block.txns.len();
                check_call_frames(&block);
                render::executed(&block)
            }
            (None, ExecEventRef::BlockQC(qc)) => {
                render::referendum(qc.block_tag.block_number, qc.block_tag.id, "Voted")
            }
            (None, ExecEventRef::BlockFinalized(tag)) => {
                render::referendum(tag.block_number, tag.id, "Finalized")
            }
            (None, ExecEventRef::BlockVerified(verified)) => {
                // The event has no id; in a recording without forks the block number is the id.
                let mut id = [0; 32];
                id[24..].copy_from_slice(&verified.block_number.to_be_bytes());
                render::referendum(verified.block_number, id.into(), "Verified")
            }
            _ => continue,
        };
        assert!(
            items < ITEMS_IN_RING,
            "the ring holds more than the oracle's first {ITEMS_IN_RING} items: {item}"
        );
        if item != expected[items] {
            panic!(
                "item {items} differs at {}",
                render::difference(&item, &expected[items])
            );
        }
        items += 1;
    }
    assert_eq!(
        (items, blocks, txns, events),
        (ITEMS_IN_RING, 30, 6187, 136_891)
    );
}

/// The oracle knows no call frames; what the events say about each other is checked here.
fn check_call_frames(block: &monad_exec_events::ExecutedBlock) {
    for txn in &block.txns {
        let frames = txn.call_frames.as_ref().unwrap();
        let top = &frames[0].call_frame;
        assert_eq!(
            (top.depth, top.gas_used),
            (0, txn.receipt.gas_used),
            "transaction {}",
            txn.hash
        );
        assert_eq!(
            top.evmc_status == 0,
            txn.receipt.status,
            "transaction {}",
            txn.hash
        );
        assert!(
            frames
                .windows(2)
                .all(|pair| pair[1].call_frame.depth <= pair[0].call_frame.depth + 1)
        );
    }
}
