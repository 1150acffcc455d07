//! The exact text of call frames, NativeTransfer, state accesses and EVM errors: key order, formats, optional fields.
//! Other transaction events are in `fields_txn`. Source: protocol 4.1–4.5, 5, 5.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::expected::{assert_text, assert_text_at, assert_texts};
use monad_exec_events::ExecEventRef as E;
use monad_exec_events::ffi::*;

fn full_frame() -> monad_exec_txn_call_frame {
    monad_exec_txn_call_frame {
        index: 8,
        caller: [0xca; 20].into(),
        call_target: [0x7a; 20].into(),
        opcode: 0xfa,
        value: monad_c_uint256_ne {
            limbs: [u64::MAX; 4],
        },
        gas: u64::MAX,
        gas_used: 30300,
        evmc_status: 0,
        depth: 1023,
        input_length: 4,
        return_length: 2,
    }
}

/// The fields of `full_frame`, whose opcode is written as `opcode`.
fn frame_fields(opcode: &str, evmc_status: i32) -> String {
    let (caller, target, max) = ("ca".repeat(20), "7a".repeat(20), "ff".repeat(32));
    format!(
        r#","txn_index":3,"depth":1023,"caller":"0x{caller}","call_target":"0x{target}","value":"0x{max}","input":"0xa9059cbb","output":"0x0001","index":8,{opcode},"gas":18446744073709551615,"gas_used":30300,"evmc_status":{evmc_status}"#
    )
}

fn frame_event(frame: &monad_exec_txn_call_frame) -> E<'_> {
    E::TxnCallFrame {
        txn_index: 3,
        txn_call_frame: frame,
        input_bytes: &[0xa9, 0x05, 0x9c, 0xbb],
        return_bytes: &[0, 1],
    }
}

#[test]
fn a_call_frame_has_every_field_in_order() {
    let frame = full_frame();
    let fields = frame_fields(r#""opcode":250,"opcode_name":"STATICCALL""#, 0);
    assert_text(frame_event(&frame), Some(3), &fields);
}

#[test]
fn a_call_frame_says_which_opcode_if_it_has_a_name() {
    let names = [
        (0xf2, "CALLCODE"),
        (0xf4, "DELEGATECALL"),
        (0xfa, "STATICCALL"),
    ];
    for (opcode, name) in names {
        let frame = monad_exec_txn_call_frame {
            opcode,
            ..full_frame()
        };
        let said = format!(r#""opcode":{opcode},"opcode_name":"{name}""#);
        assert_text(frame_event(&frame), Some(3), &frame_fields(&said, 0));
    }
    for opcode in [0, 0x01, 0xf3, 0xfd, 0xfe] {
        let frame = monad_exec_txn_call_frame {
            opcode,
            ..full_frame()
        };
        let said = format!(r#""opcode":{opcode}"#);
        assert_text(frame_event(&frame), Some(3), &frame_fields(&said, 0));
    }
}

#[test]
fn a_status_is_signed() {
    for evmc_status in [18, 2, -1, i32::MIN, i32::MAX] {
        let frame = monad_exec_txn_call_frame {
            opcode: 0xf1,
            evmc_status,
            ..full_frame()
        };
        let fields = frame_fields(r#""opcode":241,"opcode_name":"CALL""#, evmc_status);
        assert_text(frame_event(&frame), Some(3), &fields);
    }
}

#[test]
fn a_frame_that_moved_value_comes_twice_and_the_second_is_a_native_transfer() {
    let names = [
        (0xf1, "CALL"),
        (0xf0, "CREATE"),
        (0xf5, "CREATE2"),
        (0xff, "SELFDESTRUCT"),
    ];
    for (opcode, name) in names {
        let frame = monad_exec_txn_call_frame {
            opcode,
            ..full_frame()
        };
        let said = format!(r#""opcode":{opcode},"opcode_name":"{name}""#);
        let fields = frame_fields(&said, 0);
        let both = [("TxnCallFrame", &fields[..]), ("NativeTransfer", &fields)];
        assert_texts(frame_event(&frame), Some(3), &both);
    }
}

#[test]
fn an_empty_frame_has_empty_input_and_output() {
    let frame = monad_exec_txn_call_frame {
        opcode: 0xf1,
        ..Default::default()
    };
    let zero = "00".repeat(20);
    let fields = format!(
        r#","txn_index":0,"depth":0,"caller":"0x{zero}","call_target":"0x{zero}","value":"0x0","input":"0x","output":"0x","index":0,"opcode":241,"opcode_name":"CALL","gas":0,"gas_used":0,"evmc_status":0"#
    );
    let (input_bytes, return_bytes): (&[u8], &[u8]) = (&[], &[]);
    let event = E::TxnCallFrame {
        txn_index: 0,
        txn_call_frame: &frame,
        input_bytes,
        return_bytes,
    };
    assert_text(event, Some(0), &fields);
}

#[test]
fn an_account_list_header_of_a_transaction_and_of_the_block() {
    for (txn_index, access_context) in [(None, 0), (Some(4), 1), (None, 2)] {
        let header = monad_exec_account_access_list_header {
            entry_count: u32::MAX,
            access_context,
        };
        let event = E::AccountAccessListHeader(&header);
        let index = txn_index.map_or(String::new(), |index| format!(r#","txn_index":{index}"#));
        let fields =
            format!(r#"{index},"entry_count":4294967295,"access_context":{access_context}"#);
        assert_text(event, txn_index, &fields);
    }
}

#[test]
fn an_account_shows_what_was_modified_and_nothing_else() {
    let (address, code) = ("ad".repeat(20), "c0".repeat(32));
    for (txn_index, is_balance_modified, is_nonce_modified) in [
        (Some(0), false, false),
        (Some(2), true, false),
        (None, false, true),
        (None, true, true),
    ] {
        let account = monad_exec_account_access {
            index: 5,
            address: [0xad; 20].into(),
            access_context: 2,
            is_balance_modified,
            is_nonce_modified,
            prestate: monad_c_eth_account_state {
                nonce: 17,
                balance: 0x0100_u64.into(),
                code_hash: [0xc0; 32].into(),
            },
            modified_balance: 0x20_u64.into(),
            modified_nonce: u64::MAX,
            storage_key_count: 6,
            transient_count: 7,
        };
        let event = E::AccountAccess(&account);
        let index = txn_index.map_or(String::new(), |index| format!(r#","txn_index":{index}"#));
        let balance = if is_balance_modified {
            r#","modified_balance":"0x20""#
        } else {
            ""
        };
        let nonce = if is_nonce_modified {
            r#","modified_nonce":18446744073709551615"#
        } else {
            ""
        };
        let fields = format!(
            r#"{index},"address":"0x{address}","balance":"0x100","nonce":17,"code_hash":"0x{code}","index":5,"access_context":2{balance}{nonce},"storage_key_count":6,"transient_count":7"#
        );
        assert_text(event, txn_index, &fields);
    }
}

#[test]
fn a_storage_access_shows_its_end_value_if_it_was_modified() {
    let (address, key) = ("ad".repeat(20), "0e".repeat(32));
    let (start, end) = ("00".repeat(32), "ff".repeat(32));
    for (txn_index, account_index, modified, transient) in [
        (Some(1), 0, false, false),
        (Some(1), u64::MAX, true, false),
        (None, 3, true, true),
        (None, 3, false, true),
    ] {
        let storage = monad_exec_storage_access {
            address: [0xad; 20].into(),
            index: 9,
            access_context: 1,
            modified,
            transient,
            key: [0x0e; 32].into(),
            start_value: [0; 32].into(),
            end_value: [0xff; 32].into(),
        };
        let event = E::StorageAccess(&storage);
        let index = txn_index.map_or(String::new(), |index| format!(r#","txn_index":{index}"#));
        let end = if modified {
            format!(r#","end_value":"0x{end}""#)
        } else {
            String::new()
        };
        let fields = format!(
            r#"{index},"account_index":{account_index},"key":"0x{key}","value":"0x{start}","address":"0x{address}","index":9,"access_context":1,"modified":{modified}{end},"transient":{transient}"#
        );
        assert_text_at(event, (txn_index, account_index), &fields);
    }
}

#[test]
fn an_evm_error_of_a_transaction_and_of_the_block() {
    for (txn_index, domain_id, status_code) in [
        (Some(6), u64::MAX, i64::MIN),
        (None, 0, i64::MAX),
        (None, 1, -1),
    ] {
        let evm_error = monad_exec_evm_error {
            domain_id,
            status_code,
        };
        let event = E::EvmError(&evm_error);
        let index = txn_index.map_or(String::new(), |index| format!(r#","txn_index":{index}"#));
        let fields = format!(r#","domain_id":{domain_id},"status_code":{status_code}{index}"#);
        assert_text(event, txn_index, &fields);
    }
}
