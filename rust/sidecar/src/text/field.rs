//! The macro that writes one field of an object. The payload files list fields with it; `json` writes the values.

/// Writes `,"key":` and a value, named by the method of [`Json`] that writes it. What has a largest size is checked for
/// room once, key and value together, since the checks are a good part of the work for a short field.
macro_rules! field {
    ($json:expr, $name:literal, address, $value:expr) => {{
        const KEY: &[u8] = concat!(",\"", $name, "\":").as_bytes();
        $json.fill::<{ KEY.len() + 44 }>(|room| {
            let (key, value) = room.split_at_mut(KEY.len());
            key.copy_from_slice(KEY);
            if let Some(value) = value.first_chunk_mut() {
                $crate::text::json::write_address($value, value);
            }
            KEY.len() + 44
        });
    }};
    ($json:expr, $name:literal, bytes32, $value:expr) => {{
        const KEY: &[u8] = concat!(",\"", $name, "\":").as_bytes();
        $json.fill::<{ KEY.len() + 68 }>(|room| {
            let (key, value) = room.split_at_mut(KEY.len());
            key.copy_from_slice(KEY);
            if let Some(value) = value.first_chunk_mut() {
                $crate::text::json::write_bytes32($value, value);
            }
            KEY.len() + 68
        });
    }};
    ($json:expr, $name:literal, number, $value:expr) => {{
        const KEY: &[u8] = concat!(",\"", $name, "\":").as_bytes();
        let value = u64::from($value);
        $json.fill::<{ KEY.len() + $crate::text::decimal::LONGEST }>(|room| {
            room[..KEY.len()].copy_from_slice(KEY);
            KEY.len() + $crate::text::decimal::write_first(value, &mut room[KEY.len()..])
        });
    }};
    ($json:expr, $name:literal, quantity, $value:expr) => {{
        const KEY: &[u8] = concat!(",\"", $name, "\":").as_bytes();
        const SIZE: usize = KEY.len() + $crate::text::json::SHORT_QUANTITY;
        match $value.limbs {
            [value, 0, 0, 0] => $json.fill::<SIZE>(|room| {
                let (key, rest) = room.split_at_mut(KEY.len());
                key.copy_from_slice(KEY);
                let written = rest
                    .first_chunk_mut()
                    .map(|rest| $crate::text::json::write_quantity(value, rest));
                KEY.len() + written.unwrap_or(0)
            }),
            _ => {
                $json.raw(KEY);
                $json.quantity($value);
            }
        }
    }};
    ($json:expr, $name:literal, $method:ident $(, $value:expr)+) => {{
        $json.raw(concat!(",\"", $name, "\":").as_bytes());
        $json.$method($($value),+);
    }};
}
pub(crate) use field;
