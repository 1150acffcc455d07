//! The byte strings and the 256-bit integer that the structs of `block`, `txn` and `state` are made of,
//! and how they print: hex with `0x`, integers as quantities without leading zeros.
//! Source: ring-and-events §1.1 (byte order), §4.2.

use std::fmt;

use serde::{Serialize, Serializer};
use zerocopy::{FromZeros, Immutable, KnownLayout};

use super::layout::Field;
use crate::hex;

/// Declares a newtype over `N` raw bytes that prints as hex.
macro_rules! byte_strings {
    ($($(#[$meta:meta])* $name:ident: $size:literal;)*) => {$(
        $(#[$meta])*
        #[allow(non_camel_case_types, reason = "the official name")]
        #[repr(C)]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(FromZeros, KnownLayout, Immutable)]
        pub struct $name {
            /// The bytes in the order in which they are printed.
            pub bytes: [u8; $size],
        }

        const _: () = assert!(size_of::<$name>() == $size && align_of::<$name>() == 1);

        impl Default for $name {
            /// All zero.
            fn default() -> Self {
                Self { bytes: [0; $size] }
            }
        }

        impl From<[u8; $size]> for $name {
            fn from(bytes: [u8; $size]) -> Self {
                Self { bytes }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&hex::Hex(&self.bytes), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut text = [0; 2 + 2 * $size];
                serializer.serialize_str(hex::prefixed(&self.bytes, &mut text))
            }
        }

        impl Field for $name {
            #[inline]
            fn invalid_bool(_: &[u8], _: &'static str) -> Option<(&'static str, u8)> {
                None
            }

            #[cfg(feature = "writer")]
            #[inline]
            fn encode_into(&self, out: &mut [u8]) {
                out.copy_from_slice(&self.bytes);
            }
        }
    )*};
}

byte_strings! {
    /// A 20-byte account address.
    monad_c_address: 20;
    /// 32 raw bytes: a hash, a block id, a storage key or a storage value.
    monad_c_bytes32: 32;
    /// 8 raw bytes: the nonce of an Ethereum header.
    monad_c_b64: 8;
    /// The 2048-bit logs bloom of a block.
    monad_c_bloom256: 256;
}

/// A 128-bit unsigned integer of the machine's byte order.
#[allow(non_camel_case_types, reason = "the official name")]
pub type monad_c_uint128_ne = u128;

/// A 256-bit unsigned integer of the machine's byte order: four limbs, the least significant first.
#[allow(non_camel_case_types, reason = "the official name")]
#[repr(C)]
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, FromZeros, KnownLayout, Immutable)]
pub struct monad_c_uint256_ne {
    /// 64 bits each, the least significant limb first.
    pub limbs: [u64; 4],
}

const _: () =
    assert!(size_of::<monad_c_uint256_ne>() == 32 && align_of::<monad_c_uint256_ne>() == 8);

impl monad_c_uint256_ne {
    /// True for zero, which also stands for "absent" (base fee, chain id).
    #[inline]
    pub fn is_zero(&self) -> bool {
        self.limbs == [0; 4]
    }

    /// 32 bytes, the most significant first.
    #[inline]
    pub fn to_be_bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (out, limb) in bytes
            .as_chunks_mut::<8>()
            .0
            .iter_mut()
            .zip(self.limbs.iter().rev())
        {
            *out = limb.to_be_bytes();
        }
        bytes
    }

    /// The integer whose 32 bytes, the most significant first, are `bytes`.
    #[inline]
    pub fn from_be_bytes(bytes: [u8; 32]) -> Self {
        let mut limbs = [0; 4];
        for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
            *limb = u64::from_be_bytes(*chunk);
        }
        Self { limbs }
    }
}

impl From<u64> for monad_c_uint256_ne {
    fn from(value: u64) -> Self {
        Self {
            limbs: [value, 0, 0, 0],
        }
    }
}

impl From<u128> for monad_c_uint256_ne {
    fn from(value: u128) -> Self {
        Self {
            limbs: [value as u64, (value >> 64) as u64, 0, 0],
        }
    }
}

impl fmt::Display for monad_c_uint256_ne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(hex::quantity(&self.to_be_bytes(), &mut [0; 66]))
    }
}

impl fmt::Debug for monad_c_uint256_ne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for monad_c_uint256_ne {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(hex::quantity(&self.to_be_bytes(), &mut [0; 66]))
    }
}

impl Field for monad_c_uint256_ne {
    #[inline]
    fn invalid_bool(_: &[u8], _: &'static str) -> Option<(&'static str, u8)> {
        None
    }

    #[cfg(feature = "writer")]
    #[inline]
    fn encode_into(&self, out: &mut [u8]) {
        for (out, limb) in out.as_chunks_mut::<8>().0.iter_mut().zip(self.limbs) {
            *out = limb.to_le_bytes();
        }
    }
}
