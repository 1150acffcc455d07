//! Views payload bytes as a struct of `ffi` and what follows it, with every size checked.
//! Fed by `event::decode`; its errors name the event, what was expected and what came.

use zerocopy::error::ConvertError;
use zerocopy::{Immutable, KnownLayout, TryFromBytes};

use super::{ExecEventType, UnknownEventType};
use crate::ffi::Field;

/// Why payload bytes are not the event that their descriptor announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The descriptor's type is none of the schema's.
    #[error(transparent)]
    UnknownEventType(#[from] UnknownEventType),
    /// Struct and announced arrays do not fill the payload exactly.
    #[error(
        "The payload of {event} has {actual} bytes, expected {expected}; the ring is damaged or its schema differs."
    )]
    PayloadSize {
        /// Type of the event.
        event: ExecEventType,
        /// Bytes of the struct and of the arrays that it announces; `u64::MAX` if that is more than a u64 holds.
        expected: u64,
        /// Bytes that came.
        actual: u64,
    },
    /// A bool is neither 0 nor 1.
    #[error(
        "The field {field} of {event} is {value}, expected 0 or 1; the ring is damaged or its schema differs."
    )]
    InvalidBool {
        /// Type of the event.
        event: ExecEventType,
        /// Name of the field.
        field: &'static str,
        /// The byte that came.
        value: u8,
    },
    /// `extra_data_length` of a block exceeds the 32 bytes of `extra_data`.
    #[error(
        "The extra_data_length of BlockStart is {actual}, expected at most 32; the ring is damaged."
    )]
    ExtraDataLength {
        /// The length that came.
        actual: u64,
    },
    /// An event of a transaction does not say of which.
    #[error(
        "The descriptor of {event} names no transaction (content_ext[1] is 0); the ring is damaged."
    )]
    MissingTxnIndex {
        /// Type of the event.
        event: ExecEventType,
    },
    /// The payload bytes do not start at a multiple of the struct's alignment.
    #[error(
        "The payload of {event} is not aligned; copy payloads to an address that is a multiple of 16."
    )]
    Misaligned {
        /// Type of the event.
        event: ExecEventType,
    },
}

/// The payload of one event.
#[derive(Clone, Copy)]
pub(super) struct Payload<'a> {
    pub(super) event: ExecEventType,
    pub(super) bytes: &'a [u8],
}

/// A struct that a payload starts with.
pub(super) trait PayloadStruct: TryFromBytes + KnownLayout + Immutable + Field {}
impl<T: TryFromBytes + KnownLayout + Immutable + Field> PayloadStruct for T {}

impl<'a> Payload<'a> {
    /// Nothing: the event's type says it all.
    #[inline]
    pub(super) fn empty(self) -> Result<(), DecodeError> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(self.size_error(0))
        }
    }

    /// The struct alone.
    #[inline]
    pub(super) fn exact<T: PayloadStruct>(self) -> Result<&'a T, DecodeError> {
        T::try_ref_from_bytes(self.bytes).map_err(|error| self.convert_error::<T, _, _>(error))
    }

    /// The struct and the bytes after it.
    #[inline]
    pub(super) fn prefix<T: PayloadStruct>(self) -> Result<(&'a T, &'a [u8]), DecodeError> {
        T::try_ref_from_prefix(self.bytes).map_err(|error| self.convert_error::<T, _, _>(error))
    }

    /// Splits the bytes after the struct into the two arrays of `first` and `second` bytes that the struct announces.
    #[inline]
    pub(super) fn split(
        self,
        tail: &'a [u8],
        first: u64,
        second: u64,
    ) -> Result<(&'a [u8], &'a [u8]), DecodeError> {
        match tail.split_at_checked(usize::try_from(first).unwrap_or(usize::MAX)) {
            Some((head, rest)) if rest.len() as u64 == second => Ok((head, rest)),
            _ => {
                let fixed = (self.bytes.len() - tail.len()) as u64;
                Err(self.size_error(fixed.saturating_add(first).saturating_add(second)))
            }
        }
    }

    #[cold]
    pub(super) fn size_error(self, expected: u64) -> DecodeError {
        DecodeError::PayloadSize {
            event: self.event,
            expected,
            actual: self.bytes.len() as u64,
        }
    }

    #[cold]
    fn convert_error<T: PayloadStruct, A, S>(
        self,
        error: ConvertError<A, S, zerocopy::ValidityError<&'a [u8], T>>,
    ) -> DecodeError {
        let event = self.event;
        match error {
            ConvertError::Size(_) => self.size_error(size_of::<T>() as u64),
            ConvertError::Alignment(_) => DecodeError::Misaligned { event },
            ConvertError::Validity(_) => {
                let (field, value) = T::invalid_bool(self.bytes, "").unwrap_or_default();
                DecodeError::InvalidBool {
                    event,
                    field,
                    value,
                }
            }
        }
    }
}
