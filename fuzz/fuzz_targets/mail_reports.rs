//! What mail providers report: whatever comes is read, and nothing but an accepted address ever
//! comes out; and no proof but the right one is taken.
#![no_main]

use base64ct::{Base64, Encoding};
use chrono::{DateTime, Utc};
use edgegate::domain::account::email_address::EmailAddress;
use edgegate::domain::mail::webhook_key::{BasicCredentials, SvixKey, WebhookKey};
use edgegate::integrations::mail_provider::read_reports;
use hmac::{Hmac, Mac};
use libfuzzer_sys::fuzz_target;
use reqwest::header::{HeaderMap, HeaderValue};
use sha2::Sha256;

const CREDENTIALS: &str = "postmark:a-password-of-20-chars";
const SECRET: &[u8] = &[7; 24];

fuzz_target!(|body: &[u8]| {
    let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().expect("a time");
    for (key, headers) in [resend(body, now), postmark()] {
        let reports = read_reports(&key, &headers, body, now).expect("authentic");
        for event in reports.events {
            assert!(EmailAddress::parse(event.address.as_str()).is_ok());
            assert!(event.happened_at <= now);
            assert!(event.detail.is_none_or(|detail| !detail.as_str().contains('@') && detail.as_str().len() <= 200));
        }
        // The body as a proof of itself.
        if let Ok(value) = HeaderValue::from_bytes(body) {
            let mut forged = HeaderMap::new();
            for name in ["authorization", "svix-id", "svix-timestamp", "svix-signature"] {
                forged.insert(name, value.clone());
            }
            assert!(read_reports(&key, &forged, body, now).is_err());
        }
    }
});

fn resend(body: &[u8], now: DateTime<Utc>) -> (WebhookKey, HeaderMap) {
    let key = SvixKey::parse(&format!("whsec_{}", Base64::encode_string(SECRET))).expect("a key");
    let timestamp = now.timestamp().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).expect("any length");
    mac.update(&[b"id.", timestamp.as_bytes(), b".", body].concat());
    let signature = format!("v1,{}", Base64::encode_string(&mac.finalize().into_bytes()));
    let mut headers = HeaderMap::new();
    for (name, value) in [("svix-id", "id"), ("svix-timestamp", &timestamp), ("svix-signature", &signature)] {
        headers.insert(name, value.parse().expect("a value"));
    }
    (WebhookKey::Svix(key), headers)
}

fn postmark() -> (WebhookKey, HeaderMap) {
    let mut headers = HeaderMap::new();
    let shown = format!("Basic {}", Base64::encode_string(CREDENTIALS.as_bytes()));
    headers.insert("authorization", shown.parse().expect("a value"));
    (WebhookKey::Postmark(BasicCredentials::parse(CREDENTIALS).expect("credentials")), headers)
}
