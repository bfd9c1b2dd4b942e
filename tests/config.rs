//! Mirrors `src/config.rs`: every setting's good and bad values, every problem at once, and no
//! value in any of them.

use chrono::TimeDelta;
use edgegate::config::{Config, ConfigError, ConfirmSameBrowser, Environment};
use edgegate::domain::account::email_domains::{DomainPattern, DomainPolicy};
use edgegate::domain::credential::password_hash::Scheme;

use crate::support::webhooks::SENDERS;
use crate::support::{configuration, settings};

/// A secret for tests that is not the one of [`settings`].
const OTHER_SECRET: &str = "c2Vjb25kLXNlY3JldC1vbmx5LWZvci10ZXN0cy00NTY3";

#[track_caller]
fn good(changes: &[(&'static str, &str)]) -> Config {
    configuration(changes).unwrap_or_else(|problems| panic!("{changes:?}: {problems:?}"))
}

#[track_caller]
fn problems(changes: &[(&'static str, &str)]) -> Vec<ConfigError> {
    configuration(changes).err().unwrap_or_else(|| panic!("{changes:?} was taken"))
}

/// The one setting named in the one problem.
#[track_caller]
fn refused(name: &'static str, value: &str) {
    let problems = problems(&[(name, value)]);
    assert_eq!(problems.len(), 1, "{name}={value}: {problems:?}");
    assert_eq!(problems[0].name, name, "{value}");
    assert!(problems[0].to_string().starts_with(&format!("{name}: ")), "{}", problems[0]);
}

#[test]
fn what_has_to_be_set_and_nothing_else_is_enough() {
    let config = good(&[
        ("ENVIRONMENT", ""),
        ("API_EXTERNAL_URL", ""),
        ("APP_NAME", ""),
        ("PASSWORD_HASHES_IN_FLIGHT", ""),
        ("SIGN_IN_TELLS_UNCONFIRMED", ""),
    ]);
    assert_eq!(config.environment, Environment::Production);
    assert_eq!((config.app_name.as_str(), config.base_path.as_str()), ("edgegate", "/auth/v1"));
    assert_eq!(config.external_url.as_str(), "https://app.example.com/");
    assert_eq!(config.issuer, "https://app.example.com/auth/v1");
    assert_eq!(config.audience, "authenticated");
    assert_eq!(config.access_token_seconds, 600);
    assert_eq!((config.session_lifetime, config.session_inactivity), (TimeDelta::days(30), TimeDelta::days(7)));
    assert_eq!(config.password_policy.min_chars, 8);
    assert_eq!(config.password_scheme, Scheme::PBKDF2_SHA512);
    assert_eq!(config.hashes_in_flight, 24);
    assert!(!config.autoconfirm && !config.signup_disabled && !config.tell_unconfirmed);
    assert!(!config.sign_in_by_email && !config.anonymous_sign_ins && config.notify_new_device);
    assert_eq!(config.deletion_grace, TimeDelta::zero());
    assert_eq!(
        (config.mails_per_network_hour, config.mails_per_hour, config.anonymous_per_network_hour),
        (100, 10_000, 30)
    );
    assert_eq!(config.confirm_same_browser, ConfirmSameBrowser::Wire);
    assert_eq!(config.cors_origins, ["https://app.example.com"]);
    assert!(config.redirects.allowed.is_empty());
    assert_eq!(config.addresses.domains, DomainPolicy::default());
    assert!(!config.addresses.check_mx);
    assert_eq!(config.addresses.dns_over_https_url.as_str(), "https://cloudflare-dns.com/dns-query");
}

#[test]
fn with_nothing_set_everything_that_is_missing_is_listed_at_once() {
    let problems = Config::read(|_| None).err().expect("problems");
    let listed: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        listed,
        [
            "SITE_URL: is missing",
            "AUTH_SECRET: is missing",
            "JWT_KEYS: is missing",
            "MAIL_API_KEY: is missing",
            "MAIL_FROM: is missing",
        ]
    );
}

/// Each value carries a canary, so that a quoted one would show.
#[test]
fn with_everything_wrong_every_problem_is_listed_at_once_and_no_value_shown() {
    let names = [
        "ENVIRONMENT",
        "SITE_URL",
        "API_EXTERNAL_URL",
        "REDIRECT_ALLOW_LIST",
        "CORS_ALLOWED_ORIGINS",
        "API_BASE_PATH",
        "AUTH_SECRET",
        "JWT_KEYS",
        "ACCESS_TOKEN_SECONDS",
        "SESSION_MAX_DAYS",
        "SESSION_INACTIVITY_DAYS",
        "REFRESH_REUSE_INTERVAL",
        "SESSIONS_PER_USER",
        "PASSWORD_MIN_LENGTH",
        "PASSWORD_HASH",
        "PASSWORD_HASHES_IN_FLIGHT",
        "EMAIL_DOMAINS_ALLOWED",
        "EMAIL_DOMAINS_DENIED",
        "EMAIL_REFUSE_DISPOSABLE",
        "EMAIL_CHECK_MX",
        "DNS_OVER_HTTPS_URL",
        "MAILER_AUTOCONFIRM",
        "DISABLE_SIGNUP",
        "CONFIRM_SAME_BROWSER",
        "MAIL_PROVIDER",
        "MAIL_API_URL",
        "MAIL_FROM",
        "MAIL_WEBHOOK_SECRET",
    ];
    let changes: Vec<(&'static str, &str)> = names.into_iter().map(|name| (name, "canary")).collect();
    let problems = problems(&changes);
    let listed: Vec<&str> = problems.iter().map(|problem| problem.name).collect();
    assert_eq!(listed, names);
    for problem in problems {
        assert!(!problem.to_string().contains("canary") && !format!("{problem:?}").contains("canary"), "{problem}");
    }
}

#[test]
fn secrets_are_never_quoted() {
    for value in ["canary", "canary,canary", "{\"keys\":[{\"kty\":\"canary\",\"d\":\"canary\"}]}", "{\"canary\":"] {
        for name in ["AUTH_SECRET", "AUTH_SECRET_PREVIOUS", "JWT_KEYS"] {
            for problem in problems(&[(name, value)]) {
                assert!(!problem.to_string().contains("canary"), "{problem}");
            }
        }
    }
}

#[test]
fn blank_is_the_same_as_missing_and_white_space_around_a_value_is_dropped() {
    assert_eq!(problems(&[("SITE_URL", "  \n")])[0].to_string(), "SITE_URL: is missing");
    assert_eq!(good(&[("ACCESS_TOKEN_SECONDS", " 300\n")]).access_token_seconds, 300);
    assert_eq!(good(&[("ENVIRONMENT", " staging ")]).environment, Environment::Staging);
}

#[test]
fn environments_and_switches_are_words() {
    for (word, environment) in [
        ("development", Environment::Development),
        ("staging", Environment::Staging),
        ("production", Environment::Production),
    ] {
        assert_eq!(good(&[("ENVIRONMENT", word)]).environment, environment);
    }
    assert!(good(&[("MAILER_AUTOCONFIRM", "true")]).autoconfirm && good(&[("DISABLE_SIGNUP", "true")]).signup_disabled);
    assert!(!good(&[("MAILER_AUTOCONFIRM", "false")]).autoconfirm);
    assert!(good(&[("ANONYMOUS_SIGN_INS", "true")]).anonymous_sign_ins);
    assert!(!good(&[("NOTIFY_NEW_DEVICE", "false")]).notify_new_device);
    for (environment, offered) in [("development", true), ("staging", true), ("production", false)] {
        assert_eq!(good(&[("ENVIRONMENT", environment)]).sign_in_by_email, offered, "{environment}");
        assert!(good(&[("ENVIRONMENT", environment), ("SIGN_IN_BY_EMAIL", "true")]).sign_in_by_email);
    }
    for value in ["Production", "prod", "dev", "test", "1"] {
        refused("ENVIRONMENT", value);
    }
    for value in ["1", "yes", "TRUE", "on", "0", "null"] {
        refused("MAILER_AUTOCONFIRM", value);
        refused("DISABLE_SIGNUP", value);
        refused("SIGN_IN_BY_EMAIL", value);
        refused("ANONYMOUS_SIGN_INS", value);
        refused("NOTIFY_NEW_DEVICE", value);
        refused("EMAIL_REFUSE_DISPOSABLE", value);
        refused("EMAIL_CHECK_MX", value);
    }
    assert_eq!(good(&[("PASSWORD_HASH", "argon2id")]).password_scheme, Scheme::ARGON2ID);
    assert_eq!(good(&[("CONFIRM_SAME_BROWSER", "strict")]).confirm_same_browser, ConfirmSameBrowser::Strict);
    for value in ["bcrypt", "pbkdf2", "argon2i"] {
        refused("PASSWORD_HASH", value);
    }
    refused("CONFIRM_SAME_BROWSER", "true");
    refused("MAIL_PROVIDER", "smtp");
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
    let allowed: Vec<&str> = config.redirects.allowed.iter().map(url::Url::as_str).collect();
    assert_eq!(allowed, ["https://a.example.com/x", "com.example.app://callback"]);
    assert_eq!(config.cors_origins, ["https://app.example.com", "https://a.example.com", "http://localhost:5173"]);
    for value in ["x", "/path", "https://a.example.com,x"] {
        refused("REDIRECT_ALLOW_LIST", value);
    }
    for value in ["*", "null", "a.example.com", "data:x", "https://a.example.com,*"] {
        refused("CORS_ALLOWED_ORIGINS", value);
    }
}

#[test]
fn lists_of_domains_are_read_as_addresses_are() {
    let config = good(&[
        ("EMAIL_DOMAINS_ALLOWED", "Example.com, *.bücher.example,,"),
        ("EMAIL_DOMAINS_DENIED", "*.edu"),
        ("EMAIL_REFUSE_DISPOSABLE", "true"),
        ("EMAIL_CHECK_MX", "true"),
    ]);
    let DomainPolicy { allow, deny, refuse_disposable } = config.addresses.domains;
    assert_eq!(
        allow,
        [DomainPattern::Exactly("example.com".to_owned()), DomainPattern::Below(".xn--bcher-kva.example".to_owned())]
    );
    assert_eq!(deny, [DomainPattern::Below(".edu".to_owned())]);
    assert!(refuse_disposable && config.addresses.check_mx);
    for value in ["com", "*", ".example.com", "ada@example.com", "https://example.com", "example.com example.org"] {
        refused("EMAIL_DOMAINS_ALLOWED", value);
        refused("EMAIL_DOMAINS_DENIED", value);
    }
}

#[test]
fn the_resolver_is_reached_by_https_or_is_on_this_machine() {
    for url in ["https://dns.google/resolve", "http://127.0.0.1:8053/dns-query"] {
        assert_eq!(good(&[("DNS_OVER_HTTPS_URL", url)]).addresses.dns_over_https_url.as_str(), url);
    }
    for url in ["http://dns.example/dns-query", "1.1.1.1", "https://dns.google/resolve?name=x", "tls://1.1.1.1"] {
        refused("DNS_OVER_HTTPS_URL", url);
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
    assert_eq!(good(&[("API_BASE_PATH", "/api/auth-2.0_x")]).base_path, "/api/auth-2.0_x");
    for value in ["auth", "/auth/", "/", "//auth", "/au th", "/auth?x", "/{id}", "/a//b", "/*", "/%2e", "/a\u{e9}"] {
        refused("API_BASE_PATH", value);
    }
}

#[test]
fn numbers_have_bounds() {
    for (name, least, most) in [
        ("ACCESS_TOKEN_SECONDS", 5, 86_400),
        ("SESSION_MAX_DAYS", 1, 365),
        ("SESSION_INACTIVITY_DAYS", 1, 365),
        ("REFRESH_REUSE_INTERVAL", 0, 300),
        ("SESSIONS_PER_USER", 1, 1000),
        ("PASSWORD_MIN_LENGTH", 8, 64),
        ("PASSWORD_HASHES_IN_FLIGHT", 1, 1000),
        ("ANONYMOUS_PER_NETWORK_HOUR", 0, 100_000),
        ("ACCOUNT_DELETION_GRACE_DAYS", 0, 90),
        ("MAILS_PER_NETWORK_HOUR", 0, 1_000_000),
        ("MAILS_PER_HOUR", 0, 10_000_000),
    ] {
        good(&[(name, &i64::to_string(&least))]);
        good(&[(name, &i64::to_string(&most))]);
        for value in [least - 1, most + 1, -1, i64::MAX] {
            refused(name, &value.to_string());
        }
        for value in ["1.5", "ten", "0x10", "1e3", "99999999999999999999999"] {
            refused(name, value);
        }
    }
}

#[test]
fn the_secret_is_long_and_random_and_earlier_ones_may_be_listed() {
    let config = good(&[("AUTH_SECRET_PREVIOUS", &format!("{OTHER_SECRET}, another-secret-for-tests-0123456789"))]);
    assert_eq!(config.auth_secrets.all().count(), 3);
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
fn the_sender_is_an_address_on_one_line() {
    good(&[("MAIL_FROM", "no-reply@example.com")]);
    for value in ["Edgeville", "a@example.com\r\nBcc: eve@example.com", "a@example.com\u{0}"] {
        refused("MAIL_FROM", value);
    }
}

#[test]
fn the_secret_of_webhooks_is_of_the_kind_that_the_provider_uses() {
    for sender in SENDERS {
        good(&[("MAIL_PROVIDER", sender.name()), ("MAIL_WEBHOOK_SECRET", &sender.secret())]);
        for other in SENDERS.into_iter().filter(|other| *other != sender) {
            let problems = problems(&[("MAIL_PROVIDER", sender.name()), ("MAIL_WEBHOOK_SECRET", &other.secret())]);
            let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
            assert!(told.len() == 1 && told[0].starts_with("MAIL_WEBHOOK_SECRET: must be "), "{told:?}");
            assert!(!told[0].contains(&other.secret()), "{told:?}");
        }
    }
}

#[test]
fn a_message_stream_has_an_id() {
    assert_eq!(good(&[("MAIL_STREAM", "sign-in_mail")]).mail.stream, "sign-in_mail");
    for value in ["two words", "ä", "a/b", &"x".repeat(31)] {
        refused("MAIL_STREAM", value);
    }
}

#[test]
fn the_issuer_is_our_own_url_unless_set() {
    assert_eq!(good(&[]).issuer, "https://auth.example.com/auth/v1");
    assert_eq!(good(&[("JWT_ISSUER", "https://issuer.example.com")]).issuer, "https://issuer.example.com");
    assert_eq!(good(&[("API_BASE_PATH", "/x")]).issuer, "https://auth.example.com/x");
}

#[test]
fn the_products_name_is_refused_as_a_password() {
    assert_eq!(good(&[("APP_NAME", "Edgeville")]).password_policy.context_words, ["Edgeville"]);
}
