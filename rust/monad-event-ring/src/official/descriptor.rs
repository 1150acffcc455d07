//! One event of a ring under its official names: what is known of it at once, and its payload on request.

use std::{cell::Cell, fmt, marker::PhantomData};

use super::decoder::{DecodeFailure, EventDecoder};
use crate::{
    PayloadBuffer, RawDescriptor, RawEventRing,
    ffi::{monad_event_descriptor, monad_event_ring},
    mapping::PayloadCopy,
};

/// A larger buffer is not kept for the next payload.
const SPARE_BYTES: usize = 1 << 20;

thread_local! {
    /// Spares each payload an allocation: the official calls have no place for a buffer of the caller's.
    static SPARE: Cell<PayloadBuffer> = const { Cell::new(PayloadBuffer::new()) };
}

/// What a descriptor says without its payload.
pub struct EventDescriptorInfo<D: EventDecoder> {
    /// Place in the sequence of all events of the ring; the first is 1.
    pub seqno: u64,
    /// Code of the event.
    pub event_type: u16,
    /// When it was recorded, in nanoseconds since 1970.
    pub record_epoch_nanos: u64,
    /// What the content words say.
    pub flow_info: D::FlowInfo,
}

impl<D: EventDecoder> fmt::Debug for EventDescriptorInfo<D>
where
    D::FlowInfo: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventDescriptorInfo")
            .field("seqno", &self.seqno)
            .field("event_type", &self.event_type)
            .field("record_epoch_nanos", &self.record_epoch_nanos)
            .field("flow_info", &self.flow_info)
            .finish()
    }
}

/// A payload, or the news that it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventPayloadResult<T> {
    /// What the payload was turned into.
    Ready(T),
    /// The payload is not in the ring: its bytes have been reused, or its descriptor is damaged and names none.
    Expired,
}

impl<T> EventPayloadResult<T> {
    /// Turns what is `Ready` into something else.
    pub fn map<R>(self, f: impl FnOnce(T) -> R) -> EventPayloadResult<R> {
        match self {
            Self::Ready(value) => EventPayloadResult::Ready(f(value)),
            Self::Expired => EventPayloadResult::Expired,
        }
    }
}

/// An event whose payload is there and is not what the event's type says.
#[derive(Debug, thiserror::Error)]
#[error("event {seqno} of type {event_type} cannot be decoded: {source}")]
pub struct UndecodableEvent {
    /// The event.
    pub seqno: u64,
    /// Code of the event.
    pub event_type: u16,
    /// The decoder's reason.
    pub source: DecodeFailure,
}

/// A copied descriptor, with the ring that holds its payload.
pub struct EventDescriptor<'ring, D: EventDecoder> {
    ring: &'ring RawEventRing,
    raw: RawDescriptor,
    decoder: PhantomData<fn() -> D>,
}

impl<'ring, D: EventDecoder> EventDescriptor<'ring, D> {
    pub(super) fn new(ring: &'ring RawEventRing, raw: RawDescriptor) -> Self {
        Self {
            ring,
            raw,
            decoder: PhantomData,
        }
    }

    /// What the descriptor says.
    pub fn info(&self) -> EventDescriptorInfo<D> {
        EventDescriptorInfo {
            seqno: self.raw.seqno,
            event_type: self.raw.event_type,
            record_epoch_nanos: self.raw.record_epoch_nanos,
            flow_info: D::transmute_flow_info(self.raw.content_ext),
        }
    }

    /// The descriptor as it is in the ring; not part of the official type.
    pub fn raw(&self) -> &RawDescriptor {
        &self.raw
    }

    /// The ring that holds it; not part of the official type.
    pub fn ring(&self) -> &'ring RawEventRing {
        self.ring
    }

    /// Decodes the event. Bytes that are no event give the decoder's substitute; see [`try_decode`](Self::try_decode).
    pub fn try_read(&self) -> EventPayloadResult<D::Event> {
        self.with_payload(|info, bytes| D::event_ref_to_event(D::raw_to_event_ref(info, bytes)))
    }

    /// Decodes the event and gives it to `f`.
    pub fn try_filter_map<R>(
        &self,
        f: fn(D::EventRef<'_>) -> Option<R>,
    ) -> EventPayloadResult<Option<R>> {
        self.with_payload(|info, bytes| f(D::raw_to_event_ref(info, bytes)))
    }

    /// Gives the bytes of the payload to `f`.
    pub fn try_filter_map_raw<R>(
        &self,
        f: fn(EventDescriptorInfo<D>, &[u8]) -> Option<R>,
    ) -> EventPayloadResult<Option<R>> {
        self.with_payload(f)
    }

    /// Lends the ring and the descriptor under their C names.
    pub fn with_raw<R>(
        &self,
        f: impl FnOnce(&monad_event_ring, &monad_event_descriptor) -> R,
    ) -> R {
        f(self.ring, &self.raw)
    }

    /// The event of any seqno of the same ring, if the ring holds it; not part of the official type.
    pub fn descriptor_at(&self, seqno: u64) -> Option<Self> {
        self.ring
            .try_copy(seqno)
            .map(|raw| Self::new(self.ring, raw))
    }

    /// Decodes the event, or says why its bytes are none; not part of the official type.
    pub fn try_decode(&self) -> EventPayloadResult<Result<D::Event, UndecodableEvent>> {
        self.with_payload(|info, bytes| {
            D::try_raw_to_event_ref(info, bytes)
                .map(D::event_ref_to_event)
                .map_err(|source| UndecodableEvent {
                    seqno: self.raw.seqno,
                    event_type: self.raw.event_type,
                    source,
                })
        })
    }

    /// Copies the payload out, checks that it is still the event's, and only then lets `f` see it.
    fn with_payload<R>(
        &self,
        f: impl FnOnce(EventDescriptorInfo<D>, &[u8]) -> R,
    ) -> EventPayloadResult<R> {
        // Taken, so that `f` may read payloads itself; a thread that is ending has none.
        let mut payload = SPARE.try_with(Cell::take).unwrap_or_default();
        let copied = self
            .ring
            .mapping()
            .copy_payload(&self.raw, u32::MAX, &mut payload);
        if copied != PayloadCopy::Copied {
            return EventPayloadResult::Expired;
        }
        let value = f(self.info(), payload.as_slice());
        if payload.as_slice().len() <= SPARE_BYTES {
            // A thread that is ending keeps nothing.
            let _ = SPARE.try_with(|spare| spare.set(payload));
        }
        EventPayloadResult::Ready(value)
    }
}

impl<D: EventDecoder> Clone for EventDescriptor<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: EventDecoder> Copy for EventDescriptor<'_, D> {}

impl<D: EventDecoder> fmt::Debug for EventDescriptor<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EventDescriptor").field(&self.raw).finish()
    }
}
