//! Links, cookies and codes: what is read is exactly what would be written.
#![no_main]

use edgegate::domain::credential::one_time_token::{BrowserToken, OneTimeCode, LinkToken};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(token) = LinkToken::parse(text) {
        assert_eq!(token.to_text().as_str(), text);
    }
    if let Some(token) = BrowserToken::parse(text) {
        assert_eq!(token.to_text().as_str(), text);
    }
    if let Some(code) = OneTimeCode::parse(text) {
        assert_eq!(code.as_str(), text.split_whitespace().collect::<String>());
    }
});
