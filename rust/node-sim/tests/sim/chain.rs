//! The invented chain: grammar, mix, determinism, and state that follows from what came before.

use std::collections::{HashMap, HashSet};

use monad_exec_events::{ExecEventRef, ExecEventType, ExecutedBlockBuilder};
use node_sim::ChainOptions;

use crate::{
    grammar::Grammar,
    recorded::{OPTIONS, Recorded, chain_events},
};

fn of_type(events: &[Recorded], event_type: ExecEventType) -> usize {
    events
        .iter()
        .filter(|one| one.descriptor.event_type == event_type.code())
        .count()
}

fn txn_hashes(events: &[Recorded]) -> HashSet<[u8; 32]> {
    let hash = |one: &Recorded| match one.event() {
        ExecEventRef::TxnHeaderStart {
            txn_header_start, ..
        } => Some(txn_header_start.txn_hash.bytes),
        _ => None,
    };
    events.iter().filter_map(hash).collect()
}

#[test]
fn every_event_follows_the_grammar_and_every_count_is_met() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let events = chain_events(ChainOptions { seed, ..OPTIONS }, 12);
    let mut grammar = Grammar::default();
    for event in &events {
        grammar.check(event);
    }
    assert_eq!(grammar.ended.len(), 12);
    let numbers = |tags: &[monad_exec_events::ffi::monad_exec_block_tag]| {
        tags.iter().map(|tag| tag.block_number).collect::<Vec<_>>()
    };
    assert_eq!(
        numbers(&grammar.finalized),
        (1000..1010).collect::<Vec<_>>()
    );
    assert_eq!(grammar.verified, (1000..1007).collect::<Vec<_>>());
    let ids: HashSet<_> = grammar.ended.iter().map(|(tag, _)| tag.id).collect();
    assert_eq!(ids.len(), 12);
}

#[test]
fn the_block_builder_completes_every_block() {
    let events = chain_events(OPTIONS, 5);
    let mut builder = ExecutedBlockBuilder::new(true);
    let blocks: Vec<_> = events
        .iter()
        .filter_map(|event| builder.process_event(event.flow(), event.event()))
        .map(Result::unwrap)
        .collect();
    assert_eq!(blocks.len(), 5);
    for block in blocks {
        assert_eq!(block.txns.len(), 100);
        assert!(block.txns.iter().all(|txn| txn.call_frames.is_some()));
    }
}

#[test]
fn types_come_about_as_often_as_in_recorded_blocks() {
    let events = chain_events(
        ChainOptions {
            txns_per_block: 400,
            ..OPTIONS
        },
        20,
    );
    let txns = of_type(&events, ExecEventType::TxnHeaderStart);
    for event_type in ExecEventType::ALL {
        let count = of_type(&events, event_type);
        println!(
            "{event_type}: {count}, {:.1} %, {:.2} per transaction",
            100.0 * count as f64 / events.len() as f64,
            count as f64 / txns as f64
        );
    }
    let per_txn = events.len() as f64 / txns as f64;
    let accesses = of_type(&events, ExecEventType::AccountAccess)
        + of_type(&events, ExecEventType::StorageAccess);
    let access_share = accesses as f64 / events.len() as f64;
    let payload: usize = events.iter().map(|one| one.payload().len()).sum();
    println!(
        "{per_txn:.1} events per transaction, {:.0} bytes per event",
        payload as f64 / events.len() as f64
    );
    assert!(
        (20.0..24.0).contains(&per_txn),
        "{per_txn} events per transaction"
    );
    assert!(
        (0.44..0.50).contains(&access_share),
        "{access_share} are state accesses"
    );
}

#[test]
fn transactions_of_a_block_share_slots_that_one_of_them_writes() {
    let events = chain_events(OPTIONS, 1);
    let mut accessed: HashMap<_, (HashSet<usize>, bool)> = HashMap::new();
    for event in &events {
        if let ExecEventRef::StorageAccess(slot) = event.event()
            && let Some(txn_index) = event.flow().txn_idx
            && !slot.transient
        {
            let (txns, is_written) = accessed.entry((slot.address, slot.key)).or_default();
            txns.insert(txn_index);
            *is_written |= slot.modified;
        }
    }
    let contended = accessed
        .values()
        .filter(|(txns, is_written)| txns.len() > 1 && *is_written)
        .count();
    assert!(contended > 10, "{contended} contended slots");
}

#[test]
fn state_starts_where_the_last_access_left_it() {
    let events = chain_events(OPTIONS, 6);
    let mut slots = HashMap::new();
    let mut accounts = HashMap::new();
    let mut carried = 0;
    for event in &events {
        match event.event() {
            ExecEventRef::StorageAccess(slot) if !slot.transient => {
                let end = if slot.modified {
                    slot.end_value
                } else {
                    slot.start_value
                };
                if let Some(before) = slots.insert((slot.address, slot.key), end) {
                    assert_eq!(slot.start_value, before);
                    carried += 1;
                }
            }
            ExecEventRef::AccountAccess(access) => {
                let before = &access.prestate;
                let balance = if access.is_balance_modified {
                    access.modified_balance
                } else {
                    before.balance
                };
                let nonce = if access.is_nonce_modified {
                    access.modified_nonce
                } else {
                    before.nonce
                };
                if let Some(last) = accounts.insert(access.address, (balance, nonce)) {
                    assert_eq!((before.balance, before.nonce), last);
                    carried += 1;
                }
            }
            _ => {}
        }
    }
    assert!(carried > 1000, "{carried} values were seen again");
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let [one, same, other] =
        [1, 1, 2].map(|seed| chain_events(ChainOptions { seed, ..OPTIONS }, 4));
    let bytes = |events: &[Recorded]| {
        let event = |one: &Recorded| {
            let descriptor = one.descriptor;
            (
                descriptor.event_type,
                descriptor.content_ext,
                one.payload().to_vec(),
            )
        };
        events.iter().map(event).collect::<Vec<_>>()
    };
    assert!(bytes(&one) == bytes(&same));
    assert_eq!(txn_hashes(&one).len(), 400);
    assert!(txn_hashes(&one).is_disjoint(&txn_hashes(&other)));
}

#[test]
fn without_tracing_there_are_no_call_frames_and_nothing_else_changes() {
    let [with, without] = [true, false].map(|trace_calls| {
        chain_events(
            ChainOptions {
                trace_calls,
                ..OPTIONS
            },
            3,
        )
    });
    let mut grammar = Grammar::default();
    without.iter().for_each(|event| grammar.check(event));
    assert_eq!(of_type(&without, ExecEventType::TxnCallFrame), 0);
    assert_eq!(
        with.len() - of_type(&with, ExecEventType::TxnCallFrame),
        without.len()
    );
    assert_eq!(txn_hashes(&with), txn_hashes(&without));
}

#[test]
fn a_block_without_transactions_is_a_block() {
    let events = chain_events(
        ChainOptions {
            txns_per_block: 0,
            first_block: 0,
            ..OPTIONS
        },
        7,
    );
    let mut grammar = Grammar::default();
    events.iter().for_each(|event| grammar.check(event));
    assert_eq!(grammar.ended.len(), 7);
    assert_eq!(grammar.verified, [0, 1]);
}
