//! What faults do to the ring and to single events. player.rs decides when.

use monad_event_ring::writer::DescriptorDamage;
use monad_exec_events::{
    ExecEventRef, ExecEventType,
    ffi::{EXEC_SCHEMA_HASH, monad_event_record_error},
};

use super::{
    command::{Command, Damage, RecordErrorKind},
    player::Player,
};
use crate::{error::SimError, tape::Event};

/// Faults that wait for an event.
#[derive(Default)]
pub(super) struct PendingFaults {
    pub(super) damage: Option<(Damage, String)>,
    pub(super) record_error: Option<(RecordErrorKind, String)>,
}

/// Payload bytes of a record error that keeps what it can. Source: ring-and-events §4.2.
const RECORD_ERROR_SIZE: usize = 8192;
/// Bytes that an event is said to have needed: more than any ring here has.
const REQUESTED_SIZE: u64 = 1 << 40;
/// `error_type` of both kinds. Source: ring-and-events §4.2.
const OVERFLOW_EXPIRE: u16 = 2;
const MISSING_EVENT: u16 = 3;
/// The schema of nodes before August 2025. Source: ring-and-events §1.1.
const OTHER_SCHEMA_HASH: [u8; 32] = [
    0xdd, 0xc5, 0x8d, 0x9a, 0xfc, 0xab, 0xb6, 0xae, 0x55, 0xd5, 0x25, 0xd2, 0x81, 0xef, 0x9f, 0xd2,
    0xf9, 0xb4, 0xdb, 0xce, 0xb2, 0x7a, 0xc1, 0x18, 0x06, 0x7c, 0xda, 0xfd, 0x70, 0xe9, 0x01, 0x6b,
];

impl Player<'_> {
    /// Records an event, or what a fault makes of it.
    pub(super) fn record(&mut self, event: &Event<'_>) -> Result<(), SimError> {
        let is_losable = matches!(
            event.event_type,
            ExecEventType::TxnLog | ExecEventType::TxnCallFrame | ExecEventType::TxnHeaderStart
        );
        match self.faults.record_error.take_if(|_| is_losable) {
            Some((kind, line)) => {
                let payload = record_error(kind, event);
                self.store(ExecEventType::RecordError, event.content_ext, &payload)?;
                self.note(&line)?;
            }
            None => self.store(event.event_type, event.content_ext, event.payload)?,
        }
        if let Some((damage, line)) = self.faults.damage.take() {
            self.ring.damage_last(&lie(damage));
            self.note(&line)?;
        }
        Ok(())
    }

    fn store(
        &mut self,
        event_type: ExecEventType,
        content_ext: [u64; 4],
        payload: &[u8],
    ) -> Result<(), SimError> {
        let seqno = self.ring.record(event_type.code(), content_ext, payload)?;
        let (ring, content_ext) = (self.ring.ordinal(), self.ring.in_block(content_ext));
        self.truth.as_deref_mut().map_or(Ok(()), |truth| {
            truth
                .recorded(ring, seqno, event_type, content_ext, payload)
                .map_err(SimError::Truth)
        })
    }

    /// Takes the node down as a command says, and returns the schema that it comes back with.
    pub(super) fn go_down(&mut self, command: Command) -> Result<[u8; 32], SimError> {
        if let Some(truth) = self.truth.as_deref_mut() {
            truth.cut().map_err(SimError::Truth)?;
        }
        match command {
            Command::Truncate(len) => self.ring.truncate(len)?,
            Command::Crash(_) | Command::Die => self.ring.crash()?,
            _ => self.ring.stop()?,
        }
        Ok(match command {
            Command::Schema(_) => OTHER_SCHEMA_HASH,
            _ => EXEC_SCHEMA_HASH,
        })
    }
}

fn lie(damage: Damage) -> DescriptorDamage {
    let nothing = DescriptorDamage::default();
    match damage {
        Damage::Type => DescriptorDamage {
            event_type: Some(999),
            ..nothing
        },
        Damage::Size => DescriptorDamage {
            payload_size: Some(u32::MAX),
            ..nothing
        },
        Damage::Offset => DescriptorDamage {
            payload_buf_offset: Some(u64::MAX),
            ..nothing
        },
        Damage::Flow => DescriptorDamage {
            content_ext: [None, Some(u64::MAX), None, None],
            ..nothing
        },
        Damage::Seqno => DescriptorDamage {
            seqno: Some(0),
            ..nothing
        },
    }
}

/// The payload of a RECORD_ERROR that takes an event's place.
fn record_error(kind: RecordErrorKind, lost: &Event<'_>) -> Vec<u8> {
    let (error_type, kept, requested_payload_size) = match kind {
        RecordErrorKind::Missing => (MISSING_EVENT, 0, lost.payload.len() as u64),
        RecordErrorKind::Overflow => {
            let header = size_of::<monad_event_record_error>();
            (OVERFLOW_EXPIRE, RECORD_ERROR_SIZE - header, REQUESTED_SIZE)
        }
    };
    let record_error = monad_event_record_error {
        error_type,
        dropped_event_type: lost.event_type.code(),
        truncated_payload_size: kept as u32,
        requested_payload_size,
    };
    let mut payload = Vec::new();
    ExecEventRef::RecordError(&record_error).encode_payload(&mut payload);
    let whole = payload.len() + kept;
    payload.extend_from_slice(&lost.payload[..kept.min(lost.payload.len())]);
    payload.resize(whole, 0);
    payload
}
