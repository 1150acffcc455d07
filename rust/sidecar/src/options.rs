//! What JavaScript says when it opens a log, as JSON. Read by `door`, used by `reader`.

use std::path::PathBuf;

use serde::Deserialize;

/// Where in a live ring the stream begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    /// At the oldest event that the ring still holds.
    #[default]
    Oldest,
    /// After the newest event.
    Newest,
    /// At the first held block of this or a higher number.
    Block(u64),
}

/// How a log is filled.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Path or bare name of a live ring, a decompressed image or a zstd snapshot.
    pub ring: PathBuf,
    /// Where in a live ring the stream begins.
    #[serde(default)]
    pub from: From,
    /// Codes of events that get no text.
    #[serde(default)]
    pub blocked: Vec<u8>,
    /// Index records in the lent memory, a power of two.
    pub index_capacity: u32,
    /// Speed of a snapshot relative to its timestamps; absent: at once.
    #[serde(default)]
    pub speed: Option<f64>,
    /// Whether a snapshot begins again when it ends.
    #[serde(default, rename = "loop")]
    pub repeat: bool,
    /// Whether a snapshot waits for `ringcast_play`.
    #[serde(default)]
    pub wait_for_play: bool,
}
