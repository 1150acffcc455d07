//! Joins events of the log into the body of one frame, as a release of held events needs them: with the stage that
//! released them, and with their block ids (protocol 7.1, 4.5). Called by `door`.

use super::record::{EventRecord, NATIVE_TRANSFER};
use super::shared::LogShared;
use crate::proposals::ProposalIds;
use crate::stages::Stage;

/// Most bytes that an event's text grows by, its comma included.
pub const MOST_ADDED: usize = 90;

/// How events are joined.
#[derive(Clone, Copy, Debug)]
pub struct Joining<'a> {
    /// What every `commit_stage` becomes; `None` leaves them.
    pub stage: Option<Stage>,
    /// Where block ids come from; `None` adds none.
    pub ids: Option<&'a ProposalIds>,
}

/// Why events cannot be joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatherError {
    /// It is not published, or released.
    #[error("Entry {0} is not held: it was released, or is not there yet.")]
    NotHeld(u64),
    /// Entry numbers go up.
    #[error(
        "Entry {0} does not follow the entry before it; give entry numbers in ascending order."
    )]
    NotAscending(u64),
    /// Only events can be joined.
    #[error("Entry {0} is a frame and no event; copy its text alone.")]
    NotAnEvent(u64),
    /// The buffer is full.
    #[error(
        "{0} bytes are too few for these entries; lend the sum of their texts and {MOST_ADDED} bytes for each."
    )]
    TooSmall(usize),
}

impl LogShared {
    /// Writes the texts of `entries`, with single commas between them, to `out` and returns their length.
    ///
    /// The sum of the texts' lengths and [`MOST_ADDED`] for each entry is always enough room.
    ///
    /// # Errors
    /// [`GatherError`], with `out` in an unknown state.
    pub fn gather_entries(
        &self,
        entries: impl Iterator<Item = u64>,
        joining: Joining<'_>,
        out: &mut [u8],
    ) -> Result<usize, GatherError> {
        let size = out.len();
        let mut room = out;
        let mut previous = None;
        self.read_entries(entries, |entry, held| {
            let (record, text) = held.ok_or(GatherError::NotHeld(entry))?;
            if previous >= Some(entry) {
                return Err(GatherError::NotAscending(entry));
            }
            let record = EventRecord::read(record);
            if record.entry_type > NATIVE_TRANSFER {
                return Err(GatherError::NotAnEvent(entry));
            }
            let mut put = |bytes: &[u8]| match room.split_off_mut(..bytes.len()) {
                Some(part) => {
                    part.copy_from_slice(bytes);
                    Ok(())
                }
                None => Err(GatherError::TooSmall(size)),
            };
            if previous.is_some() {
                put(b",")?;
            }
            previous = Some(entry);
            let mut rest = text;
            if let (Some(stage), Some(own), true) =
                (joining.stage, Stage::of(record.stage), record.stage_at > 0)
            {
                put(&rest[..record.stage_at])?;
                put(stage.name().as_bytes())?;
                rest = &rest[record.stage_at + own.name().len()..];
            }
            let id = joining.ids.filter(|_| record.proposal > 0);
            let Some(id) = id.and_then(|ids| ids.get(record.proposal)) else {
                return put(rest);
            };
            put(&rest[..rest.len() - 1])?;
            put(b",\"block_id\":\"0x")?;
            put(const_hex::Buffer::<32>::new().format(&id).as_bytes())?;
            put(b"\"}")
        })?;
        Ok(size - room.len())
    }
}
