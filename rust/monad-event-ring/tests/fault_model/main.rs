//! Random recordings with faults against a model of the whole ring: sizes up to the limit, wraps of both parts,
//! reservations that are never committed, several writer threads, descriptors that lie. What the model says of every
//! seqno follows from the reference's tables alone. Rings without faults are in `reader_model`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../harness/mod.rs"]
mod harness;
mod model;

use harness::{CAPACITY, PAYLOAD_BYTES};
use model::{INCREMENT, Model};
use monad_event_ring::writer::DescriptorDamage;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    /// Record so many events of so many bytes.
    Record(u64, usize),
    /// Reserve an event of so many bytes and never commit it.
    Die(usize),
    /// So many threads record so many events of so many bytes each.
    Race(u64, u64, usize),
    /// Let the event that so many were recorded after lie.
    Damage(u64, DescriptorDamage),
    /// Compare everything.
    Look,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let size = prop_oneof![
        3 => Just(0),
        12 => 1..200_usize,
        3 => 1..2_000_000_usize,
        1 => PAYLOAD_BYTES as usize / 4..PAYLOAD_BYTES as usize / 2,
        // The last size that is recorded, and others near it.
        1 => (0..40_usize).prop_map(|less| (PAYLOAD_BYTES - 2 * INCREMENT) as usize - 16 - less),
    ];
    let small = prop_oneof![Just(0), 1..200_usize];
    let damage = (
        prop::option::of(prop_oneof![Just(0), Just(1), any::<u64>()]),
        prop::option::of(prop_oneof![0..300_u32, any::<u32>()]),
        prop::option::of(prop_oneof![
            (0..1_u64 << 24).prop_map(|at| at * 16),
            any::<u64>()
        ]),
        prop::option::of(any::<u64>()),
    );
    let damage =
        damage.prop_map(
            |(seqno, payload_size, payload_buf_offset, ext)| DescriptorDamage {
                seqno,
                event_type: ext.map(|ext| ext as u16),
                payload_size,
                payload_buf_offset,
                content_ext: [ext, None, ext, None],
            },
        );
    let step = prop_oneof![
        6 => (1..4_u64, size.clone()).prop_map(|(count, size)| Step::Record(count, size)),
        1 => (CAPACITY - 300..CAPACITY + 40, Just(0)).prop_map(|(count, size)| Step::Record(count, size)),
        2 => size.prop_map(Step::Die),
        1 => (2..4_u64, 1..50_u64, small).prop_map(|(writers, each, size)| Step::Race(writers, each, size)),
        3 => (0..6_u64, damage).prop_map(|(back, damage)| Step::Damage(back, damage)),
        3 => Just(Step::Look),
    ];
    prop::collection::vec(step, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_answer_about_a_ring_with_faults_is_the_models(steps in steps()) {
        let mut model = Model::new();
        for step in steps {
            match step {
                Step::Record(count, size) => (0..count).for_each(|_| model.record(size, true)),
                Step::Die(size) => model.record(size, false),
                Step::Race(writers, each, size) => model.race(writers, each, size),
                Step::Damage(back, damage) => model.damage(back, &damage),
                Step::Look => model.look(),
            }
        }
        model.look();
    }
}

/// An event that was never committed lies among thousands whose payloads have expired, where the search looks first.
#[test]
fn a_dead_reservation_does_not_hide_what_can_be_read() {
    // The ring will hold the events 4 to CAPACITY + 3.
    let middle = 4 + (CAPACITY - 1) / 2;
    let mut model = Model::new();
    for seqno in 1..=CAPACITY {
        model.record(0, seqno != middle);
    }
    for _ in 0..3 {
        model.record(60 << 20, true);
    }
    assert_eq!(model.oldest_readable(), Some(CAPACITY + 3));
    model.look();
}
