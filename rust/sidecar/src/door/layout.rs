//! The description of everything JavaScript reads from memory, so that a test can hold `src/native` against it.

use serde_json::json;

use crate::log::{
    CONTENTION_DATA, FIELDS, GAP, LIFECYCLE, NATIVE_TRANSFER, RECORD_SIZE, TOP_ACCESSES, TPS,
};
use crate::stages::Stage;
use crate::status::STATUS_FIELDS;

/// `{"record_size","fields":[[name, offset, type]],"status":[name],"native_transfer","tps","contention_data",
/// "top_accesses","lifecycle","gap","stages":[name]}` as JSON text; the entry types are numbers, stages count from 1.
pub fn describe() -> String {
    json!({
        "record_size": RECORD_SIZE,
        "fields": FIELDS,
        "status": STATUS_FIELDS,
        "native_transfer": NATIVE_TRANSFER,
        "tps": TPS,
        "contention_data": CONTENTION_DATA,
        "top_accesses": TOP_ACCESSES,
        "lifecycle": LIFECYCLE,
        "gap": GAP,
        "stages": Stage::ALL.map(Stage::name),
    })
    .to_string()
}
