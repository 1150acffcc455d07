//! A recorder: creates a ring the way a node does and records events into it, from any number of threads.
//! claim.rs makes and publishes the file, memory.rs stores into it; a reader sees only what §1.6 prescribes.
//! faults.rs breaks that on purpose.

mod claim;
mod error;
mod faults;
mod memory;
mod record;

use std::{
    fmt,
    fs::File,
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

pub use error::{CreateError, WriteError};
pub use faults::DescriptorDamage;
pub use record::Reservation;

use crate::{ContentType, GeometryError, RingGeometry};
use memory::WriterMemory;

/// What a new ring is to be.
#[derive(Clone, Copy, Debug)]
pub struct WriterConfig<'a> {
    /// The ring gets 2 to the power of this many descriptors (16..=32).
    pub descriptor_shift: u8,
    /// The ring gets 2 to the power of this many payload bytes (27..=40).
    pub payload_shift: u8,
    /// Kind of events.
    pub content_type: ContentType,
    /// Fingerprint of the payload structures.
    pub schema_hash: [u8; 32],
    /// What the recorder says of itself: up to 32 printable ASCII characters (a node says nothing).
    pub note: Option<&'a str>,
}

impl WriterConfig<'_> {
    fn geometry(&self) -> Result<RingGeometry, GeometryError> {
        // A shift of 64 or more gives 0, which the geometry refuses like any other wrong size.
        let size = |shift: u8| 1_u64.checked_shl(shift.into()).unwrap_or(0);
        RingGeometry::new(size(self.descriptor_shift), size(self.payload_shift), 0)
    }
}

/// The writer of one ring; it holds the file's exclusive lock as long as it lives.
///
/// All methods that record take `&self` and may be called from several threads at once.
/// Dropping it removes the ring from its path, as a node does when it stops in order.
pub struct EventRingWriter {
    memory: WriterMemory,
    path: PathBuf,
    /// Keeps the lock; `None` when the ring shall stay behind.
    file: Option<File>,
}

impl EventRingWriter {
    /// Creates the ring beside its final name, locks it, and publishes it by a rename.
    ///
    /// A ring at `path` that nobody has locked is what a killed writer left, and is replaced.
    /// Source: ring-and-events §1.7.
    ///
    /// # Errors
    /// [`CreateError`]: a living writer has the path, something else than a ring is there, the sizes are not those
    /// of a ring, or the system refuses.
    pub fn create(path: impl AsRef<Path>, config: &WriterConfig<'_>) -> Result<Self, CreateError> {
        let path = path.as_ref();
        let (file, memory) = claim::create_and_publish(path, config)?;
        Ok(Self {
            memory,
            path: path.into(),
            file: Some(file),
        })
    }

    /// A writer of a model's words, which has no file.
    #[cfg(all(loom, test))]
    pub(crate) fn of(words: crate::words::RingWords, geometry: RingGeometry) -> Self {
        Self {
            memory: WriterMemory::of(words, geometry),
            path: PathBuf::new(),
            file: None,
        }
    }

    /// Where the ring is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sizes of the ring.
    pub fn geometry(&self) -> &RingGeometry {
        self.memory.geometry()
    }

    /// The seqno of the next event, if no other thread records before.
    pub fn next_seqno(&self) -> u64 {
        self.memory.last_seqno() + 1
    }

    /// Removes the ring from its path and ends the writer, as an orderly stop of a node does.
    ///
    /// # Errors
    /// The system's, if the file cannot be removed; the lock is released all the same.
    pub fn close(mut self) -> io::Result<()> {
        self.file.take().map_or(Ok(()), |file| self.unlink(&file))
    }

    /// Ends the writer and leaves the ring behind without a lock, as a killed node does.
    pub fn abandon(mut self) {
        self.file = None;
    }

    /// Removes the path, if it still leads to this ring, whose file is `file`.
    fn unlink(&self, file: &File) -> io::Result<()> {
        let own = file.metadata()?;
        match std::fs::metadata(&self.path) {
            Ok(now) if (now.dev(), now.ino()) == (own.dev(), own.ino()) => {
                std::fs::remove_file(&self.path)
            }
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for EventRingWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventRingWriter")
            .field("path", &self.path)
            .field("geometry", self.geometry())
            .finish_non_exhaustive()
    }
}

impl Drop for EventRingWriter {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // Nobody is left to tell; close() reports it.
            let _ = self.unlink(&file);
        }
    }
}
