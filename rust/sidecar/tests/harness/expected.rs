//! The whole text that an event must have, put together from what a test says literally.
//! Used by the tests of fields. Source: protocol 4.1.

use monad_exec_events::ExecEventRef;
use serde_json::Value;

use super::log::Entry;
use super::recorder::{Recorder, time_of};
use super::stream::Stream;

/// The text of an event: `middle` stands between name and payload, `fields` behind the payload's type.
pub fn event(name: &str, middle: &str, fields: &str, seqno: u64) -> String {
    let time = time_of(seqno);
    format!(
        r#"{{"event_name":"{name}"{middle},"payload":{{"type":"{name}"{fields}}},"seqno":{seqno},"timestamp_ns":{time}}}"#
    )
}

/// Asserts the text of an event of block 42 and, if given, of a transaction that succeeded.
pub fn assert_text(event: ExecEventRef<'_>, txn: Option<usize>, fields: &str) {
    assert_text_at(event, (txn, 0), fields);
}

/// As [`assert_text`], for an event whose descriptor also names an account.
pub fn assert_text_at(event: ExecEventRef<'_>, place: (Option<usize>, u64), fields: &str) {
    assert_texts_at(event, place, &[(event.event_type().name(), fields)]);
}

/// As [`assert_text`], for every entry that the event gives: names and fields, by slot.
pub fn assert_texts(of: ExecEventRef<'_>, txn: Option<usize>, expected: &[(&str, &str)]) {
    assert_texts_at(of, (txn, 0), expected);
}

fn assert_texts_at(
    of: ExecEventRef<'_>,
    (txn, account): (Option<usize>, u64),
    expected: &[(&str, &str)],
) {
    let mut recorder = Recorder::new();
    recorder.start(42, 1);
    if let Some(txn) = txn {
        recorder.output(txn, true);
    }
    let seqno = recorder.put_at(txn, account, of);
    let entries = Stream::of(&recorder).read();
    let found: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.seqno() == seqno)
        .collect();
    assert_eq!(found.len(), expected.len(), "{entries:?}");
    for (slot, (entry, (name, fields))) in found.into_iter().zip(expected).enumerate() {
        let index = txn.map_or(String::new(), |index| format!(r#","txn_idx":{index}"#));
        let hash = match of {
            ExecEventRef::TxnHeaderStart {
                txn_header_start, ..
            } => {
                format!(r#","txn_hash":"{}""#, txn_header_start.txn_hash)
            }
            _ => String::new(),
        };
        let stage = match of {
            ExecEventRef::EvmError(_) if txn.is_none() => "Rejected",
            _ => "Proposed",
        };
        let middle = format!(r#","block_number":42{index}{hash},"commit_stage":"{stage}""#);
        assert_eq!(entry.text, event(name, &middle, fields, seqno));
        assert_eq!(entry.seq, 16 * seqno + slot as u64, "3.3");
        assert_plain(entry);
    }
}

/// Asserts what 4.2 says of every text, printable ASCII that parses as JSON, and returns the event.
pub fn assert_plain(entry: &Entry) -> Value {
    assert!(
        entry.text.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{}",
        entry.text
    );
    let json = entry.json();
    assert_eq!(json["payload"]["type"], json["event_name"]);
    json
}
