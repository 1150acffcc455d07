//! One valid event of every type, and the shapes that no recording holds: blobs, authorizations, rejections, errors.
//! Made with the encoders; used by every test of this folder.

use monad_exec_events::ffi::*;
use monad_exec_events::{ExecEventRef, ExecEventRingFlowInfo, ExecEventType};
use zerocopy::IntoBytes;

use crate::aligned::Aligned;

/// What a descriptor and a payload say.
#[derive(Clone, Debug)]
pub struct Sample {
    pub event: ExecEventType,
    pub content_ext: [u64; 4],
    pub payload: Aligned,
}

impl Sample {
    fn of((flow, event): (ExecEventRingFlowInfo, ExecEventRef<'_>)) -> Self {
        let mut payload = Vec::new();
        event.encode_payload(&mut payload);
        Self {
            event: event.event_type(),
            content_ext: flow.into(),
            payload: Aligned::new(&payload),
        }
    }

    pub fn decode(&self) -> Result<ExecEventRef<'_>, monad_exec_events::DecodeError> {
        ExecEventRef::decode(self.event.code(), self.content_ext, self.payload.as_slice())
    }
}

const SOME: usize = 3;

pub fn samples() -> Vec<Sample> {
    let bytes: Vec<u8> = (0..=255).collect();
    let long = vec![0x5a; 8176];
    let address = monad_c_address { bytes: [0xa1; 20] };
    let word = monad_c_bytes32 { bytes: [0xb2; 32] };
    let u256 = monad_c_uint256_ne {
        limbs: [1, 2, 3, u64::MAX],
    };
    let short_error = monad_event_record_error {
        error_type: 3,
        dropped_event_type: 18,
        ..Default::default()
    };
    let long_error = monad_event_record_error {
        error_type: 2,
        truncated_payload_size: 8176,
        ..short_error
    };
    let mut start = monad_exec_block_start {
        round: 9,
        chain_id: u256,
        parent_eth_hash: word,
        ..Default::default()
    };
    start.proposal_epoch_nanos = u128::MAX - 1;
    start.author.y_parity = 3;
    start.eth_block_input.extra_data_length = 32;
    let mut end = monad_exec_block_end::default();
    end.exec_output.state_root = word;
    end.exec_output.gas_used = 5;
    let tag = monad_exec_block_tag {
        id: word,
        block_number: 1234,
    };
    let qc = monad_exec_block_qc {
        block_tag: tag,
        round: 1,
        epoch: 2,
    };
    let verified = monad_exec_block_verified {
        block_number: u64::MAX,
    };
    let mut plain = monad_exec_txn_header_start {
        txn_hash: word,
        sender: address,
        ..Default::default()
    };
    plain.txn_header.txn_type = MONAD_TXN_EIP1559;
    plain.txn_header.data_length = 5;
    let mut blob = plain;
    blob.txn_header.txn_type = MONAD_TXN_EIP4844;
    blob.txn_header.max_fee_per_blob_gas = u256;
    blob.txn_header.blob_versioned_hash_length = 2;
    let mut delegating = plain;
    delegating.txn_header.txn_type = MONAD_TXN_EIP7702;
    delegating.txn_header.data_length = 0;
    delegating.txn_header.auth_list_count = 1;
    let empty_entry = monad_exec_txn_access_list_entry::default();
    let mut entry = monad_exec_txn_access_list_entry {
        index: 2,
        ..empty_entry
    };
    entry.entry = monad_c_access_list_entry {
        address,
        storage_key_count: 3,
    };
    let mut authorization = monad_exec_txn_auth_list_entry {
        authority: address,
        ..Default::default()
    };
    authorization.is_valid_authority = true;
    authorization.entry.chain_id = u256;
    let mut output = monad_exec_txn_evm_output {
        call_frame_count: 4,
        ..Default::default()
    };
    output.receipt.status = true;
    let bare_log = monad_exec_txn_log {
        address,
        ..Default::default()
    };
    let log = monad_exec_txn_log {
        topic_count: 4,
        data_length: 33,
        ..bare_log
    };
    let many_topics = monad_exec_txn_log {
        topic_count: 8,
        ..bare_log
    };
    let bare_frame = monad_exec_txn_call_frame {
        opcode: 0xf1,
        evmc_status: -1,
        ..Default::default()
    };
    let frame = monad_exec_txn_call_frame {
        input_length: 7,
        return_length: 250,
        ..bare_frame
    };
    let list = monad_exec_account_access_list_header {
        entry_count: 1,
        access_context: 2,
    };
    let account = monad_exec_account_access {
        is_nonce_modified: true,
        modified_nonce: 1,
        ..Default::default()
    };
    let storage = monad_exec_storage_access {
        modified: true,
        key: word,
        end_value: word,
        ..Default::default()
    };
    let evm_error = monad_exec_evm_error {
        domain_id: 1 << 63,
        status_code: i64::MIN,
    };
    let txn_index = 0;
    let known: [ExecEventRef<'_>; 23] = [
        ExecEventRef::RecordError(&short_error),
        ExecEventRef::BlockStart(&start),
        ExecEventRef::BlockReject(&5),
        ExecEventRef::BlockPerfEvmEnter,
        ExecEventRef::BlockPerfEvmExit,
        ExecEventRef::BlockEnd(&end),
        ExecEventRef::BlockQC(&qc),
        ExecEventRef::BlockFinalized(&tag),
        ExecEventRef::BlockVerified(&verified),
        header(&plain, &bytes[..5], &[]),
        header(&blob, &bytes[..5], &bytes[..64]),
        header(&delegating, &[], &[]),
        access(&empty_entry, &[]),
        access(&entry, &bytes[..96]),
        ExecEventRef::TxnAuthListEntry {
            txn_index,
            txn_auth_list_entry: &authorization,
        },
        ExecEventRef::TxnReject {
            txn_index,
            reject: &16,
        },
        ExecEventRef::TxnEvmOutput {
            txn_index: SOME,
            output: &output,
        },
        log_event(&bare_log, &[], &[]),
        log_event(&log, &bytes[..128], &bytes[..33]),
        log_event(&many_topics, &bytes, &[]),
        call(&bare_frame, &[], &[]),
        call(&frame, &bytes[..7], &bytes[..250]),
        ExecEventRef::EvmError(&evm_error),
    ];
    // What these belong to is said by their descriptors alone.
    let placed = [
        (Some(0), 0, ExecEventRef::TxnHeaderEnd),
        (Some(SOME), 0, ExecEventRef::TxnPerfEvmEnter),
        (Some(SOME), 0, ExecEventRef::TxnPerfEvmExit),
        (Some(SOME), 0, ExecEventRef::TxnEnd),
        (None, 0, ExecEventRef::AccountAccessListHeader(&list)),
        (Some(SOME), 0, ExecEventRef::AccountAccess(&account)),
        (Some(SOME), 6, ExecEventRef::StorageAccess(&storage)),
        (Some(0), 0, ExecEventRef::EvmError(&evm_error)),
    ]
    .map(|(txn_idx, account_idx, event)| {
        let flow = ExecEventRingFlowInfo {
            block_seqno: 77,
            txn_idx,
            account_idx,
        };
        Sample::of((flow, event))
    });
    let long_record_error = Sample {
        event: ExecEventType::RecordError,
        content_ext: [77, 0, 0, 0],
        payload: Aligned::new(&[long_error.as_bytes(), &long].concat()),
    };
    let mut samples: Vec<_> = known
        .map(|event| Sample::of((event.flow(77), event)))
        .into();
    samples.extend(placed);
    samples.push(long_record_error);
    samples
}

fn log_event<'a>(
    txn_log: &'a monad_exec_txn_log,
    topic_bytes: &'a [u8],
    data_bytes: &'a [u8],
) -> ExecEventRef<'a> {
    ExecEventRef::TxnLog {
        txn_index: 0,
        txn_log,
        topic_bytes,
        data_bytes,
    }
}

fn header<'a>(
    start: &'a monad_exec_txn_header_start,
    data: &'a [u8],
    blobs: &'a [u8],
) -> ExecEventRef<'a> {
    ExecEventRef::TxnHeaderStart {
        txn_index: SOME,
        txn_header_start: start,
        data_bytes: data,
        blob_bytes: blobs,
    }
}

fn access<'a>(entry: &'a monad_exec_txn_access_list_entry, keys: &'a [u8]) -> ExecEventRef<'a> {
    ExecEventRef::TxnAccessListEntry {
        txn_index: SOME,
        txn_access_list_entry: entry,
        storage_key_bytes: keys,
    }
}

fn call<'a>(
    frame: &'a monad_exec_txn_call_frame,
    input: &'a [u8],
    output: &'a [u8],
) -> ExecEventRef<'a> {
    ExecEventRef::TxnCallFrame {
        txn_index: SOME,
        txn_call_frame: frame,
        input_bytes: input,
        return_bytes: output,
    }
}
