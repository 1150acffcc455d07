//! The shipped recordings: every event decodes, is what the tables say, and survives being damaged.

use std::collections::BTreeMap;

use monad_exec_events::{ExecEventRef, ExecEventType};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::aligned::Aligned;
use crate::damage::{decode_any, refuse_truncations};
use crate::recording::Recording;
use crate::samples::Sample;
use crate::seed::seeded;

/// Events by type of both recordings, in the order of the codes. Source: ring-and-events §7.
const COUNTS: [(&str, [u32; 24]); 2] = [
    (
        "emn-1b-15m.snapshot.zst",
        [
            0, 1, 0, 1, 1, 1, 1, 1, 0, 229, 0, 0, 229, 0, 229, 229, 229, 483, 1179, 229, 231, 1079,
            2245, 0,
        ],
    ),
    (
        "emn-30b-15m.snapshot.zst",
        [
            0, 30, 0, 30, 30, 30, 30, 30, 29, 6187, 121, 0, 6187, 0, 6187, 6187, 6187, 8299, 21077,
            6187, 6247, 25530, 38286, 0,
        ],
    ),
];

/// Up to `per_type` events of each type, spread over the first recording.
fn recorded_samples(per_type: u32) -> Vec<Sample> {
    let mut recording = Recording::open("emn-1b-15m.snapshot.zst");
    let mut taken = BTreeMap::new();
    let mut samples = Vec::new();
    while let Some((descriptor, payload)) = recording.next() {
        let event = ExecEventType::try_from(descriptor.event_type).unwrap();
        let count = taken.entry(event).or_insert(0);
        if *count < per_type {
            *count += 1;
            samples.push(Sample {
                event,
                content_ext: descriptor.content_ext,
                payload: Aligned::new(payload),
            });
        }
    }
    samples
}

#[test]
fn every_recorded_event_decodes_and_survives_its_encoding() {
    for (name, expected) in COUNTS {
        let mut recording = Recording::open(name);
        let mut counts = [0; 24];
        while let Some((descriptor, payload)) = recording.next() {
            let event = decode_any(descriptor.event_type, descriptor.content_ext, payload)
                .unwrap_or_else(|error| panic!("{name}, seqno {}: {error}", descriptor.seqno));
            counts[usize::from(event.code()) - 1] += 1;
        }
        assert_eq!(counts, expected, "{name}");
    }
}

#[test]
fn sampled_fields_have_the_documented_values() {
    let mut recording = Recording::open("emn-30b-15m.snapshot.zst");
    let mut seen = 0;
    while let Some((descriptor, payload)) = recording.next() {
        let event =
            ExecEventRef::decode(descriptor.event_type, descriptor.content_ext, payload).unwrap();
        match (descriptor.seqno, event) {
            (1, ExecEventRef::BlockStart(start)) => {
                let input = &start.eth_block_input;
                assert_eq!(start.proposal_epoch_nanos, 1_655_778_552_000_000_000);
                assert_eq!(
                    (start.round, start.epoch, start.chain_id.limbs),
                    (15_000_001, 0, [1, 0, 0, 0])
                );
                assert_eq!(
                    (input.difficulty, input.txn_count),
                    (13_807_340_727_711_188, 229)
                );
                assert_eq!(input.base_fee_per_gas.limbs[0], 15_925_895_345);
                assert_eq!(
                    &input.extra_data.bytes[..input.extra_data_length as usize],
                    b"Hiveon ru-heavy"
                );
                assert_eq!(
                    input.beneficiary.to_string(),
                    "0x1ad91ee08f21be3de0ba2ba6918e714da6b45836"
                );
            }
            (
                234,
                ExecEventRef::TxnHeaderStart {
                    txn_index: 0,
                    txn_header_start,
                    data_bytes,
                    blob_bytes,
                },
            ) => {
                let header = &txn_header_start.txn_header;
                assert_eq!(
                    txn_header_start.sender.to_string(),
                    "0x6d72dc1b254fb818a1382a05212466b83424e469"
                );
                assert_eq!(
                    (header.txn_type, header.nonce, header.gas_limit),
                    (2, 6, 30_000_000)
                );
                assert_eq!(header.max_fee_per_gas.limbs[0], 43_015_000_000);
                assert_eq!((data_bytes.len(), blob_bytes.len()), (644, 0));
            }
            (
                236,
                ExecEventRef::TxnEvmOutput {
                    txn_index: 0,
                    output,
                },
            ) => {
                let receipt = output.receipt;
                assert_eq!(
                    (receipt.status, receipt.log_count, receipt.gas_used),
                    (false, 0, 30_300)
                );
                assert_eq!(output.call_frame_count, 1);
            }
            (
                237,
                ExecEventRef::TxnCallFrame {
                    txn_index: 0,
                    txn_call_frame,
                    input_bytes,
                    return_bytes,
                },
            ) => {
                assert_eq!(
                    (txn_call_frame.opcode, txn_call_frame.evmc_status),
                    (241, 2)
                );
                assert_eq!((input_bytes.len(), return_bytes.len()), (644, 100));
            }
            (
                249,
                ExecEventRef::TxnLog {
                    txn_index: 1,
                    txn_log,
                    topic_bytes,
                    ..
                },
            ) => {
                assert_eq!(
                    txn_log.address.to_string(),
                    "0x58124619a4ea38d215d36c962ac5cd73462acdd6"
                );
                assert_eq!(topic_bytes[..4], [0x0f, 0xe4, 0xcb, 0x1d]);
            }
            (6595, ExecEventRef::BlockEnd(end)) => {
                assert!(
                    end.eth_block_hash
                        .to_string()
                        .starts_with("0x7a7d7c23bb8c5e34")
                );
                assert_eq!(end.exec_output.gas_used, 22_516_578);
            }
            (6596, ExecEventRef::BlockQC(qc)) => assert_eq!(qc.round, 15_000_002),
            (6597, ExecEventRef::BlockFinalized(tag)) => assert_eq!(tag.block_number, 15_000_001),
            (6598, ExecEventRef::BlockVerified(verified)) => {
                assert_eq!(verified.block_number, 15_000_001)
            }
            (1 | 234 | 236 | 237 | 249 | 6595..=6598, other) => {
                panic!("seqno {}: {other:?}", descriptor.seqno)
            }
            (6599.., _) => break,
            _ => continue,
        }
        seen += 1;
    }
    assert_eq!(seen, 9);
}

#[test]
fn every_truncation_of_recorded_payloads_is_refused() {
    let samples = recorded_samples(8);
    assert!(samples.len() > 80, "{} samples", samples.len());
    samples.iter().for_each(refuse_truncations);
}

#[test]
fn recorded_payloads_with_flipped_bits_give_an_event_or_a_typed_error() {
    let samples = recorded_samples(64);
    let case = (
        0..samples.len(),
        proptest::collection::vec(any::<proptest::sample::Index>(), 1..8),
    );
    TestRunner::new(seeded(8192))
        .run(&case, |(at, bits)| {
            let mut sample = samples[at].clone();
            let payload = sample.payload.as_mut_slice();
            for bit in bits
                .iter()
                .filter(|_| !payload.is_empty())
                .map(|bit| bit.index(payload.len() * 8))
                .collect::<Vec<_>>()
            {
                payload[bit / 8] ^= 1 << (bit % 8);
            }
            let _ = decode_any(sample.event.code(), sample.content_ext, payload);
            Ok(())
        })
        .unwrap();
}
