//! A program that tells every variant of both event types apart, by the official shapes and without a wildcard.

use monad_event_ring::{DecodedEventRing, EventNextResult, EventPayloadResult};
use monad_exec_events::{ExecEvent, ExecEventRef, ExecSnapshotEventRing};

use crate::fixture;

/// What is counted of a recording.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sums {
    blocks: usize,
    marks: usize,
    of_consensus: usize,
    refusals: usize,
    input: usize,
    logged: usize,
    returned: usize,
    keys: usize,
    accounts: u64,
    modified: usize,
    transactions: usize,
}

impl Sums {
    fn of(event: ExecEventRef<'_>) -> Option<Self> {
        let mut sums = Self::default();
        sums.add_ref(event);
        Some(sums)
    }

    fn join(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.marks += other.marks;
        self.of_consensus += other.of_consensus;
        self.refusals += other.refusals;
        self.input += other.input;
        self.logged += other.logged;
        self.returned += other.returned;
        self.keys += other.keys;
        self.accounts += other.accounts;
        self.modified += other.modified;
        self.transactions = self.transactions.max(other.transactions);
    }

    fn add_ref(&mut self, event: ExecEventRef<'_>) {
        match event {
            ExecEventRef::RecordError(error) => panic!("{error:?}"),
            ExecEventRef::BlockStart(_) => self.blocks += 1,
            ExecEventRef::BlockReject(_)
            | ExecEventRef::EvmError(_)
            | ExecEventRef::TxnReject {
                txn_index: _,
                reject: _,
            } => self.refusals += 1,
            ExecEventRef::BlockPerfEvmEnter
            | ExecEventRef::BlockPerfEvmExit
            | ExecEventRef::BlockEnd(_)
            | ExecEventRef::TxnHeaderEnd
            | ExecEventRef::TxnPerfEvmEnter
            | ExecEventRef::TxnPerfEvmExit
            | ExecEventRef::TxnEnd => self.marks += 1,
            ExecEventRef::BlockQC(_)
            | ExecEventRef::BlockFinalized(_)
            | ExecEventRef::BlockVerified(_) => self.of_consensus += 1,
            ExecEventRef::TxnHeaderStart {
                txn_index,
                txn_header_start,
                data_bytes,
                blob_bytes,
            } => {
                assert_eq!(
                    txn_header_start.txn_header.data_length,
                    data_bytes.len() as u32
                );
                assert!(blob_bytes.is_empty());
                self.transactions = self.transactions.max(txn_index + 1);
                self.input += data_bytes.len();
            }
            ExecEventRef::TxnAccessListEntry {
                txn_index: _,
                txn_access_list_entry,
                storage_key_bytes,
            } => {
                assert_eq!(
                    txn_access_list_entry.entry.storage_key_count as usize * 32,
                    storage_key_bytes.len()
                );
                self.keys += storage_key_bytes.len() / 32;
            }
            ExecEventRef::TxnAuthListEntry {
                txn_index,
                txn_auth_list_entry,
            } => panic!("{txn_index}: {txn_auth_list_entry:?}"),
            ExecEventRef::TxnEvmOutput {
                txn_index: _,
                output: _,
            } => {}
            ExecEventRef::TxnLog {
                txn_index: _,
                txn_log: _,
                topic_bytes: _,
                data_bytes,
            } => self.logged += data_bytes.len(),
            ExecEventRef::TxnCallFrame {
                txn_index: _,
                txn_call_frame: _,
                input_bytes: _,
                return_bytes,
            } => self.returned += return_bytes.len(),
            ExecEventRef::AccountAccessListHeader(header) => {
                self.accounts += u64::from(header.entry_count);
            }
            ExecEventRef::AccountAccess(_) => {}
            ExecEventRef::StorageAccess(access) => self.modified += usize::from(access.modified),
        }
    }

    fn add(&mut self, event: ExecEvent) {
        match event {
            ExecEvent::RecordError(error) => panic!("{error:?}"),
            ExecEvent::BlockStart(_) => self.blocks += 1,
            ExecEvent::BlockReject(_)
            | ExecEvent::EvmError(_)
            | ExecEvent::TxnReject {
                txn_index: _,
                reject: _,
            } => self.refusals += 1,
            ExecEvent::BlockPerfEvmEnter
            | ExecEvent::BlockPerfEvmExit
            | ExecEvent::BlockEnd(_)
            | ExecEvent::TxnHeaderEnd
            | ExecEvent::TxnPerfEvmEnter
            | ExecEvent::TxnPerfEvmExit
            | ExecEvent::TxnEnd => self.marks += 1,
            ExecEvent::BlockQC(_) | ExecEvent::BlockFinalized(_) | ExecEvent::BlockVerified(_) => {
                self.of_consensus += 1;
            }
            ExecEvent::TxnHeaderStart {
                txn_index,
                txn_header_start: _,
                data_bytes,
                blob_bytes: _,
            } => {
                self.transactions = self.transactions.max(txn_index + 1);
                self.input += data_bytes.len();
            }
            ExecEvent::TxnAccessListEntry {
                txn_index: _,
                txn_access_list_entry: _,
                storage_key_bytes,
            } => self.keys += storage_key_bytes.len() / 32,
            ExecEvent::TxnAuthListEntry {
                txn_index,
                txn_auth_list_entry,
            } => panic!("{txn_index}: {txn_auth_list_entry:?}"),
            ExecEvent::TxnEvmOutput {
                txn_index: _,
                output: _,
            } => {}
            ExecEvent::TxnLog {
                txn_index: _,
                txn_log: _,
                topic_bytes: _,
                data_bytes,
            } => self.logged += data_bytes.len(),
            ExecEvent::TxnCallFrame {
                txn_index: _,
                txn_call_frame: _,
                input_bytes: _,
                return_bytes,
            } => self.returned += return_bytes.len(),
            ExecEvent::AccountAccessListHeader(header) => {
                self.accounts += u64::from(header.entry_count);
            }
            ExecEvent::AccountAccess(_) => {}
            ExecEvent::StorageAccess(access) => self.modified += usize::from(access.modified),
        }
    }
}

#[test]
fn both_event_types_have_the_official_variants() {
    let path = fixture::fixture_path("emn-30b-15m.snapshot.zst");
    let ring = ExecSnapshotEventRing::new_from_zstd_path(path, None).unwrap();
    let mut reader = ring.create_reader();
    let (mut borrowed, mut owned) = (Sums::default(), Sums::default());
    while let EventNextResult::Ready(event) = reader.next_descriptor() {
        let EventPayloadResult::Ready(copied) = event.try_read() else {
            panic!("a recording does not expire")
        };
        owned.add(copied);
        let EventPayloadResult::Ready(Some(one)) = event.try_filter_map(Sums::of) else {
            panic!("a recording does not expire")
        };
        borrowed.join(one);
    }
    assert_eq!(borrowed, owned);
    assert_eq!((owned.blocks, owned.accounts), (30, 25_530));
}
