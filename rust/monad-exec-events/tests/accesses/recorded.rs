//! The shipped recordings, of both orders of recording: every access event is found again at its place.

use std::collections::BTreeMap;

use monad_event_ring::{DecodedEventRing, EventNextResult, EventPayloadResult};
use monad_exec_events::ffi::{
    monad_c_address, monad_exec_account_access, monad_exec_storage_access,
};
use monad_exec_events::{
    ExecEvent, ExecEventRingFlowInfo, ExecSnapshotEventRing, ExecutedAccountAccess,
    ExecutedBlockBuilder,
};

use crate::fixture::fixture_path;

/// (context, transaction, account)
type Account = (u8, Option<usize>, u32);

/// The access events of one block, each under the place that it names itself.
#[derive(Default)]
struct Events {
    accounts: BTreeMap<Account, monad_exec_account_access>,
    /// Under (transient, index) within the account that content_ext names.
    slots: BTreeMap<(Account, bool, u32), monad_exec_storage_access>,
}

impl Events {
    fn add(&mut self, flow: ExecEventRingFlowInfo, event: ExecEvent) {
        let txn_index = flow.txn_idx;
        match event {
            ExecEvent::AccountAccess(access) => {
                let account = (access.access_context, txn_index, access.index);
                assert!(self.accounts.insert(account, access).is_none());
            }
            ExecEvent::StorageAccess(access) => {
                let account = (access.access_context, txn_index, flow.account_idx as u32);
                let place = (account, access.transient, access.index);
                assert!(self.slots.insert(place, access).is_none());
            }
            _ => {}
        }
    }

    /// Compares one assembled list and takes its events away.
    fn take(&mut self, context: u8, txn_index: Option<usize>, list: &[ExecutedAccountAccess]) {
        for (index, assembled) in list.iter().enumerate() {
            let account = (context, txn_index, index as u32);
            let access = self.accounts.remove(&account).unwrap();
            assert_eq!(assembled.address, access.address);
            assert_eq!(assembled.prestate, access.prestate);
            assert_eq!(
                (assembled.is_balance_modified, assembled.modified_balance),
                (access.is_balance_modified, access.modified_balance)
            );
            assert_eq!(
                (assembled.is_nonce_modified, assembled.modified_nonce),
                (access.is_nonce_modified, access.modified_nonce)
            );
            for (transient, slots) in [
                (false, &assembled.storage_accesses),
                (true, &assembled.transient_accesses),
            ] {
                for (index, slot) in slots.iter().enumerate() {
                    let place = (account, transient, index as u32);
                    let access = self.slots.remove(&place).unwrap();
                    assert_eq!(
                        (slot.modified, slot.key, slot.start_value, slot.end_value),
                        (
                            access.modified,
                            access.key,
                            access.start_value,
                            access.end_value
                        )
                    );
                    assert_eq!(address(assembled), access.address);
                }
            }
        }
    }
}

fn address(account: &ExecutedAccountAccess) -> monad_c_address {
    account.address
}

/// Blocks, accounts and slots that were assembled.
fn assemble(name: &str) -> (usize, usize, usize) {
    let ring = ExecSnapshotEventRing::new_from_zstd_path(fixture_path(name), None).unwrap();
    let mut reader = ring.create_reader();
    let mut builder = ExecutedBlockBuilder::new(false).with_accesses();
    let (mut blocks, mut accounts, mut slots) = (0, 0, 0);
    let mut events = Events::default();
    while let EventNextResult::Ready(event) = reader.next_descriptor() {
        let EventPayloadResult::Ready(decoded) = event.try_read() else {
            panic!("a recording does not expire")
        };
        events.add(event.info().flow_info, decoded);
        let Some(block) = builder.process_event_descriptor(&event) else {
            continue;
        };
        let (block, accesses) = (block.unwrap(), builder.take_accesses().unwrap());
        blocks += 1;
        accounts += events.accounts.len();
        slots += events.slots.len();
        events.take(0, None, &accesses.prologue);
        assert_eq!(accesses.txns.len(), block.txns.len());
        for (txn_index, list) in accesses.txns.iter().enumerate() {
            events.take(1, Some(txn_index), list);
        }
        events.take(2, None, &accesses.epilogue);
        assert!(events.accounts.is_empty() && events.slots.is_empty());
    }
    (blocks, accounts, slots)
}

#[test]
fn the_one_block_recording_of_the_present_order() {
    assert_eq!(assemble("emn-1b-15m.snapshot.zst"), (1, 1_079, 2_245));
}

#[test]
fn the_thirty_block_recording_of_the_older_order() {
    assert_eq!(assemble("emn-30b-15m.snapshot.zst"), (30, 25_530, 38_286));
}
