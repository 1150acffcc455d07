//! The log under every interleaving and reordering: its writer on one thread, JavaScript on another.
//!
//! The functions are those of the product. What JavaScript does is what src/native does: it learns the head from a call
//! (`wait`, `status`), reads records and text plainly, and releases. Lent memory is plain memory whose every access is
//! noted in loom's cells, so that a data race is a failure. Each model is shown to need the orderings, locks and
//! notifications that `shared` names: weakened, it fails. docs/proofs.md says what is proven and what is not.
//! Run with `RUSTFLAGS="--cfg loom" cargo test --release --lib -p ringcast-sidecar`.

mod accesses;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod small;
#[cfg(test)]
mod waiting;

pub use accesses::Accesses;
