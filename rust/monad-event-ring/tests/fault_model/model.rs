//! The ring as it must be, from the reference's tables: what every slot shows, the payload buffer byte by byte, the
//! window. Records and damages a real ring and itself alike, and compares them. Used by main.rs.

use std::thread;

use monad_event_ring::{
    NextEvent, PayloadBuffer, RawDescriptor, RawEventReader, writer::DescriptorDamage,
};

use crate::harness::{CAPACITY, PAYLOAD_BYTES, TestRing};

/// Step of the window in bytes.
pub const INCREMENT: u64 = 1 << 24;
/// How many bytes of the buffer are live at most.
const ROOM: u64 = PAYLOAD_BYTES - INCREMENT;

/// The ring as it must be.
pub struct Model {
    ring: TestRing,
    /// By slot: the descriptor that it shows, 0 in `seqno` where none is committed.
    slots: Vec<RawDescriptor>,
    payload: Vec<u8>,
    last: u64,
    next_byte: u64,
    window_start: u64,
    /// Whether nothing but a single writer's whole events was recorded.
    is_orderly: bool,
}

const FREE: RawDescriptor = RawDescriptor {
    seqno: 0,
    event_type: 0,
    payload_size: 0,
    record_epoch_nanos: 0,
    payload_buf_offset: 0,
    content_ext: [0; 4],
};

/// Bytes that no other event has at its beginning.
fn bytes(tag: u64, size: usize) -> Vec<u8> {
    let mut bytes = vec![tag as u8 | 1; size];
    for (byte, tag) in bytes.iter_mut().zip(tag.to_le_bytes()) {
        *byte = tag;
    }
    bytes
}

impl Model {
    pub fn new() -> Self {
        Self {
            ring: TestRing::new(),
            slots: vec![FREE; CAPACITY as usize],
            payload: vec![0; PAYLOAD_BYTES as usize],
            last: 0,
            next_byte: 0,
            window_start: 0,
            is_orderly: true,
        }
    }

    fn slot(&mut self, seqno: u64) -> &mut RawDescriptor {
        &mut self.slots[((seqno - 1) % CAPACITY) as usize]
    }

    /// What the recording of an event of `size` bytes at `begin` does to the buffer and the window.
    fn take_bytes(&mut self, tag: u64, begin: u64, size: usize) {
        let end = begin + (size as u64).div_ceil(16) * 16;
        if end.saturating_sub(self.window_start) > ROOM {
            self.window_start = end.div_ceil(INCREMENT) * INCREMENT - ROOM;
        }
        // Whole words are stored.
        let mut words = bytes(tag, size);
        words.resize(size.div_ceil(8) * 8, 0);
        let at = (begin % PAYLOAD_BYTES) as usize;
        let (head, tail) = words.split_at(words.len().min(PAYLOAD_BYTES as usize - at));
        self.payload[at..at + head.len()].copy_from_slice(head);
        self.payload[..tail.len()].copy_from_slice(tail);
        self.next_byte = self.next_byte.max(end);
    }

    fn event(tag: u64, seqno: u64, begin: u64, size: usize) -> RawDescriptor {
        RawDescriptor {
            seqno,
            event_type: tag as u16,
            payload_size: size as u32,
            record_epoch_nanos: tag,
            payload_buf_offset: begin,
            content_ext: [tag; 4],
        }
    }

    pub fn record(&mut self, size: usize, is_committed: bool) {
        let (tag, begin) = (self.last + 1, self.next_byte);
        let payload = bytes(tag, size);
        let reservation = self
            .ring
            .writer
            .reserve(tag as u16, [tag; 4], Some(tag), &[&payload])
            .unwrap();
        assert_eq!(
            (reservation.seqno(), reservation.payload_buf_offset()),
            (tag, begin)
        );
        if is_committed {
            reservation.commit();
        }
        self.last = tag;
        self.take_bytes(tag, begin, size);
        *self.slot(tag) = if is_committed {
            Self::event(tag, tag, begin, size)
        } else {
            FREE
        };
    }

    pub fn race(&mut self, writers: u64, each: u64, size: usize) {
        let writer = &self.ring.writer;
        let first_tag = self.last + 1;
        let record = |tag: u64| {
            let payload = bytes(tag, size);
            let event = writer
                .reserve(tag as u16, [tag; 4], Some(tag), &[&payload])
                .unwrap();
            let begin = event.payload_buf_offset();
            (event.commit(), begin, tag)
        };
        let mut recorded: Vec<_> = thread::scope(|scope| {
            let record = &record;
            let threads = (0..writers).map(|writer| {
                let tags = first_tag + writer * each..first_tag + (writer + 1) * each;
                scope.spawn(move || tags.map(record).collect::<Vec<_>>())
            });
            let threads: Vec<_> = threads.collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect()
        });
        // Every seqno once, every byte once.
        let allocation = (size as u64).div_ceil(16) * 16;
        recorded.sort_unstable_by_key(|(_, begin, _)| *begin);
        for ((_, begin, _), at) in recorded.iter().zip(0..) {
            assert_eq!(*begin, self.next_byte + at * allocation);
        }
        for (seqno, begin, tag) in &recorded {
            self.take_bytes(*tag, *begin, size);
            *self.slot(*seqno) = Self::event(*tag, *seqno, *begin, size);
        }
        recorded.sort_unstable();
        for ((seqno, _, _), expected) in recorded.iter().zip(self.last + 1..) {
            assert_eq!(*seqno, expected);
        }
        self.last += writers * each;
        // Two threads may take seqnos and bytes in different orders; and which of them moves the window decides how far.
        self.is_orderly &= size == 0;
        let end = self.next_byte;
        let window_start = self.ring.open().buffer_window_start();
        assert!(
            window_start + ROOM >= end
                && window_start
                    <= self
                        .window_start
                        .max(end.next_multiple_of(INCREMENT).saturating_sub(ROOM))
        );
        self.window_start = window_start;
    }

    pub fn damage(&mut self, back: u64, damage: &DescriptorDamage) {
        let Some(seqno) = self.last.checked_sub(back).filter(|seqno| *seqno > 0) else {
            return;
        };
        let is_there = self.slot(seqno).seqno == seqno;
        assert_eq!(self.ring.writer.damage(seqno, damage), is_there);
        if !is_there {
            return;
        }
        self.is_orderly = false;
        let slot = self.slot(seqno);
        slot.seqno = damage.seqno.unwrap_or(seqno);
        slot.event_type = damage.event_type.unwrap_or(slot.event_type);
        slot.payload_size = damage.payload_size.unwrap_or(slot.payload_size);
        slot.payload_buf_offset = damage.payload_buf_offset.unwrap_or(slot.payload_buf_offset);
        for (word, damaged) in slot.content_ext.iter_mut().zip(damage.content_ext) {
            *word = damaged.unwrap_or(*word);
        }
    }

    /// What a reader that wants `wanted` must be told; `None` if it must skip.
    fn expected(&mut self, wanted: u64, max_payload: u32) -> Option<NextEvent> {
        let event = *self.slot(wanted);
        if event.seqno != wanted {
            let is_awaited = event.seqno == 0 || event.seqno < wanted - 1;
            return is_awaited.then_some(NextEvent::NotReady);
        }
        let is_malformed = event.payload_size > max_payload
            || u64::from(event.payload_size) > PAYLOAD_BYTES
            || !event.payload_buf_offset.is_multiple_of(16);
        Some(match event.payload_buf_offset >= self.window_start {
            _ if is_malformed => NextEvent::Malformed(event),
            true => NextEvent::Ready(event),
            false => NextEvent::Expired(event),
        })
    }

    fn is_payload(&self, of: &RawDescriptor, found: &[u8]) -> bool {
        let at = (of.payload_buf_offset % PAYLOAD_BYTES) as usize;
        let size = of.payload_size as usize;
        let (head, tail) = found.split_at(size.min(PAYLOAD_BYTES as usize - at));
        found.len() == size
            && *head == self.payload[at..at + head.len()]
            && *tail == self.payload[..tail.len()]
    }

    /// The oldest event that can be read, where the model can tell: events in flight are passed over.
    pub fn oldest_readable(&mut self) -> Option<u64> {
        let first = self.last.saturating_sub(CAPACITY) + 1;
        let window_start = self.window_start;
        (first..=self.last).find(|seqno| {
            let event = *self.slot(*seqno);
            event.seqno == *seqno && event.payload_buf_offset >= window_start
        })
    }

    pub fn look(&mut self) {
        let mut reader = self.ring.reader();
        assert_eq!(reader.ring().last_seqno(), self.last);
        assert_eq!(reader.ring().buffer_window_start(), self.window_start);
        let (oldest, modelled) = (reader.oldest_readable(), self.oldest_readable());
        if self.is_orderly {
            assert_eq!(oldest, modelled);
        }
        let (last, first) = (self.last, self.last.saturating_sub(CAPACITY));
        let edges = [
            1,
            2,
            first,
            first + 1,
            first + 2,
            last.saturating_sub(9),
            last + 1,
            last + CAPACITY,
        ];
        for seqno in edges
            .into_iter()
            .chain(last.saturating_sub(8)..=last)
            .chain(oldest)
        {
            let seqno = seqno.max(1);
            let shown = *self.slot(seqno);
            assert_eq!(
                reader.try_copy(seqno),
                (shown.seqno == seqno).then_some(shown)
            );
            self.look_at(&mut reader, seqno, modelled);
        }
    }

    fn look_at(&mut self, reader: &mut RawEventReader, wanted: u64, oldest: Option<u64>) {
        let mut payload = PayloadBuffer::new();
        reader.seek(wanted);
        let found = reader.next(&mut payload);
        match self.expected(wanted, u32::MAX) {
            Some(expected) => assert_eq!(found, expected, "{wanted} of {}", self.last),
            None => match found {
                NextEvent::NotReady => {
                    assert!(!self.is_orderly || oldest.is_none())
                }
                NextEvent::Gap {
                    from_seqno,
                    to_seqno,
                } => {
                    assert!(from_seqno == wanted && (wanted..self.last).contains(&to_seqno));
                    let oldest = oldest.unwrap();
                    let margin = oldest + (self.last - oldest) / 64;
                    assert!(!self.is_orderly || to_seqno + 1 == margin.max(wanted + 1));
                }
                found => panic!("{found:?} at {wanted}"),
            },
        }
        match found {
            NextEvent::Ready(event) => assert!(self.is_payload(&event, payload.as_slice())),
            _ => assert!(payload.as_slice().is_empty()),
        }
    }
}
