//! E-mail addresses: what is accepted is canonical and safe in a mail header.
#![no_main]

use edgegate::domain::account::email_address::EmailAddress;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(address) = EmailAddress::parse(text) else { return };
    assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
    assert!(address.as_str().len() <= 254);
    assert!(address.as_str().bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\()<>[],;:".contains(&byte)));
    assert_eq!(address.as_str().matches('@').count(), 1);
    assert_eq!(address.key(), address.as_str().to_ascii_lowercase());
    assert!(address.domain().contains('.') && !address.domain().ends_with('.'));
});
