//! An event ring on disk: layout, validation, reading, snapshots and (feature `writer`) recording.
//!
//! This is the only crate of the workspace that touches shared memory. Bytes of a ring are loaded atomically
//! into the caller's buffer and checked afterwards; no reference to them is ever formed.
//!
//! Start at [`RawEventRing`] and [`RawEventReader`]; the items of [`official`] are the same things under the
//! names and meanings of the official SDK, those of [`ffi`] under the names of its C bindings.

#[cfg(not(all(
    target_os = "linux",
    target_pointer_width = "64",
    target_endian = "little"
)))]
compile_error!("event rings exist on 64-bit little-endian Linux only");

mod descriptor;
mod error;
pub mod ffi;
mod geometry;
mod header;
pub mod layout;
mod mapping;
#[cfg(all(loom, test))]
mod model;
pub mod official;
mod path;
mod payload;
mod reader;
mod ring;
mod slot;
mod snapshot;
mod source;
mod words;
#[cfg(feature = "writer")]
pub mod writer;

pub use descriptor::RawDescriptor;
pub use error::OpenError;
pub use geometry::{GeometryError, RingGeometry};
pub use header::RingExpectation;
pub use layout::ContentType;
pub use official::*;
pub use path::{EventRingPath, resolve_ring_path};
pub use payload::PayloadBuffer;
pub use reader::{NextEvent, RawEventReader};
pub use ring::{PathState, RawEventRing, RingKind};
