//! The macro behind every struct of this module: one list of `offset => field: type` becomes the struct, the
//! compile-time proof of its layout, the search for an invalid bool and (feature `writer`) the encoder.
//! Used by `primitive`, `block`, `txn` and `state`; the invalid-bool search feeds `event::payload`.

/// One field as it lies in a payload.
pub(crate) trait Field: Sized {
    /// The first bool inside `bytes` that is neither 0 nor 1, as (field name, byte); `name` is this field's own.
    fn invalid_bool(bytes: &[u8], name: &'static str) -> Option<(&'static str, u8)>;

    /// Writes the field over `out`, whose length is the field's size and whose bytes are zero.
    #[cfg(feature = "writer")]
    fn encode_into(&self, out: &mut [u8]);
}

/// Implements [`Field`] for integers: little-endian, every byte pattern valid.
macro_rules! integer_fields {
    ($($int:ty)*) => {$(
        impl Field for $int {
            #[inline]
            fn invalid_bool(_: &[u8], _: &'static str) -> Option<(&'static str, u8)> {
                None
            }

            #[cfg(feature = "writer")]
            #[inline]
            fn encode_into(&self, out: &mut [u8]) {
                out.copy_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}

integer_fields!(u8 u16 u32 u64 u128 i32 i64);

impl Field for bool {
    #[inline]
    fn invalid_bool(bytes: &[u8], name: &'static str) -> Option<(&'static str, u8)> {
        bytes
            .first()
            .filter(|&&byte| byte > 1)
            .map(|&byte| (name, byte))
    }

    #[cfg(feature = "writer")]
    #[inline]
    fn encode_into(&self, out: &mut [u8]) {
        out.copy_from_slice(&[u8::from(*self)]);
    }
}

impl<const N: usize> Field for [u8; N] {
    #[inline]
    fn invalid_bool(_: &[u8], _: &'static str) -> Option<(&'static str, u8)> {
        None
    }

    #[cfg(feature = "writer")]
    #[inline]
    fn encode_into(&self, out: &mut [u8]) {
        out.copy_from_slice(self);
    }
}

/// Declared by the ring crate, because every content type has it; no padding, no bool.
impl Field for super::monad_event_record_error {
    #[inline]
    fn invalid_bool(_: &[u8], _: &'static str) -> Option<(&'static str, u8)> {
        None
    }

    #[cfg(feature = "writer")]
    #[inline]
    fn encode_into(&self, out: &mut [u8]) {
        out.copy_from_slice(zerocopy::IntoBytes::as_bytes(self));
    }
}

/// Declares C structs: `struct name: SIZE, align ALIGN { OFFSET => field: type, … }`.
///
/// Bytes that no field covers are padding: ignored when read, zero when encoded.
macro_rules! c_structs {
    ($(
        $(#[$meta:meta])*
        struct $name:ident: $size:literal, align $align:literal {
            $($(#[$field_meta:meta])* $offset:literal => $field:ident: $ty:ty,)*
        }
    )*) => {$(
        $(#[$meta])*
        #[allow(non_camel_case_types, reason = "the official name")]
        #[repr(C)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[derive(zerocopy::FromZeros, zerocopy::KnownLayout, zerocopy::Immutable, serde::Serialize)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $ty,)*
        }

        const _: () = {
            assert!(size_of::<$name>() == $size);
            assert!(align_of::<$name>() == $align);
            $(assert!(core::mem::offset_of!($name, $field) == $offset);)*
        };

        impl Default for $name {
            /// Every field zero or false.
            fn default() -> Self {
                zerocopy::FromZeros::new_zeroed()
            }
        }

        impl $crate::ffi::layout::Field for $name {
            fn invalid_bool(bytes: &[u8], _: &'static str) -> Option<(&'static str, u8)> {
                None$(.or_else(|| {
                    let field = bytes.get($offset..$offset + size_of::<$ty>())?;
                    <$ty as $crate::ffi::layout::Field>::invalid_bool(field, stringify!($field))
                }))*
            }

            #[cfg(feature = "writer")]
            #[inline]
            fn encode_into(&self, out: &mut [u8]) {
                $($crate::ffi::layout::Field::encode_into(
                    &self.$field,
                    &mut out[$offset..$offset + size_of::<$ty>()],
                );)*
            }
        }

        #[cfg(feature = "writer")]
        impl $name {
            /// The struct as it lies in a payload; padding bytes are zero.
            #[inline]
            pub fn encode(&self) -> [u8; $size] {
                let mut out = [0; $size];
                $crate::ffi::layout::Field::encode_into(self, &mut out);
                out
            }
        }
    )*};
}

pub(crate) use c_structs;
