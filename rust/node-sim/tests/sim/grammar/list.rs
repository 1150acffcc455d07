//! One access list: as many accounts as its header announces, each with as many slots as it announces.

use monad_exec_events::{
    ExecEventRef, ExecEventRingFlowInfo,
    ffi::{monad_exec_account_access, monad_exec_account_access_list_header},
};

/// An access list of which more is announced than came.
pub(super) struct OpenList {
    txn_index: Option<usize>,
    context: u8,
    entries: u32,
    next: u32,
    account: Option<monad_exec_account_access>,
    slots: u32,
    transient: u32,
}

impl OpenList {
    /// The list that a header opens, unless it is empty.
    pub(super) fn new(
        txn_index: Option<usize>,
        header: &monad_exec_account_access_list_header,
    ) -> Option<Self> {
        (header.entry_count > 0).then_some(Self {
            txn_index,
            context: header.access_context,
            entries: header.entry_count,
            next: 0,
            account: None,
            slots: 0,
            transient: 0,
        })
    }

    /// Takes the next event of the list; true when it was the last.
    pub(super) fn take(&mut self, flow: ExecEventRingFlowInfo, event: ExecEventRef<'_>) -> bool {
        assert_eq!(flow.txn_idx, self.txn_index, "lists do not interleave");
        match (event, self.account) {
            (ExecEventRef::StorageAccess(slot), Some(account))
                if self.slots < account.storage_key_count
                    || self.transient < account.transient_count =>
            {
                assert_eq!(flow.account_idx, u64::from(account.index));
                assert_eq!(slot.transient, self.slots == account.storage_key_count);
                let count = match slot.transient {
                    false => &mut self.slots,
                    true => &mut self.transient,
                };
                assert_eq!((slot.index, slot.address), (*count, account.address));
                *count += 1;
                assert_eq!(slot.access_context, self.context);
                assert!(!slot.modified || slot.start_value != slot.end_value);
            }
            (ExecEventRef::AccountAccess(account_access), last) => {
                assert!(last.is_none_or(|account| self.has_all_slots_of(&account)));
                assert_eq!(account_access.index, self.next);
                assert_eq!(account_access.access_context, self.context);
                self.next += 1;
                self.account = Some(*account_access);
                (self.slots, self.transient) = (0, 0);
            }
            (event, _) => panic!("{:?} inside an access list", event.event_type()),
        }
        let is_whole = self
            .account
            .is_none_or(|account| self.has_all_slots_of(&account));
        self.next == self.entries && is_whole
    }

    fn has_all_slots_of(&self, account: &monad_exec_account_access) -> bool {
        (self.slots, self.transient) == (account.storage_key_count, account.transient_count)
    }
}
