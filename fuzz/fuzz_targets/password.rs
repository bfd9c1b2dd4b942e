//! Passwords: normalising is done once and for all, and checking never panics.
#![no_main]

use edgegate::domain::account::email_address::EmailAddress;
use edgegate::domain::credential::password::{Password, PasswordPolicy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(password) = Password::parse(text) else { return };
    let again = Password::parse(password.expose()).expect("no longer than before");
    assert_eq!(again.expose(), password.expose());
    let email = EmailAddress::parse("ann@example.com").expect("an address");
    if password.check(&PasswordPolicy::default(), &email).is_ok() {
        assert!(password.expose().chars().count() >= 8);
    }
});
