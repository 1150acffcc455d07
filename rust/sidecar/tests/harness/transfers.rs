//! Frames with what they should give, and the transfers that a stream really has.
//! Used by the tests of chosen and of random call trees.

use super::events::Frame;
use super::log::{Entry, TRANSFER};
use super::recorder::time_of;

/// EVMC status codes.
pub const OK: i32 = 0;
pub const REVERT: i32 = 2;

/// A frame, and whether it is a transfer.
pub type Row = (u64, u8, u64, i32, bool);

/// The frame of a row.
pub fn frame((depth, opcode, value, status, _): Row) -> Frame {
    Frame::new(depth, opcode, value, status)
}

/// The seqnos of the frames that gave a transfer; asserts that each stands right behind its frame.
pub fn transfers(entries: &[Entry]) -> Vec<u64> {
    let mut seqnos = Vec::new();
    for pair in entries.windows(2) {
        let [frame, transfer] = pair else {
            unreachable!()
        };
        if transfer.entry_type != TRANSFER {
            continue;
        }
        let seqno = transfer.seqno();
        assert_eq!(
            (frame.seq, transfer.seq),
            (16 * seqno, 16 * seqno + 1),
            "3.3"
        );
        assert_eq!((frame.entry_type, frame.txn), (19, transfer.txn));
        assert_eq!(transfer.name(), "NativeTransfer");
        assert_eq!(transfer.json()["timestamp_ns"], time_of(seqno));
        assert_eq!(transfer.recorded_us, frame.recorded_us);
        assert_eq!(
            (transfer.proposal, transfer.stage),
            (frame.proposal, frame.stage)
        );
        seqnos.push(seqno);
    }
    let count = entries
        .iter()
        .filter(|entry| entry.entry_type == TRANSFER)
        .count();
    assert_eq!(
        count,
        seqnos.len(),
        "a transfer without its frame before it"
    );
    seqnos
}
