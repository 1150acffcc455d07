//! The examples as processes, on the shipped recordings here and on a ring with forks in `forks`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod forks;

#[path = "../harness/fixture.rs"]
mod fixture;
#[path = "../harness/live.rs"]
mod live;
#[path = "../../../monad-event-ring/tests/harness/program.rs"]
#[allow(dead_code)]
mod program;

use fixture::fixture_path;
use live::LiveRing;
use monad_event_ring::ContentType;
use monad_event_ring::writer::{EventRingWriter, WriterConfig};
use monad_exec_events::ExecEventRef;
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;
use program::{Running, output, program};
use serde_json::Value;

#[test]
fn eventwatch_prints_every_event_of_a_recording() {
    let (printed, output) =
        output(program("eventwatch").arg(fixture_path("emn-1b-15m.snapshot.zst")));
    assert!(output.status.success() && output.stderr.is_empty());
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 6597);
    let (time, rest) = lines[0].split_once(": ").unwrap();
    assert_eq!(time.len(), "00:00:00.000000000".len());
    assert_eq!(
        rest,
        "BLOCK_START [2 0x2] SEQ: 1 LEN: 528 BUF_OFF: 0 BLK: 15000001"
    );
    assert!(lines[6596].contains("BLOCK_FINALIZED [8 0x8] SEQ: 6597 LEN: 40"));
    assert!(lines[6596].ends_with("BLK: 15000001"));
    let txns = lines
        .iter()
        .filter(|line| line.ends_with(" TXN: 228"))
        .count();
    assert!(txns > 5, "{txns}");
}

#[test]
fn eventwatch_shows_payloads_as_bytes_and_as_json() {
    let mut watch = program("eventwatch");
    watch
        .arg(fixture_path("emn-1b-15m.snapshot.zst"))
        .args(["-d", "-j"]);
    let mut watch = Running::start(&mut watch);
    let lines: Vec<String> = (0..35).map(|_| watch.line()).collect();
    let json: Value = serde_json::from_str(&lines[1]).unwrap();
    assert_eq!(json["BlockStart"]["block_tag"]["block_number"], 15_000_001);
    // The block's number is its id on Ethereum (ring-and-events §5.1): 0xe4e1c1.
    let zeros = "00 00 00 00 00 00 00 00  00 00 00 00 00";
    assert_eq!(
        lines[3],
        format!("00000010  {zeros} e4 e1 c1  |................|")
    );
    assert!(lines[34].starts_with("00000200 "), "{}", lines[34]);
    assert_eq!(watch.close_output(), (Some(0), String::new()));
}

#[test]
fn blockdump_prints_finalized_blocks_with_their_accesses_as_json() {
    let mut dump = program("blockdump");
    dump.arg(fixture_path("emn-30b-15m.snapshot.zst"));
    dump.args(["--json", "--accesses", "--filter-commit-state", "finalized"]);
    let (printed, output) = output(&mut dump);
    assert!(output.status.success() && output.stderr.is_empty());
    let mut txns = 0;
    for (number, line) in (15_000_001..).zip(printed.lines()) {
        let json: Value = serde_json::from_str(line).unwrap();
        assert_eq!(json["commit_state"], "Finalized");
        let block = &json["block"];
        assert_eq!(block["start"]["block_tag"]["block_number"], number);
        let of_block = block["txns"].as_array().unwrap().len();
        assert_eq!(json["accesses"]["txns"].as_array().unwrap().len(), of_block);
        txns += of_block;
    }
    assert_eq!((printed.lines().count(), txns), (30, 6187));
}

#[test]
fn blockdump_prints_a_line_per_state() {
    let (printed, _) = output(program("blockdump").arg(fixture_path("emn-1b-15m.snapshot.zst")));
    let lines: Vec<&str> = printed.lines().collect();
    let of = |state: &str| {
        format!(
            "15000001 {state:<9} 0x{}e4e1c1 round 15000001 txns 229 logs 483 gas 22516578",
            "0".repeat(58)
        )
    };
    assert_eq!(lines, [of("Proposed"), of("Voted"), of("Finalized")]);
}

#[test]
fn eventwatch_names_a_gap_exactly_and_goes_on() {
    let live = LiveRing::new(EXEC_SCHEMA_HASH).unwrap();
    live.record(ExecEventRef::BlockReject(&1), 0);
    let mut watch = Running::start(program("eventwatch").arg(live.writer.path()));
    assert!(watch.line().contains(" SEQ: 1 "));
    watch.signal("STOP");
    for _ in 0..80_000 {
        live.record(ExecEventRef::BlockReject(&1), 0);
    }
    watch.signal("CONT");
    let gap = watch.line();
    let words: Vec<&str> = gap.split(' ').collect();
    let ["--", count, "lost,", "SEQ", from, "to", to, ..] = words[..] else {
        panic!("{gap}")
    };
    let to: u64 = to.trim_end_matches(':').parse().unwrap();
    let from: u64 = from.parse().unwrap();
    assert_eq!(from, 2);
    assert_eq!(count.parse(), Ok(to - from + 1));
    assert!(watch.line().contains(&format!(" SEQ: {} ", to + 1)));
    watch.lines_until(" SEQ: 80001 ");
    watch.signal("TERM");
    assert_eq!(watch.end(), (Some(0), String::new()));
}

#[test]
fn eventwatch_follows_a_restarted_node_and_starts_at_the_open_block() {
    let live = LiveRing::new(EXEC_SCHEMA_HASH).unwrap();
    let mut start = monad_exec_events::ffi::monad_exec_block_start::default();
    start.block_tag.block_number = 7;
    live.record(ExecEventRef::BlockReject(&1), 0);
    live.record(ExecEventRef::BlockStart(&start), 2);
    live.record(ExecEventRef::BlockPerfEvmEnter, 2);
    let mut watch = Running::start(program("eventwatch").arg(live.writer.path()));
    assert!(watch.line().ends_with("SEQ: 2 LEN: 528 BUF_OFF: 16 BLK: 7"));
    assert!(watch.line().ends_with("BLK: 7"));
    let path = live.writer.path().to_path_buf();
    live.writer.abandon();
    let config = WriterConfig {
        descriptor_shift: 16,
        payload_shift: 27,
        content_type: ContentType::Exec,
        schema_hash: EXEC_SCHEMA_HASH,
        note: None,
    };
    let restarted = EventRingWriter::create(path, &config).unwrap();
    restarted
        .record(9, [0; 4], None, &[&5_u64.to_le_bytes()])
        .unwrap();
    assert_eq!(watch.line(), "-- the node was restarted: its new ring");
    assert!(
        watch
            .line()
            .ends_with("BLOCK_VERIFIED [9 0x9] SEQ: 1 LEN: 8 BUF_OFF: 0 BLK: 5")
    );
    watch.signal("INT");
    assert_eq!(watch.end(), (Some(0), String::new()));
}
