//! Every way in which lists of accesses can be incomplete: the error names the event and its place.

use monad_exec_events::ffi::*;
use monad_exec_events::{BlockBuilderError, BlockPlace, ExecEventType, ReassemblyError};

use crate::build;
use crate::script::*;

/// Why `block()` is dropped with another event, or none, in the place of `at`.
fn dropped(at: usize, replacement: Option<Placed>) -> ReassemblyError {
    let mut events = block();
    events.splice(at..=at, replacement);
    match build(&events).as_slice() {
        [
            (
                Err(BlockBuilderError::ImplicitDrop {
                    block,
                    reassembly_error,
                }),
                None,
            ),
        ] => {
            assert_eq!(block.block_tag.block_number, 1);
            *reassembly_error
        }
        other => panic!("{other:?}"),
    }
}

fn missing(
    event: ExecEventType,
    place: BlockPlace,
    expected: usize,
    actual: usize,
) -> ReassemblyError {
    ReassemblyError::MissingEvents {
        event,
        place,
        expected,
        actual,
    }
}

#[test]
fn a_missing_list_account_or_slot_is_named() {
    use BlockPlace::{Epilogue, Prologue, Txn};
    use ExecEventType::{AccountAccess, AccountAccessListHeader, StorageAccess};
    assert_eq!(
        dropped(1, None),
        missing(AccountAccessListHeader, Prologue, 1, 0)
    );
    assert_eq!(
        dropped(8, None),
        missing(AccountAccessListHeader, Txn(0), 1, 0)
    );
    assert_eq!(
        dropped(19, None),
        missing(AccountAccessListHeader, Epilogue, 1, 0)
    );
    assert_eq!(
        dropped(19, Some(list(None, true, 1))),
        missing(AccountAccess, Epilogue, 1, 0)
    );
    assert_eq!(dropped(3, None), missing(StorageAccess, Prologue, 1, 0));
    assert_eq!(dropped(13, None), missing(StorageAccess, Txn(0), 2, 1));
    assert_eq!(dropped(15, None), missing(StorageAccess, Txn(0), 1, 0));
    assert_eq!(
        dropped(18, None).to_string(),
        "transaction 0 has 1 StorageAccess, expected 2."
    );
    // Its slots come without it.
    let without_account = ReassemblyError::StorageWithoutAccount {
        place: Txn(1),
        index: 0,
    };
    assert_eq!(dropped(11, None), without_account);
}

#[test]
fn a_repeated_or_foreign_event_is_named() {
    let place = BlockPlace::Txn(0);
    let event = ExecEventType::AccountAccessListHeader;
    let second = Some(list(Some(0), false, 2));
    assert_eq!(
        dropped(9, second),
        ReassemblyError::DuplicateEvent { event, place }
    );
    let unexpected = |event, expected, actual, announced| ReassemblyError::UnexpectedIndex {
        event,
        place,
        expected,
        actual,
        announced,
    };
    assert_eq!(
        dropped(16, Some(account(Some(0), 2, 3, (0, 2)))),
        unexpected(ExecEventType::AccountAccess, 1, 2, 2)
    );
    assert_eq!(
        dropped(18, Some(slot(Some(0), 1, 3, (true, 0), 31))),
        unexpected(ExecEventType::StorageAccess, 1, 0, 2)
    );
    let not_its_account = |index| ReassemblyError::StorageWithoutAccount { place, index };
    assert_eq!(
        dropped(18, Some(slot(Some(0), 1, 2, (true, 1), 31))),
        not_its_account(1)
    );
    assert_eq!(
        dropped(18, Some(slot(Some(0), 7, 3, (true, 1), 31))),
        not_its_account(1)
    );
    let outside = ReassemblyError::TransactionOutOfRange {
        txn_index: 2,
        txn_count: 2,
    };
    assert_eq!(dropped(8, Some(list(Some(2), false, 0))), outside);
}

#[test]
fn transient_slots_come_after_all_ordinary_ones() {
    // In the place of the second ordinary slot.
    let transient = slot(Some(0), 0, 2, (true, 0), 22);
    assert_eq!(
        dropped(13, Some(transient)),
        missing(ExecEventType::StorageAccess, BlockPlace::Txn(0), 2, 1)
    );
    let mut events = block();
    events.swap(13, 15);
    let [
        (
            Err(BlockBuilderError::ImplicitDrop {
                reassembly_error, ..
            }),
            None,
        ),
    ] = &build(&events)[..]
    else {
        panic!("built")
    };
    assert_eq!(
        *reassembly_error,
        missing(ExecEventType::StorageAccess, BlockPlace::Txn(0), 2, 1)
    );
}

#[test]
fn a_context_that_does_not_exist_is_named() {
    for (access_context, txn_index) in [(3, None), (1, None), (0, Some(1)), (2, Some(0))] {
        let header = leak(monad_exec_account_access_list_header {
            entry_count: 0,
            access_context,
        });
        let event = placed(txn_index, Event::AccountAccessListHeader(header));
        let expected = ReassemblyError::UnknownAccessContext {
            event: ExecEventType::AccountAccessListHeader,
            access_context,
            txn_index,
        };
        assert_eq!(dropped(1, Some(event)), expected);
    }
}

#[test]
fn announced_counts_allocate_nothing() {
    assert_eq!(
        dropped(2, Some(account(None, 0, 1, (u32::MAX, u32::MAX)))),
        missing(
            ExecEventType::StorageAccess,
            BlockPlace::Prologue,
            u32::MAX as usize,
            1
        )
    );
    assert_eq!(
        dropped(1, Some(list(None, false, u32::MAX))),
        missing(
            ExecEventType::AccountAccess,
            BlockPlace::Prologue,
            u32::MAX as usize,
            1
        )
    );
}
