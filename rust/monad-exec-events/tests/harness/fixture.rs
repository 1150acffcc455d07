//! Where the shipped recordings and their companions lie.
//! Included by the tests that read them.

use std::path::PathBuf;

/// A file beside the recordings; `RINGCAST_FIXTURES` names their directory.
pub fn fixture_path(name: &str) -> PathBuf {
    std::env::var_os("RINGCAST_FIXTURES")
        .map_or_else(
            || concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fixtures").into(),
            PathBuf::from,
        )
        .join(name)
}
