//! Every way back from every position of random rings, against plain searches of the list that was recorded.

use monad_event_ring::{DecodedEventRing, EventReader};
use monad_exec_events::ExecEventType::{
    self, BlockFinalized, BlockQC, BlockStart, BlockVerified, RecordError, TxnLog,
};
use monad_exec_events::ffi::*;
use monad_exec_events::{
    ExecEventDecoder, ExecEventDescriptorExt, ExecEventReaderExt, ExecEventRef, ExecEventReplayExt,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::live::LiveRing;
use crate::seed::seeded;

/// One event as it was recorded; its seqno is its place in the list plus one.
#[derive(Clone, Copy, Debug)]
struct Recorded {
    event: ExecEventType,
    number: Option<u64>,
    id: Option<u8>,
    block_seqno: u64,
}

const NUMBERS: std::ops::Range<u64> = 0..5;
const FILTERS: [Option<ExecEventType>; 7] = [
    None,
    Some(BlockStart),
    Some(BlockQC),
    Some(BlockFinalized),
    Some(BlockVerified),
    Some(RecordError),
    Some(TxnLog),
];

/// Records what `steps` say: (kind, number, id).
fn record(ring: &LiveRing, steps: &[(u8, u64, u8)]) -> Vec<Recorded> {
    let mut list = Vec::new();
    let mut put = |event: ExecEventRef<'_>, number, id, block_seqno| {
        ring.record(event, block_seqno);
        list.push(Recorded {
            event: event.event_type(),
            number,
            id,
            block_seqno,
        });
    };
    for &(kind, block_number, id) in steps {
        let block_tag = monad_exec_block_tag {
            id: [id; 32].into(),
            block_number,
        };
        let (number, id) = (Some(block_number), Some(id));
        match kind {
            0 => put(
                ExecEventRef::BlockQC(&monad_exec_block_qc {
                    block_tag,
                    ..Default::default()
                }),
                number,
                id,
                0,
            ),
            1 => put(ExecEventRef::BlockFinalized(&block_tag), number, id, 0),
            2 => put(
                ExecEventRef::BlockVerified(&monad_exec_block_verified { block_number }),
                number,
                None,
                0,
            ),
            3 => put(
                ExecEventRef::RecordError(&Default::default()),
                None,
                None,
                0,
            ),
            events => {
                let seqno = ring.writer.next_seqno();
                let start = monad_exec_block_start {
                    block_tag,
                    ..Default::default()
                };
                put(ExecEventRef::BlockStart(&start), number, id, seqno);
                for _ in 4..events {
                    put(ExecEventRef::BlockPerfEvmEnter, number, id, seqno);
                }
            }
        }
    }
    list
}

/// Seqnos that a walk from `seqno` stops at, the latest first.
fn stops(list: &[Recorded], seqno: u64) -> Vec<u64> {
    let here = &list[seqno as usize - 1];
    let is_inside = here.block_seqno != 0 && here.event != BlockStart;
    (1..=seqno)
        .rev()
        .filter(|&stop| {
            let at = &list[stop as usize - 1];
            (at.block_seqno == 0 || at.event == BlockStart) && (stop < seqno || is_inside)
        })
        .collect()
}

fn matching(list: &[Recorded], seqno: u64, filter: Option<ExecEventType>) -> Vec<u64> {
    let mut stops = stops(list, seqno);
    stops.retain(|stop| filter.is_none_or(|filter| list[*stop as usize - 1].event == filter));
    stops
}

fn number_prev(
    list: &[Recorded],
    seqno: u64,
    number: u64,
    filter: Option<ExecEventType>,
) -> Option<u64> {
    if matches!(filter, Some(RecordError | TxnLog)) {
        return None;
    }
    let of = |stop: &u64| list[*stop as usize - 1].number;
    let found = matching(list, seqno, filter);
    let is_ordered = matches!(filter, Some(BlockFinalized | BlockVerified));
    found
        .iter()
        .take_while(|stop| !(is_ordered && of(stop).is_some_and(|other| other < number)))
        .find(|stop| of(stop) == Some(number))
        .copied()
}

fn id_prev(list: &[Recorded], seqno: u64, id: u8, filter: Option<ExecEventType>) -> Option<u64> {
    if matches!(filter, Some(BlockVerified | RecordError | TxnLog)) {
        return None;
    }
    let found = matching(list, seqno, filter);
    found
        .into_iter()
        .find(|stop| list[*stop as usize - 1].id == Some(id))
}

fn replay(list: &[Recorded], seqno: u64, number: u64) -> Option<u64> {
    let final_seqno = number_prev(list, seqno, number, Some(BlockFinalized))?;
    let start = number_prev(list, final_seqno, number, Some(BlockStart))?;
    // The stop behind the start is the last one that a walk from the finalization makes before it.
    let walked = stops(list, final_seqno)
        .into_iter()
        .filter(|stop| *stop > start)
        .min();
    Some(walked.unwrap_or(final_seqno))
}

/// The walk of a reader put at `seqno` ends where it should, or does not move.
fn check<'ring>(
    reader: &mut EventReader<'ring, ExecEventDecoder>,
    seqno: u64,
    expected: Option<u64>,
    walk: impl FnOnce(
        &mut EventReader<'ring, ExecEventDecoder>,
    ) -> Option<monad_event_ring::EventDescriptor<'ring, ExecEventDecoder>>,
) -> Result<(), TestCaseError> {
    reader.seek(seqno);
    let found = walk(reader).map(|event| event.info().seqno);
    prop_assert_eq!(found, expected, "from {}", seqno);
    prop_assert_eq!(reader.position(), expected.unwrap_or(seqno));
    Ok(())
}

#[test]
fn every_way_back_from_every_position_is_what_a_search_of_the_list_finds() {
    let steps = vec((0..8u8, NUMBERS, 0..3u8), 1..25);
    let mut runner = TestRunner::new(seeded(60));
    runner
        .run(&steps, |steps| {
            let ring = crate::ring();
            let list = record(&ring, &steps);
            let mut reader = ring.ring.create_reader();
            for seqno in 1..=list.len() as u64 {
                let at = list[seqno as usize - 1];
                let event = reader.descriptor_at(seqno).unwrap();
                prop_assert_eq!(event.get_block_number(), at.number);
                for id in 0..3u8 {
                    let matches = event.block_id_matches(&[id; 32].into());
                    prop_assert_eq!(matches, at.id == Some(id));
                }
                for filter in FILTERS {
                    let expected = matching(&list, seqno, filter).first().copied();
                    check(&mut reader, seqno, expected, |reader| {
                        reader.consensus_prev(filter)
                    })?;
                    for number in NUMBERS {
                        let expected = number_prev(&list, seqno, number, filter);
                        check(&mut reader, seqno, expected, |reader| {
                            reader.block_number_prev(number, filter)
                        })?;
                    }
                    for id in 0..3u8 {
                        let expected = id_prev(&list, seqno, id, filter);
                        check(&mut reader, seqno, expected, |reader| {
                            reader.block_id_prev(&[id; 32].into(), filter)
                        })?;
                    }
                }
                for number in NUMBERS {
                    let expected = replay(&list, seqno, number);
                    check(&mut reader, seqno, expected, |reader| {
                        reader.rewind_for_simple_replay(number)
                    })?;
                }
            }
            Ok(())
        })
        .unwrap();
}
