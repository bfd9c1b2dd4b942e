//! What every statement that may send mail is given and gives back, as JSON: which of several mails
//! is sent, and whether a link is issued at all, only the statement knows. The functions it goes to
//! stand beside the Rust that calls them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use crate::db::Error;

/// A mail that a statement may queue: sealed, by the kind of its message.
#[derive(Serialize)]
pub struct PreparedMail {
    /// Id of the outbox row.
    pub id: Uuid,
    /// The sealed message.
    #[serde(serialize_with = "hex")]
    pub sealed: Vec<u8>,
    /// Not sent after that.
    pub expires_at: DateTime<Utc>,
    /// When the immediate attempt to send it counts as lost.
    pub lease_until: DateTime<Utc>,
}

/// A mailed link and its code, as digests.
#[derive(Serialize)]
pub struct NewLink {
    /// SHA-256 of the link's token.
    #[serde(serialize_with = "hex")]
    pub token_digest: [u8; 32],
    /// HMAC of the code.
    #[serde(serialize_with = "hex")]
    pub code_digest: [u8; 32],
    /// `EmailAddress::key` of the address that the code was made for.
    pub address_key: String,
    /// When both die.
    pub expires_at: DateTime<Utc>,
    /// Who asked for it.
    #[serde(flatten)]
    pub origin: LinkOrigin,
}

/// Who asked for a link, as far as it is bound to them, and where it leads.
#[derive(Clone, Default, Serialize)]
pub struct LinkOrigin {
    /// SHA-256 of the cookie that the asking browser is given.
    #[serde(serialize_with = "hex_or_null")]
    pub browser_digest: Option<[u8; 32]>,
    /// SHA-256 of the cookie that it came with, from an earlier time.
    #[serde(serialize_with = "hex_or_null")]
    pub presented_browser_digest: Option<[u8; 32]>,
    /// Digest of the network that asks.
    #[serde(serialize_with = "hex_or_null")]
    pub network_digest: Option<[u8; 32]>,
    /// SHA-256 of the PKCE code verifier.
    #[serde(serialize_with = "hex_or_null")]
    pub code_challenge: Option<[u8; 32]>,
    /// Where to go afterwards, already checked.
    pub redirect_to: Option<String>,
    /// The same mail once more: cookie and destination of the first time stay.
    pub again: bool,
}

/// What a request for a mail is counted in.
#[derive(Serialize)]
pub struct MailLimits {
    /// Key: mails of one kind to one address.
    #[serde(serialize_with = "hex")]
    pub recipient: [u8; 32],
    /// Keys of further mailboxes that are mailed, of the same kind.
    #[serde(serialize_with = "hexes")]
    pub also: Vec<[u8; 32]>,
    /// Waits after each, in seconds (`policy::MAIL_WAITS`).
    pub recipient_waits: &'static [i32],
    /// When they are forgotten, in seconds.
    pub recipient_forget_after: i32,
    /// Key: mails that one network asks for.
    #[serde(serialize_with = "hex")]
    pub network: [u8; 32],
    /// How many an hour; 0 for any number.
    pub network_per_hour: u32,
    /// Key: mails that anybody asks for, or one share of them.
    #[serde(serialize_with = "hex")]
    pub all: [u8; 32],
    /// How many an hour of that share; 0 for any number.
    pub all_per_hour: u32,
}

/// A mail that was queued; it is ours to send first.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct QueuedMail {
    /// Which prepared mail.
    pub id: Uuid,
    /// The stored address.
    pub recipient: String,
    /// Language it is to be written in.
    pub locale: String,
}

/// What became of a request for a mail.
#[derive(PartialEq, Eq)]
pub enum MailRequestOutcome {
    /// These were queued; none where there is no recipient.
    Queued(Vec<QueuedMail>),
    /// Too soon, or too many: wait so many seconds. Nothing changed.
    Wait(u32),
}

impl MailRequestOutcome {
    /// Reads `{"wait", "mails"}`.
    pub(in crate::db) fn read(answer: &Value) -> Result<Self, Error> {
        let wait = answer["wait"].as_u64().ok_or(Error::Answer("a wait that is none"))?;
        if wait > 0 {
            return Ok(Self::Wait(u32::try_from(wait).unwrap_or(u32::MAX)));
        }
        queued(answer).map(Self::Queued)
    }
}

/// The member `mails` of an answer.
pub(in crate::db) fn queued(answer: &Value) -> Result<Vec<QueuedMail>, Error> {
    Vec::deserialize(&answer["mails"]).map_err(|_| Error::Answer("mails that are none"))
}

fn hex<S: Serializer>(bytes: &(impl AsRef<[u8]> + ?Sized), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&base16ct::lower::encode_string(bytes.as_ref()))
}

fn hexes<S: Serializer>(all: &[[u8; 32]], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(all.iter().map(|bytes| base16ct::lower::encode_string(bytes)))
}

#[expect(clippy::ref_option, reason = "the signature that serialize_with asks for")]
fn hex_or_null<S: Serializer>(bytes: &Option<[u8; 32]>, serializer: S) -> Result<S::Ok, S::Error> {
    match bytes {
        Some(bytes) => hex(bytes, serializer),
        None => serializer.serialize_none(),
    }
}
