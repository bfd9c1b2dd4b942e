//! `JWT_KEYS`: any text is a key set or a list of problems; a set that is accepted publishes no
//! private part.
#![no_main]

use edgegate::domain::token::access_token::SigningKeys;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match SigningKeys::from_jwks(text) {
        Ok(keys) => {
            let published: serde_json::Value = serde_json::from_str(&keys.public_jwks()).expect("JSON");
            for key in published["keys"].as_array().expect("a list") {
                assert!(key.get("d").is_none() && key.get("k").is_none() && key["kty"] != "oct");
            }
        }
        Err(problems) => assert!(!problems.is_empty()),
    }
});
