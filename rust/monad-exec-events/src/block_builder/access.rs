//! The lists of accessed accounts and slots of one block while their events arrive.
//! Kept by `executed` when accesses are asked for; `crate::accesses` is what comes out.
//! Source: ring-and-events §4.2 (structs), §4.3 (account index), §5.2 (order).

use std::collections::BTreeMap;

use super::series::Series;
use super::{BlockPlace, ReassemblyError};
use crate::accesses::{ExecutedAccountAccess, ExecutedBlockAccesses, ExecutedStorageAccess};
use crate::ffi::{
    MONAD_ACCT_ACCESS_BLOCK_EPILOGUE, MONAD_ACCT_ACCESS_BLOCK_PROLOGUE,
    MONAD_ACCT_ACCESS_TRANSACTION, monad_exec_account_access, monad_exec_storage_access,
};
use crate::{ExecEvent, ExecEventRingFlowInfo, ExecEventType};

/// Every list of a block, by the part of the block that it belongs to.
#[derive(Debug, Default)]
pub(super) struct PendingAccesses(BTreeMap<BlockPlace, PendingList>);

#[derive(Debug)]
struct PendingList {
    entry_count: u32,
    accounts: Vec<PendingAccount>,
}

#[derive(Debug)]
struct PendingAccount {
    access: monad_exec_account_access,
    storage: Vec<ExecutedStorageAccess>,
    transient: Vec<ExecutedStorageAccess>,
}

impl PendingAccesses {
    /// Adds what an access event says, of the transaction and account that its descriptor names; other events change
    /// nothing.
    pub(super) fn add(
        &mut self,
        flow: ExecEventRingFlowInfo,
        event: &ExecEvent,
    ) -> Result<(), ReassemblyError> {
        let txn_index = flow.txn_idx;
        let place = |event, access_context| match (access_context, txn_index) {
            (MONAD_ACCT_ACCESS_BLOCK_PROLOGUE, None) => Ok(BlockPlace::Prologue),
            (MONAD_ACCT_ACCESS_TRANSACTION, Some(txn_index)) => Ok(BlockPlace::Txn(txn_index)),
            (MONAD_ACCT_ACCESS_BLOCK_EPILOGUE, None) => Ok(BlockPlace::Epilogue),
            _ => Err(ReassemblyError::UnknownAccessContext {
                event,
                access_context,
                txn_index,
            }),
        };
        match *event {
            ExecEvent::AccountAccessListHeader(header) => {
                let event = ExecEventType::AccountAccessListHeader;
                let place = place(event, header.access_context)?;
                let list = PendingList {
                    entry_count: header.entry_count,
                    accounts: Vec::new(),
                };
                match self.0.insert(place, list) {
                    None => Ok(()),
                    Some(_) => Err(ReassemblyError::DuplicateEvent { event, place }),
                }
            }
            ExecEvent::AccountAccess(access) => {
                let place = place(ExecEventType::AccountAccess, access.access_context)?;
                let Some(list) = self.0.get_mut(&place) else {
                    return Err(missing_header(place));
                };
                accounts(place, list.entry_count).expect(list.accounts.len(), access.index)?;
                list.accounts.push(PendingAccount {
                    access,
                    storage: Vec::new(),
                    transient: Vec::new(),
                });
                Ok(())
            }
            ExecEvent::StorageAccess(storage_access) => {
                let event = ExecEventType::StorageAccess;
                let place = place(event, storage_access.access_context)?;
                let list = self.0.get_mut(&place);
                let accounts = list.map_or(&mut [][..], |list| &mut list.accounts[..]);
                // The last account is the one: only an index of 0 may also mean that the recorder gave none.
                let is_last = flow.account_idx == 0
                    || flow.account_idx.checked_add(1) == Some(accounts.len() as u64);
                match accounts.last_mut() {
                    Some(account)
                        if is_last && account.access.address == storage_access.address =>
                    {
                        account.add(place, &storage_access)
                    }
                    _ => Err(ReassemblyError::StorageWithoutAccount {
                        place,
                        index: storage_access.index,
                    }),
                }
            }
            _ => Ok(()),
        }
    }

    /// The lists, if all of a block of `txn_count` transactions have come and are complete.
    pub(super) fn finish(
        mut self,
        txn_count: usize,
    ) -> Result<ExecutedBlockAccesses, ReassemblyError> {
        let mut take = |place| {
            let list = self.0.remove(&place).ok_or_else(|| missing_header(place))?;
            list.finish(place)
        };
        let prologue = take(BlockPlace::Prologue)?;
        let txns = (0..txn_count)
            .map(|txn_index| take(BlockPlace::Txn(txn_index)))
            .collect::<Result<_, _>>()?;
        let epilogue = take(BlockPlace::Epilogue)?;
        Ok(ExecutedBlockAccesses {
            prologue,
            txns,
            epilogue,
        })
    }
}

impl PendingList {
    fn finish(self, place: BlockPlace) -> Result<Box<[ExecutedAccountAccess]>, ReassemblyError> {
        accounts(place, self.entry_count).complete(self.accounts.len())?;
        self.accounts
            .into_iter()
            .map(|account| account.finish(place))
            .collect()
    }
}

impl PendingAccount {
    fn add(
        &mut self,
        place: BlockPlace,
        access: &monad_exec_storage_access,
    ) -> Result<(), ReassemblyError> {
        // Ordinary slots come first, so the transient series begins only when the other is complete.
        if access.transient {
            self.slots(place, false).complete(self.storage.len())?;
        }
        let series = self.slots(place, access.transient);
        let slots = if access.transient {
            &mut self.transient
        } else {
            &mut self.storage
        };
        series.expect(slots.len(), access.index)?;
        slots.push(ExecutedStorageAccess {
            modified: access.modified,
            key: access.key,
            start_value: access.start_value,
            end_value: access.end_value,
        });
        Ok(())
    }

    fn finish(self, place: BlockPlace) -> Result<ExecutedAccountAccess, ReassemblyError> {
        self.slots(place, false).complete(self.storage.len())?;
        self.slots(place, true).complete(self.transient.len())?;
        let access = self.access;
        Ok(ExecutedAccountAccess {
            address: access.address,
            is_balance_modified: access.is_balance_modified,
            is_nonce_modified: access.is_nonce_modified,
            prestate: access.prestate,
            modified_balance: access.modified_balance,
            modified_nonce: access.modified_nonce,
            storage_accesses: self.storage.into(),
            transient_accesses: self.transient.into(),
        })
    }

    fn slots(&self, place: BlockPlace, transient: bool) -> Series {
        Series {
            event: ExecEventType::StorageAccess,
            place,
            announced: if transient {
                self.access.transient_count
            } else {
                self.access.storage_key_count
            },
        }
    }
}

fn accounts(place: BlockPlace, announced: u32) -> Series {
    Series {
        event: ExecEventType::AccountAccess,
        place,
        announced,
    }
}

fn missing_header(place: BlockPlace) -> ReassemblyError {
    ReassemblyError::MissingEvents {
        event: ExecEventType::AccountAccessListHeader,
        place,
        expected: 1,
        actual: 0,
    }
}
