//! One entry of the log: text, filter keys and index record in one go. Used by `pipeline` for events and by `derived`
//! for what follows from them.

use monad_exec_events::{ExecEventRef, ExecEventRingFlowInfo};

use crate::chain::Place;
use crate::log::{EntryKind, LogWriter, Record, Stopped};
use crate::text::{Json, Name, Tail, write_event, write_event_keys};

/// Appends an event and what its descriptor says about it; `false`, and nothing appended, if its text and keys exceed the bound.
#[inline]
pub fn append_event(
    log: &mut LogWriter,
    bound: usize,
    (seq, recorded_us, entry_type): (u64, u64, u8),
    (flow, event): (&ExecEventRingFlowInfo, &ExecEventRef<'_>),
    place: &Place<'_>,
    tail: &Tail,
) -> Result<bool, Stopped> {
    let mut json = Json::new(log.reserve(bound)?);
    let stage_at = write_event(
        &mut json,
        Name::of(entry_type),
        place.middle,
        (flow, event),
        place.verified_id,
        tail,
    );
    // The comma behind the event is no part of its text.
    let text_len = json.len() as u32 - 1;
    write_event_keys(&mut json, event);
    if json.is_overflowed() {
        return Ok(false);
    }
    let trailing = json.len() as u32 - text_len;
    let kind = place.middle.kind();
    log.commit(
        &Record {
            seq,
            text_at: 0,
            text_len,
            recorded_us,
            entry_type,
            stage_at,
            kind,
        },
        trailing,
    );
    Ok(true)
}

/// What the index record of a frame says.
#[derive(Clone, Copy, Debug)]
pub struct FrameKind<'a> {
    /// The entry's number on the wire.
    pub seq: u64,
    /// When the event that caused it was recorded, in microseconds since 1970.
    pub recorded_us: u64,
    /// The type of the entry.
    pub entry_type: u8,
    /// What it is about.
    pub kind: &'a EntryKind,
}

/// Appends a whole frame of at most `bound` bytes, keys included: `body` writes what follows `{"seq":N,`, `keys` the
/// words behind it. `false`, and nothing appended, if that does not fit.
pub fn append_frame(
    log: &mut LogWriter,
    bound: usize,
    frame: &FrameKind<'_>,
    body: impl FnOnce(&mut Json<'_>),
    keys: impl FnOnce(&mut Json<'_>),
) -> Result<bool, Stopped> {
    // Most frames are far below their bound, so a small log takes them too.
    let bound = bound.min(log.max_text());
    let mut json = Json::new(log.reserve(bound)?);
    json.raw(b"{\"seq\":");
    json.number(frame.seq);
    json.raw(b",");
    body(&mut json);
    json.raw(b"}");
    let text_len = json.len() as u32;
    keys(&mut json);
    if json.is_overflowed() {
        return Ok(false);
    }
    let trailing = json.len() as u32 - text_len;
    log.commit(
        &Record {
            seq: frame.seq,
            text_at: 0,
            text_len,
            recorded_us: frame.recorded_us,
            entry_type: frame.entry_type,
            stage_at: 0,
            kind: frame.kind,
        },
        trailing,
    );
    Ok(true)
}
