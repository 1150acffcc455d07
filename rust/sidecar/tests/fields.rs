//! The exact text of block, consensus and record-error events: key order, formats, optional fields.
//! Transaction events are in `fields_txn`, frames and state in `fields_state`. Source: protocol 4.1–4.5, 5, 5.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::events::{block_start, hex, id, tag};
use harness::expected::{assert_plain, event};
use harness::log::Entry;
use harness::recorder::Recorder;
use harness::stream::Stream;
use monad_exec_events::ExecEventRef;
use monad_exec_events::ffi::*;
use zerocopy::IntoBytes;

/// What the middle says of an event of block 42.
fn of_block(stage: &str) -> String {
    format!(r#","block_number":42,"commit_stage":"{stage}""#)
}

fn read(recorder: &Recorder) -> Vec<Entry> {
    let entries = Stream::of(recorder).read();
    entries.iter().for_each(|entry| drop(assert_plain(entry)));
    entries
}

fn full_start() -> monad_exec_block_start {
    let mut start = block_start(42, 1);
    start.round = u64::MAX;
    start.epoch = 5;
    start.proposal_epoch_nanos = u128::MAX;
    start.chain_id = 143u64.into();
    start.author.y_parity = 3;
    start.author.x = [0xa0; 32];
    start.parent_eth_hash = [0xb1; 32].into();
    let input = &mut start.eth_block_input;
    input.ommers_hash = [0xb2; 32].into();
    input.beneficiary = [0xc1; 20].into();
    input.transactions_root = [0xb3; 32].into();
    input.difficulty = 13_807_340_727_711_188;
    input.number = 43;
    input.gas_limit = 30_000_000;
    input.timestamp = 1_655_778_552;
    input.extra_data.bytes[..6].copy_from_slice(b"Hiveon");
    input.extra_data_length = 6;
    input.prev_randao = [0xb4; 32].into();
    input.nonce = [0, 1, 2, 3, 4, 5, 6, 0xff].into();
    input.base_fee_per_gas = 1_000_000_000u64.into();
    input.withdrawals_root = [0xb5; 32].into();
    input.txn_count = 229;
    start.monad_block_input.base_fee_trend.limbs = [u64::MAX; 4];
    start.monad_block_input.base_fee_moment.limbs = [0, 0, 0, 1];
    start
}

#[test]
fn a_block_start_has_every_field_in_order() {
    let mut recorder = Recorder::new();
    recorder.put(ExecEventRef::BlockStart(&full_start()));
    let expected = concat!(
        r#"{"event_name":"BlockStart","block_number":42,"commit_stage":"Proposed","payload":{"type":"BlockStart","#,
        r#""block_number":42,"#,
        r#""block_id":"0x0000000000000001111111111111111111111111111111110000000000000001","#,
        r#""round":18446744073709551615,"epoch":5,"#,
        r#""parent_eth_hash":"0xb1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1","#,
        r#""timestamp":1655778552,"beneficiary":"0xc1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1","#,
        r#""gas_limit":30000000,"base_fee_per_gas":"0x3b9aca00","chain_id":143,"txn_count":229,"#,
        r#""proposal_epoch_nanos":340282366920938463463374607431768211455,"#,
        r#""author":"0x03a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0","#,
        r#""transactions_root":"0xb3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3","#,
        r#""prev_randao":"0xb4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4","#,
        r#""extra_data":"0x486976656f6e","#,
        r#""ommers_hash":"0xb2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2","#,
        r#""difficulty":13807340727711188,"nonce":"0x00010203040506ff","#,
        r#""withdrawals_root":"0xb5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5","#,
        r#""base_fee_trend":"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","#,
        r#""base_fee_moment":"0x1000000000000000000000000000000000000000000000000"},"#,
        r#""seqno":1,"timestamp_ns":1700000000001000003}"#,
    );
    let entries = read(&recorder);
    assert_eq!(entries[0].text, expected);
    let (seq, kind) = (entries[0].seq, (entries[0].entry_type, entries[0].txn));
    assert_eq!((seq, kind, entries[0].block_number), (16, (2, 0), 42));
    assert_eq!(entries[0].recorded_us, 1_700_000_000_001_000);
}

#[test]
fn a_block_start_without_extra_data_and_withdrawals_says_so() {
    let mut recorder = Recorder::new();
    recorder.put(ExecEventRef::BlockStart(&block_start(42, 1)));
    let mut full = full_start();
    full.eth_block_input.extra_data_length = 32;
    full.eth_block_input.extra_data = [0x20; 32].into();
    recorder.put(ExecEventRef::BlockStart(&full));
    let entries = read(&recorder);
    let text = &entries[0].text;
    assert!(!text.contains("withdrawals_root"), "{text}");
    let tail = r#""difficulty":0,"nonce":"0x0000000000000000","base_fee_trend":"0x0","base_fee_moment":"0x0"}"#;
    assert!(text.contains(tail), "{text}");
    assert!(
        text.contains(r#""extra_data":"0x","ommers_hash""#),
        "{text}"
    );
    assert!(
        text.contains(r#""base_fee_per_gas":"0x0","chain_id":10143,"#),
        "{text}"
    );
    let whole = format!(r#""extra_data":"0x{}","#, "20".repeat(32));
    assert!(entries[1].text.contains(&whole), "{}", entries[1].text);
}

#[test]
fn block_end_and_the_markers_of_a_block() {
    let mut recorder = Recorder::new();
    recorder.start(42, 1);
    recorder.put(ExecEventRef::BlockPerfEvmEnter);
    recorder.put(ExecEventRef::BlockPerfEvmExit);
    let mut end = monad_exec_block_end {
        eth_block_hash: [0xe1; 32].into(),
        exec_output: monad_c_eth_block_exec_output {
            state_root: [0xe2; 32].into(),
            receipts_root: [0xe3; 32].into(),
            gas_used: u64::MAX,
            ..Default::default()
        },
    };
    end.exec_output.logs_bloom.bytes[255] = 0x80;
    recorder.put(ExecEventRef::BlockEnd(&end));
    let fields = format!(
        r#","eth_block_hash":"0x{}","state_root":"0x{}","receipts_root":"0x{}","logs_bloom":"0x{}80","gas_used":18446744073709551615"#,
        "e1".repeat(32),
        "e2".repeat(32),
        "e3".repeat(32),
        "00".repeat(255),
    );
    let entries = read(&recorder);
    let proposed = of_block("Proposed");
    assert_eq!(
        entries[1].text,
        event("BlockPerfEvmEnter", &proposed, "", 2)
    );
    assert_eq!(entries[2].text, event("BlockPerfEvmExit", &proposed, "", 3));
    assert_eq!(entries[3].text, event("BlockEnd", &proposed, &fields, 4));
}

#[test]
fn a_block_reject_names_its_reason_if_it_has_a_name() {
    let mut recorder = Recorder::new();
    let cases = [
        (1, Some("GasAboveLimit")),
        (5, Some("WrongParentHash")),
        (20, Some("InvalidDepositLog")),
        (0, None),
        (21, None),
        (u32::MAX, None),
    ];
    for (block_id, (reason, _)) in cases.iter().enumerate() {
        recorder.start(42, block_id as u64);
        recorder.put(ExecEventRef::BlockReject(reason));
    }
    let entries = read(&recorder);
    for (i, (reason, name)) in cases.iter().enumerate() {
        let name = name.map_or(String::new(), |name| format!(r#","reason_name":"{name}""#));
        let fields = format!(r#","reason":{reason}{name}"#);
        let expected = event(
            "BlockReject",
            &of_block("Rejected"),
            &fields,
            2 * i as u64 + 2,
        );
        assert_eq!(entries[2 * i + 1].text, expected);
    }
}

#[test]
fn consensus_events_name_their_block() {
    let mut recorder = Recorder::new();
    let qc = monad_exec_block_qc {
        block_tag: tag(42, 9),
        round: 77,
        epoch: u64::MAX,
    };
    recorder.put(ExecEventRef::BlockQC(&qc));
    recorder.finalized(42, 9);
    recorder.verified(42);
    recorder.verified(41);
    let block_id = hex(&id(9));
    let named = format!(r#","block_id":"{block_id}","block_number":42"#);
    let fields = format!(r#"{named},"round":77,"epoch":18446744073709551615"#);
    let entries = read(&recorder);
    assert_eq!(
        entries[0].text,
        event("BlockQC", &of_block("Voted"), &fields, 1)
    );
    assert_eq!(
        entries[1].text,
        event("BlockFinalized", &of_block("Finalized"), &named, 2)
    );
    let fields = format!(r#","block_number":42,"block_id":"{block_id}""#);
    assert_eq!(
        entries[2].text,
        event("BlockVerified", &of_block("Verified"), &fields, 3)
    );
    let middle = r#","block_number":41,"commit_stage":"Verified""#;
    let unknown = event("BlockVerified", middle, r#","block_number":41"#, 4);
    assert_eq!(
        entries[3].text, unknown,
        "4.3: a finalized block that was not seen has no id"
    );
}

#[test]
fn record_errors_say_what_was_dropped() {
    let mut recorder = Recorder::new();
    let missing = monad_event_record_error {
        error_type: 3,
        dropped_event_type: 18,
        truncated_payload_size: 0,
        requested_payload_size: 0,
    };
    recorder.put(ExecEventRef::RecordError(&missing));
    let overflow = monad_event_record_error {
        error_type: 2,
        dropped_event_type: u16::MAX,
        truncated_payload_size: 8176,
        requested_payload_size: u64::MAX,
    };
    let block = recorder.start(42, 1);
    let payload = [overflow.as_bytes(), &[0xff; 8176]].concat();
    recorder.raw(1, [block, 0, 0, 0], &payload);
    let entries: Vec<Entry> = Stream::of(&recorder).read();
    let errors: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.entry_type == 1)
        .collect();
    let fields = r#","error_type":3,"dropped_event_type":18,"truncated_payload_size":0,"requested_payload_size":0"#;
    assert_eq!(
        errors[0].text,
        event("RecordError", "", fields, 1),
        "outside a block"
    );
    let fields = r#","error_type":2,"dropped_event_type":65535,"truncated_payload_size":8176,"requested_payload_size":18446744073709551615"#;
    assert_eq!(
        errors[1].text,
        event("RecordError", &of_block("Proposed"), fields, 3)
    );
}

#[test]
fn an_index_record_says_where_the_stage_is() {
    let mut recorder = Recorder::new();
    recorder.block_of(42, 1, 3);
    recorder.qc(42, 1);
    recorder.start(43, 2);
    recorder.reject();
    let stages = ["", "Proposed", "Voted", "Finalized", "Verified", "Rejected"];
    let entries = read(&recorder);
    assert_eq!(entries.len(), 11);
    for entry in entries {
        let stage = stages[usize::from(entry.stage)];
        assert_eq!(entry.stage().as_deref(), Some(stage), "{}", entry.text);
        assert!(
            entry.text[entry.stage_at..].starts_with(&format!("{stage}\"")),
            "{}",
            entry.text
        );
        assert_eq!(entry.json()["block_number"], entry.block_number);
        let txn = entry.json()["txn_idx"]
            .as_u64()
            .map_or(0, |index| index + 1);
        assert_eq!(u64::from(entry.txn), txn, "{}", entry.text);
    }
}
