//! Puts exec events under the ring crate's official layer: what `EventRing` and `EventReader` need to know of them.
//! `event::decode` does the work; `block_builder` reads descriptors through this.

use monad_event_ring::{
    DecodeFailure, EventDecoder, EventDescriptorInfo, EventRing, SnapshotEventRing,
};

use monad_event_ring::ffi::{
    MONAD_EVENT_CONTENT_TYPE_EXEC, MONAD_EVENT_RECORD_ERROR_MISSING_EVENT, monad_event_content_type,
};

use crate::ffi::{EXEC_SCHEMA_HASH, MONAD_EXEC_EVENT_COUNT, monad_event_record_error};
use crate::{ExecEvent, ExecEventRef, ExecEventRingFlowInfo};

/// A live ring of execution events.
pub type ExecEventRing = EventRing<ExecEventDecoder>;

/// A snapshot of execution events.
pub type ExecSnapshotEventRing = SnapshotEventRing<ExecEventDecoder>;

/// By the type of the event that is missing; the first stands for types that do not exist.
static MISSING: [monad_event_record_error; MONAD_EXEC_EVENT_COUNT] = {
    let mut table = [monad_event_record_error {
        error_type: MONAD_EVENT_RECORD_ERROR_MISSING_EVENT,
        dropped_event_type: 0,
        truncated_payload_size: 0,
        requested_payload_size: 0,
    }; MONAD_EXEC_EVENT_COUNT];
    let mut code = 0;
    while code < MONAD_EXEC_EVENT_COUNT {
        table[code].dropped_event_type = code as u16;
        code += 1;
    }
    table
};

/// Reads execution events.
#[derive(Clone, Copy, Debug)]
pub struct ExecEventDecoder;

impl EventDecoder for ExecEventDecoder {
    type FlowInfo = ExecEventRingFlowInfo;
    type Event = ExecEvent;
    type EventRef<'payload> = ExecEventRef<'payload>;

    fn ring_content_ctype() -> monad_event_content_type {
        MONAD_EVENT_CONTENT_TYPE_EXEC
    }

    fn ring_schema_hash() -> &'static [u8; 32] {
        &EXEC_SCHEMA_HASH
    }

    fn transmute_flow_info(content_ext: [u64; 4]) -> ExecEventRingFlowInfo {
        content_ext.into()
    }

    /// An event, or for bytes that are none a `RecordError` that says "missing" and names the type.
    fn raw_to_event_ref(info: EventDescriptorInfo<Self>, bytes: &[u8]) -> ExecEventRef<'_> {
        let EventDescriptorInfo {
            event_type,
            flow_info,
            ..
        } = info;
        ExecEventRef::decode_with_flow(event_type, flow_info, bytes).unwrap_or_else(|_| {
            ExecEventRef::RecordError(MISSING.get(usize::from(event_type)).unwrap_or(&MISSING[0]))
        })
    }

    fn try_raw_to_event_ref(
        info: EventDescriptorInfo<Self>,
        bytes: &[u8],
    ) -> Result<ExecEventRef<'_>, DecodeFailure> {
        Ok(ExecEventRef::decode_with_flow(
            info.event_type,
            info.flow_info,
            bytes,
        )?)
    }

    fn event_ref_to_event(event_ref: ExecEventRef<'_>) -> ExecEvent {
        event_ref.into_owned()
    }
}
