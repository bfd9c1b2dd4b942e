//! The mail providers as senders of webhooks: each signs as the real one does. The keys are good
//! for nothing but tests.

use base64ct::{Base64, Encoding};
use hmac::{Hmac, Mac};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sha2::Sha256;

/// Published by Svix with its libraries.
pub const SVIX_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// In the webhook's URL at Postmark.
pub const CREDENTIALS: &str = "postmark:a-password-of-20-chars";

/// Which provider sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    Resend,
    Postmark,
    SendGrid,
}

/// Every sender.
pub const SENDERS: [Sender; 3] = [Sender::Resend, Sender::Postmark, Sender::SendGrid];

/// RFC 7515 appendix A.3.1.
fn private_key() -> SigningKey {
    let scalar =
        base64ct::Base64UrlUnpadded::decode_vec("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI").expect("base64");
    SigningKey::from_slice(&scalar).expect("a key")
}

impl Sender {
    /// `MAIL_PROVIDER`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Postmark => "postmark",
            Self::SendGrid => "sendgrid",
        }
    }

    /// `MAIL_WEBHOOK_SECRET`.
    pub fn secret(self) -> String {
        match self {
            Self::Resend => SVIX_SECRET.to_owned(),
            Self::Postmark => CREDENTIALS.to_owned(),
            Self::SendGrid => {
                // What every P-256 key begins with in this form (RFC 5480), then its point.
                let beginning = Base64::decode_vec("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE").expect("base64");
                let point = private_key().verifying_key().to_encoded_point(false);
                Base64::encode_string(&[&beginning, &point.as_bytes()[1..]].concat())
            }
        }
    }

    /// The headers with which it sends a body at a time in Unix seconds.
    pub fn headers(self, body: &[u8], at: i64) -> Vec<(&'static str, String)> {
        let at = at.to_string();
        match self {
            Self::Resend => {
                let secret = Base64::decode_vec(SVIX_SECRET.trim_start_matches("whsec_")).expect("base64");
                let mut mac = Hmac::<Sha256>::new_from_slice(&secret).expect("any length");
                mac.update(&[b"msg_1.", at.as_bytes(), b".", body].concat());
                let signature = format!("v1,{}", Base64::encode_string(&mac.finalize().into_bytes()));
                vec![("svix-id", "msg_1".to_owned()), ("svix-timestamp", at), ("svix-signature", signature)]
            }
            Self::Postmark => {
                vec![("authorization", format!("Basic {}", Base64::encode_string(CREDENTIALS.as_bytes())))]
            }
            Self::SendGrid => {
                let signature: Signature = private_key().sign(&[at.as_bytes(), body].concat());
                vec![
                    ("x-twilio-email-event-webhook-timestamp", at),
                    ("x-twilio-email-event-webhook-signature", Base64::encode_string(signature.to_der().as_bytes())),
                ]
            }
        }
    }

    /// Its report that mail to an address came back for good.
    pub fn bounce(self, address: &str) -> serde_json::Value {
        match self {
            Self::Resend => serde_json::json!({
                "type": "email.bounced", "created_at": "2026-11-22T11:59:30.126Z",
                "data": {
                    "created_at": "2026-11-22 11:59:11.894719+00", "email_id": "56761188-7520-42d8-8898-ff6fc54ce618",
                    "from": "Edgeville <no-reply@example.com>", "to": [address], "subject": "Hello",
                    "bounce": { "message": format!("550 {address} is unknown"), "subType": "General", "type": "Permanent" },
                },
            }),
            Self::Postmark => serde_json::json!({
                "RecordType": "Bounce", "MessageStream": "outbound", "ID": 4_323_372_036_854_775_807_i64, "Type": "HardBounce",
                "TypeCode": 1, "Name": "Hard bounce", "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
                "Metadata": { "mail_id": "1" }, "Description": format!("{address} is unknown"), "Email": address,
                "From": "no-reply@example.com", "BouncedAt": "2026-11-22T11:59:30.126Z", "Inactive": true, "CanActivate": true,
            }),
            Self::SendGrid => serde_json::json!([{
                "email": address, "timestamp": 1_795_348_770, "event": "bounce", "type": "bounce", "status": "5.1.1",
                "bounce_classification": "Invalid Address", "reason": format!("550 5.1.1 {address} is unknown"),
                "sg_event_id": "1", "sg_message_id": "2", "mail_id": "1",
            }]),
        }
    }
}
