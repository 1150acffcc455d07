//! What turns the bytes of one content type into events, and the decoder that leaves them as bytes.

use super::descriptor::EventDescriptorInfo;
use crate::{
    ContentType, RingExpectation,
    ffi::{MONAD_EVENT_CONTENT_TYPE_NONE, monad_event_content_type, monad_event_ring},
};

/// Why the bytes of an event are not what its type says.
pub type DecodeFailure = Box<dyn std::error::Error + Send + Sync>;

/// Knows one content type: which rings hold it, and how its events are read.
pub trait EventDecoder: Sized + 'static {
    /// What the four content words of a descriptor say.
    type FlowInfo;
    /// An event that owns its data.
    type Event: 'static;
    /// An event that borrows a payload.
    type EventRef<'payload>;

    /// The content type of its rings, one of the `MONAD_EVENT_CONTENT_TYPE_*`.
    fn ring_content_ctype() -> monad_event_content_type;

    /// The name of that content type.
    fn ring_ctype_name() -> &'static str {
        content_type(Self::ring_content_ctype()).map_or("unknown", ContentType::name)
    }

    /// The payload structures it reads.
    fn ring_schema_hash() -> &'static [u8; 32];

    /// Refuses a ring of another content type or schema.
    ///
    /// # Errors
    /// The text of [`OpenError::ContentType`](crate::OpenError::ContentType) or
    /// [`OpenError::SchemaHash`](crate::OpenError::SchemaHash); a content type that no ring has is refused, too.
    fn check_ring_content_type(ring: &monad_event_ring) -> Result<(), String> {
        let code = Self::ring_content_ctype();
        let content_type = content_type(code).ok_or_else(|| {
            format!("no event ring has the content type {code}; let the decoder name one of 1 (test) and 2 (exec)")
        })?;
        RingExpectation {
            content_type,
            schema_hash: *Self::ring_schema_hash(),
        }
        .check(ring.content_type(), *ring.schema_hash(), ring.path())
        .map_err(|error| error.to_string())
    }

    /// Gives the content words their meaning.
    fn transmute_flow_info(content_ext: [u64; 4]) -> Self::FlowInfo;

    /// Reads an event; it cannot fail and must not panic, whatever the bytes are.
    ///
    /// A decoder whose events can be undecodable returns the event that says so best (for execution events that is
    /// a record error naming the type) and gives the reason in [`try_raw_to_event_ref`](Self::try_raw_to_event_ref).
    fn raw_to_event_ref(info: EventDescriptorInfo<Self>, bytes: &[u8]) -> Self::EventRef<'_>;

    /// Reads an event or says why the bytes are none; not part of the official trait.
    ///
    /// # Errors
    /// The decoder's own, as a sentence.
    fn try_raw_to_event_ref(
        info: EventDescriptorInfo<Self>,
        bytes: &[u8],
    ) -> Result<Self::EventRef<'_>, DecodeFailure> {
        Ok(Self::raw_to_event_ref(info, bytes))
    }

    /// Copies what an event borrows.
    fn event_ref_to_event(event_ref: Self::EventRef<'_>) -> Self::Event;
}

fn content_type(code: monad_event_content_type) -> Option<ContentType> {
    [ContentType::None, ContentType::Test, ContentType::Exec]
        .into_iter()
        .find(|content_type| content_type.code() == code)
}

/// Reads events of any ring as type and bytes.
#[derive(Clone, Copy, Debug)]
pub struct BytesDecoder;

impl EventDecoder for BytesDecoder {
    type FlowInfo = [u64; 4];
    type Event = (u16, Vec<u8>);
    type EventRef<'payload> = (u16, &'payload [u8]);

    fn ring_content_ctype() -> monad_event_content_type {
        MONAD_EVENT_CONTENT_TYPE_NONE
    }

    fn ring_schema_hash() -> &'static [u8; 32] {
        &[0; 32]
    }

    /// Every ring will do.
    fn check_ring_content_type(_ring: &monad_event_ring) -> Result<(), String> {
        Ok(())
    }

    fn transmute_flow_info(content_ext: [u64; 4]) -> Self::FlowInfo {
        content_ext
    }

    fn raw_to_event_ref(info: EventDescriptorInfo<Self>, bytes: &[u8]) -> Self::EventRef<'_> {
        (info.event_type, bytes)
    }

    fn event_ref_to_event((event_type, bytes): Self::EventRef<'_>) -> Self::Event {
        (event_type, bytes.to_vec())
    }
}
