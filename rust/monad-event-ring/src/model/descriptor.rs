//! A descriptor is copied while the writer, a whole lap ahead, reuses its slot.

use loom::thread;

use super::{CAPACITY, Ring, assert_needed, explore, record, slot_of, slot_word, tag_of};
use crate::{mapping::Mapping, slot::Observed, words::modelled::Weakening};

/// A slot that holds event 1 (tag 1) is given to event 2, one lap later, while a reader does `read`.
fn reuse_of_a_slot(read: fn(&Mapping)) {
    explore(Some(3), move || {
        let ring = Ring::new([CAPACITY, 0, 0], slot_of(1, 1, 16, 0), |_| 0);
        let (writer, mapping) = (ring.writer(), ring.mapping());
        let writing = thread::spawn(move || {
            assert_eq!(record(&writer, 2), CAPACITY + 1);
        });
        read(&mapping);
        writing.join().unwrap();
        assert!(mapping.try_copy(1).is_none());
        assert_eq!(tag_of(&mapping.try_copy(CAPACITY + 1).unwrap()), 2);
    });
}

fn copy_the_old_event() {
    reuse_of_a_slot(|mapping| {
        if let Some(descriptor) = mapping.try_copy(1) {
            assert_eq!((descriptor.seqno, tag_of(&descriptor)), (1, 1));
        }
    });
}

fn look_for_the_new_event() {
    reuse_of_a_slot(|mapping| match mapping.observe(CAPACITY) {
        Observed::Committed(descriptor) => {
            assert_eq!((descriptor.seqno, tag_of(&descriptor)), (CAPACITY + 1, 2));
            assert_eq!(descriptor.payload_size, 16);
        }
        Observed::NotReady => {}
        Observed::Lost => panic!("nothing later was recorded"),
    });
}

#[test]
fn an_old_descriptor_is_whole_or_absent() {
    copy_the_old_event();
}

#[test]
fn a_new_descriptor_is_whole_or_not_ready() {
    look_for_the_new_event();
}

#[test]
fn without_the_readers_fence_a_descriptor_is_torn() {
    assert_needed(Weakening::Fence("slot.rs"), copy_the_old_event);
}

#[test]
fn without_the_writers_fence_a_descriptor_is_torn() {
    assert_needed(Weakening::Fence("record.rs"), copy_the_old_event);
}

#[test]
fn without_release_at_the_commit_a_descriptor_is_torn() {
    assert_needed(Weakening::Store(slot_word(1, 0)), look_for_the_new_event);
}

#[test]
fn without_acquire_at_the_first_look_a_descriptor_is_torn() {
    assert_needed(Weakening::Load(slot_word(1, 0)), look_for_the_new_event);
}
