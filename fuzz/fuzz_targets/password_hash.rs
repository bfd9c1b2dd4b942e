//! Stored hashes: whatever the database holds, reading it neither panics nor costs more than the
//! bounds, and only the hash itself lets the password in.
#![no_main]

use edgegate::domain::token::auth_secret::AuthSecrets;
use edgegate::domain::credential::password::Password;
use edgegate::domain::credential::password_hash::{PasswordHasher, Scheme, Verification};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let secrets = AuthSecrets::parse("current-secret-for-tests-0123456789", &[]).expect("a good secret");
    let hasher = PasswordHasher::new(Scheme::Pbkdf2Sha512 { iterations: 1 }, &secrets);
    let password = Password::parse("correct horse battery staple").expect("short");
    if let Ok(Verification::Right { .. }) = hasher.verify(&password, text) {
        assert!(text.starts_with("$pbkdf2-sha512$i=") || text.starts_with("$argon2id$v=19$m="));
    }
});
