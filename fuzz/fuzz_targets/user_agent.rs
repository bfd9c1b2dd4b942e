//! What a `User-Agent` says: short words, nothing that could be more than text.
#![no_main]

use edgegate::domain::session::user_agent::Device;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let words = Device::parse(text).to_string();
    assert!(!words.is_empty() && words.chars().count() <= 80);
    assert!(!words.contains(|c: char| c.is_control() || "<>&\"'/:@".contains(c)), "{words:?}");
});
