//! What the fuzz targets share: ring images made of their input (`image`, `chain`), what a reader must say of such a ring
//! (`oracle`), zstd frames (`frame`) and what the sidecar's log must hold (`entries`).
//!
//! Every failed check is a panic, which libFuzzer reports with the input that led to it.

pub mod chain;
pub mod entries;
pub mod frame;
pub mod image;
pub mod memory_file;
pub mod oracle;
