//! What accounts and storage slots are counted by, and their hashes. Used by `contention` and `sketch`.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;

/// An address.
pub type Address = [u8; 20];

/// An address and a storage key behind it: orders like both.
pub type Slot = [u8; 52];

/// The slot `key` of `address`.
#[inline]
pub fn slot(address: &Address, key: &[u8; 32]) -> Slot {
    let mut slot = [0; 52];
    slot[..20].copy_from_slice(address);
    slot[20..].copy_from_slice(key);
    slot
}

/// Hashes keys with a seed of this process. Whoever writes transactions chooses them, and must not be able to choose
/// them so that a table becomes slow.
#[derive(Clone, Debug, Default)]
pub struct KeyHasher(RandomState);

impl KeyHasher {
    /// The hash of a key.
    #[inline]
    pub fn hash(&self, key: &[u8]) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write(key);
        hasher.finish()
    }
}
