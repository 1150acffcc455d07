//! The description of index record and status that the library gives of itself. Used by `log` and `door`.

use std::collections::HashMap;

use ringcast_sidecar::door::ringcast_describe;
use serde_json::Value;

use super::log::Entry;

/// What `ringcast_describe` says.
pub struct Layout {
    pub record_size: usize,
    pub fields: HashMap<String, (usize, String)>,
    pub status: Vec<String>,
    pub native_transfer: u8,
    pub gap: u8,
}

impl Layout {
    pub fn described() -> Layout {
        // SAFETY: no bytes are lent, so none are written.
        let len = unsafe { ringcast_describe(std::ptr::null_mut(), 0) };
        let mut text = vec![0; len as usize];
        // SAFETY: `text` is `len` bytes that nobody else touches.
        assert_eq!(unsafe { ringcast_describe(text.as_mut_ptr(), len) }, len);
        let json: Value = serde_json::from_slice(&text).unwrap();
        let field = |row: &Value| {
            let kind = row[2].as_str().unwrap().to_owned();
            (
                row[0].as_str().unwrap().to_owned(),
                (row[1].as_u64().unwrap() as usize, kind),
            )
        };
        let name = |name: &Value| name.as_str().unwrap().to_owned();
        Layout {
            record_size: json["record_size"].as_u64().unwrap() as usize,
            fields: json["fields"]
                .as_array()
                .unwrap()
                .iter()
                .map(field)
                .collect(),
            status: json["status"]
                .as_array()
                .unwrap()
                .iter()
                .map(name)
                .collect(),
            native_transfer: json["native_transfer"].as_u64().unwrap() as u8,
            gap: json["gap"].as_u64().unwrap() as u8,
        }
    }

    /// A field of a record, as JavaScript would have it.
    fn number(&self, record: &[u8], name: &str) -> f64 {
        let (at, kind) = &self.fields[name];
        let bytes = &record[*at..];
        match kind.as_str() {
            "f64" => f64::from_le_bytes(bytes[..8].try_into().unwrap()),
            "u32" => u32::from_le_bytes(bytes[..4].try_into().unwrap()).into(),
            "u16" => u16::from_le_bytes(bytes[..2].try_into().unwrap()).into(),
            "u8" => bytes[0].into(),
            other => panic!("the field {name} is described as {other}"),
        }
    }

    pub fn entry(&self, record: &[u8]) -> Entry {
        let number = |name| self.number(record, name);
        Entry {
            seq: number("seq") as u64,
            text_at: number("text_at") as u64,
            block_number: number("block_number") as u64,
            recorded_us: number("recorded_us") as u64,
            text_len: number("text_len") as usize,
            txn: number("txn") as u32,
            proposal: number("proposal") as u32,
            entry_type: number("type") as u8,
            stage: number("stage") as u8,
            stage_at: number("stage_at") as usize,
            text: String::new(),
            keys: Vec::new(),
        }
    }
}
