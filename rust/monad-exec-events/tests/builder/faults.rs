//! Every way in which the events of a block can be incomplete: the error names the event and nothing is allocated
//! for what was only announced.

use monad_exec_events::{BlockPlace, ExecEventType, ReassemblyError};

use crate::dropped;
use crate::script::*;

/// `block()` without its event at `at`, or with another one in its place.
fn with(at: usize, replacement: Option<Event>) -> Vec<Event> {
    let mut events = block();
    events.splice(at..=at, replacement);
    events
}

#[test]
fn an_event_that_is_missing_is_named() {
    use ExecEventType::{TxnAccessListEntry, TxnAuthListEntry, TxnCallFrame};
    let missing = |event, txn_index, expected, actual| ReassemblyError::MissingEvents {
        event,
        place: BlockPlace::Txn(txn_index),
        expected,
        actual,
    };
    assert_eq!(dropped(&with(4, None)), missing(TxnAuthListEntry, 1, 1, 0));
    assert_eq!(
        dropped(&with(6, None)),
        missing(TxnAccessListEntry, 0, 2, 1)
    );
    assert_eq!(dropped(&with(13, None)), missing(TxnCallFrame, 0, 1, 0));
    assert_eq!(
        dropped(&with(12, None)),
        ReassemblyError::MissingTransactionLog {
            txn_index: 0,
            log_index: 1
        }
    );
    assert_eq!(
        dropped(&with(2, None)),
        ReassemblyError::MissingTransaction { txn_index: 1 }
    );
    let no_output = [block_start(1, 1), header(0, 0, 0), block_end()];
    assert_eq!(
        dropped(&no_output),
        missing(ExecEventType::TxnEvmOutput, 0, 1, 0)
    );
    let last_missing = [
        block_start(1, 2),
        header(0, 0, 0),
        output(0, 0, 0),
        block_end(),
    ];
    assert_eq!(
        dropped(&last_missing),
        ReassemblyError::MissingTransaction { txn_index: 1 }
    );
    let first_missing = [
        block_start(1, 2),
        header(1, 0, 0),
        output(1, 0, 0),
        block_end(),
    ];
    assert_eq!(
        dropped(&first_missing),
        ReassemblyError::MissingTransaction { txn_index: 0 }
    );
}

#[test]
fn an_event_that_is_repeated_or_out_of_order_is_named() {
    let duplicate = |event, txn_index| ReassemblyError::DuplicateEvent {
        event,
        place: BlockPlace::Txn(txn_index),
    };
    assert_eq!(
        dropped(&with(3, Some(header(1, 0, 0)))),
        duplicate(ExecEventType::TxnHeaderStart, 1)
    );
    assert_eq!(
        dropped(&with(8, Some(output(1, 0, 0)))),
        duplicate(ExecEventType::TxnEvmOutput, 1)
    );
    let unexpected =
        |event, txn_index, expected, actual, announced| ReassemblyError::UnexpectedIndex {
            event,
            place: BlockPlace::Txn(txn_index),
            expected,
            actual,
            announced,
        };
    let log_type = ExecEventType::TxnLog;
    assert_eq!(
        dropped(&with(12, Some(log(0, 0)))),
        unexpected(log_type, 0, 1, 0, 2)
    );
    assert_eq!(
        dropped(&with(9, Some(log(0, 1)))),
        unexpected(log_type, 0, 0, 1, 2)
    );
    assert_eq!(
        dropped(&with(12, Some(log(1, 1)))),
        unexpected(log_type, 1, 1, 1, 1)
    );
    assert_eq!(
        dropped(&with(7, Some(log(1, 0)))),
        unexpected(log_type, 1, 0, 0, 0)
    );
    assert_eq!(
        dropped(&with(5, Some(access(1, 0)))),
        unexpected(ExecEventType::TxnAccessListEntry, 1, 0, 0, 0)
    );
}

#[test]
fn announced_counts_allocate_nothing() {
    let huge = [
        block_start(1, u64::MAX),
        header(0, u32::MAX, u32::MAX),
        output(0, u32::MAX, u32::MAX),
        block_end(),
    ];
    assert!(matches!(
        dropped(&huge),
        ReassemblyError::MissingEvents { .. }
    ));
    let far = [
        block_start(1, u64::MAX),
        header(usize::MAX - 1, 0, 0),
        block_end(),
    ];
    assert_eq!(
        dropped(&far),
        ReassemblyError::MissingTransaction { txn_index: 0 }
    );
    let outside = [block_start(1, 2), header(2, 0, 0), block_end()];
    assert_eq!(
        dropped(&outside),
        ReassemblyError::TransactionOutOfRange {
            txn_index: 2,
            txn_count: 2
        }
    );
}
