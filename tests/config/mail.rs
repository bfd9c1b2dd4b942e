//! Mirrors `src/config/mail.rs`: the provider, the sender, webhooks, notices.

use super::{NO_SWITCH, bounded, good, problems, refused};
use crate::support::webhooks::SENDERS;

#[test]
fn providers_and_notices_are_chosen_by_words() {
    refused("MAIL_PROVIDER", "smtp");
    assert!(!good(&[("NOTIFY_NEW_DEVICE", "false")]).mail.notify_new_device);
    for value in NO_SWITCH {
        refused("NOTIFY_NEW_DEVICE", value);
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
fn the_mails_of_an_hour_have_bounds() {
    bounded("MAILS_PER_NETWORK_HOUR", 0, 1_000_000);
    bounded("MAILS_PER_HOUR", 0, 10_000_000);
}
