//! Programs as users of the official crates write them, against this crate's items of the same names, on a recording
//! and on a live ring: an event watcher and a hexdump in `watch`, an explorer in `explorer`, C names in `raw`, every
//! variant in `variants`.
//! They use nothing that the official crates lack, and take every struct apart by its official fields.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod explorer;
mod raw;
mod variants;
mod watch;

#[path = "../harness/fixture.rs"]
mod fixture;
#[path = "../harness/live.rs"]
mod live;
