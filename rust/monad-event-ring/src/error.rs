//! Why a ring cannot be opened: one variant per cause, each message one sentence with the path and what to do.
//! Raised by ring.rs, header.rs, snapshot.rs and path.rs.

use std::{fmt, io, path::PathBuf};

use crate::{geometry::GeometryError, layout::ContentType};

/// Why a ring cannot be opened; nothing was mapped.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing is at the path.
    #[error("no event ring at {}; start the node with --exec-event-ring or give the ring's path", .path.display())]
    NotFound {
        /// Where the ring was looked for.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}; check the permissions and the file system", .path.display())]
    Io {
        /// The file concerned.
        path: PathBuf,
        /// What was attempted, as a verb.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// The path leads to something that cannot hold a ring.
    #[error("{} is a {found} and not a regular file; give the path of a ring or a snapshot", .path.display())]
    NotARegularFile {
        /// The path.
        path: PathBuf,
        /// What it is instead.
        found: &'static str,
    },
    /// A file of no bytes.
    #[error("{} is empty; wait until the node has created its ring, or give another path", .path.display())]
    Empty {
        /// The path.
        path: PathBuf,
    },
    /// The file ends before the ring does.
    #[error("{} ends after {actual} bytes, a ring there needs {expected}; copy it again or restart the node", .path.display())]
    Truncated {
        /// The path.
        path: PathBuf,
        /// Bytes that the header announces, or the header itself has.
        expected: u64,
        /// Bytes there are.
        actual: u64,
    },
    /// Neither a ring nor a snapshot.
    #[error("{} begins with \"{}\" and not with \"RING01\"; it is no event ring of this format, give another path", .path.display(), .found.escape_ascii())]
    BadMagic {
        /// The path.
        path: PathBuf,
        /// The first six bytes.
        found: [u8; 6],
    },
    /// A ring of other events.
    #[error("{} holds events of content type {found}, this build reads {expected}; give another ring", .path.display())]
    ContentType {
        /// The path.
        path: PathBuf,
        /// What the caller reads.
        expected: ContentType,
        /// What the header says.
        found: u16,
    },
    /// A ring whose payloads are laid out differently.
    #[error("ring schema of {} differs: the file has {}, this build reads {}; update this program or the node", .path.display(), Hex(found), Hex(expected))]
    SchemaHash {
        /// The path.
        path: PathBuf,
        /// The schema that the caller decodes.
        expected: [u8; 32],
        /// What the header says.
        found: [u8; 32],
    },
    /// A size in the header that the format does not allow.
    #[error("the header of {} is damaged: {source}; restart the node or copy the file again", .path.display())]
    Geometry {
        /// The path.
        path: PathBuf,
        /// The size and its limits.
        source: GeometryError,
    },
    /// A snapshot that cannot be decompressed.
    #[error("the zstd data of {} is corrupt ({reason}); copy the snapshot again", .path.display())]
    CorruptSnapshot {
        /// The path or name.
        path: PathBuf,
        /// What the decoder met.
        reason: String,
    },
    /// A zstd file of something else.
    #[error("{} is a zstd file with no event ring inside; give a ring or a snapshot of one", .path.display())]
    SnapshotWithoutRing {
        /// The path or name.
        path: PathBuf,
    },
    /// Bytes behind the snapshot's frame.
    #[error("{} has more than one zstd frame; a snapshot is a single one, compress it again as a whole", .path.display())]
    MoreThanOneFrame {
        /// The path or name.
        path: PathBuf,
    },
    /// A snapshot that decompresses to more than its ring has room for.
    #[error("{} decompresses to more than the {expected} bytes that its ring has; make the snapshot again", .path.display())]
    Overlong {
        /// The path or name.
        path: PathBuf,
        /// Bytes that the header inside announces.
        expected: u64,
    },
    /// A snapshot larger than the caller allows.
    #[error("{} decompresses to {announced} bytes, the limit is {limit}; raise the limit or take a shorter snapshot", .path.display())]
    TooLarge {
        /// The path or name.
        path: PathBuf,
        /// Bytes that the header inside announces.
        announced: u64,
        /// Bytes that the caller allows.
        limit: u64,
    },
    /// A bare ring name, and no file system that it could stand for (ENODEV in the official library).
    #[error("no mounted hugetlbfs with pagesize 2097152 is accessible to this user, so the name {} stands for no file; give the ring's full path", .path.display())]
    NoHugetlbfs {
        /// The bare name.
        path: PathBuf,
    },
}

/// All bytes of a hash in hexadecimal.
struct Hex<'a>(&'a [u8; 32]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
