//! Turns a panic into a status, and keeps the sentence that goes with the last failure.
//! Used by every export of `door`.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static LAST_ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Remembers why the current call fails; JavaScript asks on the same thread.
pub fn set_error(message: String) {
    LAST_ERROR.with_borrow_mut(|last| *last = message);
}

/// The sentence of the last failed call of this thread.
pub fn last_error() -> String {
    LAST_ERROR.with_borrow(Clone::clone)
}

/// Runs `work`; a panic inside becomes `on_panic` and a sentence.
pub fn guard<T>(on_panic: T, work: impl FnOnce() -> T) -> T {
    // What a panic may leave half done is either behind a lock that is taken over (`LogShared`, the instances) or
    // belongs to the call alone, so looking at it afterwards is sound.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        set_error(panic_message(payload.as_ref()));
        on_panic
    })
}

/// What a panic said, as a sentence.
pub fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    let said = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    let said = said
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    format!("The sidecar failed inside: {said}.")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_and_a_sentence() {
        assert_eq!(guard(3, || panic!("a broken {}", "invariant")), 3);
        assert_eq!(
            last_error(),
            "The sidecar failed inside: a broken invariant."
        );
        assert_eq!(guard(3, || 0), 0);
    }
}
