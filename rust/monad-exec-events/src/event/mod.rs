//! Events with a type: what a descriptor and its payload bytes say, borrowed (`ExecEventRef`) or owned (`ExecEvent`).
//! `event_type` names the types, `payload` checks sizes, `decode` puts both together, `flow` is the descriptor's part.

mod borrowed;
mod decode;
#[cfg(feature = "writer")]
mod encode;
mod event_type;
mod flow;
mod owned;
mod payload;

pub use borrowed::ExecEventRef;
pub use event_type::{ExecEventType, UnknownEventType};
pub use flow::ExecEventRingFlowInfo;
pub use owned::ExecEvent;
pub use payload::DecodeError;
