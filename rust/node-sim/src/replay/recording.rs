//! A recording, read from its first event to its last as often as wanted.
//! Stands on monad-event-ring's reader; mod.rs plays what comes out.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use monad_event_ring::{
    ContentType, NextEvent, PayloadBuffer, RawEventReader, RawEventRing, RingExpectation,
};
use monad_exec_events::{ExecEventRef, ExecEventType, ffi::EXEC_SCHEMA_HASH};

use crate::error::SimError;

/// A snapshot may decompress to at most this many bytes of address space: the largest ring of practical use.
const MAX_SNAPSHOT_BYTES: u64 = 1 << 36;

/// A snapshot or ring file of execution events.
pub struct Recording {
    reader: RawEventReader,
    path: PathBuf,
    first_seqno: u64,
    /// Seqno of the BLOCK_START that was read last.
    block_start: u64,
    first_time: Option<u64>,
    offset: Duration,
    buffer: PayloadBuffer,
    payload: Vec<u8>,
    block_span: u64,
    duration: Duration,
}

/// An event of a recording.
pub(super) struct RecordedEvent<'a> {
    pub(super) event_type: u16,
    pub(super) content_ext: [u64; 4],
    /// Time since the first event; it does not decrease from event to event.
    pub(super) offset: Duration,
    pub(super) payload: &'a mut [u8],
}

impl RecordedEvent<'_> {
    /// True for events before which no block is open.
    pub(super) fn is_outside_block(&self) -> bool {
        self.content_ext[0] == 0 || self.event_type == ExecEventType::BlockStart.code()
    }
}

impl Recording {
    /// Opens a recording and reads all of it once.
    ///
    /// # Errors
    /// [`SimError::Open`], [`SimError::NoBlock`] or [`SimError::Unreadable`].
    pub fn open(path: &Path) -> Result<Self, SimError> {
        let expectation = RingExpectation {
            content_type: ContentType::Exec,
            schema_hash: EXEC_SCHEMA_HASH,
        };
        let ring = Arc::new(RawEventRing::open(path, &expectation, MAX_SNAPSHOT_BYTES)?);
        let mut recording = Self {
            first_seqno: ring.oldest_readable().unwrap_or(1),
            reader: RawEventReader::new(ring, u32::MAX),
            path: path.into(),
            block_start: 0,
            first_time: None,
            offset: Duration::ZERO,
            buffer: PayloadBuffer::new(),
            payload: Vec::new(),
            block_span: 0,
            duration: Duration::ZERO,
        };
        recording.survey()?;
        Ok(recording)
    }

    /// By how much a lap must raise block numbers so that none repeats.
    pub(super) fn block_span(&self) -> u64 {
        self.block_span
    }

    /// Time from the first event to that of the next lap.
    pub(super) fn duration(&self) -> Duration {
        self.duration
    }

    /// Goes back to the first event.
    pub(super) fn rewind(&mut self) {
        self.reader.seek(self.first_seqno);
        self.block_start = 0;
        self.first_time = None;
        self.offset = Duration::ZERO;
    }

    /// The next event, or `None` behind the last. Events of a block whose BLOCK_START is not there are left out.
    pub(super) fn next(&mut self) -> Result<Option<RecordedEvent<'_>>, SimError> {
        let descriptor = loop {
            let descriptor = match self.reader.next(&mut self.buffer) {
                NextEvent::Ready(descriptor) => descriptor,
                NextEvent::NotReady => return Ok(None),
                NextEvent::Gap { from_seqno, .. } => return Err(self.unreadable(from_seqno)),
                NextEvent::Expired(descriptor) | NextEvent::Malformed(descriptor) => {
                    return Err(self.unreadable(descriptor.seqno));
                }
            };
            if descriptor.event_type == ExecEventType::BlockStart.code() {
                self.block_start = descriptor.seqno;
            }
            let block_start = descriptor.content_ext[0];
            if block_start == 0 || block_start == self.block_start {
                break descriptor;
            }
        };
        let time = descriptor.record_epoch_nanos;
        let since_first = time.saturating_sub(*self.first_time.get_or_insert(time));
        self.offset = self.offset.max(Duration::from_nanos(since_first));
        self.payload.clear();
        self.payload.extend_from_slice(self.buffer.as_slice());
        Ok(Some(RecordedEvent {
            event_type: descriptor.event_type,
            content_ext: descriptor.content_ext,
            offset: self.offset,
            payload: &mut self.payload,
        }))
    }

    /// Reads everything once, for the block numbers and the duration.
    fn survey(&mut self) -> Result<(), SimError> {
        self.rewind();
        let mut count = 0_u32;
        let mut numbers: Option<(u64, u64)> = None;
        while let Some(event) = self.next()? {
            count = count.saturating_add(1);
            let (event_type, content_ext) = (event.event_type, event.content_ext);
            if let Ok(ExecEventRef::BlockStart(start)) =
                ExecEventRef::decode(event_type, content_ext, self.buffer.as_slice())
            {
                let number = start.block_tag.block_number;
                let (low, high) = numbers.unwrap_or((number, number));
                numbers = Some((low.min(number), high.max(number)));
            }
        }
        let (low, high) = numbers.ok_or_else(|| SimError::NoBlock {
            path: self.path.clone(),
        })?;
        self.block_span = high - low + 1;
        // A lap follows at the distance that events have on average.
        self.duration = self.offset + self.offset / count;
        Ok(())
    }

    fn unreadable(&self, seqno: u64) -> SimError {
        SimError::Unreadable {
            path: self.path.clone(),
            seqno,
        }
    }
}
