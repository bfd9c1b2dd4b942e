//! `Accept-Language` and the language in user metadata.
#![no_main]

use edgegate::domain::locale::Locale;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Locale::from_accept_language(Some(text));
    if let Ok(metadata) = serde_json::from_str(text) {
        let _ = Locale::choose(&metadata, Some(text));
    }
});
