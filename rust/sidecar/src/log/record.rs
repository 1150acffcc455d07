//! The index record: what the log knows about an entry without looking at its text.
//! `writer` stores it, JavaScript (`src/native/log.ts`) reads it; `door` describes it so that a test can compare both.

/// Bytes of one index record.
pub const RECORD_SIZE: usize = 48;

/// Entry type of the derived NativeTransfer; the ring's own types keep their codes 1 to 24.
pub const NATIVE_TRANSFER: u8 = 25;

/// Entry type of a TPS frame. Source: protocol 8.1.
pub const TPS: u8 = 26;

/// Entry type of a ContentionData frame. Source: protocol 8.2.
pub const CONTENTION_DATA: u8 = 27;

/// Entry type of a TopAccesses frame. Source: protocol 8.3.
pub const TOP_ACCESSES: u8 = 28;

/// Entry type of a Lifecycle frame. Source: protocol 8.4.
pub const LIFECYCLE: u8 = 29;

/// Entry type of a gap; its text is a whole frame, not an event. Source: protocol 10.2.
pub const GAP: u8 = 30;

/// Name, byte offset and type of every field, as `ringcast_describe` reports them.
pub const FIELDS: [(&str, usize, &str); 10] = [
    ("seq", 0, "f64"),
    ("text_at", 8, "f64"),
    ("block_number", 16, "f64"),
    ("recorded_us", 24, "f64"),
    ("text_len", 32, "u32"),
    ("txn", 36, "u32"),
    ("proposal", 40, "u32"),
    ("type", 44, "u8"),
    ("stage", 45, "u8"),
    ("stage_at", 46, "u16"),
];

/// What an entry is about: its block and transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryKind {
    /// Commit stage of the entry's block id at this position, as [`crate::stages::Stage`] numbers it; 0 without a block.
    pub stage: u8,
    /// Transaction index + 1; 0 for an entry outside a transaction.
    pub txn: u32,
    /// Ordinal of the block id within this log; 0 for an entry of no known block.
    pub proposal: u32,
    /// Number of the block; 0 for an entry of no known block.
    pub block_number: u64,
}

/// One index record, in the order of its bytes. Numbers that may pass 2^32 are `f64`, exact up to 2^53.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record<'a> {
    /// The entry's number on the wire. Source: protocol 3.3.
    pub seq: u64,
    /// Position of the text in the unwrapped sequence of all text bytes.
    pub text_at: u64,
    /// Bytes of text, without the comma that follows an event and the filter keys behind that.
    pub text_len: u32,
    /// When the node recorded the event, in microseconds since 1970.
    pub recorded_us: u64,
    /// Ring code, [`NATIVE_TRANSFER`], or the type of a frame.
    pub entry_type: u8,
    /// Byte offset of the commit stage's value inside the text; 0 if the text has none.
    pub stage_at: u16,
    /// What the entry is about.
    pub kind: &'a EntryKind,
}

impl Record<'_> {
    /// Position and length of the text, from a record's bytes.
    pub(super) fn text_span(bytes: &[u8; RECORD_SIZE]) -> (u64, usize) {
        let [.., a, b, c, d, e, f, g, h] = *bytes.first_chunk::<16>().unwrap_or(&[0; 16]);
        let at = f64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let len = u32::from_le_bytes([bytes[32], bytes[33], bytes[34], bytes[35]]);
        (at as u64, len as usize)
    }

    /// Writes the record's bytes, little-endian, as [`FIELDS`] says.
    #[inline]
    pub fn write_to(&self, bytes: &mut [u8; RECORD_SIZE]) {
        bytes[0..8].copy_from_slice(&exact_f64(self.seq));
        bytes[8..16].copy_from_slice(&exact_f64(self.text_at));
        bytes[16..24].copy_from_slice(&exact_f64(self.kind.block_number));
        bytes[24..32].copy_from_slice(&exact_f64(self.recorded_us));
        bytes[32..36].copy_from_slice(&self.text_len.to_le_bytes());
        bytes[36..40].copy_from_slice(&self.kind.txn.to_le_bytes());
        bytes[40..44].copy_from_slice(&self.kind.proposal.to_le_bytes());
        bytes[44] = self.entry_type;
        bytes[45] = self.kind.stage;
        bytes[46..48].copy_from_slice(&self.stage_at.to_le_bytes());
    }
}

/// What joining events again needs of a record's bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct EventRecord {
    pub(super) entry_type: u8,
    pub(super) stage: u8,
    pub(super) stage_at: usize,
    pub(super) proposal: u32,
}

impl EventRecord {
    /// Reads what [`Record::write_to`] wrote.
    pub(super) fn read(bytes: &[u8; RECORD_SIZE]) -> EventRecord {
        EventRecord {
            entry_type: bytes[44],
            stage: bytes[45],
            stage_at: usize::from(u16::from_le_bytes([bytes[46], bytes[47]])),
            proposal: u32::from_le_bytes([bytes[40], bytes[41], bytes[42], bytes[43]]),
        }
    }
}

/// A number as f64: exact up to 2^53 and the nearest one up to 2^63, which is also what larger numbers become.
///
/// Only a damaged ring has those. By way of i64, which the processor converts in one step.
#[inline(always)]
fn exact_f64(value: u64) -> [u8; 8] {
    (value.min(i64::MAX as u64) as i64 as f64).to_le_bytes()
}
