//! Entries of the lists of domains: what is read means the same when it is written and read again.
//! And no domain makes the lists panic.
#![no_main]

use edgegate::domain::account::email_address::EmailAddress;
use edgegate::domain::account::email_domains::{DomainPattern, DomainPolicy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let pattern = DomainPattern::parse(text);
    if let Ok(pattern) = &pattern {
        let written = match pattern {
            DomainPattern::Exactly(domain) => domain.clone(),
            DomainPattern::Below(end) => format!("*{end}"),
        };
        assert!(written.is_ascii() && written == written.to_ascii_lowercase());
        assert_eq!(DomainPattern::parse(&written).as_ref(), Ok(pattern));
    }
    let Ok(address) = EmailAddress::parse(&format!("a@{text}")) else { return };
    let Ok(pattern) = pattern else { panic!("an address may be of {text:?}, and a list may not name it") };
    assert!(pattern.covers(address.domain()));
    let policy = DomainPolicy { deny: vec![pattern], refuse_disposable: true, ..DomainPolicy::default() };
    assert!(policy.check(&address).is_err());
});
