//! Random numbers, byte strings and times against the standard library's formatting: every width that a value can have.
//! The order of fields is tested in `fields`, `fields_txn` and `fields_state`. Source: protocol 4.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::events::{block_start, hex};
use harness::expected::{assert_plain, assert_text};
use harness::recorder::Recorder;
use harness::seed::{seed, seeded};
use harness::stream::Stream;
use monad_exec_events::ExecEventRef as E;
use monad_exec_events::ffi::*;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// A number with any count of leading zero bits, or right beside a power of ten.
fn any_u64() -> impl Strategy<Value = u64> {
    prop_oneof![
        (any::<u64>(), 0..64u32).prop_map(|(bits, shift)| bits >> shift),
        (0..20u32, 0..3u64).prop_map(|(power, near)| (10u64.pow(power) - 1).saturating_add(near)),
        Just(u64::MAX),
    ]
}

fn any_u256() -> impl Strategy<Value = monad_c_uint256_ne> {
    let limb = prop_oneof![1 => Just(0u64), 2 => any_u64()];
    prop::collection::vec(limb, 4).prop_map(|limbs| monad_c_uint256_ne {
        limbs: limbs.try_into().unwrap(),
    })
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..140)
}

/// A quantity as 4.2 defines it: hexadecimal without leading zeros.
fn quantity(value: &monad_c_uint256_ne) -> String {
    let digits: String = value
        .limbs
        .iter()
        .rev()
        .map(|limb| format!("{limb:016x}"))
        .collect();
    match digits.trim_start_matches('0') {
        "" => "0x0".to_owned(),
        digits => format!("0x{digits}"),
    }
}

#[test]
fn call_frames_of_any_numbers_and_lengths() {
    let numbers = (any_u64(), any_u64(), any_u64(), any::<i32>(), any::<u32>());
    let strategy = (
        any_u256(),
        any_bytes(),
        any_bytes(),
        numbers,
        any::<[u8; 20]>(),
    );
    let check = |(value, input, output, numbers, address): (_, Vec<u8>, Vec<u8>, _, [u8; 20])| {
        let (depth, gas, gas_used, evmc_status, index) = numbers;
        let frame = monad_exec_txn_call_frame {
            index,
            caller: address.into(),
            opcode: 0xf4,
            value,
            gas,
            gas_used,
            evmc_status,
            depth,
            input_length: input.len() as u64,
            return_length: output.len() as u64,
            ..Default::default()
        };
        let (caller, zero) = (hex(&address), hex(&[0; 20]));
        let (value, data, returned) = (quantity(&frame.value), hex(&input), hex(&output));
        let fields = format!(
            r#","txn_index":5,"depth":{depth},"caller":"{caller}","call_target":"{zero}","value":"{value}","input":"{data}","output":"{returned}","index":{index},"opcode":244,"opcode_name":"DELEGATECALL","gas":{gas},"gas_used":{gas_used},"evmc_status":{evmc_status}"#
        );
        let (input_bytes, return_bytes) = (&input[..], &output[..]);
        let txn_call_frame = &frame;
        let event = E::TxnCallFrame {
            txn_index: 5,
            txn_call_frame,
            input_bytes,
            return_bytes,
        };
        assert_text(event, Some(5), &fields);
        Ok(())
    };
    TestRunner::new(seeded(300)).run(&strategy, check).unwrap();
}

#[test]
fn logs_of_any_topics_and_data() {
    let topics = prop::collection::vec(any::<[u8; 32]>(), 0..6);
    let strategy = (
        topics,
        any_bytes(),
        any::<u32>(),
        any::<[u8; 20]>(),
        0..3000usize,
    );
    let check = |(topics, data, index, address, txn): (Vec<_>, Vec<u8>, _, [u8; 20], _)| {
        let txn_log = &monad_exec_txn_log {
            index,
            address: address.into(),
            topic_count: topics.len() as u8,
            data_length: data.len() as u32,
        };
        let list: Vec<String> = topics
            .iter()
            .map(|topic: &[u8; 32]| format!("\"{}\"", hex(topic)))
            .collect();
        let (list, address, text) = (list.join(","), hex(&address), hex(&data));
        let fields = format!(
            r#","txn_index":{txn},"log_index":{index},"address":"{address}","topics":[{list}],"data":"{text}""#
        );
        let (topic_bytes, data_bytes) = (&topics.concat()[..], &data[..]);
        assert_text(
            E::TxnLog {
                txn_index: txn,
                txn_log,
                topic_bytes,
                data_bytes,
            },
            Some(txn),
            &fields,
        );
        Ok(())
    };
    TestRunner::new(seeded(100)).run(&strategy, check).unwrap();
}

#[test]
fn evm_errors_of_any_codes() {
    let signed = (any::<i64>(), 0..64u32).prop_map(|(code, shift)| code >> shift);
    TestRunner::new(seeded(100))
        .run(&(any_u64(), signed), |(domain_id, status_code)| {
            let evm_error = &monad_exec_evm_error {
                domain_id,
                status_code,
            };
            let fields =
                format!(r#","domain_id":{domain_id},"status_code":{status_code},"txn_index":0"#);
            assert_text(E::EvmError(evm_error), Some(0), &fields);
            Ok(())
        })
        .unwrap();
}

#[test]
fn block_starts_of_any_numbers() {
    let nanos = (any::<u128>(), 0..128u32).prop_map(|(bits, shift)| bits >> shift);
    let near = (0..39u32, 0..3u128).prop_map(|(power, near)| 10u128.pow(power) - 1 + near);
    let strategy = (
        prop_oneof![nanos, near],
        any_u256(),
        any_u64(),
        0..33usize,
        any::<[u8; 32]>(),
    );
    let check = |(nanos, fee, round, extra_len, extra): (u128, _, u64, usize, [u8; 32])| {
        let mut start = block_start(42, 1);
        (start.proposal_epoch_nanos, start.round) = (nanos, round);
        start.eth_block_input.base_fee_per_gas = fee;
        start.eth_block_input.extra_data = extra.into();
        start.eth_block_input.extra_data_length = extra_len as u64;
        let mut recorder = Recorder::new();
        recorder.put(E::BlockStart(&start));
        let entries = Stream::of(&recorder).read();
        assert_plain(&entries[0]);
        let text = &entries[0].text;
        for said in [
            format!(r#","proposal_epoch_nanos":{nanos},"author":"#),
            format!(r#","round":{round},"epoch":0,"#),
            format!(
                r#","base_fee_per_gas":"{}","chain_id":10143,"#,
                quantity(&fee)
            ),
            format!(
                r#","extra_data":"{}","ommers_hash":"#,
                hex(&extra[..extra_len])
            ),
        ] {
            prop_assert!(text.contains(&said), "{} in {}", said, text);
        }
        Ok(())
    };
    TestRunner::new(seeded(200)).run(&strategy, check).unwrap();
}

#[test]
fn times_of_any_size_in_any_order() {
    const TENTH: u64 = 100_000_000;
    let mut random = harness::seed::Random(seed());
    let mut times: Vec<u64> = (0..20)
        .flat_map(|power| {
            let power = 10u64.pow(power);
            [power - 1, power, power + 1]
        })
        .chain([
            0,
            u64::MAX,
            u64::MAX - 1,
            17 * TENTH - 1,
            17 * TENTH,
            17 * TENTH + 1,
            18 * TENTH,
        ])
        .collect();
    // Times that share their front, and times that go back.
    for _ in 0..2000 {
        let last = times[times.len() - 1];
        times.push(match random.below(4) {
            0 => random.bits() >> random.below(64),
            1 => last.saturating_sub(random.below(2 * TENTH)),
            _ => last.saturating_add(random.below(TENTH / 4)),
        });
    }
    let recorder = Recorder::new();
    for &time in &times {
        recorder
            .writer
            .record(9, [0; 4], Some(time), &[&7u64.to_le_bytes()])
            .unwrap();
    }
    let entries = Stream::of(&recorder).read();
    assert_eq!(entries.len(), times.len());
    for (seqno, (entry, time)) in (1..).zip(entries.iter().zip(times)) {
        let end = format!(r#","seqno":{seqno},"timestamp_ns":{time}}}"#);
        assert!(entry.text.ends_with(&end), "{end} in {}", entry.text);
        assert_eq!(entry.recorded_us, (time / 1000) as f64 as u64, "an f64");
    }
}
