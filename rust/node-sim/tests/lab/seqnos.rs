//! A node and a reader take turns at random, with faults between: the reader's answer for every seqno is what the truth
//! says of it, at the moment of the answer.

use std::sync::Arc;

use fastrand::Rng;
use monad_event_ring::{NextEvent, PathState, PayloadBuffer, RawDescriptor, RawEventReader};
use node_sim::digest_event;

use crate::{
    model::Model,
    node::{Node, Place},
    seeds, setting,
    truth::{RingTruth, Truth},
};

const DESCRIPTOR_SHIFT: u32 = 16;
const PAYLOAD_SHIFT: u32 = 27;

/// What the reader said, and how far the ring was written then.
struct Answer {
    answer: NextEvent,
    wanted: u64,
    last: u64,
    /// Of what it read.
    digest: u64,
}

/// Answers of one ring, in order.
struct RingAnswers {
    ring: u32,
    answers: Vec<Answer>,
}

/// Faults and wishes that come between two bursts, each with how often out of 100.
const COMMANDS: [(u8, &str); 16] = [
    (8, "corrupt type"),
    (8, "corrupt size"),
    (8, "corrupt offset"),
    (7, "corrupt flow"),
    (2, "corrupt seqno"),
    (10, "record-error missing"),
    (10, "record-error overflow"),
    (10, "clock -5000"),
    (10, "clock 5000"),
    (8, "fork 3"),
    (4, "fork voted"),
    (4, "fail txn"),
    (4, "reject late"),
    (3, "expire"),
    (2, "overrun"),
    (2, "vanish"),
];

fn pick(rng: &mut Rng) -> &'static str {
    let mut ticket = rng.u8(..100);
    for (share, command) in COMMANDS {
        if ticket < share {
            return command;
        }
        ticket -= share;
    }
    unreachable!("the shares are percent");
}

/// Reads up to `count` events and notes every answer.
fn read(reader: &mut RawEventReader, count: u64, last: u64, into: &mut Vec<Answer>) {
    let mut payload = PayloadBuffer::new();
    for _ in 0..count {
        let wanted = reader.position();
        let answer = reader.next(&mut payload);
        let digest = match answer {
            NextEvent::Ready(RawDescriptor {
                event_type,
                content_ext,
                ..
            }) => digest_event(event_type, content_ext, payload.as_slice()),
            _ => 0,
        };
        into.push(Answer {
            answer,
            wanted,
            last,
            digest,
        });
        if answer == NextEvent::NotReady {
            return;
        }
    }
}

/// Lets node and reader take turns until about `events` are recorded.
fn take_turns(place: &Place, events: u64, rng: &mut Rng) -> Vec<RingAnswers> {
    let arguments = format!(
        "--seed {} --paused --truth-events --descriptor-shift {DESCRIPTOR_SHIFT} --payload-shift {PAYLOAD_SHIFT} \
         --txns-per-block {}",
        rng.u64(..),
        rng.u32(1..300)
    );
    let arguments: Vec<String> = arguments.split_whitespace().map(Into::into).collect();
    let mut node = Node::start(place, &arguments);
    assert_eq!(node.answer(), "ok pause ring 1 seqno 0");
    let mut rings = Vec::new();
    let mut recorded = 0;
    while recorded < events {
        let ring = place.open();
        let mut reader = RawEventReader::new(Arc::clone(&ring), u32::MAX);
        let mut answers = Vec::new();
        let ordinal = rings.len() as u32 + 1;
        let mut last = 0;
        let end = rng.u64(events / 8..events);
        while last < end {
            if rng.u8(..3) == 0 {
                let told = node.tell(pick(rng));
                assert_eq!(told.0, ordinal);
            }
            let most = if rng.u8(..40) == 0 { 40_000 } else { 400 };
            last = node.tell(&format!("burst {}", rng.u64(1..most))).1;
            read(&mut reader, rng.u64(..2 * most), last, &mut answers);
        }
        read(&mut reader, u64::MAX, last, &mut answers);
        rings.push(RingAnswers {
            ring: ordinal,
            answers,
        });
        recorded += last;
        let again = node.tell(if rng.bool() { "restart 0" } else { "crash 0" });
        assert_eq!(again, (ordinal + 1, 0));
        assert_eq!(ring.path_state(), PathState::Replaced);
    }
    node.tell("stop");
    assert_eq!(node.wait(), Some(0));
    rings
}

/// How often each answer came.
#[derive(Debug, Default)]
struct Counts {
    ready: u64,
    damaged: u64,
    expired: u64,
    malformed: u64,
    gaps: u64,
    lost: u64,
}

/// Compares the answers of a ring with its truth; they tile all seqnos from 1 on.
fn check(answers: &[Answer], truth: &RingTruth, counts: &mut Counts) {
    let model = Model::new(truth, 1 << DESCRIPTOR_SHIFT, 1 << PAYLOAD_SHIFT);
    let mut wanted = 1;
    for Answer {
        answer,
        wanted: position,
        last,
        digest,
    } in answers
    {
        assert_eq!(*position, wanted, "the reader went elsewhere");
        let last = *last;
        let damage_of = |seqno: u64| truth.events[seqno as usize - 1].damage.as_deref();
        match *answer {
            NextEvent::Ready(descriptor) => {
                assert_eq!(descriptor.seqno, wanted);
                assert!(model.has_descriptor(wanted, last) && model.has_payload(wanted, last));
                let event = &truth.events[wanted as usize - 1];
                match damage_of(wanted) {
                    None => {
                        assert_eq!(*digest, event.digest, "event {wanted}: {event:?}");
                        counts.ready += 1;
                    }
                    Some("type" | "flow") => {
                        assert_ne!(*digest, event.digest);
                        assert_eq!(u64::from(descriptor.payload_size), event.size);
                        counts.damaged += 1;
                    }
                    Some(other) => panic!("event {wanted} was read with a damaged {other}"),
                }
                wanted += 1;
            }
            NextEvent::Expired(descriptor) => {
                assert_eq!(descriptor.seqno, wanted);
                assert!(model.has_descriptor(wanted, last) && !model.has_payload(wanted, last));
                counts.expired += 1;
                wanted += 1;
            }
            NextEvent::Malformed(descriptor) => {
                assert_eq!(descriptor.seqno, wanted);
                assert!(model.has_descriptor(wanted, last));
                assert!(matches!(damage_of(wanted), Some("size" | "offset")));
                counts.malformed += 1;
                wanted += 1;
            }
            NextEvent::Gap {
                from_seqno,
                to_seqno,
            } => {
                assert_eq!(from_seqno, wanted);
                assert!(
                    !model.has_descriptor(wanted, last),
                    "event {wanted} was there"
                );
                let oldest = model.oldest_readable(last);
                let margin = (last - oldest) / 64;
                assert!(
                    (oldest..=oldest + margin).contains(&(to_seqno + 1)),
                    "a gap up to {to_seqno}, but {oldest} could be read"
                );
                counts.gaps += 1;
                counts.lost += to_seqno - from_seqno + 1;
                wanted = to_seqno + 1;
            }
            NextEvent::NotReady => {
                let is_at_head = wanted == last + 1;
                let hangs = !is_at_head && damage_of(wanted) == Some("seqno");
                assert!(is_at_head || hangs, "event {wanted} of {last} was there");
            }
        }
    }
    let end = answers.last().expect("an answer");
    assert_eq!(end.answer, NextEvent::NotReady);
}

#[test]
fn the_answer_for_every_seqno_is_what_the_truth_says() {
    let events = setting("LAB_EVENTS", 150_000);
    let mut counts = Counts::default();
    for seed in seeds(3) {
        println!("seed {seed}");
        let place = Place::new();
        let rings = take_turns(&place, events, &mut Rng::with_seed(seed));
        let truth = Truth::read(&place.truth());
        truth.check();
        for RingAnswers { ring, answers } in rings {
            check(&answers, &truth.rings[&ring], &mut counts);
        }
    }
    println!("{counts:?}");
    let Counts {
        ready,
        damaged,
        malformed,
        ..
    } = counts;
    assert!(ready > 0 && damaged > 0 && malformed > 0);
}
