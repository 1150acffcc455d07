//! The file behind an opened ring: opened with care, and compared later with what its path leads to then.
//! Used by ring.rs.

use std::{
    fs::{File, FileType, Metadata},
    io,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::Path,
};

use rustix::fs::{Mode, OFlags};

use crate::{error::OpenError, ring::PathState};

/// A regular file that holds a ring or a snapshot.
pub(crate) struct SourceFile {
    pub(crate) file: File,
    pub(crate) len: u64,
    device: u64,
    inode: u64,
}

impl SourceFile {
    /// Opens a regular file for reading; anything else is refused, as opening a device may act on it.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let fail = |action| move |source: io::Error| open_failure(path, action, source);
        check_regular(&std::fs::metadata(path).map_err(fail("look at"))?, path)?;
        // NONBLOCK: should a pipe have taken the file's place meanwhile, opening it does not wait for its writer.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|errno| open_failure(path, "open", errno.into()))?;
        let file = File::from(file);
        let metadata = file.metadata().map_err(fail("look at"))?;
        check_regular(&metadata, path)?;
        if metadata.len() == 0 {
            return Err(OpenError::Empty { path: path.into() });
        }
        Ok(Self {
            file,
            len: metadata.len(),
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }

    /// Compares the file with what `path` leads to now. `needed` bytes of the file are in use.
    pub(crate) fn path_state(&self, path: &Path, needed: u64) -> PathState {
        // A file that cannot even be looked at is as bad as one that is too short.
        if self.file.metadata().map_or(0, |now| now.len()) < self.len.min(needed) {
            return PathState::Truncated;
        }
        match std::fs::metadata(path) {
            Ok(now) if (now.dev(), now.ino()) == (self.device, self.inode) => PathState::Same,
            Ok(_) => PathState::Replaced,
            Err(_) => PathState::Missing,
        }
    }
}

fn open_failure(path: &Path, action: &'static str, source: io::Error) -> OpenError {
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            OpenError::NotFound { path: path.into() }
        }
        _ => OpenError::Io {
            path: path.into(),
            action,
            source,
        },
    }
}

fn check_regular(metadata: &Metadata, path: &Path) -> Result<(), OpenError> {
    if metadata.is_file() {
        return Ok(());
    }
    Err(OpenError::NotARegularFile {
        path: path.into(),
        found: kind_of(metadata.file_type()),
    })
}

fn kind_of(file_type: FileType) -> &'static str {
    if file_type.is_dir() {
        "directory"
    } else if file_type.is_fifo() {
        "named pipe"
    } else if file_type.is_socket() {
        "socket"
    } else {
        "device"
    }
}
