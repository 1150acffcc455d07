//! What the tests of this crate share: rings that are really written, logs in lent memory, the way from one to the other.
//! `recorder` writes rings, `log` is memory that is read back, `stream` joins both without the door, `door` through it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod chain;
pub mod clocked;
pub mod door;
pub mod events;
pub mod expected;
pub mod layout;
pub mod log;
pub mod naive;
pub mod recorder;
pub mod seed;
pub mod small_log;
pub mod snapshot;
pub mod stream;
pub mod transfers;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a condition may take to come true before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Looks again and again until `condition` holds; fails after [`PATIENCE`].
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "still not true: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A file of the recordings' directory: RINGCAST_FIXTURES, or shared/fixtures beside the project.
pub fn fixture(name: &str) -> PathBuf {
    let directory = std::env::var_os("RINGCAST_FIXTURES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"),
        PathBuf::from,
    );
    let path = directory.join(name);
    assert!(
        path.is_file(),
        "{} is missing; set RINGCAST_FIXTURES",
        path.display()
    );
    path
}
