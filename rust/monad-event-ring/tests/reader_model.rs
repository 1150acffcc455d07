//! Random sequences of recording, seeking and reading against a list of everything that was recorded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::{CAPACITY, TestRing, pattern};
use monad_event_ring::{NextEvent, PayloadBuffer, RawEventReader};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    /// Record so many events of up to so many bytes.
    Record(u64, u64),
    /// Read up to so many events.
    Read(u64),
    /// Want the event so far (in parts of 256) between 1 and two capacities past the newest.
    Seek(u64),
    Reset,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Sizes up to more than a quarter of the payload buffer (128 MiB); large ones come seldom.
    let record = prop_oneof![
        4 => (1..40_u64, 0..2000_u64).prop_map(|(count, size)| Step::Record(count, size)),
        2 => (1..6_u64, 0..40_000_000_u64).prop_map(|(count, size)| Step::Record(count, size)),
        1 => (CAPACITY / 2..CAPACITY + 100).prop_map(|count| Step::Record(count, 0)),
    ];
    let other = prop_oneof![
        4 => (1..200_u64).prop_map(Step::Read),
        1 => Just(Step::Read(2 * CAPACITY)),
        2 => (0..256_u64).prop_map(Step::Seek),
        1 => Just(Step::Reset),
    ];
    prop::collection::vec(prop_oneof![record, other], 1..24)
}

/// What was recorded, and what that says about every seqno.
struct Model {
    ring: TestRing,
    /// Payload offset and size of the events 1, 2, …
    events: Vec<(u64, usize)>,
    next_payload_byte: u64,
    window_start: u64,
}

impl Model {
    fn last(&self) -> u64 {
        self.events.len() as u64
    }

    fn record(&mut self, max: u64) {
        let seqno = self.last() + 1;
        let size = pattern::size(seqno, max);
        self.ring
            .writer
            .record(
                3,
                [seqno; 4],
                Some(seqno),
                &[&pattern::payload(seqno, size)],
            )
            .unwrap();
        self.events.push((self.next_payload_byte, size));
        self.next_payload_byte += (size as u64).div_ceil(16) * 16;
        let room = harness::PAYLOAD_BYTES - (1 << 24);
        if self.next_payload_byte - self.window_start > room {
            self.window_start = self.next_payload_byte.div_ceil(1 << 24) * (1 << 24) - room;
        }
    }

    fn is_overwritten(&self, seqno: u64) -> bool {
        seqno + CAPACITY <= self.last()
    }

    fn oldest_readable(&self) -> Option<u64> {
        let first = self.last().saturating_sub(CAPACITY) + 1;
        (first..=self.last()).find(|seqno| self.events[*seqno as usize - 1].0 >= self.window_start)
    }

    /// Takes one event and checks it; `false` when nothing was ready.
    fn read(&self, reader: &mut RawEventReader, payload: &mut PayloadBuffer) -> bool {
        let wanted = reader.position();
        let found = reader.next(payload);
        if wanted > self.last() {
            assert_eq!(found, NextEvent::NotReady);
            return false;
        }
        let (offset, size) = self.events[wanted as usize - 1];
        match found {
            NextEvent::Gap {
                from_seqno,
                to_seqno,
            } => {
                assert!(self.is_overwritten(wanted));
                let oldest = self.oldest_readable().unwrap();
                assert_eq!(
                    (from_seqno, to_seqno),
                    (wanted, oldest + (self.last() - oldest) / 64 - 1)
                );
                assert_eq!(reader.position(), to_seqno + 1);
            }
            NextEvent::Ready(descriptor) => {
                assert!(!self.is_overwritten(wanted) && offset >= self.window_start);
                assert_eq!(
                    (descriptor.seqno, descriptor.content_ext),
                    (wanted, [wanted; 4])
                );
                assert_eq!(
                    (descriptor.payload_buf_offset, payload.as_slice().len()),
                    (offset, size)
                );
                assert!(pattern::is_intact(wanted, payload.as_slice()));
            }
            NextEvent::Expired(descriptor) => {
                assert!(!self.is_overwritten(wanted) && offset < self.window_start);
                assert_eq!((descriptor.seqno, reader.position()), (wanted, wanted + 1));
            }
            other => panic!("{other:?} at {wanted} of {}", self.last()),
        }
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_answer_is_what_was_recorded(steps in steps()) {
        let mut model =
            Model { ring: TestRing::new(), events: vec![], next_payload_byte: 0, window_start: 0 };
        let mut reader = model.ring.reader();
        let mut payload = PayloadBuffer::new();
        for step in steps {
            match step {
                Step::Record(count, max) => (0..count).for_each(|_| model.record(max)),
                Step::Read(count) => {
                    for _ in 0..count {
                        if !model.read(&mut reader, &mut payload) {
                            break;
                        }
                    }
                }
                Step::Seek(part) => {
                    reader.seek(1 + (model.last() + 2 * CAPACITY) * part / 256);
                }
                Step::Reset => {
                    reader.reset();
                    prop_assert_eq!(reader.position(), model.last().max(1));
                }
            }
            prop_assert_eq!(reader.oldest_readable(), model.oldest_readable());
            prop_assert_eq!(reader.ring().last_seqno(), model.last());
            prop_assert_eq!(reader.ring().buffer_window_start(), model.window_start);
        }
    }
}
