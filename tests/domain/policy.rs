//! The numbers, once more. Who changes one changes it here too, on purpose, and looks at what
//! depends on it.

use chrono::TimeDelta;
use edgegate::domain::policy;

#[test]
fn links_and_codes_live_as_designed() {
    assert_eq!(policy::CONFIRMATION_LIFETIME, TimeDelta::hours(24));
    assert_eq!(policy::RECOVERY_LIFETIME, TimeDelta::hours(1));
    assert_eq!(policy::SIGN_IN_LIFETIME, TimeDelta::minutes(10));
    assert_eq!(policy::CODE_DIGITS, 6);
    assert_eq!(policy::CODE_MAX_ATTEMPTS, 5);
    assert!(
        policy::CODE_FAILURES_WINDOW >= policy::CONFIRMATION_LIFETIME,
        "or a code outlives the count of wrong ones"
    );
}

#[test]
fn sessions_and_tokens_live_as_designed() {
    assert_eq!(policy::SESSION_MAX_DAYS, 30);
    assert_eq!(policy::SESSION_INACTIVITY_DAYS, 7);
    assert_eq!(policy::ACCESS_TOKEN_SECONDS, 600);
    assert_eq!(policy::CLOCK_SKEW, TimeDelta::seconds(5));
    assert_eq!(policy::REFRESH_REUSE_SECONDS, 30);
    assert_eq!(policy::SESSIONS_PER_USER, 100);
    assert_eq!(policy::NOTICE_LIFETIME, TimeDelta::hours(24));
    assert_eq!(policy::REPLAY_MAIL_INTERVAL, TimeDelta::hours(1));
    assert_eq!(policy::REVOCATIONS_AT_ONCE, 5);
    assert_eq!(policy::REVOCATION_CACHE, TimeDelta::seconds(30));
    assert_eq!(policy::REVOCATION_TIMEOUT_ON_REFRESH, std::time::Duration::from_millis(100));
    assert_eq!(policy::REVOCATION_TIMEOUT_ON_INTROSPECTION, std::time::Duration::from_secs(2));
    assert_eq!(policy::REVOCATION_PUBLISH_TIMEOUT, std::time::Duration::from_secs(5));
    assert_eq!(policy::REVOCATION_BATCH, 500);
    assert_eq!(policy::REVOCATION_LIFETIME, TimeDelta::seconds(86_405));
    assert_eq!(policy::ACCESS_TOKEN_MAX_SECONDS, 86_400);
}

#[test]
fn a_token_of_the_fullest_user_is_short_enough_to_be_verified() {
    let metadata_in_base64 = 2 * policy::METADATA_MAX_BYTES * 4 / 3;
    let everything_else = 2048;
    assert!(metadata_in_base64 + everything_else <= policy::ACCESS_TOKEN_MAX_BYTES);
}

#[test]
fn passwords_cost_what_owasp_asks_and_no_stored_hash_costs_much_more() {
    assert_eq!(policy::PBKDF2_ITERATIONS, 220_000);
    assert_eq!((policy::ARGON2_MEMORY_KIB, policy::ARGON2_PASSES, policy::ARGON2_LANES), (19_456, 2, 1));
    assert_eq!(policy::PASSWORD_SALT_BYTES, 16);
    assert_eq!(policy::PASSWORD_MIN_CHARS, 8);
    assert_eq!(policy::PASSWORD_MAX_BYTES, 4096);
    assert_eq!(policy::PBKDF2_MAX_ITERATIONS, 1_000_000);
    assert_eq!((policy::ARGON2_MAX_MEMORY_KIB, policy::ARGON2_MAX_PASSES, policy::ARGON2_MAX_LANES), (47_104, 5, 4));
}

#[test]
fn hashes_of_other_systems_cost_at_most_about_a_second_and_half_of_an_isolates_memory() {
    assert_eq!(policy::FOREIGN_HASH_MAX_MEMORY_BYTES, 67_108_864);
    assert_eq!(policy::FOREIGN_HASH_MAX_WEIGHT, 5);
    assert_eq!(policy::FOREIGN_BCRYPT_MAX_COST, 14);
    assert_eq!((policy::FOREIGN_ARGON2_MAX_KIB_PASSES, policy::FOREIGN_ARGON2_MAX_LANES), (1_048_576, 16));
    assert_eq!(policy::FOREIGN_SCRYPT_MAX_WORK, 2_097_152);
    assert_eq!(policy::FOREIGN_PBKDF2_MAX_ITERATIONS, 1_500_000);
    assert_eq!((policy::FOREIGN_HASH_MAX_BYTES, policy::FOREIGN_HASH_MIN_OUTPUT_BYTES), (1024, 16));
}

#[test]
fn wrong_passwords_of_an_account_from_one_network_wait_longer_and_longer() {
    let waits = policy::SIGN_IN_ACCOUNT_HERE_WAITS;
    assert_eq!(waits[..12], [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600]);
    assert!(waits[12..99].iter().all(|wait| *wait == 3600));
    assert_eq!(waits[99..], [86_400]);
    assert_eq!(
        policy::SIGN_IN_ACCOUNT_FORGET_AFTER_SECONDS,
        90_000,
        "more than a day, or the longest wait ends the streak"
    );
}

#[test]
fn wrong_passwords_of_an_account_from_anywhere_wait_shortly() {
    let waits = policy::SIGN_IN_ACCOUNT_WAITS;
    assert_eq!(waits[..19], [0; 19]);
    assert!(waits[19..99].iter().all(|wait| *wait == 30));
    assert_eq!(waits[99..], [900], "96 tries a day");
}

#[test]
fn wrong_passwords_from_a_network_wait_after_a_hundred() {
    assert_eq!(policy::SIGN_IN_NETWORK_WAITS[..99], [0; 99]);
    assert_eq!(policy::SIGN_IN_NETWORK_WAITS[99..], [900]);
    assert_eq!(policy::SIGN_IN_NETWORK_FORGET_AFTER_SECONDS, 3600, "more than 900, or the wait ends the streak");
}

#[test]
fn mail_to_one_recipient_is_spaced_and_capped() {
    assert_eq!(policy::MAIL_WAITS[..19], [60; 19]);
    assert_eq!(policy::MAIL_WAITS[19..], [3600]);
    assert_eq!(policy::MAIL_FORGET_AFTER_SECONDS, 86_400, "more than an hour, or the longest wait ends the streak");
}

#[test]
fn reports_of_the_mail_provider_are_taken_as_its_documents_say() {
    assert_eq!(policy::WEBHOOK_TOLERANCE, TimeDelta::minutes(5));
    assert_eq!(policy::WEBHOOK_PASSWORD_MIN_CHARS, 20);
    assert_eq!(policy::MAIL_EVENT_DETAIL_MAX_CHARS, 200, "as the column");
    const { assert!(policy::REQUEST_BODY_MAX_BYTES > 768 * 1024, "SendGrid sends as much at once") };
}

#[test]
fn mail_is_retried_for_a_day() {
    assert_eq!(policy::MAIL_FIRST_RETRY, TimeDelta::seconds(30));
    assert_eq!(policy::MAIL_MAX_RETRY, TimeDelta::hours(1));
    assert_eq!(policy::MAIL_RETRY_JITTER_PERCENT, 20);
    assert_eq!(policy::MAIL_GIVE_UP_AFTER, TimeDelta::hours(24));
}

#[test]
fn dns_is_waited_for_shortly_and_believed_for_a_while() {
    assert_eq!(policy::DNS_TIMEOUT, std::time::Duration::from_secs(1));
    assert!(policy::DNS_TIMEOUT < policy::REQUEST_TIMEOUT);
    assert_eq!((policy::MAIL_ANSWER_MAX_BYTES, policy::DNS_ANSWER_MAX_BYTES), (65_536, 524_288));
    assert_eq!((policy::DNS_KEPT_AT_LEAST, policy::DNS_KEPT_AT_MOST), (TimeDelta::seconds(60), TimeDelta::hours(1)));
    assert_eq!(policy::DNS_DOMAINS_KEPT, 1000);
}

#[test]
fn a_lease_outlasts_a_sweep_in_which_the_provider_never_answers() {
    let provider = TimeDelta::from_std(policy::MAIL_PROVIDER_TIMEOUT).expect("seconds");
    assert!(policy::MAIL_LEASE > (policy::MAIL_SWEEP_BUDGET + provider) * 2);
    let run = policy::HOUSEKEEPING_BUDGET + policy::MAIL_SWEEP_BUDGET + provider;
    assert!(run < TimeDelta::minutes(1), "one run is over when the next begins");
}

#[test]
fn counters_are_kept_for_as_long_as_they_count() {
    let longest = policy::SIGN_IN_ACCOUNT_FORGET_AFTER_SECONDS
        .max(policy::SIGN_IN_NETWORK_FORGET_AFTER_SECONDS)
        .max(policy::MAIL_FORGET_AFTER_SECONDS);
    assert!(policy::ATTEMPTS_KEPT.num_seconds() > i64::from(longest));
}

#[test]
fn input_is_bounded() {
    assert_eq!(policy::REQUEST_BODY_MAX_BYTES, 1_048_576);
    assert_eq!(policy::METADATA_MAX_BYTES, 16_384);
    assert_eq!(policy::ACCESS_TOKEN_MAX_BYTES, 49_152);
    assert_eq!(policy::REDIRECT_URL_MAX_BYTES, 2048);
    assert_eq!(policy::EMAIL_ADDRESS_MAX_BYTES, 254);
    assert_eq!(policy::EMAIL_LOCAL_PART_MAX_BYTES, 64);
    assert_eq!(policy::AUTH_SECRET_MIN_BYTES, 32);
}
