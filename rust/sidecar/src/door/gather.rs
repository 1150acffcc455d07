//! The arguments of the functions that copy text, from bytes to numbers. Used by `door`; `log` does the copying.

use super::instance::find;
use crate::log::Joining;
use crate::stages::Stage;

/// Flag: `block_id` is appended to every event of a known block.
const WITH_BLOCK_IDS: u32 = 1;

/// A position, length or entry number of JavaScript's; what is none becomes one that is never held.
pub fn number(bytes: &[u8]) -> u64 {
    match bytes.try_into().map(f64::from_le_bytes) {
        Ok(number) if number >= 0.0 => number as u64,
        _ => u64::MAX,
    }
}

/// Joins events of a log; `entries` holds an f64 each. The number of bytes, or a sentence.
pub fn join(
    handle: u32,
    entries: &[u8],
    stage: u32,
    flags: u32,
    out: &mut [u8],
) -> Result<usize, String> {
    let instance = find(handle).ok_or_else(|| {
        format!("There is no log with handle {handle}; it was closed or never opened.")
    })?;
    let stage = match u8::try_from(stage).map(|stage| (stage, Stage::of(stage))) {
        Ok((0, _)) => None,
        Ok((_, Some(known))) if known != Stage::Abandoned => Some(known),
        _ => return Err(format!("{stage} is no commit stage; give 0 to 5.")),
    };
    if flags & !WITH_BLOCK_IDS != 0 {
        return Err(format!(
            "{flags} has flags that are not known; give 0 or 1."
        ));
    }
    let shared = &instance.shared;
    let joining = Joining {
        stage,
        ids: (flags & WITH_BLOCK_IDS != 0).then_some(&*shared.status.proposals),
    };
    let entries = entries.chunks_exact(8).map(number);
    shared
        .log
        .gather_entries(entries, joining, out)
        .map_err(|error| error.to_string())
}
