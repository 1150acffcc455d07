//! What stands around every payload: names, block, transaction, stage, seqno and time (protocol 4.1).
//! `chain` keeps one `Middle` per block and per transaction, so that it is written once and copied per event.

use monad_exec_events::{ExecEventRef, ExecEventRingFlowInfo, ExecEventType};

use super::json::Json;
use super::payload::write_payload;
use super::tail::Tail;
use crate::log::{EntryKind, NATIVE_TRANSFER};
use crate::stages::{BlockId, Proposal};

/// Longest middle: block number, transaction index, hash and stage take 185 bytes at most.
const MIDDLE_SIZE: usize = 192;

const OPENING: &[u8] = b"{\"event_name\":\"";

/// What is the same for every event of one transaction: the text between the event's name and its payload's type, and
/// what the index record says. Made once, used by reference: copying it per event would cost more than writing it.
#[derive(Clone, Debug)]
pub struct Middle {
    bytes: [u8; MIDDLE_SIZE],
    len: u8,
    stage_at: u8,
    kind: EntryKind,
}

impl Middle {
    /// The middle of an event of the proposal and transaction that are known of it.
    pub fn new(
        proposal: Option<&Proposal>,
        txn_index: Option<u32>,
        txn_hash: Option<&[u8; 32]>,
    ) -> Middle {
        let mut bytes = [0; MIDDLE_SIZE];
        let mut json = Json::new(&mut bytes);
        let mut stage_at = 0;
        json.raw(b"\"");
        if let Some(proposal) = proposal {
            json.raw(b",\"block_number\":");
            json.number(proposal.block_number);
        }
        if let Some(index) = txn_index {
            json.raw(b",\"txn_idx\":");
            json.number(index);
        }
        if let Some(hash) = txn_hash {
            json.raw(b",\"txn_hash\":");
            json.hex(hash);
        }
        if let Some(proposal) = proposal {
            json.raw(b",\"commit_stage\":\"");
            stage_at = json.len();
            json.raw(proposal.stage.name().as_bytes());
            json.raw(b"\"");
        }
        json.raw(b",\"payload\":{\"type\":\"");
        let len = json.len();
        debug_assert!(!json.is_overflowed());
        let kind = EntryKind {
            stage: proposal.map_or(0, |proposal| proposal.stage as u8),
            txn: txn_index.map_or(0, |index| index + 1),
            proposal: proposal.map_or(0, |proposal| proposal.ordinal),
            block_number: proposal.map_or(0, |proposal| proposal.block_number),
        };
        Middle {
            bytes,
            len: len as u8,
            stage_at: stage_at as u8,
            kind,
        }
    }

    /// What the index record of such an event says.
    #[inline]
    pub fn kind(&self) -> &EntryKind {
        &self.kind
    }
}

/// An event's name with a quote behind it, padded so that it is copied by moves of constant size.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    bytes: [u8; 32],
    len: usize,
}

impl Name {
    const fn new(name: &str) -> Name {
        let mut bytes = [0; 32];
        let mut i = 0;
        while i < name.len() {
            bytes[i] = name.as_bytes()[i];
            i += 1;
        }
        bytes[i] = b'"';
        Name {
            bytes,
            len: name.len(),
        }
    }

    /// The name of an entry type: a ring code or NativeTransfer's.
    pub fn of(entry_type: u8) -> &'static Name {
        NAMES.get(usize::from(entry_type)).unwrap_or(&NAMES[0])
    }
}

/// Names by entry type.
static NAMES: [Name; 26] = {
    let mut names = [Name::new(""); 26];
    let mut i = 0;
    while i < ExecEventType::ALL.len() {
        names[ExecEventType::ALL[i] as usize] = Name::new(ExecEventType::ALL[i].name());
        i += 1;
    }
    names[NATIVE_TRANSFER as usize] = Name::new("NativeTransfer");
    names
};

/// Writes one event and the comma behind it; returns the offset of its commit stage's value, 0 if it has none.
///
/// `name` is the event's name, NativeTransfer included, which has the payload of its call frame; `verified_id` is the id
/// of a BlockVerified's block, if known. Source: protocol 4.1 and section 5.
#[inline]
pub fn write_event(
    json: &mut Json<'_>,
    name: &Name,
    middle: &Middle,
    (flow, event): (&ExecEventRingFlowInfo, &ExecEventRef<'_>),
    verified_id: Option<&BlockId>,
    tail: &Tail,
) -> u16 {
    let stage_at = match middle.stage_at {
        0 => 0,
        at => (OPENING.len() + name.len) as u16 + u16::from(at),
    };
    json.raw(OPENING);
    json.padded(&name.bytes, name.len);
    json.padded(&middle.bytes, usize::from(middle.len));
    json.padded(&name.bytes, name.len + 1);
    write_payload(json, flow, event, verified_id);
    json.raw(b"}");
    tail.seqno.write(json);
    tail.timestamp_ns.write(json);
    json.raw(b"},");
    stage_at
}
