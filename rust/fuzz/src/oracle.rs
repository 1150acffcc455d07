//! What a reader must say of a ring that nobody writes, computed from its bytes alone.
//! Source: ring-and-events §1.5, §1.6, §2.1, §2.3.

use std::sync::Arc;

use monad_event_ring::{NextEvent, PayloadBuffer, RawDescriptor, RawEventReader, RawEventRing};

use crate::image::Image;

/// Largest payload that the readers here take.
const MAX_PAYLOAD: u32 = 1 << 14;

fn descriptor(image: &Image, seqno: u64) -> Option<RawDescriptor> {
    let at = image.slot(seqno);
    let word = |index: usize| image.word(at + 8 * index);
    (seqno != 0 && word(0) == seqno).then(|| RawDescriptor {
        seqno,
        event_type: word(1) as u16,
        payload_size: (word(1) >> 32) as u32,
        record_epoch_nanos: word(2),
        payload_buf_offset: word(3),
        content_ext: [word(4), word(5), word(6), word(7)],
    })
}

/// What the header says, up to the limit of what is believed.
fn last_seqno(image: &Image) -> u64 {
    image.word(64).min(1 << 46)
}

fn window_start(image: &Image) -> u64 {
    image.word(128)
}

/// The answer for the event `wanted`; `None` where the reader must skip, as what it skips is its own choice.
fn expected(image: &Image, wanted: u64) -> Option<NextEvent> {
    let Some(event) = descriptor(image, wanted) else {
        let seqno = image.word(image.slot(wanted));
        return (seqno == 0 || seqno < wanted - 1).then_some(NextEvent::NotReady);
    };
    let is_malformed = event.payload_size > MAX_PAYLOAD
        || u64::from(event.payload_size) > image.payload_size()
        || event.payload_buf_offset % 16 != 0;
    Some(if is_malformed {
        NextEvent::Malformed(event)
    } else if event.payload_buf_offset < window_start(image) {
        NextEvent::Expired(event)
    } else {
        NextEvent::Ready(event)
    })
}

/// Reads the opened ring in every way that readers have and compares each answer with the image.
pub fn check(ring: RawEventRing, image: &Image) {
    let ring = Arc::new(ring);
    let last = last_seqno(image);
    assert_eq!(ring.last_seqno(), last);
    assert_eq!(ring.buffer_window_start(), window_start(image));
    let oldest = ring.oldest_readable();
    if let Some(oldest) = oldest {
        let event = descriptor(image, oldest).expect("an oldest event that is there");
        assert!(oldest <= last && event.payload_buf_offset >= window_start(image));
        assert!(last - oldest < image.descriptors());
    }
    let mut reader = RawEventReader::new(Arc::clone(&ring), MAX_PAYLOAD);
    let mut payload = PayloadBuffer::new();
    for start in [1, last, last.wrapping_add(1), u64::MAX - 1]
        .into_iter()
        .chain(oldest)
    {
        assert_eq!(ring.try_copy(start), descriptor(image, start));
        reader.seek(start);
        read_from_here(&mut reader, &mut payload, image);
    }
    ring.recorder_note();
    ring.path_state();
}

fn read_from_here(reader: &mut RawEventReader, payload: &mut PayloadBuffer, image: &Image) {
    for _ in 0..200 {
        let wanted = reader.position();
        let found = reader.next(payload);
        match (expected(image, wanted), found) {
            (Some(expected), found) => assert_eq!(found, expected),
            (None, NextEvent::NotReady) => {}
            (
                None,
                NextEvent::Gap {
                    from_seqno,
                    to_seqno,
                },
            ) => {
                assert!(from_seqno == wanted && to_seqno >= wanted && to_seqno < last_seqno(image));
                assert_eq!(reader.position(), to_seqno + 1);
            }
            (None, found) => panic!("{found:?} at {wanted}"),
        }
        match found {
            NextEvent::NotReady => return assert_eq!(reader.position(), wanted),
            NextEvent::Gap { .. } => {}
            NextEvent::Expired(_) | NextEvent::Malformed(_) => {
                assert_eq!(
                    (payload.as_slice(), reader.position()),
                    (&[][..], wanted + 1)
                );
            }
            NextEvent::Ready(event) => {
                let size = event.payload_size as usize;
                let (head, tail) = image.payload_parts(event.payload_buf_offset, size);
                assert_eq!(payload.as_slice().split_at(head.len()), (head, tail));
                assert_eq!(reader.position(), wanted + 1);
            }
        }
    }
}

/// Goes to the newest event, which waits a little for events in flight and is therefore not part of [`check`].
pub fn check_reset(ring: RawEventRing, image: &Image) {
    let mut reader = RawEventReader::new(Arc::new(ring), MAX_PAYLOAD);
    reader.reset();
    let (position, last) = (reader.position(), last_seqno(image));
    let is_newest = (position..=last)
        .take(image.descriptors() as usize)
        .all(|seqno| descriptor(image, seqno).is_some() == (seqno == position));
    assert!(
        position == 1 || (position <= last && is_newest),
        "{position} of {last}"
    );
}
