//! What a later lap of a replay must not repeat: block numbers and block ids, rewritten inside the payload.
//! Used by mod.rs; bytes that are not rewritten, padding included, stay as they were recorded.

use std::mem::offset_of;

use monad_exec_events::{
    ExecEventType,
    ffi::{
        monad_c_eth_block_input, monad_exec_block_qc, monad_exec_block_start, monad_exec_block_tag,
        monad_exec_block_verified,
    },
};

/// One lap.
#[derive(Clone, Copy)]
pub(super) struct Lap {
    /// From 0, which changes nothing.
    pub(super) number: u64,
    /// By how much block numbers rise per lap.
    pub(super) span: u64,
}

/// Where a type of event has its block number, and its block id if it has one.
struct Places {
    numbers: &'static [usize],
    id: Option<usize>,
}

const TAG_ID: usize = offset_of!(monad_exec_block_tag, id);
const TAG_NUMBER: usize = offset_of!(monad_exec_block_tag, block_number);
const START_TAG: usize = offset_of!(monad_exec_block_start, block_tag);
const START_NUMBER: usize = offset_of!(monad_exec_block_start, eth_block_input)
    + offset_of!(monad_c_eth_block_input, number);
const QC_TAG: usize = offset_of!(monad_exec_block_qc, block_tag);

impl Lap {
    /// Rewrites the payload of an event for this lap.
    pub(super) fn rewrite(&self, event_type: u16, payload: &mut [u8]) {
        if self.number == 0 {
            return;
        }
        let Some(places) = places(event_type) else {
            return;
        };
        for at in places.numbers {
            if let Some(field) = field(payload, *at) {
                let raised = u64::from_le_bytes(*field).wrapping_add(self.number * self.span);
                *field = raised.to_le_bytes();
            }
        }
        if let Some(id) = places.id.and_then(|at| field(payload, at)) {
            *id = (u64::from_be_bytes(*id) ^ self.number).to_be_bytes();
        }
    }
}

fn places(event_type: u16) -> Option<Places> {
    const START: u16 = ExecEventType::BlockStart.code();
    const QC: u16 = ExecEventType::BlockQC.code();
    const FINALIZED: u16 = ExecEventType::BlockFinalized.code();
    const VERIFIED: u16 = ExecEventType::BlockVerified.code();
    match event_type {
        START => Some(Places {
            numbers: &[START_TAG + TAG_NUMBER, START_NUMBER],
            id: Some(START_TAG + TAG_ID),
        }),
        QC => Some(Places {
            numbers: &[QC_TAG + TAG_NUMBER],
            id: Some(QC_TAG + TAG_ID),
        }),
        FINALIZED => Some(Places {
            numbers: &[TAG_NUMBER],
            id: Some(TAG_ID),
        }),
        VERIFIED => Some(Places {
            numbers: &[offset_of!(monad_exec_block_verified, block_number)],
            id: None,
        }),
        _ => None,
    }
}

/// The eight bytes at an offset; `None` if a damaged payload is too short for them.
fn field(payload: &mut [u8], at: usize) -> Option<&mut [u8; 8]> {
    payload.get_mut(at..)?.first_chunk_mut()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use monad_exec_events::ExecEventRef;

    use super::*;

    fn rewritten(event: ExecEventRef<'_>, number: u64) -> Vec<u8> {
        let mut payload = Vec::new();
        event.encode_payload(&mut payload);
        Lap { number, span: 30 }.rewrite(event.event_type().code(), &mut payload);
        payload
    }

    fn encoded(event: ExecEventRef<'_>) -> Vec<u8> {
        let mut payload = Vec::new();
        event.encode_payload(&mut payload);
        payload
    }

    #[test]
    fn a_lap_raises_numbers_and_changes_ids_and_nothing_else() {
        let tag = |number, first| {
            let mut id = [7; 32];
            id[7] = first;
            monad_exec_block_tag {
                id: id.into(),
                block_number: number,
            }
        };
        let start = |tag: monad_exec_block_tag| {
            let mut start = monad_exec_block_start {
                block_tag: tag,
                round: 9,
                ..Default::default()
            };
            start.eth_block_input.number = tag.block_number;
            start
        };
        let qc = |block_tag| monad_exec_block_qc {
            block_tag,
            round: 9,
            epoch: 1,
        };
        let (old, new) = (tag(100, 7), tag(160, 7 ^ 2));
        assert_eq!(
            rewritten(ExecEventRef::BlockStart(&start(old)), 2),
            encoded(ExecEventRef::BlockStart(&start(new)))
        );
        assert_eq!(
            rewritten(ExecEventRef::BlockQC(&qc(old)), 2),
            encoded(ExecEventRef::BlockQC(&qc(new)))
        );
        assert_eq!(
            rewritten(ExecEventRef::BlockFinalized(&old), 2),
            encoded(ExecEventRef::BlockFinalized(&new))
        );
        let verified = |block_number| monad_exec_block_verified { block_number };
        assert_eq!(
            rewritten(ExecEventRef::BlockVerified(&verified(100)), 2),
            verified(160).encode()
        );
        assert_eq!(
            rewritten(ExecEventRef::BlockFinalized(&old), 0),
            old.encode()
        );
    }
}
