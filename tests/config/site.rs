//! Mirrors `src/config/site.rs`: environments, URLs, redirects, origins, the base path.

use edgegate::config::Environment;

use super::{good, refused};

#[test]
fn environments_are_words() {
    for (word, environment) in [
        ("development", Environment::Development),
        ("staging", Environment::Staging),
        ("production", Environment::Production),
    ] {
        assert_eq!(good(&[("ENVIRONMENT", word)]).site.environment, environment);
    }
    for value in ["Production", "prod", "dev", "test", "1"] {
        refused("ENVIRONMENT", value);
    }
}

#[test]
fn the_sites_urls_are_https_or_on_this_machine() {
    good(&[("SITE_URL", "https://app.example.com/app"), ("MAIL_API_URL", "https://app.example.com/resend")]);
    refused("API_EXTERNAL_URL", "https://auth.example.com/path");
    for url in ["https://app.example.com", "http://localhost:3000", "http://127.0.0.1:8787", "http://[::1]/"] {
        good(&[("SITE_URL", url)]);
        good(&[("API_EXTERNAL_URL", url)]);
        good(&[("MAIL_API_URL", url)]);
    }
    for url in [
        "http://app.example.com",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "ftp://app.example.com",
        "app.example.com",
        "//app.example.com",
        "https://user:word@app.example.com",
        "https://user@app.example.com",
        "https://app.example.com?x=1",
        "https://app.example.com/#here",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
    ] {
        refused("SITE_URL", url);
        refused("API_EXTERNAL_URL", url);
        refused("MAIL_API_URL", url);
    }
}

#[test]
fn lists_are_separated_by_commas() {
    let config = good(&[
        ("REDIRECT_ALLOW_LIST", "https://a.example.com/x, com.example.app://callback ,,"),
        ("CORS_ALLOWED_ORIGINS", "https://a.example.com, http://localhost:5173"),
    ]);
    let allowed: Vec<&str> = config.site.redirects.allowed.iter().map(url::Url::as_str).collect();
    assert_eq!(allowed, ["https://a.example.com/x", "com.example.app://callback"]);
    assert_eq!(config.site.cors_origins, ["https://app.example.com", "https://a.example.com", "http://localhost:5173"]);
    for value in ["x", "/path", "https://a.example.com,x"] {
        refused("REDIRECT_ALLOW_LIST", value);
    }
    for value in ["*", "null", "a.example.com", "data:x", "https://a.example.com,*"] {
        refused("CORS_ALLOWED_ORIGINS", value);
    }
}

/// An entry that `RedirectPolicy::parse_allowed` would not read must not get in by another way.
#[test]
fn the_allow_list_takes_no_entry_that_would_allow_too_much() {
    for value in [
        "http://app.example.org",
        "https://*.example.org",
        "https://user@example.org",
        "https://example.org/?x=1",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://example.org/#x",
        "https://EXAMPLE.org",
        "file:///etc/passwd",
    ] {
        refused("REDIRECT_ALLOW_LIST", value);
    }
}

#[test]
fn the_base_path_is_a_plain_path() {
    assert_eq!(good(&[("API_BASE_PATH", "/api/auth-2.0_x")]).site.base_path, "/api/auth-2.0_x");
    for value in ["auth", "/auth/", "/", "//auth", "/au th", "/auth?x", "/{id}", "/a//b", "/*", "/%2e", "/a\u{e9}"] {
        refused("API_BASE_PATH", value);
    }
}
