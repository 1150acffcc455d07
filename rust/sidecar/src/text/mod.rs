//! JSON text of events: one pass, no tree, straight into the log.
//! `json` writes values with `decimal`, `envelope` what every event has, `block`, `txn` and `state` the payload fields (protocol §5);
//! `keys` is what stands behind the text for filters; `lifecycle` and `metrics` are whole frames.

mod block;
pub(crate) mod decimal;
mod envelope;
mod field;
mod json;
mod keys;
mod lifecycle;
mod metrics;
mod payload;
mod state;
mod tail;
mod txn;

pub use envelope::{Middle, Name, write_event};
pub(crate) use field::field;
pub use json::Json;
pub use keys::write_event_keys;
pub use lifecycle::{LIFECYCLE_BOUND, write_lifecycle, write_lifecycle_keys};
pub use metrics::{
    CONTENTION_BOUND, TOP_ACCESSES_BOUND, TPS_BOUND, write_contention, write_top_accesses,
    write_tps, write_tps_key,
};
pub use payload::{largest_payload, text_bound};
pub use tail::Tail;
