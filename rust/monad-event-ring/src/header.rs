//! Reads and checks the 192 bytes at the start of a ring, before anything is mapped.
//! Used by ring.rs (files) and snapshot.rs (the start of the decompressed image). Source: ring-and-events §1.2.

use std::path::Path;

use crate::{
    error::OpenError,
    geometry::RingGeometry,
    layout::{
        ContentType, HEADER_CONTENT_TYPE, HEADER_CONTEXT_AREA_SIZE, HEADER_DESCRIPTOR_CAPACITY,
        HEADER_PAYLOAD_BUF_SIZE, HEADER_SCHEMA_HASH, HEADER_SIZE, MAGIC,
    },
};

/// What a reader can decode; a ring of anything else is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingExpectation {
    /// Kind of events.
    pub content_type: ContentType,
    /// Fingerprint of the payload structures; all 32 bytes must agree.
    pub schema_hash: [u8; 32],
}

/// The constant part of a valid header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) content_type: u16,
    pub(crate) schema_hash: [u8; 32],
    pub(crate) geometry: RingGeometry,
}

impl Header {
    /// Checks the start of a file, which may be shorter than a header; `path` is for the message.
    ///
    /// Without an expectation any content type and schema is fine.
    pub(crate) fn parse(
        bytes: &[u8],
        path: &Path,
        expected: Option<&RingExpectation>,
    ) -> Result<Self, OpenError> {
        if let Some(found) = bytes.first_chunk()
            && *found != MAGIC
        {
            return Err(OpenError::BadMagic {
                path: path.into(),
                found: *found,
            });
        }
        let Some(header) = bytes.first_chunk::<HEADER_SIZE>() else {
            let (expected, actual) = (HEADER_SIZE as u64, bytes.len() as u64);
            return Err(OpenError::Truncated {
                path: path.into(),
                expected,
                actual,
            });
        };
        let content_type = u16::from_le_bytes(field(header, HEADER_CONTENT_TYPE));
        let schema_hash = field(header, HEADER_SCHEMA_HASH);
        if let Some(expected) = expected {
            expected.check(content_type, schema_hash, path)?;
        }
        let geometry = RingGeometry::new(
            u64::from_le_bytes(field(header, HEADER_DESCRIPTOR_CAPACITY)),
            u64::from_le_bytes(field(header, HEADER_PAYLOAD_BUF_SIZE)),
            u64::from_le_bytes(field(header, HEADER_CONTEXT_AREA_SIZE)),
        )
        .map_err(|source| OpenError::Geometry {
            path: path.into(),
            source,
        })?;
        Ok(Self {
            content_type,
            schema_hash,
            geometry,
        })
    }
}

impl RingExpectation {
    /// Compares what a header says with what is expected.
    pub(crate) fn check(
        &self,
        content_type: u16,
        schema_hash: [u8; 32],
        path: &Path,
    ) -> Result<(), OpenError> {
        if content_type != self.content_type.code() {
            return Err(OpenError::ContentType {
                path: path.into(),
                expected: self.content_type,
                found: content_type,
            });
        }
        if schema_hash != self.schema_hash {
            return Err(OpenError::SchemaHash {
                path: path.into(),
                expected: self.schema_hash,
                found: schema_hash,
            });
        }
        Ok(())
    }
}

/// The `N` bytes of the header at `offset`, one of the HEADER_ constants.
fn field<const N: usize>(header: &[u8; HEADER_SIZE], offset: usize) -> [u8; N] {
    std::array::from_fn(|at| header[offset + at])
}
