//! The 24 event types: codes, names and the scope in which each is recorded.
//! Names of the C side come from `ffi::metadata`; `event::decode` matches on the type.

use std::fmt;

use crate::ffi;

/// Declares the enum, `ALL`, `name` and `TryFrom<u16>` from one list.
macro_rules! event_types {
    ($($(#[$meta:meta])* $code:literal => $name:ident,)*) => {
        /// Type of an execution event; the discriminant is the ring's code. Source: ring-and-events §4.1.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum ExecEventType {
            $($(#[$meta])* $name = $code,)*
        }

        impl ExecEventType {
            /// Every type, by code.
            pub const ALL: [Self; ffi::MONAD_EXEC_EVENT_COUNT - 1] = [$(Self::$name,)*];

            /// The name in the protocol, such as `TxnLog`.
            #[inline]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }

        impl TryFrom<u16> for ExecEventType {
            type Error = UnknownEventType;

            #[inline]
            fn try_from(code: u16) -> Result<Self, UnknownEventType> {
                match code {
                    $($code => Ok(Self::$name),)*
                    _ => Err(UnknownEventType(code)),
                }
            }
        }
    };
}

event_types! {
    /// The recorder could not record an event.
    1 => RecordError,
    /// Execution of a proposed block begins.
    2 => BlockStart,
    /// The block is invalid.
    3 => BlockReject,
    /// Time marker before the transactions run.
    4 => BlockPerfEvmEnter,
    /// Time marker after the transactions ran.
    5 => BlockPerfEvmExit,
    /// The block was executed.
    6 => BlockEnd,
    /// A quorum voted for the block.
    7 => BlockQC,
    /// The block is irreversible.
    8 => BlockFinalized,
    /// A quorum agreed on the state after the block.
    9 => BlockVerified,
    /// The signed fields of a transaction.
    10 => TxnHeaderStart,
    /// One account of a transaction's access list.
    11 => TxnAccessListEntry,
    /// One authorization of a transaction.
    12 => TxnAuthListEntry,
    /// The transaction's header is complete.
    13 => TxnHeaderEnd,
    /// The transaction is invalid.
    14 => TxnReject,
    /// Time marker before the transaction runs.
    15 => TxnPerfEvmEnter,
    /// Time marker after the transaction ran.
    16 => TxnPerfEvmExit,
    /// The transaction's receipt, without logs.
    17 => TxnEvmOutput,
    /// A log of the transaction.
    18 => TxnLog,
    /// A call frame of the transaction.
    19 => TxnCallFrame,
    /// The transaction is complete.
    20 => TxnEnd,
    /// A list of accessed accounts follows.
    21 => AccountAccessListHeader,
    /// An account was read or modified.
    22 => AccountAccess,
    /// A storage slot was read or modified.
    23 => StorageAccess,
    /// Execution failed.
    24 => EvmError,
}

impl ExecEventType {
    /// The ring's code.
    #[inline]
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The name on the C side, such as `TXN_LOG`.
    pub fn c_name(self) -> &'static str {
        ffi::NAMES[usize::from(self.code())]
            .0
            .to_str()
            .unwrap_or_default()
    }

    /// One phrase that says what the event means.
    pub fn description(self) -> &'static str {
        ffi::NAMES[usize::from(self.code())]
            .1
            .to_str()
            .unwrap_or_default()
    }
}

impl fmt::Display for ExecEventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A code that no event of this schema has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The event type {0} is unknown, expected 1 to 24; the ring is damaged or its schema differs."
)]
pub struct UnknownEventType(pub u16);
