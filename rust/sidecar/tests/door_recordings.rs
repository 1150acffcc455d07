//! The shipped recordings through the door to their last event: every type's count, every transfer, no gap.
//! Laps and paces are in `door_snapshots`. Source: ring-and-events §7, protocol 5.1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::collections::HashMap;

use harness::door::*;
use harness::expected::assert_plain;
use harness::log::{Entry, TRANSFER};
use harness::{fixture, until};
use monad_exec_events::ExecEventType as T;
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

/// Reads a recording to its end; what `each` makes of the entries is up to it.
fn read_all(name: &str, more: Value, mut each: impl FnMut(&Entry)) -> Door {
    let mut door = Door::open(&fixture(name), more, 32 * MIB);
    until("the recording was read", || {
        let has_ended = door.state() == ENDED;
        let entries = door.take();
        entries.iter().for_each(&mut each);
        has_ended && entries.is_empty()
    });
    door
}

/// Counts entries by type and checks the transfers against the frames, by the definition and not by its order.
#[derive(Default)]
struct Census {
    counts: HashMap<u8, u64>,
    transfers: u64,
    expected_transfers: u64,
    /// By transaction: whether it succeeded, and the frames above the next one, each with whether all succeeded so far.
    txns: HashMap<(u64, u64), (bool, Vec<bool>)>,
}

impl Census {
    fn count(&mut self, entry: &Entry) {
        let json = assert_plain(entry);
        *self.counts.entry(entry.entry_type).or_default() += 1;
        let payload = &json["payload"];
        let number = |key: &str| payload[key].as_u64().unwrap();
        let txn = (
            entry.block_number,
            json["txn_idx"].as_u64().unwrap_or(u64::MAX),
        );
        match entry.entry_type {
            17 => {
                let status = payload["status"].as_bool().unwrap();
                self.txns.insert(txn, (status, Vec::new()));
            }
            19 => {
                let (is_success, above) = self.txns.get_mut(&txn).unwrap();
                above.truncate(number("depth") as usize);
                let so_far = above.last().copied().unwrap_or(*is_success);
                let succeeded = so_far && payload["evmc_status"] == 0;
                above.push(succeeded);
                let name = payload["opcode_name"].as_str().unwrap();
                let moves = ["CALL", "CREATE", "CREATE2", "SELFDESTRUCT"].contains(&name);
                self.expected_transfers +=
                    u64::from(succeeded && moves && payload["value"] != "0x0");
            }
            TRANSFER => self.transfers += 1,
            _ => {}
        }
    }

    fn assert(&self, expected: &[(T, u64)]) {
        for kind in T::ALL {
            let count = expected
                .iter()
                .find(|row| row.0 == kind)
                .map_or(0, |row| row.1);
            assert_eq!(
                self.counts.get(&(kind as u8)).copied().unwrap_or(0),
                count,
                "{kind}"
            );
        }
        assert_eq!(self.transfers, self.expected_transfers);
        assert!(self.transfers > 50, "only {} transfers", self.transfers);
    }
}

#[test]
fn the_recording_of_one_block_is_delivered_whole() {
    let mut census = Census::default();
    let mut newest = 0;
    let door = read_all("emn-1b-15m.snapshot.zst", json!({}), |entry| {
        assert_eq!(
            entry.seq,
            16 * entry.seqno() + u64::from(entry.entry_type == TRANSFER),
            "base 0"
        );
        assert!(entry.seq > newest);
        newest = entry.seq;
        census.count(entry);
    });
    census.assert(&[
        (T::BlockStart, 1),
        (T::BlockPerfEvmEnter, 1),
        (T::BlockPerfEvmExit, 1),
        (T::BlockEnd, 1),
        (T::BlockQC, 1),
        (T::BlockFinalized, 1),
        (T::TxnHeaderStart, 229),
        (T::TxnHeaderEnd, 229),
        (T::TxnPerfEvmEnter, 229),
        (T::TxnPerfEvmExit, 229),
        (T::TxnEvmOutput, 229),
        (T::TxnLog, 483),
        (T::TxnCallFrame, 1179),
        (T::TxnEnd, 229),
        (T::AccountAccessListHeader, 231),
        (T::AccountAccess, 1079),
        (T::StorageAccess, 2245),
    ]);
    assert_eq!(newest, 16 * 6597);
    assert_eq!(door.message(), "The snapshot ended.");
    for (name, value) in [
        ("head", (6597 + census.transfers + door.metrics) as f64),
        ("newest_seq", 16.0 * 6597.0 + 5.0),
        ("block_number", 15_000_001.0),
        ("chain_id", 1.0),
        ("events", 6597.0),
        ("gaps", 0.0),
        ("call_frames", 2.0),
        ("source_kind", 2.0),
    ] {
        assert_eq!(door.status(name), value, "{name}");
    }
}

#[test]
fn the_recording_of_thirty_blocks_by_an_older_recorder_is_delivered_whole() {
    let mut census = Census::default();
    let door = read_all("emn-30b-15m.snapshot.zst", json!({}), |entry| {
        census.count(entry)
    });
    census.assert(&[
        (T::BlockStart, 30),
        (T::BlockPerfEvmEnter, 30),
        (T::BlockPerfEvmExit, 30),
        (T::BlockEnd, 30),
        (T::BlockQC, 30),
        (T::BlockFinalized, 30),
        (T::BlockVerified, 29),
        (T::TxnHeaderStart, 6187),
        (T::TxnAccessListEntry, 121),
        (T::TxnHeaderEnd, 6187),
        (T::TxnPerfEvmEnter, 6187),
        (T::TxnPerfEvmExit, 6187),
        (T::TxnEvmOutput, 6187),
        (T::TxnLog, 8299),
        (T::TxnCallFrame, 21077),
        (T::TxnEnd, 6187),
        (T::AccountAccessListHeader, 6247),
        (T::AccountAccess, 25530),
        (T::StorageAccess, 38286),
    ]);
    assert_eq!(
        (door.status("events"), door.status("gaps")),
        (136_891.0, 0.0)
    );
}

#[test]
fn blocked_types_have_no_entries_and_keep_their_seqs() {
    let mut types = HashMap::new();
    let blocked = [1, 19, 22, 23, 24];
    let door = read_all(
        "emn-1b-15m.snapshot.zst",
        json!({ "blocked": blocked }),
        |entry| {
            assert_eq!(
                entry.seq,
                16 * entry.seqno() + u64::from(entry.entry_type == TRANSFER)
            );
            *types.entry(entry.entry_type).or_insert(0) += 1;
        },
    );
    assert!(
        blocked.iter().all(|code| !types.contains_key(code)),
        "{types:?}"
    );
    assert_eq!((types[&18], types[&TRANSFER] > 50), (483, true));
    assert_eq!(
        (door.status("events"), door.status("newest_seq")),
        (6597.0, 16.0 * 6597.0 + 5.0)
    );
}
