//! Strict JSON: a subset of what `serde_json` reads, with the same meaning.
#![no_main]

use edgegate::domain::strict_json;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = strict_json::parse::<Value>(data) {
        assert_eq!(serde_json::from_slice::<Value>(data).ok(), Some(value));
    }
});
