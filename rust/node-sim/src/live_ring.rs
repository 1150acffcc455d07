//! The ring that a command writes: its file, its directory, and the seqno of the open block.
//! Stands on monad-event-ring's writer; used by run.rs (through tape.rs) and replay/.

use std::{
    fs,
    path::{Path, PathBuf},
};

use monad_event_ring::{
    ContentType,
    writer::{EventRingWriter, WriterConfig},
};
use monad_exec_events::{ExecEventType, ffi::EXEC_SCHEMA_HASH};

use crate::error::SimError;

/// What the ring's header says of its recorder, so that readers can tell a simulation from a node.
pub const NOTE: &str = "ringcast node-sim";

/// A published ring of execution events and its only writer.
///
/// Dropping it removes the ring and the directories that were made for it, without a word about failures.
pub struct LiveRing {
    // In this order: the ring leaves its directory before that is removed.
    writer: EventRingWriter,
    directories: MadeDirectories,
    block_seqno: u64,
}

impl LiveRing {
    /// Creates and publishes a ring of 2^`descriptor_shift` descriptors and 2^`payload_shift` payload bytes.
    ///
    /// # Errors
    /// [`SimError::Directory`] or [`SimError::Create`].
    pub fn create(path: &Path, descriptor_shift: u8, payload_shift: u8) -> Result<Self, SimError> {
        let directories = MadeDirectories::of(path)?;
        let config = WriterConfig {
            descriptor_shift,
            payload_shift,
            content_type: ContentType::Exec,
            schema_hash: EXEC_SCHEMA_HASH,
            note: Some(NOTE),
        };
        Ok(Self {
            writer: EventRingWriter::create(path, &config)?,
            directories,
            block_seqno: 0,
        })
    }

    /// Where the ring is.
    pub fn path(&self) -> &Path {
        self.writer.path()
    }

    /// Records one event now.
    ///
    /// A `content_ext[0]` other than 0 means "of the open block" and becomes the seqno of its BLOCK_START here.
    ///
    /// # Errors
    /// [`SimError::Record`] if the ring is too small for the payload.
    pub fn record(
        &mut self,
        event_type: u16,
        mut content_ext: [u64; 4],
        payload: &[u8],
    ) -> Result<(), SimError> {
        if event_type == ExecEventType::BlockStart.code() {
            self.block_seqno = self.writer.next_seqno();
        }
        if content_ext[0] != 0 {
            content_ext[0] = self.block_seqno;
        }
        self.writer
            .record(event_type, content_ext, None, &[payload])?;
        Ok(())
    }

    /// Removes the ring and the directories that were made for it.
    ///
    /// # Errors
    /// [`SimError::Close`] if the ring's file cannot be removed.
    pub fn close(self) -> Result<(), SimError> {
        let path = self.path().to_path_buf();
        let closed = self.writer.close();
        drop(self.directories);
        closed.map_err(|source| SimError::Close { path, source })
    }
}

/// Directories that were missing and were made, the deepest first; dropping removes those that are empty.
struct MadeDirectories(Vec<PathBuf>);

impl MadeDirectories {
    /// Makes the directories above a path.
    fn of(path: &Path) -> Result<Self, SimError> {
        let missing: Vec<PathBuf> = path
            .ancestors()
            .skip(1)
            .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
            .map(Path::to_path_buf)
            .collect();
        let mut made = Self(Vec::new());
        for path in missing.into_iter().rev() {
            fs::create_dir(&path).map_err(|source| SimError::Directory {
                path: path.clone(),
                source,
            })?;
            made.0.insert(0, path);
        }
        Ok(made)
    }
}

impl Drop for MadeDirectories {
    fn drop(&mut self) {
        for directory in &self.0 {
            // A failure means that something else is in it now, so it stays.
            let _ = fs::remove_dir(directory);
        }
    }
}
