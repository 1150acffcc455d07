//! An event watcher and a hexdump.

use std::ffi::CStr;
use std::fmt::Write;

use monad_event_ring::{
    BytesDecoder, DecodedEventRing, EventDecoder, EventDescriptor, EventDescriptorInfo,
    EventNextResult, EventPayloadResult, EventReader, EventRing, EventRingPath,
};
use monad_exec_events::ffi::{
    DEFAULT_FILE_NAME, MONAD_EXEC_EVENT_COUNT, g_monad_exec_event_metadata, monad_c_bytes32,
    monad_exec_block_start,
};
use monad_exec_events::{
    ExecEventDecoder, ExecEventDescriptorExt, ExecEventReaderExt, ExecEventRef, ExecEventRing,
    ExecEventRingFlowInfo, ExecEventType, ExecSnapshotEventRing,
};

use crate::{fixture, live};

/// A ring of either kind, opened by its path.
enum Opened {
    Live(ExecEventRing),
    Snapshot(ExecSnapshotEventRing),
}

impl Opened {
    fn new(path: EventRingPath) -> Result<Self, String> {
        Ok(if path.is_snapshot_file()? {
            Self::Snapshot(ExecSnapshotEventRing::new_from_zstd_path(path, None)?)
        } else {
            Self::Live(ExecEventRing::new(path)?)
        })
    }

    fn reader(&self) -> EventReader<'_, ExecEventDecoder> {
        match self {
            Self::Live(ring) => {
                let mut reader = ring.create_reader();
                reader.consensus_prev(Some(ExecEventType::BlockStart));
                reader
            }
            Self::Snapshot(ring) => ring.create_reader(),
        }
    }
}

/// One line about an event, as an event watcher prints it.
fn line(event: &EventDescriptor<ExecEventDecoder>) -> String {
    let EventDescriptorInfo {
        seqno,
        event_type,
        record_epoch_nanos: _,
        flow_info,
    } = event.info();
    // SAFETY: the table points at NUL-terminated literals, which live as long as the program.
    let name = unsafe { CStr::from_ptr(g_monad_exec_event_metadata[event_type as usize].c_name) };
    let mut line = format!(
        "{} [{event_type} {event_type:#x}] SEQ: {seqno}",
        name.to_str().unwrap()
    );
    let ExecEventRingFlowInfo {
        block_seqno,
        txn_idx,
        account_idx: _,
    } = flow_info;
    if block_seqno != 0 {
        write!(line, " BLK: {}", event.get_block_number().unwrap()).unwrap();
    }
    if let Some(txn_index) = txn_idx {
        write!(line, " TXN: {txn_index}").unwrap();
    }
    line
}

#[test]
fn an_event_watcher_reads_a_recording() {
    assert_eq!(
        (MONAD_EXEC_EVENT_COUNT, DEFAULT_FILE_NAME),
        (25, "monad-exec-events")
    );
    let path = fixture::fixture_path("emn-30b-15m.snapshot.zst");
    let ring = Opened::new(EventRingPath::resolve(path).unwrap()).unwrap();
    let mut reader = ring.reader();
    let mut lines = Vec::new();
    while lines.len() < 240 {
        match reader.next_descriptor() {
            EventNextResult::Gap | EventNextResult::NotReady => break,
            EventNextResult::Ready(event) => {
                let EventPayloadResult::Ready(payload) = event.try_read() else {
                    break;
                };
                assert!(!format!("{payload:x?}").is_empty());
                lines.push(line(&event));
            }
        }
    }
    // Source: ring-and-events §7, sample values.
    assert_eq!(lines[0], "BLOCK_START [2 0x2] SEQ: 1 BLK: 15000001");
    assert_eq!(
        lines[233],
        "TXN_HEADER_START [10 0xa] SEQ: 234 BLK: 15000001 TXN: 0"
    );
    assert_eq!(
        lines[235],
        "TXN_EVM_OUTPUT [17 0x11] SEQ: 236 BLK: 15000001 TXN: 0"
    );
}

#[test]
fn an_event_watcher_starts_at_the_block_that_is_being_recorded() {
    let live = live::LiveRing::new(*ExecEventDecoder::ring_schema_hash()).unwrap();
    let mut start = monad_exec_block_start::default();
    start.block_tag.block_number = 77;
    for seqno in [1, 3] {
        live.record(ExecEventRef::BlockStart(&start), seqno);
        live.record(ExecEventRef::BlockPerfEvmEnter, seqno);
        start.block_tag.block_number += 1;
    }
    let path = EventRingPath::resolve_with_default_path(DEFAULT_FILE_NAME, live.directory.path());
    let ring = Opened::new(path.unwrap()).unwrap();
    let EventNextResult::Ready(event) = ring.reader().next_descriptor() else {
        panic!("nothing is ready")
    };
    assert_eq!(line(&event), "BLOCK_START [2 0x2] SEQ: 3 BLK: 78");
    assert!(event.block_id_matches(&monad_c_bytes32 { bytes: [0; 32] }));
}

#[test]
fn a_hexdump_reads_any_ring() {
    let live = live::LiveRing::new(*ExecEventDecoder::ring_schema_hash()).unwrap();
    live.record(ExecEventRef::BlockReject(&0x0102), 1);
    let path = EventRingPath::resolve(live.writer.path()).unwrap();
    let ring = EventRing::<BytesDecoder>::new(path).unwrap();
    let EventNextResult::Ready(event) = ring.create_reader().next_descriptor() else {
        panic!("nothing is ready")
    };
    let dumped = event.try_filter_map_raw(|info, bytes| {
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x?}")).collect();
        Some(format!(
            "{:08x} {:02x} | {}",
            info.seqno,
            info.event_type,
            digits.join(" ")
        ))
    });
    let EventPayloadResult::Ready(Some(dumped)) = dumped else {
        panic!("expired")
    };
    assert_eq!(dumped, "00000001 03 | 02 01 00 00");
}
