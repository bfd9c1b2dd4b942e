//! Answers of a resolver: none makes reading panic, and what is read is one word a record.
#![no_main]

use edgegate::integrations::dns_over_https::{self, RecordType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for record_type in [RecordType::Mx, RecordType::A, RecordType::Aaaa] {
        if let Ok(answer) = dns_over_https::read(record_type, body) {
            assert!(answer.values.iter().all(|value| !value.is_empty() && !value.contains([' ', '\n', '\t'])));
        }
    }
});
