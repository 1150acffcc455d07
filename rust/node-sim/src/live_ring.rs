//! The ring that a command writes: its file, the seqno of the open block, and what can go wrong with it.
//! Stands on monad-event-ring's writer; used by run/ and replay/. directories.rs makes the way to the file.

use std::path::{Path, PathBuf};

use monad_event_ring::{
    ContentType,
    writer::{DescriptorDamage, EventRingWriter, WriterConfig},
};
use monad_exec_events::{ExecEventType, ffi::EXEC_SCHEMA_HASH};

use crate::{directories::MadeDirectories, error::SimError};

/// What the ring's header says of its recorder, so that readers can tell a simulation from a node.
pub const NOTE: &str = "ringcast node-sim";

/// A published ring of execution events and its only writer; from time to time there is none, or a new one.
///
/// Dropping it removes the ring and the directories that were made for it, without a word about failures.
pub struct LiveRing {
    // In this order: the ring leaves its directory before that is removed.
    writer: Option<EventRingWriter>,
    directories: MadeDirectories,
    path: PathBuf,
    shifts: (u8, u8),
    ordinal: u32,
    block_seqno: u64,
    last_seqno: u64,
    payload_bytes: u64,
    clock_shift_nanos: i64,
}

impl LiveRing {
    /// Creates and publishes a ring of 2^`descriptor_shift` descriptors and 2^`payload_shift` payload bytes.
    ///
    /// # Errors
    /// [`SimError::Directory`] or [`SimError::Create`].
    pub fn create(path: &Path, descriptor_shift: u8, payload_shift: u8) -> Result<Self, SimError> {
        let mut ring = Self {
            writer: None,
            directories: MadeDirectories::of(path)?,
            path: path.into(),
            shifts: (descriptor_shift, payload_shift),
            ordinal: 0,
            block_seqno: 0,
            last_seqno: 0,
            payload_bytes: 0,
            clock_shift_nanos: 0,
        };
        ring.start(EXEC_SCHEMA_HASH)?;
        Ok(ring)
    }

    /// Publishes the next ring at the path, in place of one that was left there; seqnos begin at 1 again.
    ///
    /// # Errors
    /// [`SimError::Create`].
    pub fn start(&mut self, schema_hash: [u8; 32]) -> Result<(), SimError> {
        let config = WriterConfig {
            descriptor_shift: self.shifts.0,
            payload_shift: self.shifts.1,
            content_type: ContentType::Exec,
            schema_hash,
            note: Some(NOTE),
        };
        self.writer = Some(EventRingWriter::create(&self.path, &config)?);
        self.ordinal += 1;
        (self.block_seqno, self.last_seqno, self.payload_bytes) = (0, 0, 0);
        Ok(())
    }

    /// Where the ring is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// False from [`stop`](Self::stop), [`crash`](Self::crash) or [`truncate`](Self::truncate) on to the next start.
    pub fn is_up(&self) -> bool {
        self.writer.is_some()
    }

    /// Which ring at the path this is, from 1.
    pub fn ordinal(&self) -> u32 {
        self.ordinal
    }

    /// Seqno of the event that was recorded last; 0 in a new ring.
    pub fn last_seqno(&self) -> u64 {
        self.last_seqno
    }

    /// Payload bytes that this ring has been given, alignment included.
    pub fn payload_bytes(&self) -> u64 {
        self.payload_bytes
    }

    /// Events and payload bytes that the ring holds at most.
    pub fn capacity(&self) -> (u64, u64) {
        (1 << self.shifts.0, 1 << self.shifts.1)
    }

    /// Records one event now and returns its seqno; while there is no ring it is lost and the seqno stays.
    ///
    /// A `content_ext[0]` other than 0 means "of the open block" and becomes the seqno of its BLOCK_START here.
    ///
    /// # Errors
    /// [`SimError::Record`] if the ring is too small for the payload.
    pub fn record(
        &mut self,
        event_type: u16,
        content_ext: [u64; 4],
        payload: &[u8],
    ) -> Result<u64, SimError> {
        let Some(writer) = &self.writer else {
            return Ok(self.last_seqno);
        };
        if event_type == ExecEventType::BlockStart.code() {
            self.block_seqno = writer.next_seqno();
        }
        let time = (self.clock_shift_nanos != 0).then(|| self.shifted_time());
        let content_ext = self.in_block(content_ext);
        self.last_seqno = writer.record(event_type, content_ext, time, &[payload])?;
        self.payload_bytes += (payload.len() as u64).next_multiple_of(16);
        Ok(self.last_seqno)
    }

    /// The content words as they are recorded: "of the open block" becomes the seqno of its BLOCK_START.
    pub fn in_block(&self, mut content_ext: [u64; 4]) -> [u64; 4] {
        if content_ext[0] != 0 {
            content_ext[0] = self.block_seqno;
        }
        content_ext
    }

    /// Moves the clock that recorded times come from.
    pub fn shift_clock(&mut self, nanos: i64) {
        self.clock_shift_nanos = self.clock_shift_nanos.saturating_add(nanos);
    }

    /// Makes the descriptor of the event that was recorded last lie.
    pub fn damage_last(&mut self, damage: &DescriptorDamage) {
        if let Some(writer) = &self.writer {
            writer.damage(self.last_seqno, damage);
        }
    }

    /// Ends like a node that was killed: the ring stays behind, with an event that was begun and never committed.
    ///
    /// # Errors
    /// [`SimError::Record`] never, unless the ring is damaged.
    pub fn crash(&mut self) -> Result<(), SimError> {
        if let Some(writer) = self.writer.take() {
            let content_ext = self.in_block([1, 0, 0, 0]);
            drop(writer.reserve(ExecEventType::BlockEnd.code(), content_ext, None, &[])?);
            writer.abandon();
        }
        Ok(())
    }

    /// Cuts the ring's file to `len` bytes and ends like a node that was killed.
    ///
    /// # Errors
    /// [`SimError::Fault`] if the system refuses.
    pub fn truncate(&mut self, len: u64) -> Result<(), SimError> {
        let path = self.path.clone();
        let writer = self.writer.take();
        writer.map_or(Ok(()), |writer| {
            writer
                .truncate(len)
                .map_err(|source| SimError::Fault { path, source })
        })
    }

    /// Removes the ring from its path and goes on recording into it.
    ///
    /// # Errors
    /// [`SimError::Fault`] if the system refuses.
    pub fn vanish(&mut self) -> Result<(), SimError> {
        let path = self.path.clone();
        self.writer.as_ref().map_or(Ok(()), |writer| {
            writer
                .vanish()
                .map_err(|source| SimError::Fault { path, source })
        })
    }

    /// Removes the ring from its path, as an orderly stop does.
    ///
    /// # Errors
    /// [`SimError::Close`] if the ring's file cannot be removed.
    pub fn stop(&mut self) -> Result<(), SimError> {
        let path = self.path.clone();
        self.writer.take().map_or(Ok(()), |writer| {
            writer
                .close()
                .map_err(|source| SimError::Close { path, source })
        })
    }

    /// Removes the ring and the directories that were made for it.
    ///
    /// # Errors
    /// [`SimError::Close`] if the ring's file cannot be removed.
    pub fn close(mut self) -> Result<(), SimError> {
        let stopped = self.stop();
        drop(self.directories);
        stopped
    }

    fn shifted_time(&self) -> u64 {
        let now = crate::now() as u64;
        now.saturating_add_signed(self.clock_shift_nanos)
    }
}
