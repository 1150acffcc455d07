//! The names and meanings of the official SDK, thin over the raw items of this crate.
//!
//! Two differences: payloads are copied out and checked before anything decodes them, and a decoder gets a way to
//! say that bytes are wrong ([`EventDecoder::try_raw_to_event_ref`], [`EventDescriptor::try_decode`]).

mod decoder;
mod descriptor;
mod reader;
mod ring;

pub use decoder::{BytesDecoder, DecodeFailure, EventDecoder};
pub use descriptor::{EventDescriptor, EventDescriptorInfo, EventPayloadResult, UndecodableEvent};
pub use reader::{EventNextResult, EventReader};
pub use ring::{DecodedEventRing, EventRing, SnapshotEventRing};
