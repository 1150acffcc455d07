//! Call frames against balances: the frames that count as native transfers (protocol 5.1) and the fees explain every
//! balance, so frames that moved nothing must be told apart from those that did.

use std::collections::{HashMap, HashSet};

use monad_exec_events::{
    ExecEventRef, ExecutedBlock, ExecutedBlockBuilder, ExecutedTxn,
    ffi::{monad_c_address, monad_c_uint256_ne},
};

use crate::recorded::{OPTIONS, chain_events};

fn wei(amount: &monad_c_uint256_ne) -> i128 {
    assert_eq!((amount.limbs[2], amount.limbs[3]), (0, 0));
    i128::try_from(u128::from(amount.limbs[1]) << 64 | u128::from(amount.limbs[0])).unwrap()
}

/// Why a frame with value moved it or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Value {
    Moved(u8),
    CodeOnly,
    OwnFailure,
    AncestorFailed,
}

/// Frames with value of a transaction, each with its fate.
fn values(txn: &ExecutedTxn) -> Vec<(Value, monad_c_address, monad_c_address, i128)> {
    let mut statuses: Vec<i32> = Vec::new();
    let mut values = Vec::new();
    for frame in txn.call_frames.as_deref().unwrap() {
        let frame = frame.call_frame;
        statuses.truncate(frame.depth as usize);
        let value = wei(&frame.value);
        let fate = match frame.opcode {
            0xf1 | 0xf0 | 0xf5 | 0xff if frame.evmc_status != 0 => Value::OwnFailure,
            0xf1 | 0xf0 | 0xf5 | 0xff if statuses.iter().any(|status| *status != 0) => {
                Value::AncestorFailed
            }
            opcode @ (0xf1 | 0xf0 | 0xf5 | 0xff) => Value::Moved(opcode),
            0xf4 | 0xfa => Value::CodeOnly,
            other => panic!("opcode {other:#x}"),
        };
        statuses.push(frame.evmc_status);
        if value > 0 {
            values.push((fate, frame.caller, frame.call_target, value));
        }
    }
    values
}

/// What each account's balance changes by if only moved values and fees count.
fn expected(block: &ExecutedBlock, txn: &ExecutedTxn) -> HashMap<monad_c_address, i128> {
    let base = wei(&block.start.eth_block_input.base_fee_per_gas);
    let tip = match txn.header.txn_type {
        2..=4 => wei(&txn.header.max_priority_fee_per_gas),
        _ => wei(&txn.header.max_fee_per_gas) - base,
    };
    let gas_used = i128::from(txn.receipt.gas_used);
    let mut changes = HashMap::new();
    *changes.entry(txn.sender).or_default() -= gas_used * (base + tip);
    *changes
        .entry(block.start.eth_block_input.beneficiary)
        .or_default() += gas_used * tip;
    for (fate, from, to, value) in values(txn) {
        if let Value::Moved(_) = fate {
            *changes.entry(from).or_default() -= value;
            *changes.entry(to).or_default() += value;
        }
    }
    changes.retain(|_, change| *change != 0);
    changes
}

#[test]
fn moved_values_and_fees_explain_every_balance() {
    let events = chain_events(OPTIONS, 10);
    let mut builder = ExecutedBlockBuilder::new(true);
    let mut recorded: HashMap<usize, HashMap<monad_c_address, i128>> = HashMap::new();
    let mut fates: HashMap<Value, usize> = HashMap::new();
    let mut blocks = 0;
    for event in &events {
        if let ExecEventRef::AccountAccess(access) = event.event()
            && let Some(txn_index) = event.flow().txn_idx
            && access.is_balance_modified
        {
            let change = wei(&access.modified_balance) - wei(&access.prestate.balance);
            recorded
                .entry(txn_index)
                .or_default()
                .insert(access.address, change);
        }
        let Some(block) = builder.process_event(event.flow(), event.event()) else {
            continue;
        };
        let block = block.unwrap();
        for (txn_index, txn) in block.txns.iter().enumerate() {
            let changes = recorded.remove(&txn_index).unwrap_or_default();
            assert_eq!(changes, expected(&block, txn), "transaction {txn_index}");
            for (fate, ..) in values(txn) {
                *fates.entry(fate).or_default() += 1;
            }
        }
        blocks += 1;
    }
    assert_eq!(blocks, 10);
    println!("{fates:?}");
    for fate in [
        Value::Moved(0xf1),
        Value::Moved(0xf5),
        Value::CodeOnly,
        Value::OwnFailure,
        Value::AncestorFailed,
    ] {
        assert!(fates.contains_key(&fate), "no frame with value is {fate:?}");
    }
}

#[test]
fn headers_agree_with_their_outermost_frames() {
    let events = chain_events(OPTIONS, 10);
    let mut builder = ExecutedBlockBuilder::new(true);
    let blocks = events
        .iter()
        .filter_map(|event| builder.process_event(event.flow(), event.event()));
    let txns: Vec<ExecutedTxn> = blocks.flat_map(|block| block.unwrap().txns).collect();
    let mut types = HashMap::<u8, usize>::new();
    let (mut creations, mut failures) = (0, 0);
    for txn in &txns {
        let frames = txn.call_frames.as_deref().unwrap();
        let (outer, header) = (&frames[0], &txn.header);
        assert_eq!(
            (&outer.input, outer.call_frame.value),
            (&txn.input, header.value)
        );
        assert_eq!(header.is_contract_creation, outer.call_frame.opcode == 0xf0);
        if header.is_contract_creation {
            assert_eq!(header.to, monad_c_address::default());
            creations += 1;
        } else {
            assert_eq!(header.to, outer.call_frame.call_target);
        }
        if !txn.receipt.status {
            assert!(txn.logs.is_empty());
            failures += 1;
        }
        let has_keys = txn
            .access_list
            .iter()
            .any(|entry| !entry.storage_keys.is_empty());
        assert!(
            header.txn_type == 1 && has_keys || header.txn_type >= 2 || txn.access_list.is_empty()
        );
        assert_eq!(header.txn_type == 3, !txn.blob_versioned_hashes.is_empty());
        assert!(
            txn.blob_versioned_hashes
                .iter()
                .all(|hash| hash.bytes[0] == 1)
        );
        assert_eq!(header.txn_type == 4, !txn.authorization_list.is_empty());
        for authorization in &txn.authorization_list {
            let is_known = authorization.authority != monad_c_address::default();
            assert_eq!(authorization.is_valid_authority, is_known);
        }
        *types.entry(header.txn_type).or_default() += 1;
    }
    println!("types {types:?}, {creations} creations, {failures} failures");
    assert!((0..5).all(|txn_type| types.contains_key(&txn_type)) && types.len() == 5);
    assert!(creations > 0 && failures > 0);
}

#[test]
fn a_log_comes_from_a_contract_that_ran_in_a_frame_that_lasted() {
    let events = chain_events(OPTIONS, 5);
    let mut builder = ExecutedBlockBuilder::new(true);
    let blocks = events
        .iter()
        .filter_map(|event| builder.process_event(event.flow(), event.event()));
    let mut undone = 0;
    for txn in blocks.flat_map(|block| block.unwrap().txns) {
        let mut statuses: Vec<i32> = Vec::new();
        let mut lasting = HashSet::new();
        for frame in txn.call_frames.as_deref().unwrap() {
            let frame = frame.call_frame;
            statuses.truncate(frame.depth as usize);
            statuses.push(frame.evmc_status);
            if statuses.iter().all(|status| *status == 0) {
                lasting.insert(frame.call_target);
            } else {
                undone += 1;
            }
        }
        for log in &txn.logs {
            assert!(
                lasting.contains(&log.address),
                "{}: {}",
                txn.hash,
                log.address
            );
        }
    }
    assert!(undone > 10, "{undone} frames were undone");
}
