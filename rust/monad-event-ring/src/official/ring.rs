//! Rings under their official names: a live one is read from its newest event, a snapshot from its first.

use std::{fmt, marker::PhantomData, path::Path};

use super::{decoder::EventDecoder, reader::EventReader};
use crate::{EventRingPath, OpenError, RawEventRing, RingKind};

/// So that a snapshot is opened by a resolved path as well as by any other.
impl AsRef<Path> for EventRingPath {
    fn as_ref(&self) -> &Path {
        self.as_path()
    }
}

/// A ring whose events one decoder reads.
pub trait DecodedEventRing {
    /// Reads the events.
    type Decoder: EventDecoder;

    /// A reader of its own position.
    fn create_reader(&self) -> EventReader<'_, Self::Decoder>;
}

/// A live ring.
pub struct EventRing<D: EventDecoder> {
    raw: RawEventRing,
    decoder: PhantomData<fn() -> D>,
}

impl<D: EventDecoder> EventRing<D> {
    /// Opens a ring file; a zstd snapshot is refused, it is a [`SnapshotEventRing`].
    ///
    /// # Errors
    /// The text of an [`OpenError`].
    pub fn new(path: impl AsRef<EventRingPath>) -> Result<Self, String> {
        // No snapshot fits into 0 bytes, so none is decompressed here.
        let opened = RawEventRing::open_any(path.as_ref().as_path(), 0);
        if let Err(OpenError::TooLarge { path, .. }) = &opened {
            return Err(format!(
                "{} is a zstd snapshot and not a live ring; open it as a SnapshotEventRing",
                path.display()
            ));
        }
        let raw = checked::<D>(opened)?;
        Ok(Self {
            raw,
            decoder: PhantomData,
        })
    }

    /// The ring itself; not part of the official type.
    pub fn raw(&self) -> &RawEventRing {
        &self.raw
    }
}

impl<D: EventDecoder> DecodedEventRing for EventRing<D> {
    type Decoder = D;

    fn create_reader(&self) -> EventReader<'_, D> {
        let mut reader = EventReader::starting_at(&self.raw, 1);
        reader.reset();
        reader
    }
}

/// A decompressed snapshot.
pub struct SnapshotEventRing<D: EventDecoder> {
    raw: RawEventRing,
    decoder: PhantomData<fn() -> D>,
}

impl<D: EventDecoder> SnapshotEventRing<D> {
    /// Decompresses a snapshot file of at most `max_size` bytes (`None`, or 0, is no limit).
    ///
    /// # Errors
    /// The text of an [`OpenError`]; a file that is no snapshot is one.
    pub fn new_from_zstd_path(
        path: impl AsRef<Path>,
        max_size: Option<usize>,
    ) -> Result<Self, String> {
        let raw = checked::<D>(RawEventRing::open_any(path.as_ref(), limit(max_size)))?;
        if raw.kind() != RingKind::Snapshot {
            return Err(format!(
                "{} is a ring file and not a zstd snapshot; open it as an EventRing",
                raw.path().display()
            ));
        }
        Ok(Self {
            raw,
            decoder: PhantomData,
        })
    }

    /// Decompresses a snapshot in memory; `name` stands for its path in errors.
    ///
    /// # Errors
    /// The text of an [`OpenError`].
    pub fn new_from_zstd_bytes(
        name: impl AsRef<str>,
        zstd_bytes: &[u8],
        max_size: Option<usize>,
    ) -> Result<Self, String> {
        let raw = RawEventRing::from_zstd_bytes(name.as_ref(), zstd_bytes, None, limit(max_size));
        Ok(Self {
            raw: checked::<D>(raw)?,
            decoder: PhantomData,
        })
    }

    /// The ring itself; not part of the official type.
    pub fn raw(&self) -> &RawEventRing {
        &self.raw
    }
}

impl<D: EventDecoder> DecodedEventRing for SnapshotEventRing<D> {
    type Decoder = D;

    fn create_reader(&self) -> EventReader<'_, D> {
        EventReader::starting_at(&self.raw, 1)
    }
}

fn checked<D: EventDecoder>(
    opened: Result<RawEventRing, OpenError>,
) -> Result<RawEventRing, String> {
    let raw = opened.map_err(|error| error.to_string())?;
    D::check_ring_content_type(&raw)?;
    Ok(raw)
}

fn limit(max_size: Option<usize>) -> u64 {
    match max_size {
        None | Some(0) => u64::MAX,
        Some(bytes) => bytes as u64,
    }
}

impl<D: EventDecoder> fmt::Debug for EventRing<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EventRing").field(&self.raw.path()).finish()
    }
}

impl<D: EventDecoder> fmt::Debug for SnapshotEventRing<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SnapshotEventRing")
            .field(&self.raw.path())
            .finish()
    }
}
