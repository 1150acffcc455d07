//! Why a ring cannot be created or an event cannot be recorded.

use std::{io, path::PathBuf};

use crate::GeometryError;

/// Why a ring cannot be created; nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Another writer lives.
    #[error("{} is locked by a living writer; stop it or choose another path", .path.display())]
    Locked {
        /// The path.
        path: PathBuf,
    },
    /// Something else than a ring has the path.
    #[error("{} exists and is no event ring, so it is not replaced; choose another path", .path.display())]
    NotARing {
        /// The path.
        path: PathBuf,
    },
    /// The path cannot name a file.
    #[error("{} names no file in a directory; give the path of the new ring", .path.display())]
    NoFileName {
        /// The path.
        path: PathBuf,
    },
    /// Sizes that no ring has.
    #[error(
        "a ring cannot have these sizes: {0}; choose a descriptor shift of 16..=32 and a payload shift of 27..=40"
    )]
    Geometry(#[from] GeometryError),
    /// A note that does not fit.
    #[error("the note {note:?} must be 1 to 32 printable ASCII characters; shorten it")]
    Note {
        /// The note.
        note: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}; check the permissions and the free space", .path.display())]
    Io {
        /// The file concerned.
        path: PathBuf,
        /// What was attempted, as a verb.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
}

/// Why an event cannot be recorded; the ring is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A payload whose size does not fit the descriptor.
    #[error(
        "a payload of {size} bytes does not fit the descriptor, which holds at most 4 GiB; split the event"
    )]
    Overflow4Gb {
        /// Bytes of the payload.
        size: u64,
    },
    /// A payload that would expire while it is written.
    #[error(
        "a payload of {size} bytes would expire at once, this ring takes less than {limit}; use a larger payload shift"
    )]
    OverflowExpire {
        /// Bytes of the payload, rounded up to the alignment.
        size: u64,
        /// First size that is refused.
        limit: u64,
    },
}
