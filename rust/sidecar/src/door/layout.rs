//! The description of everything JavaScript reads from memory, so that a test can hold `src/native` against it.

use serde_json::json;

use crate::log::{FIELDS, GAP, NATIVE_TRANSFER, RECORD_SIZE};
use crate::status::STATUS_FIELDS;

/// `{"record_size","fields":[[name, offset, type]],"status":[name],"native_transfer","gap"}` as JSON text.
pub fn describe() -> String {
    json!({
        "record_size": RECORD_SIZE,
        "fields": FIELDS,
        "status": STATUS_FIELDS,
        "native_transfer": NATIVE_TRANSFER,
        "gap": GAP,
    })
    .to_string()
}
