//! Statements with which somebody signed in proves once more who they are.

use serde::Serialize;
use serde_json::Value;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::db::account::refusal::{AccountRefusal, refusal};
use crate::db::audit::AuditContext;
use crate::db::connection::json;
use crate::db::mail::request;
use crate::db::mail::request::{MailLimits, QueuedMail};
use crate::db::session::sessions;
use crate::db::session::sessions::{CallerSession, SessionInvalid};
use crate::db::{Connection, Error};
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

const MAIL_NONCE: &str = "SELECT edgegate.mail_nonce($1, $2, $3, $4, $5, $6, $7, $8) AS answer";

/// Mails the caller a code that proves once more who they are.
///
/// # Errors
/// [`Error`].
pub async fn mail_nonce(
    db: &mut Connection<'_>,
    session: &CallerSession,
    mail_limits: &MailLimits,
    links: &Value,
    prepared_mails: &Value,
    audit: &AuditContext<'_>,
) -> Result<Result<Vec<QueuedMail>, AccountRefusal>, Error> {
    let row = db
        .only_row(
            MAIL_NONCE,
            &[
                (&session.user_id, Type::UUID),
                (&session.session_id, Type::UUID),
                (&session.idle_since, Type::TIMESTAMPTZ),
                (&json(mail_limits)?, Type::JSONB),
                (links, Type::JSONB),
                (prepared_mails, Type::JSONB),
                (&json(audit)?, Type::JSONB),
                (&session.now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let answer: Value = row.try_get("answer")?;
    if let Err(refusal) = refusal(&answer)? {
        return Ok(Err(refusal));
    }
    Ok(Ok(request::queued(&answer)?))
}
