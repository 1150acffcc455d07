//! The exact text of transaction events up to their logs: key order, formats, optional fields.
//! Block and consensus events are in `fields`, frames and state in `fields_state`. Source: protocol 4.1–4.5, 5, 5.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::expected::assert_text;
use monad_exec_events::ExecEventRef as E;
use monad_exec_events::ffi::*;

const MAX_U256: monad_c_uint256_ne = monad_c_uint256_ne {
    limbs: [u64::MAX; 4],
};
const HIGH: monad_c_uint256_ne = monad_c_uint256_ne {
    limbs: [0x1f, 0, 0x0a, 0],
};
const HIGH_HEX: &str = "0xa0000000000000000000000000000001f";

fn header() -> monad_exec_txn_header_start {
    let mut start = monad_exec_txn_header_start {
        txn_hash: [0xab; 32].into(),
        sender: [0x5e; 20].into(),
        ..Default::default()
    };
    let header = &mut start.txn_header;
    header.txn_type = MONAD_TXN_EIP1559;
    header.chain_id = HIGH;
    header.nonce = u64::MAX;
    header.gas_limit = 21000;
    header.max_fee_per_gas = MAX_U256;
    header.value = 1_000_000_000_000_000_000u64.into();
    header.to = [0x70; 20].into();
    header.r = 0x0123_4567_89ab_cdef_u64.into();
    header.s = 16u64.into();
    header.y_parity = true;
    header.data_length = 5;
    header.access_list_count = 2;
    header.auth_list_count = u32::MAX;
    start
}

const DATA: [u8; 5] = [0, 1, 0x7f, 0x80, 0xff];

fn header_event<'a>(
    txn_header_start: &'a monad_exec_txn_header_start,
    data_bytes: &'a [u8],
    blob_bytes: &'a [u8],
) -> E<'a> {
    E::TxnHeaderStart {
        txn_index: 7,
        txn_header_start,
        data_bytes,
        blob_bytes,
    }
}

fn access<'a>(entry: &'a monad_exec_txn_access_list_entry, storage_key_bytes: &'a [u8]) -> E<'a> {
    E::TxnAccessListEntry {
        txn_index: 0,
        txn_access_list_entry: entry,
        storage_key_bytes,
    }
}

/// The fields of `header` with the five bytes of `DATA`.
const HEADER: &str = concat!(
    r#","txn_index":7,"txn_hash":"0xabababababababababababababababababababababababababababababababab","#,
    r#""sender":"0x5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e","txn_type":2,"#,
    r#""chain_id":"0xa0000000000000000000000000000001f","nonce":18446744073709551615,"gas_limit":21000,"#,
    r#""max_fee_per_gas":"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","#,
    r#""max_priority_fee_per_gas":"0x0","value":"0xde0b6b3a7640000","data":"0x00017f80ff","#,
    r#""to":"0x7070707070707070707070707070707070707070","is_contract_creation":false,"#,
    r#""r":"0x123456789abcdef","s":"0x10","y_parity":true,"access_list_count":2,"auth_list_count":4294967295"#,
);

#[test]
fn a_header_has_every_field_in_order() {
    assert_text(header_event(&header(), &DATA, &[]), Some(7), HEADER);
}

#[test]
fn blob_fields_belong_to_blob_transactions_alone() {
    let mut start = header();
    start.txn_header.txn_type = MONAD_TXN_EIP4844;
    start.txn_header.max_fee_per_blob_gas = HIGH;
    start.txn_header.blob_versioned_hash_length = 2;
    let blobs = [[0x01; 32], [0x02; 32]].concat();
    let plain = HEADER.replace(r#""txn_type":2"#, r#""txn_type":3"#);
    let (one, two) = ("01".repeat(32), "02".repeat(32));
    let fields = format!(
        r#"{plain},"max_fee_per_blob_gas":"{HIGH_HEX}","blob_versioned_hashes":["0x{one}","0x{two}"]"#
    );
    assert_text(header_event(&start, &DATA, &blobs), Some(7), &fields);
    start.txn_header.blob_versioned_hash_length = 0;
    let fields =
        format!(r#"{plain},"max_fee_per_blob_gas":"{HIGH_HEX}","blob_versioned_hashes":[]"#);
    assert_text(header_event(&start, &DATA, &[]), Some(7), &fields);
    for other in [MONAD_TXN_LEGACY, MONAD_TXN_EIP2930, MONAD_TXN_EIP7702] {
        start.txn_header.txn_type = other;
        let fields = HEADER.replace(r#""txn_type":2"#, &format!(r#""txn_type":{other}"#));
        assert_text(header_event(&start, &DATA, &[]), Some(7), &fields);
    }
}

#[test]
fn a_creation_without_data_sends_to_zero() {
    let mut start = header();
    start.txn_header.data_length = 0;
    start.txn_header.to = [0; 20].into();
    start.txn_header.is_contract_creation = true;
    start.txn_header.y_parity = false;
    let fields = HEADER
        .replace(r#""data":"0x00017f80ff""#, r#""data":"0x""#)
        .replace(&"70".repeat(20), &"00".repeat(20))
        .replace(
            r#""is_contract_creation":false"#,
            r#""is_contract_creation":true"#,
        )
        .replace(r#""y_parity":true"#, r#""y_parity":false"#);
    assert_text(header_event(&start, &[], &[]), Some(7), &fields);
}

#[test]
fn access_list_and_authorization_entries() {
    let mut entry = monad_exec_txn_access_list_entry {
        index: 3,
        ..Default::default()
    };
    entry.entry.address = [0xac; 20].into();
    let address = "ac".repeat(20);
    let fields = format!(r#","txn_index":0,"address":"0x{address}","storage_keys":[],"index":3"#);
    assert_text(access(&entry, &[]), Some(0), &fields);
    entry.entry.storage_key_count = 2;
    let (one, two) = ("01".repeat(32), "fe".repeat(32));
    let keys = [[0x01; 32], [0xfe; 32]].concat();
    let fields = format!(
        r#","txn_index":0,"address":"0x{address}","storage_keys":["0x{one}","0x{two}"],"index":3"#
    );
    assert_text(access(&entry, &keys), Some(0), &fields);

    let mut authorization = monad_exec_txn_auth_list_entry {
        index: 4,
        ..Default::default()
    };
    authorization.entry.chain_id = MAX_U256;
    authorization.entry.address = [0xac; 20].into();
    authorization.entry.nonce = 9;
    authorization.entry.y_parity = true;
    authorization.entry.r = HIGH;
    authorization.authority = [0xaa; 20].into();
    let (max, authority) = ("ff".repeat(32), "aa".repeat(20));
    let fields = format!(
        r#","txn_index":0,"address":"0x{address}","index":4,"chain_id":"0x{max}","nonce":9,"y_parity":true,"r":"{HIGH_HEX}","s":"0x0","authority":"0x{authority}","is_valid_authority":false"#
    );
    let event = E::TxnAuthListEntry {
        txn_index: 0,
        txn_auth_list_entry: &authorization,
    };
    assert_text(event, Some(0), &fields);
}

#[test]
fn the_markers_of_a_transaction_have_nothing_but_their_type() {
    let txn_index = 65535;
    assert_text(E::TxnHeaderEnd, Some(txn_index), "");
    assert_text(E::TxnPerfEvmEnter, Some(txn_index), "");
    assert_text(E::TxnPerfEvmExit, Some(txn_index), "");
    assert_text(E::TxnEnd, Some(txn_index), "");
}

#[test]
fn a_txn_reject_names_its_reason_if_it_has_a_name() {
    let names = [
        (1, "InsufficientBalance"),
        (12, "MissingSender"),
        (16, "EmptyAuthorizationList"),
    ];
    for (reject, name) in names {
        let fields = format!(r#","txn_index":2,"reason":{reject},"reason_name":"{name}""#);
        assert_text(
            E::TxnReject {
                txn_index: 2,
                reject: &reject,
            },
            Some(2),
            &fields,
        );
    }
    for reject in [0, 17, u32::MAX] {
        let fields = format!(r#","txn_index":2,"reason":{reject}"#);
        assert_text(
            E::TxnReject {
                txn_index: 2,
                reject: &reject,
            },
            Some(2),
            &fields,
        );
    }
}

#[test]
fn an_output_has_every_field_in_order() {
    let mut output = monad_exec_txn_evm_output {
        call_frame_count: 6,
        ..Default::default()
    };
    output.receipt = monad_c_eth_txn_receipt {
        status: true,
        log_count: 5,
        gas_used: u64::MAX,
    };
    let fields = r#","txn_index":1,"log_count":5,"status":true,"gas_used":18446744073709551615,"call_frame_count":6"#;
    assert_text(
        E::TxnEvmOutput {
            txn_index: 1,
            output: &output,
        },
        Some(1),
        fields,
    );
}

#[test]
fn a_log_has_as_many_topics_as_it_says() {
    let address = "1c".repeat(20);
    for topics in [0, 1, 4, 255u8] {
        let txn_log = &monad_exec_txn_log {
            index: 11,
            address: [0x1c; 20].into(),
            topic_count: topics,
            data_length: u32::from(topics),
        };
        let topic_bytes: Vec<u8> = (0..topics).flat_map(|topic| [topic; 32]).collect();
        let data_bytes: Vec<u8> = (0..topics).collect();
        let list: Vec<String> = (0..topics)
            .map(|topic| format!(r#""0x{}""#, format!("{topic:02x}").repeat(32)))
            .collect();
        let data: String = (0..topics).map(|byte| format!("{byte:02x}")).collect();
        let fields = format!(
            r#","txn_index":1,"log_index":11,"address":"0x{address}","topics":[{}],"data":"0x{data}""#,
            list.join(",")
        );
        let (topic_bytes, data_bytes) = (&topic_bytes[..], &data_bytes[..]);
        assert_text(
            E::TxnLog {
                txn_index: 1,
                txn_log,
                topic_bytes,
                data_bytes,
            },
            Some(1),
            &fields,
        );
    }
}
