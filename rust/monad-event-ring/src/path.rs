//! From a ring's name to its path: as it is, under a given directory, or on the first usable hugetlbfs.
//! Creates nothing: a reader has no business making directories. Source: ring-and-events §2.7.

use std::{
    ffi::OsString,
    fs::File,
    io,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use rustix::fs::Access;

use crate::{error::OpenError, layout::HEADER_SECTION_SIZE, snapshot, source::SourceFile};

/// Directory of rings on a hugetlbfs mount.
const RING_DIRECTORY: &str = "event-rings";
/// `statfs` type of hugetlbfs.
const HUGETLBFS_MAGIC: u64 = 0x9584_58f6;

/// The path of a ring that a name or path stands for; the official type of that name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventRingPath(PathBuf);

impl EventRingPath {
    /// Resolves a bare name on the first usable hugetlbfs; a path with a slash stays as it is.
    ///
    /// # Errors
    /// The text of [`OpenError::NoHugetlbfs`] or [`OpenError::Io`].
    pub fn resolve(path: impl AsRef<Path>) -> Result<Self, String> {
        resolve_ring_path(path, None)
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// Resolves a bare name under `base`; a path with a slash stays as it is.
    ///
    /// # Errors
    /// None at present; the official signature has them.
    pub fn resolve_with_default_path(
        path: impl AsRef<Path>,
        base: impl AsRef<Path>,
    ) -> Result<Self, String> {
        resolve_ring_path(path, Some(base.as_ref()))
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// Opens the file for reading.
    ///
    /// # Errors
    /// The system's.
    pub fn open(&self) -> io::Result<File> {
        File::open(&self.0)
    }

    /// Whether this is a zstd file whose content begins like a ring.
    ///
    /// # Errors
    /// A sentence, if the file cannot be read or its zstd data is corrupt at the start.
    pub fn is_snapshot_file(&self) -> Result<bool, String> {
        let source = match SourceFile::open(&self.0) {
            Ok(source) => source,
            Err(OpenError::Empty { .. } | OpenError::NotARegularFile { .. }) => return Ok(false),
            Err(error) => return Err(error.to_string()),
        };
        snapshot::holds_ring(&source.file)
            .map_err(|error| format!("cannot read {}: {error}", self.0.display()))
    }

    /// The path.
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl AsRef<EventRingPath> for EventRingPath {
    fn as_ref(&self) -> &EventRingPath {
        self
    }
}

/// Resolves a ring's name: with a slash it is a path; otherwise it is a file of `default_dir` or, without one,
/// of `event-rings` on the first hugetlbfs with 2 MiB pages that this user may read, write and search.
///
/// # Errors
/// [`OpenError::NoHugetlbfs`], or [`OpenError::Io`] if `/proc/mounts` cannot be read.
pub fn resolve_ring_path(
    name: impl AsRef<Path>,
    default_dir: Option<&Path>,
) -> Result<PathBuf, OpenError> {
    let name = name.as_ref();
    if name.as_os_str().as_bytes().contains(&b'/') {
        return Ok(name.into());
    }
    if let Some(directory) = default_dir {
        return Ok(directory.join(name));
    }
    let mounts_path = Path::new("/proc/mounts");
    let mounts = std::fs::read(mounts_path).map_err(|source| OpenError::Io {
        path: mounts_path.into(),
        action: "read",
        source,
    })?;
    hugetlbfs_mounts(&mounts)
        .find(|mount| is_usable(mount))
        .map(|mount| mount.join(RING_DIRECTORY).join(name))
        .ok_or_else(|| OpenError::NoHugetlbfs { path: name.into() })
}

/// Mount points of type hugetlbfs in the text of `/proc/mounts`, in its order.
fn hugetlbfs_mounts(mounts: &[u8]) -> impl Iterator<Item = PathBuf> {
    mounts.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut fields = line.split(|byte| *byte == b' ');
        let point = fields.nth(1)?;
        (fields.next()? == b"hugetlbfs").then(|| PathBuf::from(OsString::from_vec(unescape(point))))
    })
}

/// Undoes the kernel's `\ooo` for blanks, tabs, line ends and backslashes.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((byte, behind)) = rest.split_first() {
        match behind {
            [
                high @ b'0'..=b'3',
                middle @ b'0'..=b'7',
                low @ b'0'..=b'7',
                tail @ ..,
            ] if *byte == b'\\' => {
                plain.push((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'));
                rest = tail;
            }
            _ => {
                plain.push(*byte);
                rest = behind;
            }
        }
    }
    plain
}

fn is_usable(mount: &Path) -> bool {
    rustix::fs::statfs(mount).is_ok_and(|fs| {
        fs.f_type as u64 == HUGETLBFS_MAGIC && fs.f_bsize as u64 == HEADER_SECTION_SIZE
    }) && rustix::fs::access(mount, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn mount_points_come_in_order_and_unescaped() {
        let mounts = b"proc /proc proc rw 0 0\n\
            hugetlbfs /dev/hugepages hugetlbfs rw,pagesize=2M 0 0\n\
            tmpfs /hugetlbfs tmpfs rw 0 0\n\
            none /mnt/a\\040b\\134\\011c\\012 hugetlbfs rw,pagesize=1024M 0 0\n\
            broken\n\n\
            none /mnt/\\9 hugetlbfs rw 0 0";
        let found: Vec<PathBuf> = hugetlbfs_mounts(mounts).collect();
        assert_eq!(
            found,
            ["/dev/hugepages", "/mnt/a b\\\tc\n", "/mnt/\\9"].map(PathBuf::from)
        );
    }

    #[test]
    fn a_name_with_a_slash_is_a_path() {
        let base = Path::new("/base");
        for path in ["/run/ring", "./ring", "dir/ring", "ring/"] {
            assert_eq!(resolve_ring_path(path, None).unwrap(), Path::new(path));
            assert_eq!(
                resolve_ring_path(path, Some(base)).unwrap(),
                Path::new(path)
            );
        }
    }

    #[test]
    fn a_bare_name_is_a_file_of_the_default_directory() {
        let path = EventRingPath::resolve_with_default_path("monad-exec-events", "rings").unwrap();
        assert_eq!(path.as_path(), Path::new("rings/monad-exec-events"));
    }

    #[test]
    fn a_directory_that_is_no_hugetlbfs_is_not_usable() {
        assert!(!is_usable(Path::new("/proc")));
        assert!(!is_usable(Path::new("/nowhere/at/all")));
    }
}
