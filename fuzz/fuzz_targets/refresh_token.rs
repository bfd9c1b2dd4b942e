//! Refresh tokens: nothing but our own text is one, and that is canonical.
#![no_main]

use edgegate::domain::token::auth_secret::AuthSecrets;
use edgegate::domain::token::refresh_token::RefreshToken;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let secrets = AuthSecrets::parse("current-secret-for-tests-0123456789", &[]).expect("a good secret");
    if let Ok(token) = RefreshToken::parse(text, &secrets) {
        assert_eq!(token.issue(&secrets), text);
    }
});
