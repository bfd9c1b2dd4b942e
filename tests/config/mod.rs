//! Mirrors `src/config`: every setting's good and bad values by section, every problem at once, and
//! no value in any of them.

mod accounts;
mod addresses;
mod mail;
mod passwords;
mod sessions;
mod site;
mod tokens;

use chrono::TimeDelta;
use edgegate::config::{Config, ConfigError, ConfirmSameBrowser, Environment};
use edgegate::domain::account::email_domains::DomainPolicy;
use edgegate::domain::credential::password_hash::Scheme;

use crate::support::configuration;

/// What a switch cannot be: only `true` and `false` are words for it.
const NO_SWITCH: [&str; 6] = ["1", "yes", "TRUE", "on", "0", "null"];

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

/// Both bounds are taken, and nothing beyond them or that is no whole number.
#[track_caller]
fn bounded(name: &'static str, least: i64, most: i64) {
    good(&[(name, &i64::to_string(&least))]);
    good(&[(name, &i64::to_string(&most))]);
    for value in [least - 1, most + 1, -1, i64::MAX] {
        refused(name, &value.to_string());
    }
    for value in ["1.5", "ten", "0x10", "1e3", "99999999999999999999999"] {
        refused(name, value);
    }
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
    assert_eq!(config.site.environment, Environment::Production);
    assert_eq!((config.site.app_name.as_str(), config.site.base_path.as_str()), ("edgegate", "/auth/v1"));
    assert_eq!(config.site.external_url.as_str(), "https://app.example.com/");
    assert_eq!(config.tokens.issuer, "https://app.example.com/auth/v1");
    assert_eq!(config.tokens.audience, "authenticated");
    assert_eq!(config.tokens.access_token_seconds, 600);
    assert_eq!((config.sessions.lifetime, config.sessions.inactivity), (TimeDelta::days(30), TimeDelta::days(7)));
    assert_eq!(config.passwords.policy.min_chars, 8);
    assert_eq!(config.passwords.scheme, Scheme::PBKDF2_SHA512);
    assert_eq!(config.passwords.hashes_in_flight, 24);
    assert!(!config.accounts.autoconfirm && !config.accounts.signup_disabled && !config.accounts.tell_unconfirmed);
    assert!(!config.accounts.sign_in_by_email && !config.accounts.anonymous_sign_ins && config.mail.notify_new_device);
    assert_eq!(config.accounts.deletion_grace, TimeDelta::zero());
    assert_eq!(
        (config.mail.per_network_hour, config.mail.per_hour, config.accounts.anonymous_per_network_hour),
        (100, 10_000, 30)
    );
    assert_eq!(config.accounts.confirm_same_browser, ConfirmSameBrowser::Wire);
    assert_eq!(config.site.cors_origins, ["https://app.example.com"]);
    assert!(config.site.redirects.allowed.is_empty());
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
    assert_eq!(good(&[("ACCESS_TOKEN_SECONDS", " 300\n")]).tokens.access_token_seconds, 300);
    assert_eq!(good(&[("ENVIRONMENT", " staging ")]).site.environment, Environment::Staging);
}
