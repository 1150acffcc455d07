//! Opens a ring or a snapshot after checking everything a reader later relies on.
//! Puts together source.rs (the file), header.rs (its check), snapshot.rs (decompression) and mapping.rs.

use std::{
    fmt, io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

use crate::{
    descriptor::RawDescriptor,
    error::OpenError,
    geometry::RingGeometry,
    header::{Header, RingExpectation},
    layout::{HEADER_SIZE, MAX_SHORTFALL, RECORDER_NOTE, RECORDER_NOTE_SIZE},
    mapping::Mapping,
    snapshot,
    source::SourceFile,
};

/// Where the events of an opened ring come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingKind {
    /// A ring file; a node may be writing it.
    File,
    /// A decompressed snapshot in this process's memory; it never changes.
    Snapshot,
}

/// What has become of the file behind an opened ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathState {
    /// The path leads to the opened file (always so for a snapshot).
    Same,
    /// The path leads to another file: a node was restarted and this ring is dead.
    Replaced,
    /// The path leads nowhere, or cannot be looked at any more.
    Missing,
    /// The opened file has become shorter; reading it may end the process with SIGBUS.
    Truncated,
}

/// An opened ring, mapped read-only; shared by any number of readers.
pub struct RawEventRing {
    mapping: Mapping,
    header: Header,
    path: PathBuf,
    /// The file, unless the ring is a decompressed snapshot.
    file: Option<SourceFile>,
}

impl RawEventRing {
    /// Opens a ring file or a zstd snapshot (told apart by their first bytes) that holds what is expected.
    ///
    /// Nothing is mapped before the whole file has been checked. A snapshot may decompress to at most
    /// `max_snapshot_bytes` bytes of address space; only its non-zero pages take memory.
    ///
    /// # Errors
    /// [`OpenError`], one variant per cause.
    pub fn open(
        path: impl AsRef<Path>,
        expected: &RingExpectation,
        max_snapshot_bytes: u64,
    ) -> Result<Self, OpenError> {
        Self::open_checked(path.as_ref(), Some(expected), max_snapshot_bytes)
    }

    /// Opens a ring file or snapshot of any content type and schema: for tools that copy or show raw bytes.
    ///
    /// # Errors
    /// As [`open`](Self::open), without the two that compare content type and schema.
    pub fn open_any(path: impl AsRef<Path>, max_snapshot_bytes: u64) -> Result<Self, OpenError> {
        Self::open_checked(path.as_ref(), None, max_snapshot_bytes)
    }

    /// Decompresses a snapshot that is in memory; `name` stands for its path in messages.
    ///
    /// Without an expectation any content type and schema is fine.
    ///
    /// # Errors
    /// [`OpenError`], one variant per cause.
    pub fn from_zstd_bytes(
        name: impl AsRef<Path>,
        zstd: &[u8],
        expected: Option<&RingExpectation>,
        max_snapshot_bytes: u64,
    ) -> Result<Self, OpenError> {
        Self::from_zstd(name.as_ref(), zstd, expected, max_snapshot_bytes)
    }

    fn open_checked(
        path: &Path,
        expected: Option<&RingExpectation>,
        max_snapshot_bytes: u64,
    ) -> Result<Self, OpenError> {
        let source = SourceFile::open(path)?;
        let mut start = [0; HEADER_SIZE];
        let len = source.len.min(HEADER_SIZE as u64) as usize;
        source
            .file
            .read_exact_at(&mut start[..len], 0)
            .map_err(io_failure(path, "read"))?;
        if start[..len].starts_with(&snapshot::ZSTD_MAGIC) {
            let file = io::BufReader::with_capacity(1 << 16, &source.file);
            return Self::from_zstd(path, file, expected, max_snapshot_bytes);
        }
        let header = Header::parse(&start[..len], path, expected)?;
        let needed = header.geometry.total_size();
        if source.len + MAX_SHORTFALL < needed {
            return Err(OpenError::Truncated {
                path: path.into(),
                expected: needed,
                actual: source.len,
            });
        }
        let mapping =
            Mapping::new(&source.file, header.geometry).map_err(io_failure(path, "map"))?;
        Ok(Self {
            mapping,
            header,
            path: path.into(),
            file: Some(source),
        })
    }

    fn from_zstd(
        path: &Path,
        zstd: impl io::Read,
        expected: Option<&RingExpectation>,
        max_snapshot_bytes: u64,
    ) -> Result<Self, OpenError> {
        let (image, header) = snapshot::decompress(zstd, path, expected, max_snapshot_bytes)?;
        let mapping = Mapping::new(&image, header.geometry).map_err(io_failure(path, "map"))?;
        Ok(Self {
            mapping,
            header,
            path: path.into(),
            file: None,
        })
    }

    /// A ring in a model's words, which has no file.
    #[cfg(all(loom, test))]
    pub(crate) fn of(mapping: Mapping) -> Self {
        let header = Header {
            content_type: 1,
            schema_hash: [0; 32],
            geometry: *mapping.geometry(),
        };
        Self {
            mapping,
            header,
            path: PathBuf::new(),
            file: None,
        }
    }

    /// Whether this is a file or a decompressed snapshot.
    pub fn kind(&self) -> RingKind {
        if self.file.is_some() {
            RingKind::File
        } else {
            RingKind::Snapshot
        }
    }

    /// The path (or name) it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sizes of its sections.
    pub fn geometry(&self) -> &RingGeometry {
        &self.header.geometry
    }

    /// Code of its content type; see [`ContentType`](crate::ContentType).
    pub fn content_type(&self) -> u16 {
        self.header.content_type
    }

    /// Fingerprint of its payload structures.
    pub fn schema_hash(&self) -> &[u8; 32] {
        &self.header.schema_hash
    }

    /// Last seqno that a writer has allocated, at most [`MAX_SEQNO`](crate::layout::MAX_SEQNO); 0 in an empty ring.
    /// It may not be committed yet.
    pub fn last_seqno(&self) -> u64 {
        self.mapping.last_seqno()
    }

    /// Payloads with a lower unwrapped offset than this have expired.
    pub fn buffer_window_start(&self) -> u64 {
        self.mapping.window_start(Ordering::Acquire)
    }

    /// The oldest seqno whose descriptor and payload can still be read; `None` if there is none.
    pub fn oldest_readable(&self) -> Option<u64> {
        self.mapping.readable_range().map(|(oldest, _)| oldest)
    }

    /// The descriptor of any seqno, if the ring still (or already) holds it. Source: ring-and-events §2.3.
    pub fn try_copy(&self, seqno: u64) -> Option<RawDescriptor> {
        self.mapping.try_copy(seqno)
    }

    /// What a recorder other than a node says of itself, if it does: up to 32 printable ASCII characters.
    pub fn recorder_note(&self) -> Option<String> {
        const { assert!(RECORDER_NOTE_SIZE == 32) };
        let words = [
            self.mapping.header_word::<RECORDER_NOTE>(Ordering::Relaxed),
            self.mapping
                .header_word::<{ RECORDER_NOTE + 8 }>(Ordering::Relaxed),
            self.mapping
                .header_word::<{ RECORDER_NOTE + 16 }>(Ordering::Relaxed),
            self.mapping
                .header_word::<{ RECORDER_NOTE + 24 }>(Ordering::Relaxed),
        ];
        let bytes = words.map(u64::to_le_bytes).concat();
        let note: String = bytes
            .into_iter()
            .take_while(|byte| matches!(byte, b' '..=b'~'))
            .map(char::from)
            .collect();
        (!note.is_empty()).then_some(note)
    }

    /// Compares the opened file with what the path leads to now: two `stat` calls.
    pub fn path_state(&self) -> PathState {
        match &self.file {
            Some(file) => file.path_state(&self.path, self.header.geometry.total_size()),
            None => PathState::Same,
        }
    }

    pub(crate) fn mapping(&self) -> &Mapping {
        &self.mapping
    }
}

impl fmt::Debug for RawEventRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawEventRing")
            .field("path", &self.path)
            .field("kind", &self.kind())
            .field("geometry", self.geometry())
            .finish_non_exhaustive()
    }
}

fn io_failure(path: &Path, action: &'static str) -> impl Fn(io::Error) -> OpenError {
    move |source| OpenError::Io {
        path: path.into(),
        action,
        source,
    }
}
