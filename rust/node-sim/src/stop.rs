//! How a command is asked to end: by a signal, or by a test.
//! pace.rs stops waiting then, and run.rs and replay/ end at the next block border.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::error::SimError;

/// A request to stop, shared by all clones.
#[derive(Clone, Default)]
pub struct Stop {
    requested: Arc<AtomicBool>,
}

impl Stop {
    /// Requested by the first SIGINT or SIGTERM; a second one ends the process at once, with 128 + its number.
    ///
    /// # Errors
    /// [`SimError::Signals`] if the system refuses a handler.
    pub fn on_signals() -> Result<Self, SimError> {
        let stop = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag down and raises it, the second finds it raised.
            let flag = || Arc::clone(&stop.requested);
            signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, flag())
                .and_then(|_| signal_hook::flag::register(signal, flag()))
                .map_err(SimError::Signals)?;
        }
        Ok(stop)
    }

    /// Asks to stop.
    pub fn request(&self) {
        self.requested.store(true, Ordering::Relaxed);
    }

    /// Whether someone asked.
    #[inline]
    pub fn is_requested(&self) -> bool {
        self.requested.load(Ordering::Relaxed)
    }
}
