//! Competing, failing and absent proposals: which events they leave, which state they see, and who is finalized.

use std::collections::{HashMap, HashSet};

use monad_exec_events::{
    ExecEventRef, ExecEventType,
    ffi::{monad_c_address, monad_c_bytes32, monad_exec_block_start},
};
use node_sim::{Chain, ChainOptions, ContestKind, FailureKind, LiveRing};

use crate::recorded::{NANOS, OPTIONS, Recorded, open, read_all, record};

const FEW: ChainOptions = ChainOptions {
    txns_per_block: 20,
    ..OPTIONS
};

/// `turns` turns of a chain that was wished something from, read back.
fn wished(options: ChainOptions, wishes: &[ContestKind], turns: usize) -> Vec<Recorded> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let mut ring = LiveRing::create(&path, 18, 27).unwrap();
    let mut chain = Chain::new(options);
    for kind in wishes {
        chain.wish(*kind);
    }
    for _ in 0..turns {
        record(chain.next_turn(NANOS), &mut ring);
    }
    let events = read_all(&open(&path));
    ring.close().unwrap();
    events
}

/// A block from its BLOCK_START to its last event.
struct Block<'a> {
    start: monad_exec_block_start,
    eth_hash: Option<monad_c_bytes32>,
    events: &'a [Recorded],
}

fn blocks(events: &[Recorded]) -> Vec<Block<'_>> {
    let is_inside = |one: &&Recorded, seqno| one.descriptor.content_ext[0] == seqno;
    let starts = events.iter().filter_map(|one| match one.event() {
        ExecEventRef::BlockStart(start) => Some((one.descriptor.seqno, *start)),
        _ => None,
    });
    starts
        .map(|(seqno, start)| {
            let from = seqno as usize - 1;
            let count = events[from..]
                .iter()
                .take_while(|one| is_inside(one, seqno))
                .count();
            let events = &events[from..from + count];
            let eth_hash = match events[count - 1].event() {
                ExecEventRef::BlockEnd(end) => Some(end.eth_block_hash),
                _ => None,
            };
            Block {
                start,
                eth_hash,
                events,
            }
        })
        .collect()
}

fn of_type(events: &[Recorded], event_type: ExecEventType) -> Vec<&Recorded> {
    let is_one = |one: &&Recorded| one.descriptor.event_type == event_type.code();
    events.iter().filter(is_one).collect()
}

fn finalized(events: &[Recorded]) -> Vec<(u64, monad_c_bytes32)> {
    let tag = |one: &Recorded| match one.event() {
        ExecEventRef::BlockFinalized(tag) => Some((tag.block_number, tag.id)),
        _ => None,
    };
    events.iter().filter_map(tag).collect()
}

fn heights(blocks: &[Block<'_>]) -> Vec<u64> {
    let number = |block: &Block<'_>| block.start.block_tag.block_number;
    blocks.iter().map(number).collect()
}

#[test]
fn one_of_two_or_three_proposals_is_finalized_and_the_next_block_extends_it() {
    for width in [2, 3] {
        let events = wished(FEW, &[ContestKind::Single, ContestKind::Fork(width)], 9);
        let blocks = blocks(&events);
        let at_fork: Vec<_> = blocks
            .iter()
            .filter(|block| block.start.block_tag.block_number == 1001)
            .collect();
        assert_eq!(at_fork.len(), usize::from(width));
        let ids: HashSet<_> = at_fork
            .iter()
            .map(|block| block.start.block_tag.id)
            .collect();
        assert_eq!(ids.len(), usize::from(width));
        let (_, winner) = finalized(&events)[1];
        assert!(ids.contains(&winner));
        let winning = at_fork
            .iter()
            .find(|block| block.start.block_tag.id == winner)
            .unwrap();
        let next = &blocks[usize::from(width) + 1];
        assert_eq!(next.start.block_tag.block_number, 1002);
        assert_eq!(Some(next.start.parent_eth_hash), winning.eth_hash);
        let parents: HashSet<_> = at_fork
            .iter()
            .map(|block| block.start.parent_eth_hash)
            .collect();
        assert_eq!(parents.len(), 1);
    }
}

#[test]
fn a_proposal_that_was_voted_for_can_lose_with_its_child() {
    let wishes = [ContestKind::Single, ContestKind::VotedLoser];
    let events = wished(FEW, &wishes, 10);
    let blocks = blocks(&events);
    assert_eq!(heights(&blocks)[..6], [1000, 1001, 1001, 1002, 1002, 1003]);
    let loser = blocks[1].start.block_tag.id;
    let voted = of_type(&events, ExecEventType::BlockQC);
    let is_vote = |one: &&Recorded| matches!(one.event(), ExecEventRef::BlockQC(qc) if qc.block_tag.id == loser);
    assert!(voted.into_iter().any(|one| is_vote(&one)));
    let winners: Vec<_> = finalized(&events).into_iter().map(|(_, id)| id).collect();
    assert!(!winners.contains(&loser) && !winners.contains(&blocks[3].start.block_tag.id));
    assert_eq!(
        winners[1..3],
        [2, 4].map(|at| blocks[at].start.block_tag.id)
    );
}

#[test]
fn an_absent_block_is_finalized_and_built_on_without_ever_having_started() {
    let wishes = [
        ContestKind::Single,
        ContestKind::Absent,
        ContestKind::Single,
        ContestKind::Absent,
    ];
    let events = wished(FEW, &wishes, 12);
    let started: HashSet<_> = blocks(&events)
        .iter()
        .map(|block| block.start.block_tag.id)
        .collect();
    let finalized = finalized(&events);
    let numbers: Vec<u64> = finalized.iter().map(|(number, _)| *number).collect();
    assert_eq!(
        numbers,
        (1000..1000 + numbers.len() as u64).collect::<Vec<_>>()
    );
    let absent: Vec<u64> = finalized
        .iter()
        .filter(|(_, id)| !started.contains(id))
        .map(|(number, _)| *number)
        .collect();
    assert_eq!(absent, [1001, 1003]);
}

#[test]
fn every_failure_ends_its_block_as_a_node_does_and_the_height_is_proposed_again() {
    use ExecEventType::{BlockEnd, BlockPerfEvmExit, BlockReject, EvmError, TxnEnd, TxnReject};
    for kind in FailureKind::ALL {
        let events = wished(FEW, &[ContestKind::Single, ContestKind::Failing(kind)], 6);
        let blocks = blocks(&events);
        assert_eq!(heights(&blocks)[..4], [1000, 1001, 1001, 1002], "{kind:?}");
        let failed = blocks[1].events;
        let last = failed.last().unwrap();
        let is_rejection = matches!(kind, FailureKind::RejectedEarly | FailureKind::RejectedLate);
        let expected = if is_rejection { BlockReject } else { EvmError };
        assert_eq!(last.descriptor.event_type, expected.code(), "{kind:?}");
        assert_eq!(last.descriptor.content_ext[1], 0);
        for missing in [BlockEnd, BlockPerfEvmExit] {
            assert!(
                of_type(failed, missing).is_empty(),
                "{kind:?} has {missing}"
            );
        }
        let (rejects, errors) = (of_type(failed, TxnReject), of_type(failed, EvmError));
        match kind {
            FailureKind::RejectedEarly | FailureKind::Failed => assert_eq!(failed.len(), 2),
            FailureKind::RejectedLate => assert_eq!(of_type(failed, TxnEnd).len(), 20),
            FailureKind::InvalidTxn => assert_eq!((rejects.len(), errors.len()), (1, 1)),
            FailureKind::FailedTxn => assert_eq!((rejects.len(), errors.len()), (0, 2)),
        }
        for failing in rejects
            .iter()
            .chain(&errors[..errors.len().saturating_sub(1)])
        {
            let txn = failing.descriptor.content_ext[1];
            let ends = of_type(failed, TxnEnd);
            assert!(txn > 0 && ends.iter().all(|end| end.descriptor.content_ext[1] != txn));
        }
        let tag = blocks[1].start.block_tag;
        assert!(finalized(&events).iter().all(|(_, id)| *id != tag.id));
    }
}

/// Balance, nonce and slots as a block leaves them, by its Ethereum hash.
#[derive(Clone, Default)]
struct State {
    slots: HashMap<(monad_c_address, monad_c_bytes32), monad_c_bytes32>,
    nonces: HashMap<monad_c_address, u64>,
}

#[test]
fn every_block_starts_from_the_state_of_the_block_it_extends() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    let kinds = [
        ContestKind::Single,
        ContestKind::Fork(2),
        ContestKind::Fork(3),
        ContestKind::VotedLoser,
        ContestKind::Failing(FailureKind::RejectedLate),
    ];
    let wishes: Vec<ContestKind> = (0..12).map(|_| kinds[rng.usize(..kinds.len())]).collect();
    let events = wished(ChainOptions { seed, ..FEW }, &wishes, 25);
    let mut states: HashMap<monad_c_bytes32, State> = HashMap::new();
    let mut carried = 0;
    for block in blocks(&events) {
        let parent = block.start.parent_eth_hash;
        let mut state = states.get(&parent).cloned().unwrap_or_default();
        for event in block.events {
            match event.event() {
                ExecEventRef::StorageAccess(slot) if !slot.transient => {
                    let end = match slot.modified {
                        true => slot.end_value,
                        false => slot.start_value,
                    };
                    if let Some(before) = state.slots.insert((slot.address, slot.key), end) {
                        assert_eq!(slot.start_value, before);
                        carried += 1;
                    }
                }
                ExecEventRef::AccountAccess(access) => {
                    let after = match access.is_nonce_modified {
                        true => access.modified_nonce,
                        false => access.prestate.nonce,
                    };
                    if let Some(before) = state.nonces.insert(access.address, after) {
                        assert_eq!(access.prestate.nonce, before);
                    }
                }
                _ => {}
            }
        }
        if let Some(hash) = block.eth_hash {
            states.insert(hash, state);
        }
    }
    assert!(carried > 1000, "{carried} values were seen again");
}

#[test]
fn stalled_finality_and_catching_up_end_with_everything_due() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let mut ring = LiveRing::create(&path, 18, 27).unwrap();
    let mut chain = Chain::new(FEW);
    chain.stall(30);
    for turn in 0..80 {
        if turn == 40 {
            chain.catch_up(20);
        }
        assert_eq!(chain.is_catching_up(), (40..60).contains(&turn));
        record(chain.next_turn(NANOS), &mut ring);
    }
    let events = read_all(&open(&path));
    let seqno_of = |number| {
        let is_it = |one: &&Recorded| matches!(one.event(), ExecEventRef::BlockStart(start) if start.block_tag.block_number == number);
        events.iter().find(is_it).unwrap().descriptor.seqno
    };
    let between = |from, to, event_type| {
        let seqnos = seqno_of(from)..seqno_of(to);
        let is_there = |one: &&&Recorded| seqnos.contains(&one.descriptor.seqno);
        of_type(&events, event_type).iter().filter(is_there).count()
    };
    assert_eq!(between(1000, 1030, ExecEventType::BlockFinalized), 0);
    assert_eq!(between(1030, 1031, ExecEventType::BlockFinalized), 29);
    assert_eq!(between(1030, 1031, ExecEventType::BlockVerified), 26);
    assert_eq!(between(1040, 1059, ExecEventType::BlockQC), 0);
    assert_eq!(between(1060, 1061, ExecEventType::BlockFinalized), 21);
    ring.close().unwrap();
}
