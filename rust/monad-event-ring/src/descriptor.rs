//! One event's descriptor as plain values, copied out of its slot by slot.rs.

/// A copy of one descriptor; it stays what it is when the slot is written again.
///
/// Source: ring-and-events §1.5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawDescriptor {
    /// Place in the sequence of all events of the ring; the first is 1.
    pub seqno: u64,
    /// Code of the event, whose meaning the content type defines.
    pub event_type: u16,
    /// Exact bytes of the payload.
    pub payload_size: u32,
    /// When the event was reserved, in nanoseconds since 1970; not monotonic in seqno.
    pub record_epoch_nanos: u64,
    /// Unwrapped offset of the payload; it does not decrease with seqno and names one payload for ever.
    pub payload_buf_offset: u64,
    /// Four words whose meaning the content type defines.
    pub content_ext: [u64; 4],
}
