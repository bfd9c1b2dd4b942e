//! Mirrors `src/domain/session/reauthentication.rs`.

use chrono::{DateTime, TimeDelta, Utc};
use edgegate::domain::policy;
use edgegate::domain::session::reauthentication::{Fresh, is_recent};
use edgegate::domain::session::session::{AuthenticationMethod, AuthenticationReference};

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().expect("a time")
}

fn signed_in(method: AuthenticationMethod, ago: TimeDelta) -> Vec<AuthenticationReference> {
    vec![AuthenticationReference { method, timestamp: now() - ago }]
}

#[test]
fn a_sign_in_is_recent_for_ten_minutes() {
    let second = TimeDelta::seconds(1);
    for (ago, recent) in [
        (TimeDelta::zero(), true),
        (policy::FRESH_SIGN_IN - second, true),
        (policy::FRESH_SIGN_IN, false),
        (policy::FRESH_SIGN_IN + second, false),
    ] {
        let methods = signed_in(AuthenticationMethod::Password, ago);
        assert_eq!(is_recent(&methods, Fresh::ByAnything, now()), recent, "{ago}");
    }
}

#[test]
fn for_a_new_password_only_a_mailed_link_or_code_counts() {
    for (method, counts) in [
        (AuthenticationMethod::Otp, true),
        (AuthenticationMethod::Password, false),
        (AuthenticationMethod::Anonymous, false),
    ] {
        assert_eq!(is_recent(&signed_in(method, TimeDelta::zero()), Fresh::ByMail, now()), counts, "{method:?}");
    }
    assert!(!is_recent(&[], Fresh::ByAnything, now()));
}
