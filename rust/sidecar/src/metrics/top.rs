//! The accounts and storage slots that are accessed most (protocol 8.3). Used by `metrics`.

use super::keys::{Address, Slot};
use super::sketch::Sketch;

/// Entries of each list. Source: protocol 8.3.
const ENTRIES: usize = 10;

/// Recorded time between two frames, at least.
const TELL_EVERY_NS: u64 = 1_000_000_000;

/// Recorded time after which counting begins anew.
const RESTART_EVERY_NS: u64 = 300 * 1_000_000_000;

/// Both sketches. Time is that of the events, so that a replay gives the same frames.
#[derive(Debug, Default)]
pub struct TopAccesses {
    accounts: Sketch<20>,
    slots: Sketch<52>,
    began_ns: Option<u64>,
    told_ns: Option<u64>,
}

/// What a frame says: keys and counts, largest first.
#[derive(Debug)]
pub struct TopAccessesReport<'a> {
    /// Addresses.
    pub accounts: Vec<(&'a Address, u64)>,
    /// Address and storage key, one behind the other.
    pub slots: Vec<(&'a Slot, u64)>,
}

impl TopAccesses {
    /// Counts the access to an account, recorded at `now_ns`.
    #[inline]
    pub fn count_account(&mut self, address: &Address, hash: u64, now_ns: u64) {
        self.began_ns.get_or_insert(now_ns);
        self.accounts.count(address, hash);
    }

    /// Counts the access to a slot, recorded at `now_ns`.
    #[inline]
    pub fn count_slot(&mut self, slot: &Slot, hash: u64, now_ns: u64) {
        self.began_ns.get_or_insert(now_ns);
        self.slots.count(slot, hash);
    }

    /// Whether a block that ended at `now_ns` brings a frame, which is then to be taken by [`TopAccesses::report`]. A clock
    /// that was set back by a second or more brings one too.
    pub fn is_due(&mut self, now_ns: u64) -> bool {
        if self.accounts.is_empty() && self.slots.is_empty() {
            return false;
        }
        let is_due = self
            .told_ns
            .is_none_or(|told_ns| now_ns.abs_diff(told_ns) >= TELL_EVERY_NS);
        if is_due {
            self.told_ns = Some(now_ns);
        }
        is_due
    }

    /// The largest counts.
    pub fn report(&self) -> TopAccessesReport<'_> {
        TopAccessesReport {
            accounts: self.accounts.top(ENTRIES),
            slots: self.slots.top(ENTRIES),
        }
    }

    /// Begins anew if it is time to, behind a frame at `now_ns`.
    pub fn restart(&mut self, now_ns: u64) {
        if self
            .began_ns
            .is_some_and(|began_ns| now_ns.abs_diff(began_ns) >= RESTART_EVERY_NS)
        {
            self.accounts.clear();
            self.slots.clear();
            self.began_ns = None;
        }
    }
}
