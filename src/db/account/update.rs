//! Statements with which somebody signed in changes or deletes their account.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::connection::json;
use crate::db::mail::request::{Counters, QueuedMail};
use crate::db::session::sessions;
use crate::db::session::sessions::{AuditContext, CallerSession, SessionInvalid};
use crate::db::{Connection, Error};
use crate::domain::account::user::User;
use crate::domain::policy;

/// What verifying the current password takes.
pub enum Current {
    /// The caller may not.
    Refused(SessionInvalid),
    /// Too many wrong ones: wait so many seconds. Nothing was counted.
    Wait(u32),
    /// The stored hash, if the account has one.
    Hash(Option<String>),
}

const COUNT_AND_READ: &str = "
    WITH caller AS MATERIALIZED (
        SELECT edgegate.session_status($1, $2, $3, $4, NULL) AS session_status
    ), attempt AS MATERIALIZED (
        SELECT CASE WHEN caller.session_status = 'valid' THEN edgegate.throttle($5, $6, $3, $7, $8) ELSE 0 END AS wait
        FROM caller
    )
    SELECT
        caller.session_status,
        attempt.wait,
        u.password_hash
    FROM caller, attempt
    LEFT JOIN edgegate.users u ON u.id = $1";

/// Counts an attempt to name the current password, and reads its hash. `counter` is the digest of
/// the session's counter.
///
/// # Errors
/// [`Error`].
pub async fn count_and_read(
    db: &mut Connection<'_>,
    session: &CallerSession,
    counter: [u8; 32],
    request_id: Uuid,
) -> Result<Current, Error> {
    let row = db
        .only_row(
            COUNT_AND_READ,
            &[
                (&session.user_id, Type::UUID),
                (&session.session_id, Type::UUID),
                (&session.now, Type::TIMESTAMPTZ),
                (&session.idle_since, Type::TIMESTAMPTZ),
                (&counter.as_slice(), Type::BYTEA),
                (&request_id, Type::UUID),
                (&policy::SIGN_IN_ACCOUNT_HERE_WAITS.as_slice(), Type::INT4_ARRAY),
                (&policy::SIGN_IN_ACCOUNT_FORGET_AFTER_SECONDS, Type::INT4),
            ],
        )
        .await?;
    if let Err(refusal) = sessions::session_status(&row)? {
        return Ok(Current::Refused(refusal));
    }
    let wait: i32 = row.try_get("wait")?;
    if wait > 0 {
        return Ok(Current::Wait(wait.unsigned_abs()));
    }
    Ok(Current::Hash(row.try_get("password_hash")?))
}

/// How the caller proves once more who they are.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Reauthentication {
    /// The current password.
    VerifiedHash {
        /// The hash it was verified against.
        verified_hash: String,
    },
    /// The code that was mailed.
    Nonces {
        /// Its digests, one for each secret.
        nonces: Vec<String>,
        /// `EmailAddress::key` of the address they are for.
        address_key: String,
    },
    /// Nothing: it was proved a moment ago, or there is nothing to prove it by.
    Fresh {
        /// Why nothing is needed.
        fresh: RecentSignIn,
    },
}

/// Why nothing is needed, as the access token says. The statement asks the account whether that is
/// still so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecentSignIn {
    /// The session is young enough, and of the right kind.
    SignIn,
    /// The account is anonymous.
    Anonymous,
}

/// What is to change; all of it or nothing.
#[derive(Default, Serialize)]
pub struct AccountChanges<'a> {
    /// Hash of the new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_hash: Option<&'a str>,
    /// The new address, as it is to be stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    /// Members to set in the user's metadata; null removes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<&'a Value>,
    /// Language of the mails from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<&'a str>,
    /// How large the metadata may become, in bytes of JSON.
    pub metadata_max_bytes: usize,
}

/// What became of a change.
pub enum UpdateOutcome {
    /// Done.
    Done(Box<AccountUpdate>),
    /// The caller may not, any more.
    Refused(SessionInvalid),
    /// Too many mails: wait so many seconds.
    Wait(u32),
    /// The password was changed since the proof was verified.
    Outdated,
    /// The mailed code is wrong or dead; counted.
    WrongNonce,
    /// The access token is older than what it says of the account: refresh first.
    Stale,
    /// The metadata would become too large.
    MetadataTooLarge,
    /// A password is of no use to an account without an address.
    NoAddress,
}

/// A change that is made.
#[derive(Deserialize)]
pub struct AccountUpdate {
    /// The account now.
    pub account: User,
    /// Sessions that ended.
    pub ended: Vec<Uuid>,
    /// Mails to send.
    pub mails: Vec<QueuedMail>,
}

/// A request to change the account.
pub struct UpdateRequest<'a> {
    /// What is to change.
    pub changes: AccountChanges<'a>,
    /// What a new password takes.
    pub proof: &'a Reauthentication,
    /// As in [`count_and_read`]: forgotten when the password was right.
    pub counter: [u8; 32],
    /// What a mail to the new address is counted in; of no matter without a new address.
    pub counters: Option<&'a Counters>,
    /// The links, by kind.
    pub links: &'a Value,
    /// The sealed mails, by kind.
    pub prepared_mails: &'a Value,
}

const UPDATE: &str = "SELECT edgegate.update_user($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS answer";

/// Changes the account. A new password ends its other sessions and open links, and a change of
/// address under way.
///
/// # Errors
/// [`Error`].
pub async fn update(
    db: &mut Connection<'_>,
    session: &CallerSession,
    request: &UpdateRequest<'_>,
    audit: &AuditContext<'_>,
) -> Result<UpdateOutcome, Error> {
    let row = db
        .only_row(
            UPDATE,
            &[
                (&session.user_id, Type::UUID),
                (&session.session_id, Type::UUID),
                (&session.idle_since, Type::TIMESTAMPTZ),
                (&json(&request.changes)?, Type::JSONB),
                (&json(request.proof)?, Type::JSONB),
                (&(session.now - policy::CODE_FAILURES_WINDOW), Type::TIMESTAMPTZ),
                (&policy::CODE_MAX_ATTEMPTS, Type::INT4),
                (&request.counter.as_slice(), Type::BYTEA),
                (&request.counters.map(json).transpose()?, Type::JSONB),
                (request.links, Type::JSONB),
                (request.prepared_mails, Type::JSONB),
                (&json(audit)?, Type::JSONB),
                (&session.now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let answer: Value = row.try_get("answer")?;
    Ok(match refused(&answer)? {
        Some(Refused::Session(refusal)) => UpdateOutcome::Refused(refusal),
        Some(Refused::Outdated) => UpdateOutcome::Outdated,
        Some(Refused::WrongNonce) => UpdateOutcome::WrongNonce,
        Some(Refused::Stale) => UpdateOutcome::Stale,
        Some(Refused::NoAddress) => UpdateOutcome::NoAddress,
        Some(Refused::MetadataTooLarge) => UpdateOutcome::MetadataTooLarge,
        Some(Refused::Wait(seconds)) => UpdateOutcome::Wait(seconds),
        None => {
            let Json(update) = row.try_get("answer")?;
            UpdateOutcome::Done(Box::new(update))
        }
    })
}

/// What became of a deletion.
pub enum DeletionOutcome {
    /// Done, or set down: the sessions that ended, and the mails to send.
    Done(Vec<Uuid>, Vec<QueuedMail>),
    /// The caller may not, any more.
    Refused(SessionInvalid),
    /// The password was changed since the proof was verified.
    Outdated,
    /// The mailed code is wrong or dead; counted.
    WrongNonce,
    /// As of [`UpdateOutcome`].
    Stale,
}

/// The end of a deletion.
#[derive(Deserialize)]
struct Deletion {
    ended: Vec<Uuid>,
    mails: Vec<QueuedMail>,
}

// Sent again, it finds the account gone, and its sessions with it; of them only the notes for KV
// are left.
const DELETE: &str = "
    SELECT
        edgegate.delete_account($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS answer,
        ARRAY (SELECT r.session_id FROM edgegate.revocations r WHERE r.user_id = $1) AS noted_before";

/// Deletes the account, at once or after `delete_after`. All its sessions end either way.
///
/// # Errors
/// [`Error`].
pub async fn delete(
    db: &mut Connection<'_>,
    session: &CallerSession,
    proof: &Reauthentication,
    delete_after: Option<DateTime<Utc>>,
    prepared_mails: &Value,
    audit: &AuditContext<'_>,
) -> Result<DeletionOutcome, Error> {
    let row = db
        .only_row(
            DELETE,
            &[
                (&session.user_id, Type::UUID),
                (&session.session_id, Type::UUID),
                (&session.idle_since, Type::TIMESTAMPTZ),
                (&json(proof)?, Type::JSONB),
                (&(session.now - policy::CODE_FAILURES_WINDOW), Type::TIMESTAMPTZ),
                (&policy::CODE_MAX_ATTEMPTS, Type::INT4),
                (&delete_after, Type::TIMESTAMPTZ),
                (prepared_mails, Type::JSONB),
                (&json(audit)?, Type::JSONB),
                (&session.now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let answer: Value = row.try_get("answer")?;
    Ok(match refused(&answer)? {
        Some(Refused::Session(refusal)) => DeletionOutcome::Refused(refusal),
        Some(Refused::Outdated) => DeletionOutcome::Outdated,
        Some(Refused::WrongNonce) => DeletionOutcome::WrongNonce,
        Some(Refused::Stale) => DeletionOutcome::Stale,
        Some(_) => return Err(Error::Answer("an outcome that is none")),
        None => {
            let Json(Deletion { mut ended, mails }) = row.try_get("answer")?;
            ended.append(&mut row.try_get("noted_before")?);
            DeletionOutcome::Done(ended, mails)
        }
    })
}

/// What became of a request for a code.
pub enum NonceMailed {
    /// Queued.
    Queued(Vec<QueuedMail>),
    /// The caller may not.
    Refused(SessionInvalid),
    /// Too soon, or too many: wait so many seconds.
    Wait(u32),
    /// The account has no address to send it to.
    NoAddress,
    /// As of [`UpdateOutcome`].
    Stale,
}

const MAIL_NONCE: &str = "SELECT edgegate.mail_nonce($1, $2, $3, $4, $5, $6, $7, $8) AS answer";

/// Mails the caller a code that proves once more who they are.
///
/// # Errors
/// [`Error`].
pub async fn mail_nonce(
    db: &mut Connection<'_>,
    session: &CallerSession,
    counters: &Counters,
    links: &Value,
    prepared_mails: &Value,
    audit: &AuditContext<'_>,
) -> Result<NonceMailed, Error> {
    let row = db
        .only_row(
            MAIL_NONCE,
            &[
                (&session.user_id, Type::UUID),
                (&session.session_id, Type::UUID),
                (&session.idle_since, Type::TIMESTAMPTZ),
                (&json(counters)?, Type::JSONB),
                (links, Type::JSONB),
                (prepared_mails, Type::JSONB),
                (&json(audit)?, Type::JSONB),
                (&session.now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let answer: Value = row.try_get("answer")?;
    Ok(match refused(&answer)? {
        Some(Refused::Session(refusal)) => NonceMailed::Refused(refusal),
        Some(Refused::Wait(seconds)) => NonceMailed::Wait(seconds),
        Some(Refused::NoAddress) => NonceMailed::NoAddress,
        Some(Refused::Stale) => NonceMailed::Stale,
        Some(_) => return Err(Error::Answer("an outcome that is none")),
        None => NonceMailed::Queued(crate::db::mail::request::queued(&answer)?),
    })
}

/// Why a function of this kind did nothing.
enum Refused {
    Session(SessionInvalid),
    Outdated,
    WrongNonce,
    Stale,
    NoAddress,
    MetadataTooLarge,
    Wait(u32),
}

/// Reads `{"session_status", "outcome", "wait"}`; `None` if it was done.
fn refused(answer: &Value) -> Result<Option<Refused>, Error> {
    let status = answer["session_status"].as_str().unwrap_or_default();
    if let Err(refusal) = sessions::session_status_of(status)? {
        return Ok(Some(Refused::Session(refusal)));
    }
    Ok(Some(match answer["outcome"].as_str() {
        Some("done") => return Ok(None),
        Some("outdated") => Refused::Outdated,
        Some("wrong_nonce") => Refused::WrongNonce,
        Some("stale") => Refused::Stale,
        Some("no_address") => Refused::NoAddress,
        Some("metadata_too_large") => Refused::MetadataTooLarge,
        Some("wait") => Refused::Wait(answer["wait"].as_u64().and_then(|wait| u32::try_from(wait).ok()).unwrap_or(1)),
        _ => return Err(Error::Answer("an outcome that is none")),
    }))
}
