//! Statements on mailed links and codes: asking for one, looking at one, using one. What using one
//! does is decided by its kind, in `edgegate.apply_link`.
//!
//! A statement that locks both locks the account before the link, so that no two deadlock.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::audit::AuditContext;
use crate::db::connection::json;
use crate::db::mail::request::{MailLimits, MailRequestOutcome, QueuedMail};
use crate::db::session::sessions::NewSession;
use crate::db::{Connection, Error};
use crate::domain::account::user::User;
use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::policy;

/// A request for a link of one kind.
pub struct LinkRequest<'a> {
    /// `EmailAddress::key` of the address given.
    pub email_key: &'a str,
    /// What the link does.
    pub kind: TokenKind,
    /// Kind of the message that carries it.
    pub mail_kind: &'a str,
    /// The account to make if there is none: see `db::account::sign_up::NewAccount`.
    pub new_account: Option<&'a Value>,
    /// What it is counted in.
    pub mail_limits: &'a MailLimits,
    /// The links, by kind.
    pub links: &'a Value,
    /// The sealed mails, by kind.
    pub prepared_mails: &'a Value,
}

const MAIL_LINK: &str = "SELECT edgegate.mail_link($1, $2, $3, $4, $5, $6, $7, $8, $9) AS answer";

/// Issues a link and code for the account with this address and queues the mail that carries them;
/// the earlier ones of the kind die.
///
/// # Errors
/// [`Error`].
pub async fn mail_link(
    db: &mut Connection<'_>,
    request: &LinkRequest<'_>,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<MailRequestOutcome, Error> {
    let row = db
        .only_row(
            MAIL_LINK,
            &[
                (&request.email_key, Type::TEXT),
                (&request.kind.as_str(), Type::TEXT),
                (&request.mail_kind, Type::TEXT),
                (&request.new_account, Type::JSONB),
                (&json(request.mail_limits)?, Type::JSONB),
                (request.links, Type::JSONB),
                (request.prepared_mails, Type::JSONB),
                (&json(audit)?, Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    MailRequestOutcome::read(&row.try_get("answer")?)
}

/// What a password that was typed with a link is counted by, before it is verified: for the
/// account, whichever link it came with.
#[derive(Serialize)]
pub struct ThrottledPassword {
    request_id: Uuid,
    waits: &'static [i32],
    forget_after: i32,
}

impl ThrottledPassword {
    /// One guess, with the waits of signing in to an account from one network.
    #[must_use]
    pub fn new(request_id: Uuid) -> Self {
        let waits = policy::SIGN_IN_ACCOUNT_HERE_WAITS.as_slice();
        Self { request_id, waits, forget_after: policy::SIGN_IN_ACCOUNT_FORGET_AFTER_SECONDS }
    }
}

/// A link that still works, as the page behind it needs it.
#[derive(Deserialize)]
pub struct OpenLink {
    /// What it does.
    pub kind: TokenKind,
    /// The address it is about; of a change of address the new one, of its undoing the old one.
    pub email: Option<String>,
    /// Hash of the account's password, if it has one.
    pub password_hash: Option<String>,
    /// Whether a new password may be set with it, in the state that the account is in.
    pub takes_new_password: bool,
    /// Whether it was asked for in this browser.
    pub same_browser: bool,
    /// Whether an app asked for it that holds a PKCE verifier.
    pub for_app: bool,
    /// Where to go afterwards.
    pub redirect_to: Option<String>,
    /// Too many wrong passwords: how many seconds to wait. 0: the guess was counted, if there was
    /// one.
    pub wait: u32,
}

const LOOK: &str = "
    SELECT
        edgegate.find_open_link($1, $2, $3, $4) AS link,
        now() AS asked_at -- volatile: no cache may answer this";

/// Looks at a link without using it up, and counts the `guess` at the account's password that came
/// with it.
///
/// # Errors
/// [`Error`].
pub async fn look(
    db: &mut Connection<'_>,
    token_digest: [u8; 32],
    browser_digest: Option<[u8; 32]>,
    guess: Option<&ThrottledPassword>,
    now: DateTime<Utc>,
) -> Result<Option<OpenLink>, Error> {
    let row = db
        .only_row(
            LOOK,
            &[
                (&token_digest.as_slice(), Type::BYTEA),
                (&browser_digest.as_ref().map(<[u8; 32]>::as_slice), Type::BYTEA),
                (&guess.map(json).transpose()?, Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(row.try_get::<_, Option<Json<OpenLink>>>("link")?.map(|Json(link)| link))
}

/// What a link must come with, and what it does to the password.
#[derive(Clone, Copy)]
pub enum LinkProof<'a> {
    /// Nothing more.
    None,
    /// The cookie of the browser that asked for it.
    Browser([u8; 32]),
    /// The account's password, verified against this hash.
    Password(&'a str),
    /// A new password, which replaces it.
    NewPassword(&'a str),
}

/// What using a link or code came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The address is confirmed.
    Confirmed,
    /// Somebody signed in.
    SignedIn,
    /// The account is its owner's again: all other sessions and open links have ended.
    Recovered,
    /// One of the two mailboxes has agreed to a change of address.
    HalfDone,
    /// The address is changed.
    Changed,
    /// The address has become somebody else's: nothing is changed.
    Taken,
    /// A change of address was taken back, everybody is signed out, the password is void.
    Undone,
}

/// A link or code that was used.
#[derive(Deserialize)]
pub struct AppliedLink {
    /// What it was for.
    pub kind: TokenKind,
    /// What it came to.
    #[serde(rename = "outcome")]
    pub effect: Effect,
    /// The account.
    pub account: User,
    /// Where to go afterwards.
    pub redirect_to: Option<String>,
    /// Sessions that ended.
    pub ended: Vec<Uuid>,
    /// Mails to send.
    pub mails: Vec<QueuedMail>,
}

const CONSUME_LINK: &str = "SELECT edgegate.consume_link($1, $2, $3, $4, $5, $6, $7, $8, $9) AS answer";

/// How a link is used.
pub struct LinkUse<'a> {
    /// SHA-256 of its token.
    pub token_digest: [u8; 32],
    /// The kinds it may be of.
    pub kinds: &'a [TokenKind],
    /// What came with it.
    pub proof: LinkProof<'a>,
    /// Whether `session` is to be opened if that is what such a link does.
    pub signs_in: bool,
    /// The session.
    pub session: &'a NewSession<'a>,
    /// The sealed mails that may follow, by kind.
    pub prepared_mails: &'a Value,
}

/// Uses up a link. `None`: it is dead, or the proof is not the right one any more.
///
/// # Errors
/// [`Error`].
pub async fn consume_link(
    db: &mut Connection<'_>,
    link: &LinkUse<'_>,
    now: DateTime<Utc>,
) -> Result<Option<AppliedLink>, Error> {
    let (browser, verified, new) = match &link.proof {
        LinkProof::None => (None, None, None),
        LinkProof::Browser(digest) => (Some(digest.as_slice()), None, None),
        LinkProof::Password(hash) => (None, Some(*hash), None),
        LinkProof::NewPassword(hash) => (None, None, Some(*hash)),
    };
    let row = db
        .only_row(
            CONSUME_LINK,
            &[
                (&link.token_digest.as_slice(), Type::BYTEA),
                (&names(link.kinds), Type::TEXT_ARRAY),
                (&browser, Type::BYTEA),
                (&verified, Type::TEXT),
                (&new, Type::TEXT),
                (&link.signs_in, Type::BOOL),
                (&link.session.as_json(), Type::JSONB),
                (link.prepared_mails, Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(row.try_get::<_, Option<Json<AppliedLink>>>("answer")?.map(|Json(applied)| applied))
}

const CONSUME_CODE: &str = "SELECT edgegate.consume_code($1, $2, $3, $4, $5, $6, $7, $8, $9) AS answer";

/// How a code is used.
pub struct CodeUse<'a> {
    /// `EmailAddress::key` of the address it was sent to.
    pub email_key: &'a str,
    /// Key of what counts the tries of an address that accounts may be changed to; none for other
    /// kinds.
    pub counter: Option<[u8; 32]>,
    /// The kinds it may be of.
    pub kinds: &'a [TokenKind],
    /// Its digests, for each of those kinds.
    pub digests: &'a [[u8; 32]],
    /// The session to open.
    pub session: &'a NewSession<'a>,
    /// The sealed mails that may follow, by kind.
    pub prepared_mails: &'a Value,
}

/// Uses up a code, or counts a wrong try against it. `None`: wrong, dead, or no such account.
///
/// # Errors
/// [`Error`].
pub async fn consume_code(
    db: &mut Connection<'_>,
    code: &CodeUse<'_>,
    now: DateTime<Utc>,
) -> Result<Option<AppliedLink>, Error> {
    let digests: Vec<&[u8]> = code.digests.iter().map(<[u8; 32]>::as_slice).collect();
    let row = db
        .only_row(
            CONSUME_CODE,
            &[
                (&code.email_key, Type::TEXT),
                (&code.counter.as_ref().map(<[u8; 32]>::as_slice), Type::BYTEA),
                (&names(code.kinds), Type::TEXT_ARRAY),
                (&digests, Type::BYTEA_ARRAY),
                (&(now - policy::CODE_FAILURES_WINDOW), Type::TIMESTAMPTZ),
                (&policy::CODE_MAX_ATTEMPTS, Type::INT4),
                (&code.session.as_json(), Type::JSONB),
                (code.prepared_mails, Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(row.try_get::<_, Option<Json<AppliedLink>>>("answer")?.map(|Json(applied)| applied))
}

fn names(kinds: &[TokenKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.as_str()).collect()
}
