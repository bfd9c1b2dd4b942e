//! Mirrors `src/domain/mail/webhook_key.rs`.

use base64ct::{Base64, Encoding};
use chrono::{DateTime, TimeDelta, Utc};
use edgegate::domain::mail::webhook_key::{BasicCredentials, SendGridKey, SvixKey, WebhookKeyError};
use edgegate::domain::policy::WEBHOOK_TOLERANCE;
use proptest::prelude::*;

use crate::support::webhooks::{CREDENTIALS, SVIX_SECRET, Sender};

/// Published by Svix: <https://github.com/svix/svix-webhooks>, `go/webhook_test.go`,
/// `TestWebhookSign`.
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIMESTAMP: &str = "1614265330";
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn signed_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_614_265_330, 0).expect("a time")
}

fn svix() -> SvixKey {
    SvixKey::parse(SVIX_SECRET).expect("a key")
}

#[test]
fn the_signature_that_svix_publishes_is_good() {
    assert!(svix().verify(ID, TIMESTAMP, SIGNATURE, BODY, signed_at()));
}

#[test]
fn one_good_signature_among_several_is_enough() {
    let bad = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
    for list in [format!("{bad} {SIGNATURE}"), format!("{SIGNATURE} {bad}"), format!("v2,x v1a,y {SIGNATURE}")] {
        assert!(svix().verify(ID, TIMESTAMP, &list, BODY, signed_at()), "{list}");
    }
}

#[test]
fn anything_else_than_what_was_signed_is_refused() {
    let base64 = SIGNATURE.trim_start_matches("v1,");
    for (id, timestamp, signature, body) in [
        ("msg_other", TIMESTAMP, SIGNATURE, BODY),
        (ID, "1614265331", SIGNATURE, BODY),
        (ID, "+1614265330", SIGNATURE, BODY),
        (ID, " 1614265330", SIGNATURE, BODY),
        (ID, "", SIGNATURE, BODY),
        (ID, TIMESTAMP, "", BODY),
        (ID, TIMESTAMP, "v1,", BODY),
        (ID, TIMESTAMP, base64, BODY),
        (ID, TIMESTAMP, &format!("v2,{base64}"), BODY),
        (ID, TIMESTAMP, &SIGNATURE[..40], BODY),
        (ID, TIMESTAMP, &format!("{SIGNATURE},{SIGNATURE}"), BODY),
        (ID, TIMESTAMP, SIGNATURE, br#"{"test": 2432232315}"#),
        (ID, TIMESTAMP, SIGNATURE, b""),
    ] {
        assert!(!svix().verify(id, timestamp, signature, body, signed_at()), "{id} {timestamp} {signature}");
    }
    let other = SvixKey::parse("whsec_c2VjcmV0LW9mLWEtcm90YXRlZC1lbmRwb2ludA==").expect("a key");
    assert!(!other.verify(ID, TIMESTAMP, SIGNATURE, BODY, signed_at()));
}

#[test]
fn a_signature_is_good_for_five_minutes_either_way() {
    for (later, good) in [
        (WEBHOOK_TOLERANCE, true),
        (-WEBHOOK_TOLERANCE, true),
        (WEBHOOK_TOLERANCE + TimeDelta::seconds(1), false),
        (-WEBHOOK_TOLERANCE - TimeDelta::seconds(1), false),
        (TimeDelta::days(3650), false),
    ] {
        let now = signed_at() + later;
        assert_eq!(svix().verify(ID, TIMESTAMP, SIGNATURE, BODY, now), good, "{later}");
        let [(_, timestamp), (_, signature)] =
            Sender::SendGrid.headers(BODY, signed_at().timestamp()).try_into().expect("two headers");
        let key = SendGridKey::parse(&Sender::SendGrid.secret()).expect("a key");
        assert_eq!(key.verify(&timestamp, &signature, BODY, now), good, "{later}");
    }
}

#[test]
fn a_signature_of_sendgrids_covers_time_and_body() {
    let key = SendGridKey::parse(&Sender::SendGrid.secret()).expect("a key");
    let [(_, timestamp), (_, signature)] =
        Sender::SendGrid.headers(BODY, signed_at().timestamp()).try_into().expect("two headers");
    assert!(key.verify(&timestamp, &signature, BODY, signed_at()));
    let raw = Base64::encode_string(&[1; 64]);
    for (timestamp, signature, body) in [
        ("1614265331", signature.as_str(), BODY),
        ("", &signature, BODY),
        (&timestamp, "", BODY),
        (&timestamp, "no base64", BODY),
        (&timestamp, &raw, BODY),
        (&timestamp, &signature, b"{}"),
        // The same bytes, split elsewhere.
        ("161426533", &signature, b"0{\"test\": 2432232314}"),
    ] {
        assert!(!key.verify(timestamp, signature, body, signed_at()), "{timestamp} {signature}");
    }
    let other = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    assert!(!SendGridKey::parse(other).expect("a key").verify(&timestamp, &signature, BODY, signed_at()));
}

#[test]
fn credentials_are_recognised_in_the_header_and_in_no_other_form() {
    let credentials = BasicCredentials::parse(CREDENTIALS).expect("credentials");
    let basic = |text: &str| format!("Basic {}", Base64::encode_string(text.as_bytes()));
    assert!(credentials.verify(&basic(CREDENTIALS)));
    assert!(credentials.verify(&basic(CREDENTIALS).replace("Basic", "basic")));
    for header in [
        String::new(),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        CREDENTIALS.to_owned(),
        format!("Basic {CREDENTIALS}"),
        basic(CREDENTIALS).replace("Basic", "Bearer"),
        basic(""),
        basic("postmark:"),
        basic(&format!("{CREDENTIALS} ")),
        basic(&CREDENTIALS[..CREDENTIALS.len() - 1]),
        basic(&CREDENTIALS.to_uppercase()),
    ] {
        assert!(!credentials.verify(&header), "{header}");
    }
}

#[test]
fn a_secret_of_the_wrong_kind_is_refused_and_not_quoted() {
    let of_bytes = |count: usize| format!("whsec_{}", Base64::encode_string(&vec![7; count]));
    for text in ["", "whsec_", "whsec_x", &SVIX_SECRET[6..], &of_bytes(23), &of_bytes(65), CREDENTIALS] {
        assert_eq!(SvixKey::parse(text).err(), Some(WebhookKeyError::NotSvix), "{text}");
    }
    assert!(SvixKey::parse(&of_bytes(24)).is_ok() && SvixKey::parse(&of_bytes(64)).is_ok());
    let point_off_the_curve = Sender::SendGrid.secret().replace("QgAE", "QgAEAA");
    for text in ["", "x", SVIX_SECRET, &Sender::SendGrid.secret()[..80], &point_off_the_curve] {
        assert_eq!(SendGridKey::parse(text).err(), Some(WebhookKeyError::NotPublicKey), "{text}");
    }
    for text in [
        "",
        ":",
        "postmark",
        "postmark:short",
        ":a-password-of-20-chars",
        "a:b:a-password-of-20-chars",
        "a:a%20password-of-20-chars",
        "ä:a-password-of-20-chars",
    ] {
        assert_eq!(
            BasicCredentials::parse(text).err(),
            Some(WebhookKeyError::NotCredentials { min_chars: 20 }),
            "{text}"
        );
    }
    let printed = format!("{:?} {:?}", svix(), BasicCredentials::parse(CREDENTIALS));
    assert_eq!(printed, "SvixKey(..) Ok(BasicCredentials(..))");
}

proptest! {
    #[test]
    fn no_key_takes_what_it_did_not_sign(
        id: String,
        timestamp: String,
        signature: String,
        header: String,
        body: Vec<u8>,
    ) {
        let now = signed_at();
        prop_assert!(!svix().verify(&id, &timestamp, &signature, &body, now));
        let key = SendGridKey::parse(&Sender::SendGrid.secret()).expect("a key");
        prop_assert!(!key.verify(&timestamp, &signature, &body, now));
        prop_assert!(!BasicCredentials::parse(CREDENTIALS).expect("credentials").verify(&header));
        let _ = (SvixKey::parse(&signature), SendGridKey::parse(&signature), BasicCredentials::parse(&signature));
    }

    #[test]
    fn one_bit_changed_anywhere_spoils_a_signature(place in 0..BODY.len(), bit in 0..8_u32) {
        let mut body = BODY.to_vec();
        body[place] ^= 1 << bit;
        prop_assert!(!svix().verify(ID, TIMESTAMP, SIGNATURE, &body, signed_at()));
    }
}
