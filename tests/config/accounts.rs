//! Mirrors `src/config/accounts.rs`: ways to sign up and in.

use edgegate::config::ConfirmSameBrowser;

use super::{NO_SWITCH, bounded, good, refused};

#[test]
fn ways_to_sign_up_and_in_are_switched_on_and_off_by_words() {
    assert!(good(&[("MAILER_AUTOCONFIRM", "true")]).accounts.autoconfirm);
    assert!(good(&[("DISABLE_SIGNUP", "true")]).accounts.signup_disabled);
    assert!(!good(&[("MAILER_AUTOCONFIRM", "false")]).accounts.autoconfirm);
    assert!(good(&[("ANONYMOUS_SIGN_INS", "true")]).accounts.anonymous_sign_ins);
    for value in NO_SWITCH {
        refused("MAILER_AUTOCONFIRM", value);
        refused("DISABLE_SIGNUP", value);
        refused("SIGN_IN_BY_EMAIL", value);
        refused("ANONYMOUS_SIGN_INS", value);
    }
}

#[test]
fn signing_in_by_mail_is_on_where_things_are_tried_out() {
    for (environment, offered) in [("development", true), ("staging", true), ("production", false)] {
        assert_eq!(good(&[("ENVIRONMENT", environment)]).accounts.sign_in_by_email, offered, "{environment}");
        assert!(good(&[("ENVIRONMENT", environment), ("SIGN_IN_BY_EMAIL", "true")]).accounts.sign_in_by_email);
    }
}

#[test]
fn what_a_link_needs_besides_itself_is_a_word() {
    let strict = good(&[("CONFIRM_SAME_BROWSER", "strict")]);
    assert_eq!(strict.accounts.confirm_same_browser, ConfirmSameBrowser::Strict);
    refused("CONFIRM_SAME_BROWSER", "true");
}

#[test]
fn anonymous_accounts_and_the_grace_of_deleted_ones_have_bounds() {
    bounded("ANONYMOUS_PER_NETWORK_HOUR", 0, 100_000);
    bounded("ACCOUNT_DELETION_GRACE_DAYS", 0, 90);
}
