//! Mirrors `src/config/tokens.rs`: secrets, keys, the issuer.

use super::{bounded, good, problems, refused};
use crate::support::settings;

/// A secret for tests that is not the one of [`settings`].
const OTHER_SECRET: &str = "c2Vjb25kLXNlY3JldC1vbmx5LWZvci10ZXN0cy00NTY3";

#[test]
fn the_secret_is_long_and_random_and_earlier_ones_may_be_listed() {
    let config = good(&[("AUTH_SECRET_PREVIOUS", &format!("{OTHER_SECRET}, another-secret-for-tests-0123456789"))]);
    assert_eq!(config.tokens.auth_secrets.all().count(), 3);
    for value in [
        "short",
        "0123456789012345678901234567890",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "abcdefghabcdefghabcdefghabcdefgh",
    ] {
        refused("AUTH_SECRET", value);
        let problems = problems(&[("AUTH_SECRET_PREVIOUS", value)]);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].name.starts_with("AUTH_SECRET"), "{problems:?}");
    }
    let same = settings().into_iter().find(|(name, _)| *name == "AUTH_SECRET").expect("a secret").1;
    assert!(problems(&[("AUTH_SECRET_PREVIOUS", &same)])[0].to_string().contains("given twice"));
}

#[test]
fn keys_are_a_jwk_set_with_one_that_signs() {
    for value in ["x", "[]", "{}", "{\"keys\":[]}", "{\"keys\":[{}]}", "{\"keys\":[1]}"] {
        let problems = problems(&[("JWT_KEYS", value)]);
        assert!(problems.iter().all(|problem| problem.name == "JWT_KEYS"), "{problems:?}");
    }
}

#[test]
fn the_issuer_is_our_own_url_unless_set() {
    assert_eq!(good(&[]).tokens.issuer, "https://auth.example.com/auth/v1");
    assert_eq!(good(&[("JWT_ISSUER", "https://issuer.example.com")]).tokens.issuer, "https://issuer.example.com");
    assert_eq!(good(&[("API_BASE_PATH", "/x")]).tokens.issuer, "https://auth.example.com/x");
}

#[test]
fn the_lifetime_of_access_tokens_has_bounds() {
    bounded("ACCESS_TOKEN_SECONDS", 5, 86_400);
}
