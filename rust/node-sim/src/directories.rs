//! Directories on the way to a ring that were missing and were made. Used by live_ring.rs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::error::SimError;

/// Directories that were made, the deepest first; dropping removes those that are empty.
pub(crate) struct MadeDirectories(Vec<PathBuf>);

impl MadeDirectories {
    /// Makes the directories above a path.
    pub(crate) fn of(path: &Path) -> Result<Self, SimError> {
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
