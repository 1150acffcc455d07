//! Typed blocks as the JSON that execution wrote: hex where it wrote hex, numbers where it wrote numbers.
//! Used by the oracle test alone. Source: ring-and-events §7.1.

use monad_exec_events::ffi::{
    MONAD_TXN_EIP1559, MONAD_TXN_EIP2930, MONAD_TXN_LEGACY, monad_c_bytes32, monad_c_uint256_ne,
};
use monad_exec_events::{ExecutedBlock, ExecutedTxn};
use serde_json::{Map, Value, json};

/// One vote, finalization or verification.
pub fn referendum(block_number: u64, id: monad_c_bytes32, outcome: &str) -> Value {
    json!({"Referendum": {
        "block_tag": {"block_number": block_number, "id": id},
        "outcome": outcome,
        "superseded_proposals": [],
    }})
}

/// One executed block.
pub fn executed(block: &ExecutedBlock) -> Value {
    let mut cumulative_gas = 0;
    let transactions: Vec<Value> = block
        .txns
        .iter()
        .enumerate()
        .map(|(txn_index, txn)| {
            cumulative_gas += txn.receipt.gas_used;
            transaction(txn_index, txn, cumulative_gas)
        })
        .collect();
    json!({"Executed": {
        "block_tag": {"block_number": block.start.block_tag.block_number, "id": block.start.block_tag.id},
        "chain_id": number(block.start.chain_id),
        "commit_state": "Proposed",
        "eth_block_hash": block.end.eth_block_hash,
        "eth_header": header(block),
        "transactions": transactions,
    }})
}

fn header(block: &ExecutedBlock) -> Value {
    let (input, end) = (&block.start.eth_block_input, &block.end);
    let mut header = json!({
        "baseFeePerGas": input.base_fee_per_gas,
        "difficulty": monad_c_uint256_ne::from(input.difficulty),
        "extraData": hex(&input.extra_data.bytes[..input.extra_data_length as usize]),
        "gasLimit": input.gas_limit,
        "gasUsed": end.exec_output.gas_used,
        "logsBloom": end.exec_output.logs_bloom,
        "miner": input.beneficiary,
        "mixHash": input.prev_randao,
        "nonce": input.nonce,
        "number": input.number,
        "parentHash": block.start.parent_eth_hash,
        "receiptsRoot": end.exec_output.receipts_root,
        "sha3Uncles": input.ommers_hash,
        "stateRoot": end.exec_output.state_root,
        "timestamp": input.timestamp,
        "transactionsRoot": input.transactions_root,
    });
    if input.withdrawals_root != monad_c_bytes32::default() {
        header["withdrawalsRoot"] = json!(input.withdrawals_root);
    }
    header
}

fn transaction(txn_index: usize, txn: &ExecutedTxn, cumulative_gas: u64) -> Value {
    let logs: Vec<Value> = txn
        .logs
        .iter()
        .map(|log| json!({"address": log.address, "topics": log.topic, "data": hex(&log.data)}))
        .collect();
    json!({
        "txn_index": txn_index,
        "sender": txn.sender,
        "txn_gas_used": txn.receipt.gas_used,
        "receipt": {
            "status": u8::from(txn.receipt.status),
            "cumulativeGasUsed": cumulative_gas,
            "logs": logs,
        },
        "txn_envelope": envelope(txn),
    })
}

fn envelope(txn: &ExecutedTxn) -> Value {
    let header = &txn.header;
    let parity = u64::from(header.y_parity);
    let mut envelope = json!({
        "type": header.txn_type,
        "nonce": header.nonce,
        "gasLimit": header.gas_limit,
        "to": (!header.is_contract_creation).then_some(header.to),
        "value": header.value,
        "r": header.r,
        "s": header.s,
        "input": hex(&txn.input),
        "hash": txn.hash,
    });
    if !header.chain_id.is_zero() {
        envelope["chainId"] = number(header.chain_id);
    }
    match header.txn_type {
        MONAD_TXN_LEGACY | MONAD_TXN_EIP2930 => {
            envelope["gasPrice"] = number(header.max_fee_per_gas)
        }
        MONAD_TXN_EIP1559 => {
            envelope["maxFeePerGas"] = number(header.max_fee_per_gas);
            envelope["maxPriorityFeePerGas"] = number(header.max_priority_fee_per_gas);
        }
        other => panic!(
            "transaction {} has type {other}, which the recording does not hold",
            txn.hash
        ),
    }
    if header.txn_type == MONAD_TXN_LEGACY {
        let base = if header.chain_id.is_zero() {
            27
        } else {
            35 + 2 * header.chain_id.limbs[0]
        };
        envelope["v"] = json!(base + parity);
    } else {
        let entries = txn.access_list.iter();
        let list: Vec<Value> = entries
            .map(|entry| json!({"address": entry.address, "storageKeys": entry.storage_keys}))
            .collect();
        envelope["accessList"] = json!(list);
        envelope["yParity"] = json!(parity);
    }
    envelope
}

/// Where two items first differ, as a path and both values.
pub fn difference(ours: &Value, theirs: &Value) -> String {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys());
            let key = keys
                .into_iter()
                .find(|key| a.get(*key) != b.get(*key))
                .unwrap();
            let pick = |from: &Map<String, Value>| from.get(key).cloned().unwrap_or(Value::Null);
            format!(".{key}{}", difference(&pick(a), &pick(b)))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let at = a.iter().zip(b).position(|(a, b)| a != b).unwrap();
            format!("[{at}]{}", difference(&a[at], &b[at]))
        }
        _ => format!(": ours {ours}, expected {theirs}"),
    }
}

fn number(value: monad_c_uint256_ne) -> Value {
    assert_eq!(
        value.limbs[1..],
        [0; 3],
        "{value} does not fit a JSON number"
    );
    json!(value.limbs[0])
}

fn hex(bytes: &[u8]) -> String {
    const_hex::encode_prefixed(bytes)
}
