//! The settings that tests run with.

use edgegate::config::Config;
use serde_json::json;

/// Settings that work, for tests to change.
pub fn settings() -> Vec<(&'static str, String)> {
    let keys = json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "test", "key_ops": ["sign"],
        // RFC 7515 appendix A.3.1: a published key, good for nothing but tests.
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    }]});
    vec![
        ("ENVIRONMENT", "production".to_owned()),
        ("SITE_URL", "https://app.example.com".to_owned()),
        ("API_EXTERNAL_URL", "https://auth.example.com".to_owned()),
        ("APP_NAME", "Edgeville".to_owned()),
        ("AUTH_SECRET", "bm90LWEtc2VjcmV0LW9ubHktZm9yLXRlc3RzLTAxMjM".to_owned()),
        ("JWT_KEYS", keys.to_string()),
        // Tells a right password from a wrong one before the address is confirmed, which tests want
        // to know.
        ("SIGN_IN_TELLS_UNCONFIRMED", "true".to_owned()),
        // Room for tests that hash in parallel.
        ("PASSWORD_HASHES_IN_FLIGHT", "64".to_owned()),
        ("MAIL_API_KEY", "re_test".to_owned()),
        ("MAIL_FROM", "Edgeville <no-reply@example.com>".to_owned()),
    ]
}

/// The configuration of [`settings`] with some of them changed. An empty value takes a setting
/// away.
pub fn configuration(changes: &[(&'static str, &str)]) -> Result<Config, Vec<edgegate::config::ConfigError>> {
    let mut all = settings();
    for (name, value) in changes {
        all.retain(|(other, _)| other != name);
        all.push((name, (*value).to_owned()));
    }
    Config::read(|name| all.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone()))
}
