//! What must hold of the log that the sidecar writes, whatever the ring was: record and text of every entry agree, the
//! texts lie one behind the other with their keys between, seqs increase, and nothing is missing in silence.
//! Source: protocol 3.3, 3.4, 4.1, 4.2, 10.2; layout: design ("The log is the product").

use monad_exec_events::ExecEventType;
use serde_json::Value;

/// Bytes of an index record.
pub const RECORD_SIZE: usize = 48;
const NATIVE_TRANSFER: u8 = 25;
const TPS: u8 = 26;
const LIFECYCLE: u8 = 29;
const GAP: u8 = 30;
const RECORD_ERROR: u8 = 1;
const STAGES: [&str; 6] = ["", "Proposed", "Voted", "Finalized", "Verified", "Rejected"];
/// The largest number that a record holds, as the nearest f64.
const LARGEST: u64 = i64::MAX as u64;

/// One entry: its record's fields and its text.
struct Entry<'a> {
    seq: f64,
    text_at: usize,
    block_number: f64,
    recorded_us: f64,
    txn: u32,
    proposal: u32,
    entry_type: u8,
    stage: u8,
    stage_at: usize,
    text: &'a [u8],
}

impl<'a> Entry<'a> {
    fn read(record: &[u8], texts: &'a [u8]) -> Self {
        let float = |at: usize| f64::from_le_bytes(record[at..at + 8].try_into().expect("eight"));
        let int = |at: usize| u32::from_le_bytes(record[at..at + 4].try_into().expect("four"));
        let text_at = float(8) as usize;
        Self {
            seq: float(0),
            text_at,
            block_number: float(16),
            recorded_us: float(24),
            txn: int(36),
            proposal: int(40),
            entry_type: record[44],
            stage: record[45],
            stage_at: usize::from(u16::from_le_bytes([record[46], record[47]])),
            text: &texts[text_at..text_at + int(32) as usize],
        }
    }

    /// Words of filter keys behind the text, at the next multiple of 4.
    fn key_words(&self, json: &Value) -> usize {
        match self.entry_type {
            10 => 20,
            11 | 22 | 23 => 5,
            17 | TPS => 1,
            18 => 7 + 8 * json["payload"]["topics"].as_array().expect("topics").len(),
            19 | NATIVE_TRANSFER => 18,
            LIFECYCLE => 22,
            _ => 0,
        }
    }

    /// Checks a metric or a change of stage: a whole frame, in one of its slots.
    fn check_frame(&self, json: &Value) {
        let (name, slots) = match self.entry_type {
            TPS => ("TPS", vec![2, 15]),
            27 => ("ContentionData", vec![3]),
            28 => ("TopAccesses", vec![4]),
            _ => ("Lifecycle", (5..15).collect()),
        };
        assert!(json.get(name).is_some(), "{json}");
        assert_eq!(json["seq"].as_u64().map(|seq| seq as f64), Some(self.seq));
        assert!(slots.contains(&(self.seq as u64 % 16)), "{json}");
    }

    /// Checks everything that an event's record says against its text; returns its seqno.
    fn check_event(&self, json: &Value) -> u64 {
        let name = match self.entry_type {
            NATIVE_TRANSFER => "NativeTransfer",
            code => ExecEventType::try_from(u16::from(code))
                .expect("a known type")
                .name(),
        };
        assert_eq!(
            (&json["event_name"], &json["payload"]["type"]),
            (&name.into(), &name.into())
        );
        let number = |key: &str| json.get(key).map(|value| value.as_u64().expect("a number"));
        let seqno = number("seqno").expect("a seqno");
        let slot = u64::from(self.entry_type == NATIVE_TRANSFER);
        assert_eq!(self.seq, (16 * seqno + slot) as f64);
        let nanos = number("timestamp_ns").expect("a time");
        assert_eq!(self.recorded_us, (nanos / 1000) as f64);
        assert_eq!(
            self.txn,
            number("txn_idx").map_or(0, |index| index as u32 + 1)
        );
        let block_number = number("block_number").unwrap_or(0);
        assert_eq!(self.block_number, block_number.min(LARGEST) as f64);
        match json.get("commit_stage") {
            None => assert_eq!((self.stage, self.stage_at, self.proposal), (0, 0, 0)),
            Some(stage) => {
                assert_eq!(stage, STAGES[usize::from(self.stage)]);
                let before = &self.text[..self.stage_at];
                assert!(before.ends_with(b"\"commit_stage\":\""));
                let quoted = format!("{}\"", STAGES[usize::from(self.stage)]);
                assert!(self.text[self.stage_at..].starts_with(quoted.as_bytes()));
            }
        }
        seqno
    }
}

/// What the entries of one log add up to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Gaps of known and unknown length.
    pub gaps: u64,
    /// Events that the gaps name.
    pub lost: u64,
}

/// Checks the `head` entries of a log that began at seq 0 and never wrapped.
///
/// `is_whole` says that no event was left out on purpose, so that the seqnos follow each other without a hole.
pub fn check(memory: &[u8], index_capacity: usize, head: usize, is_whole: bool) -> Sums {
    let (records, texts) = memory.split_at(index_capacity * RECORD_SIZE);
    let mut sums = Sums::default();
    let (mut seq, mut text_end, mut next) = (-1.0, 0, None);
    for record in records.chunks_exact(RECORD_SIZE).take(head) {
        let entry = Entry::read(record, texts);
        let shown = String::from_utf8_lossy(entry.text);
        assert!(entry.seq > seq, "3.4: {} after {seq}: {shown}", entry.seq);
        assert_eq!(entry.text_at, text_end, "{shown}");
        assert!(
            entry.text.iter().all(|byte| (b' '..=b'~').contains(byte)),
            "4.2: {shown}"
        );
        let json: Value = serde_json::from_slice(entry.text).expect("4.2: JSON");
        (seq, text_end) = (entry.seq, entry.text_at + entry.text.len());
        if entry.entry_type == GAP {
            let warning = &json["Warning"];
            let number = |key: &str| warning[key].as_u64().expect("a number");
            let (from, to) = (number("from_seqno"), number("to_seqno"));
            assert!(
                from <= to && number("dropped") == to + 1 - from,
                "10.2: {shown}"
            );
            assert!(
                entry.seq >= (16 * to) as f64 && entry.seq < (16 * to + 16) as f64,
                "{shown}"
            );
            assert!(
                !is_whole || next.is_none_or(|next| next == from),
                "10.2: {next:?}: {shown}"
            );
            next = Some(to + 1);
            sums.gaps += 1;
            sums.lost += to + 1 - from;
            continue;
        }
        let is_frame = entry.entry_type >= TPS;
        if !is_frame {
            assert_eq!(texts[text_end], b',', "{shown}");
            text_end += 1;
        }
        let key_words = entry.key_words(&json);
        if key_words > 0 {
            text_end = text_end.next_multiple_of(4) + 4 * key_words;
        }
        if is_frame {
            entry.check_frame(&json);
            continue;
        }
        let seqno = entry.check_event(&json);
        let expected = next.unwrap_or(seqno);
        match entry.entry_type {
            NATIVE_TRANSFER => assert!(!is_whole || seqno + 1 == expected, "5.1: {shown}"),
            // It is delivered, and the gap begins with it.
            RECORD_ERROR => next = Some(seqno),
            _ => next = Some(seqno + 1),
        }
        let is_next = entry.entry_type == NATIVE_TRANSFER || seqno == expected;
        assert!(!is_whole || is_next, "10.2: expected {expected}: {shown}");
    }
    sums
}
