//! Where everything is in an event ring file: constants, offsets and limits, checked at compile time.
//! Read by header.rs, geometry.rs, slot.rs and the writer. Source: ring-and-events §1.1–1.5.

use std::fmt;

/// First bytes of every ring: name and version of the format.
pub const MAGIC: [u8; 6] = *b"RING01";

/// Bytes of the header section, and the unit of the whole layout: 2 MiB.
///
/// Under `cfg(fuzzing)` this, the smallest shifts and the window's step are smaller, so that a whole ring has 40 KiB
/// and the fuzz targets see thousands of them a second. Nothing else differs there.
pub const HEADER_SECTION_SIZE: u64 = if cfg!(fuzzing) { 1 << 12 } else { 1 << 21 };

/// Bytes of the header structure at the start of the header section.
pub const HEADER_SIZE: usize = 192;

/// Header offset of the magic (6 bytes).
pub const HEADER_MAGIC: usize = 0;
/// Header offset of the content type (`u16`).
pub const HEADER_CONTENT_TYPE: usize = 6;
/// Header offset of the schema hash (32 bytes).
pub const HEADER_SCHEMA_HASH: usize = 8;
/// Header offset of the number of descriptors (`u64`).
pub const HEADER_DESCRIPTOR_CAPACITY: usize = 40;
/// Header offset of the size of the payload buffer in bytes (`u64`).
pub const HEADER_PAYLOAD_BUF_SIZE: usize = 48;
/// Header offset of the size of the context area in bytes (`u64`).
pub const HEADER_CONTEXT_AREA_SIZE: usize = 56;
/// Header offset of the last allocated seqno (`u64`, atomic).
pub const HEADER_LAST_SEQNO: usize = 64;
/// Header offset of the next unwrapped payload byte to allocate (`u64`, atomic).
pub const HEADER_NEXT_PAYLOAD_BYTE: usize = 72;
/// Header offset of the lowest unwrapped payload byte that is still valid (`u64`, atomic).
pub const HEADER_BUFFER_WINDOW_START: usize = 128;

/// Offset of the recorder's note, behind the header in the zero-filled rest of its section.
///
/// An extension of this crate: a simulated node writes its name there. Rings of a real node hold zeros.
pub const RECORDER_NOTE: usize = HEADER_SIZE;
/// Longest recorder's note in bytes of ASCII; a shorter one ends at its first zero byte.
pub const RECORDER_NOTE_SIZE: usize = 32;

/// Bytes of one descriptor.
pub const DESCRIPTOR_SIZE: u64 = 64;
/// Descriptor offset of the seqno (`u64`, atomic; 0 while the slot is being written or was never used).
pub const DESCRIPTOR_SEQNO: usize = 0;
/// Descriptor offset of the event type (`u16`).
pub const DESCRIPTOR_EVENT_TYPE: usize = 8;
/// Descriptor offset of the payload size in bytes (`u32`).
pub const DESCRIPTOR_PAYLOAD_SIZE: usize = 12;
/// Descriptor offset of the time of recording (`u64`, nanoseconds since 1970).
pub const DESCRIPTOR_RECORD_EPOCH_NANOS: usize = 16;
/// Descriptor offset of the unwrapped payload offset (`u64`).
pub const DESCRIPTOR_PAYLOAD_BUF_OFFSET: usize = 24;
/// Descriptor offset of the four words whose meaning the content type defines (`[u64; 4]`).
pub const DESCRIPTOR_CONTENT_EXT: usize = 32;

/// Powers of two that a descriptor capacity may have.
pub const DESCRIPTOR_SHIFT_RANGE: std::ops::RangeInclusive<u8> =
    if cfg!(fuzzing) { 6 } else { 16 }..=32;
/// Powers of two that a payload buffer size in bytes may have.
pub const PAYLOAD_SHIFT_RANGE: std::ops::RangeInclusive<u8> =
    if cfg!(fuzzing) { 15 } else { 27 }..=40;
/// Descriptor shift that a node uses unless told otherwise (2 097 152 descriptors).
pub const DEFAULT_DESCRIPTOR_SHIFT: u8 = 21;
/// Payload shift that a node uses unless told otherwise (512 MiB).
pub const DEFAULT_PAYLOAD_SHIFT: u8 = 29;

/// Most events that a ring's header is believed to have: ten years of 200 000 a second.
///
/// A limit of this crate, far below 2^53, so that seqnos and small multiples of them stay exact everywhere.
pub const MAX_SEQNO: u64 = 1 << 46;

/// Step in bytes by which the payload window moves.
pub const WINDOW_INCREMENT: u64 = if cfg!(fuzzing) { 1 << 12 } else { 1 << 24 };
/// Alignment in bytes of every payload allocation.
pub const PAYLOAD_ALIGNMENT: u64 = 16;

/// How many bytes an official snapshot may lack at its end.
///
/// The official tool pads from the rounded end of the last payload, so its images stop up to 15 bytes early.
/// Source: ring-and-events §3.4.
pub const MAX_SHORTFALL: u64 = PAYLOAD_ALIGNMENT - 1;

const _: () = {
    assert!(HEADER_CONTENT_TYPE == HEADER_MAGIC + MAGIC.len());
    assert!(HEADER_SCHEMA_HASH == HEADER_CONTENT_TYPE + 2);
    assert!(HEADER_DESCRIPTOR_CAPACITY == HEADER_SCHEMA_HASH + 32);
    assert!(HEADER_PAYLOAD_BUF_SIZE == HEADER_DESCRIPTOR_CAPACITY + 8);
    assert!(HEADER_CONTEXT_AREA_SIZE == HEADER_PAYLOAD_BUF_SIZE + 8);
    assert!(HEADER_LAST_SEQNO == HEADER_CONTEXT_AREA_SIZE + 8 && HEADER_LAST_SEQNO == 64);
    assert!(HEADER_NEXT_PAYLOAD_BYTE == HEADER_LAST_SEQNO + 8);
    assert!(HEADER_BUFFER_WINDOW_START == 128 && HEADER_BUFFER_WINDOW_START + 64 == HEADER_SIZE);
    assert!(
        RECORDER_NOTE + RECORDER_NOTE_SIZE <= HEADER_SECTION_SIZE as usize
            && RECORDER_NOTE.is_multiple_of(8)
    );
    assert!(
        DESCRIPTOR_PAYLOAD_SIZE == DESCRIPTOR_EVENT_TYPE + 4
            && DESCRIPTOR_EVENT_TYPE.is_multiple_of(8)
    );
    assert!(DESCRIPTOR_RECORD_EPOCH_NANOS == DESCRIPTOR_PAYLOAD_SIZE + 4);
    assert!(DESCRIPTOR_PAYLOAD_BUF_OFFSET == DESCRIPTOR_RECORD_EPOCH_NANOS + 8);
    assert!(DESCRIPTOR_CONTENT_EXT + 4 * 8 == DESCRIPTOR_SIZE as usize);
    assert!(
        HEADER_SECTION_SIZE.is_multiple_of(DESCRIPTOR_SIZE)
            && DESCRIPTOR_SIZE.is_multiple_of(PAYLOAD_ALIGNMENT)
    );
    assert!(
        WINDOW_INCREMENT.is_multiple_of(PAYLOAD_ALIGNMENT) && WINDOW_INCREMENT.is_power_of_two()
    );
};

/// What kind of events a ring holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum ContentType {
    /// Nothing; invalid in a ring, and what a decoder of any ring names.
    None = 0,
    /// Events of tests; their schema hash is all zeros.
    Test = 1,
    /// What execution does, block by block.
    Exec = 2,
}

impl ContentType {
    /// The number that stands for it in a ring's header.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// Its official name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Test => "test",
            Self::Exec => "exec",
        }
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.code())
    }
}
