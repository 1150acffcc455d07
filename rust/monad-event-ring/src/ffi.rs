//! The names of the official C bindings, for programs that use them: no pointer, nothing unsafe to form.
//! `official` takes and gives these types; the items behind them are this crate's own.
//! Source: ring-and-events §1, §2, §4.2; sdk-api §6.1.

#![allow(non_camel_case_types, reason = "the official names")]

use crate::layout;

/// An opened ring; [`with_raw`](crate::EventReader::with_raw) lends it.
///
/// In C this is a set of pointers into the mapping. Here it is the ring itself, whose methods load and check:
/// [`try_copy`](crate::RawEventRing::try_copy) is `monad_event_ring_try_copy`.
pub type monad_event_ring = crate::RawEventRing;

/// A copied descriptor; fields as in C.
///
/// It is neither aligned to 64 bytes nor laid out as in the ring: it is plain values.
pub type monad_event_descriptor = crate::RawDescriptor;

/// The position of an [`EventReader`](crate::EventReader).
///
/// In C it points to its ring as well; here the ring is lent beside it. Any value is a valid position.
/// Source: ring-and-events §2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct monad_event_iterator {
    /// The seqno consumed last; 0 if there was none. The one after it is wanted next.
    pub read_last_seqno: u64,
}

/// What kind of events a ring holds, one of the `MONAD_EVENT_CONTENT_TYPE_*`.
pub type monad_event_content_type = u16;

/// Nothing; invalid in a ring.
pub const MONAD_EVENT_CONTENT_TYPE_NONE: monad_event_content_type =
    layout::ContentType::None.code();
/// Events of tests.
pub const MONAD_EVENT_CONTENT_TYPE_TEST: monad_event_content_type =
    layout::ContentType::Test.code();
/// What execution does.
pub const MONAD_EVENT_CONTENT_TYPE_EXEC: monad_event_content_type =
    layout::ContentType::Exec.code();
/// Number of content types, the invalid one included.
pub const MONAD_EVENT_CONTENT_TYPE_COUNT: monad_event_content_type = 3;

/// Smallest descriptor shift of a ring.
pub const MONAD_EVENT_MIN_DESCRIPTORS_SHIFT: u8 = *layout::DESCRIPTOR_SHIFT_RANGE.start();
/// Largest descriptor shift of a ring.
pub const MONAD_EVENT_MAX_DESCRIPTORS_SHIFT: u8 = *layout::DESCRIPTOR_SHIFT_RANGE.end();
/// Smallest payload shift of a ring.
pub const MONAD_EVENT_MIN_PAYLOAD_BUF_SHIFT: u8 = *layout::PAYLOAD_SHIFT_RANGE.start();
/// Largest payload shift of a ring.
pub const MONAD_EVENT_MAX_PAYLOAD_BUF_SHIFT: u8 = *layout::PAYLOAD_SHIFT_RANGE.end();
/// First bytes of a ring: name and version of the format.
pub const MONAD_EVENT_RING_HEADER_VERSION: [u8; 6] = layout::MAGIC;

/// Why an event could not be recorded, one of the `MONAD_EVENT_RECORD_ERROR_*`.
pub type monad_event_record_error_type = u16;

/// No error.
pub const MONAD_EVENT_RECORD_ERROR_NONE: monad_event_record_error_type = 0;
/// The payload had 4 GiB or more.
pub const MONAD_EVENT_RECORD_ERROR_OVERFLOW_4GB: monad_event_record_error_type = 1;
/// The payload was larger than the payload buffer can keep.
pub const MONAD_EVENT_RECORD_ERROR_OVERFLOW_EXPIRE: monad_event_record_error_type = 2;
/// The event is missing.
pub const MONAD_EVENT_RECORD_ERROR_MISSING_EVENT: monad_event_record_error_type = 3;

/// RECORD_ERROR, event code 1 of every content type: the recorder could not record an event.
///
/// Source: ring-and-events §4.2.
#[repr(C, align(16))]
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    zerocopy::FromBytes,
    zerocopy::IntoBytes,
    zerocopy::KnownLayout,
    zerocopy::Immutable,
    serde::Serialize,
)]
pub struct monad_event_record_error {
    /// One of the `MONAD_EVENT_RECORD_ERROR_*`.
    pub error_type: monad_event_record_error_type,
    /// Code of the event that was dropped.
    pub dropped_event_type: u16,
    /// Bytes of the dropped payload that follow this struct.
    pub truncated_payload_size: u32,
    /// Bytes that the dropped payload had.
    pub requested_payload_size: u64,
}

const _: () = {
    use std::mem::offset_of;
    assert!(size_of::<monad_event_record_error>() == 16);
    assert!(offset_of!(monad_event_record_error, dropped_event_type) == 2);
    assert!(offset_of!(monad_event_record_error, truncated_payload_size) == 4);
    assert!(offset_of!(monad_event_record_error, requested_payload_size) == 8);
};
