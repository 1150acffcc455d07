//! The smallest log, and entries whose text follows from their number.
//! Used by the tests of the log itself; streams use `log` with texts of the pipeline.

use ringcast_sidecar::log::{EntryKind, LogShared, LogWriter, RECORD_SIZE, Record, Stopped};

use super::log::Log;

/// The smallest text region.
pub const TEXT: usize = 1 << 16;
/// Records of a small log.
pub const INDEX: u32 = 64;

pub fn small_log() -> (Log, LogWriter) {
    Log::new(INDEX as usize * RECORD_SIZE + TEXT, INDEX)
}

/// The text of entry `number`: `len` bytes that follow from both.
pub fn text(number: u64, len: usize) -> String {
    let letter = |i: usize| char::from(b'a' + ((number as usize * 7 + i * 3) % 26) as u8);
    (0..len).map(letter).collect()
}

/// Appends entry `number` with `len` bytes of text, as the pipeline does.
pub fn append(writer: &mut LogWriter, number: u64, len: usize) -> Result<(), Stopped> {
    writer.reserve(len + 1)?[..len].copy_from_slice(text(number, len).as_bytes());
    let record = Record {
        seq: 16 * number + 16,
        text_at: 0,
        text_len: len as u32,
        recorded_us: number,
        entry_type: 18,
        stage_at: 0,
        kind: &EntryKind::default(),
    };
    writer.commit(&record, 1);
    Ok(())
}

pub fn gather(shared: &LogShared, spans: &[(u64, usize)], room: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; room];
    let copied = shared.gather(spans.iter().copied(), &mut out)?;
    out.truncate(copied);
    Some(out)
}
