//! Statements with which a signed-in user changes their password.

use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use super::sessions::{self, Refusal, SignedIn};
use super::{Connection, Error};
use crate::domain::policy;
use crate::domain::user::{Caller, User};

/// What changing a password needs to know before it verifies the current one.
pub enum Current {
    /// The caller may not.
    Refused(Refusal),
    /// Too many wrong ones: wait so many seconds. Nothing was counted.
    Wait(u32),
    /// The stored hash, if the account has one.
    Hash(Option<String>),
}

const COUNT_AND_READ: &str = "
    WITH caller AS MATERIALIZED (
        SELECT edgegate.standing($1, $2, $3, $4, NULL) AS standing
    ), attempt AS MATERIALIZED (
        SELECT CASE WHEN caller.standing = 'good' THEN edgegate.count_attempt($5, $6, $3, $7, $8) ELSE 0 END AS wait
        FROM caller
    )
    SELECT
        caller.standing,
        attempt.wait,
        u.password_hash
    FROM caller, attempt
    LEFT JOIN edgegate.users u ON u.id = $1";

/// Counts an attempt to name the current password, and reads its hash. `counter` is the digest of the session's counter.
///
/// # Errors
/// [`Error`].
pub async fn count_and_read(
    db: &mut Connection<'_>,
    signed_in: &SignedIn,
    counter: [u8; 32],
    request_id: Uuid,
) -> Result<Current, Error> {
    let row = db
        .only_row(
            COUNT_AND_READ,
            &[
                (&signed_in.user_id, Type::UUID),
                (&signed_in.session_id, Type::UUID),
                (&signed_in.now, Type::TIMESTAMPTZ),
                (&signed_in.idle_since, Type::TIMESTAMPTZ),
                (&counter.as_slice(), Type::BYTEA),
                (&request_id, Type::UUID),
                (&policy::SIGN_IN_ACCOUNT_HERE_WAITS.as_slice(), Type::INT4_ARRAY),
                (&policy::SIGN_IN_ACCOUNT_FORGET_AFTER_SECONDS, Type::INT4),
            ],
        )
        .await?;
    if let Err(refusal) = sessions::standing(&row)? {
        return Ok(Current::Refused(refusal));
    }
    let wait: i32 = row.try_get("wait")?;
    if wait > 0 {
        return Ok(Current::Wait(wait.unsigned_abs()));
    }
    Ok(Current::Hash(row.try_get("password_hash")?))
}

const CHANGE: &str = "
    WITH caller AS MATERIALIZED (
        SELECT edgegate.locked_standing($1, $2, $3, $4, $8) AS standing
    ), account AS (
        UPDATE edgegate.users u SET
            password_hash = $6,
            updated_at = $3
        FROM caller
        WHERE u.id = $1 AND u.password_hash IN ($5, $6) AND caller.standing = 'good'
        RETURNING u.*
    ), forgiven AS (
        DELETE FROM edgegate.attempts a USING account WHERE a.key = $7
    ), links AS (
        UPDATE edgegate.one_time_tokens t SET expires_at = least(t.expires_at, $3)
        FROM account
        WHERE t.user_id = account.id AND t.consumed_at IS NULL
    ), audit AS (
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        SELECT $8, account.id, 'password_changed', $9, $10, $3 FROM account
        ON CONFLICT (id) DO NOTHING
    )
    SELECT
        caller.standing,
        to_jsonb(account) - 'password_hash' AS account,
        CASE WHEN account.id IS NOT NULL THEN edgegate.end_sessions(account.id, $2, $3) END AS ended
    FROM caller
    LEFT JOIN account ON true";

/// A current password that was right, and the hash of the new one.
pub struct Change<'a> {
    /// The hash it was verified against: if it has changed meanwhile, nothing is changed.
    pub verified_hash: &'a str,
    /// Of the new password.
    pub new_hash: &'a str,
    /// As in [`count_and_read`].
    pub counter: [u8; 32],
    /// Id of the audit record.
    pub audit_id: Uuid,
}

/// What became of a change.
pub enum Changed {
    /// Done: the account, and the sessions that ended.
    Done(Box<User>, Vec<Uuid>),
    /// Somebody else changed the password in the meantime: nothing is changed.
    Outdated,
    /// The caller may not, any more.
    Refused(Refusal),
}

/// Changes the password, and ends the user's other sessions and open links.
///
/// # Errors
/// [`Error`].
pub async fn change(
    db: &mut Connection<'_>,
    signed_in: &SignedIn,
    change: &Change<'_>,
    caller: &Caller,
) -> Result<Changed, Error> {
    let row = db
        .only_row(
            CHANGE,
            &[
                (&signed_in.user_id, Type::UUID),
                (&signed_in.session_id, Type::UUID),
                (&signed_in.now, Type::TIMESTAMPTZ),
                (&signed_in.idle_since, Type::TIMESTAMPTZ),
                (&change.verified_hash, Type::TEXT),
                (&change.new_hash, Type::TEXT),
                (&change.counter.as_slice(), Type::BYTEA),
                (&change.audit_id, Type::UUID),
                (&caller.ip, Type::INET),
                (&caller.user_agent, Type::TEXT),
            ],
        )
        .await?;
    if let Err(refusal) = sessions::standing(&row)? {
        return Ok(Changed::Refused(refusal));
    }
    let Some(Json(user)) = row.try_get::<_, Option<Json<User>>>("account")? else { return Ok(Changed::Outdated) };
    Ok(Changed::Done(Box::new(user), sessions::ended(&row)?))
}
