//! Reads commands from stdin, line by line, on a thread of its own; player.rs asks whether there is one.

use std::{
    io::BufRead,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

/// Lines that have been read and not been taken.
pub struct Console {
    lines: Receiver<String>,
    /// Raised before a line can be received, so that looking for one costs a load.
    has_line: Arc<AtomicBool>,
}

impl Console {
    /// Reads `input` to its end; nothing waits for the thread, which ends with the process at the latest.
    pub fn of(input: impl BufRead + Send + 'static) -> Self {
        let (sender, lines) = channel();
        let has_line = Arc::new(AtomicBool::new(false));
        let raised = Arc::clone(&has_line);
        thread::spawn(move || {
            for line in input.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
                raised.store(true, Ordering::Release);
            }
        });
        Self { lines, has_line }
    }

    /// A console that nobody types at.
    pub fn silent() -> Self {
        Self::of(std::io::empty())
    }

    /// The next line, if there is one now.
    #[inline]
    pub(super) fn line(&self) -> Option<String> {
        if !self.has_line.load(Ordering::Acquire) {
            return None;
        }
        let line = self.lines.try_recv().ok();
        if line.is_none() {
            self.has_line.store(false, Ordering::Release);
            // One may have come between the two lines above.
            return self.lines.try_recv().ok();
        }
        line
    }

    /// The next line, waiting for it at most so long.
    pub(super) fn wait(&self, timeout: Duration) -> Option<String> {
        match self.lines.recv_timeout(timeout) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(timeout);
                None
            }
        }
    }
}
