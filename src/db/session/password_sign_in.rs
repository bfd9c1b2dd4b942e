//! Statements of signing in with a password: counting the attempt, opening the session.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::session::sessions::{NewSession, SignInResult};
use crate::db::{Connection, Error};
use crate::domain::account::user::User;
use crate::domain::policy;

/// An attempt to sign in, counted before anything is checked.
pub struct SignInAttempt<'a> {
    /// `EmailAddress::key` of the address given.
    pub email_key: &'a str,
    /// What counts its failures.
    pub throttles: PasswordThrottles,
    /// Makes the count idempotent.
    pub request_id: Uuid,
    /// The current time.
    pub now: DateTime<Utc>,
}

/// Digests of the throttles of wrong passwords, in the order in which they are locked.
#[derive(Debug, Clone, Copy)]
pub struct PasswordThrottles {
    /// From this network, whatever the account.
    pub network: [u8; 32],
    /// Of this account from this network: waits grow long, and hold up the guesser alone.
    pub account_here: [u8; 32],
    /// Of this account from anywhere: waits stay short, since they hold up its owner too.
    pub account: [u8; 32],
}

/// What signing in needs to know before it verifies the password.
pub enum Candidate {
    /// Too many failures: wait so many seconds. Nothing was counted.
    Wait(u32),
    /// No such account, or one without a password.
    Unknown,
    /// The account and its stored hash.
    Known(Box<User>, String),
}

const COUNT_AND_FIND: &str = "
    WITH network AS MATERIALIZED (
        SELECT edgegate.throttle($2, $5, $6, $7, $8) AS wait
    ), here AS MATERIALIZED (
        SELECT CASE WHEN network.wait = 0 THEN edgegate.throttle($3, $5, $6, $9, $10) ELSE network.wait END AS wait
        FROM network
    ), account AS MATERIALIZED (
        SELECT CASE WHEN here.wait = 0 THEN edgegate.throttle($4, $5, $6, $11, $12) ELSE here.wait END AS wait
        FROM here
    )
    SELECT
        account.wait,
        edgegate.account(u) AS account,
        u.password_hash
    FROM account
    LEFT JOIN edgegate.users u ON u.email_key = $1 AND account.wait = 0";

/// Counts an attempt to sign in and, unless it has to wait, finds the account.
///
/// # Errors
/// [`Error`].
pub async fn count_and_find(db: &mut Connection<'_>, attempt: &SignInAttempt<'_>) -> Result<Candidate, Error> {
    let row = db
        .only_row(
            COUNT_AND_FIND,
            &[
                (&attempt.email_key, Type::TEXT),
                (&attempt.throttles.network.as_slice(), Type::BYTEA),
                (&attempt.throttles.account_here.as_slice(), Type::BYTEA),
                (&attempt.throttles.account.as_slice(), Type::BYTEA),
                (&attempt.request_id, Type::UUID),
                (&attempt.now, Type::TIMESTAMPTZ),
                (&policy::SIGN_IN_NETWORK_WAITS.as_slice(), Type::INT4_ARRAY),
                (&policy::SIGN_IN_NETWORK_FORGET_AFTER_SECONDS, Type::INT4),
                (&policy::SIGN_IN_ACCOUNT_HERE_WAITS.as_slice(), Type::INT4_ARRAY),
                (&policy::SIGN_IN_ACCOUNT_FORGET_AFTER_SECONDS, Type::INT4),
                (&policy::SIGN_IN_ACCOUNT_WAITS.as_slice(), Type::INT4_ARRAY),
                (&policy::SIGN_IN_ACCOUNT_FORGET_AFTER_SECONDS, Type::INT4),
            ],
        )
        .await?;
    let wait: i32 = row.try_get("wait")?;
    if wait > 0 {
        return Ok(Candidate::Wait(wait.unsigned_abs()));
    }
    let account: Option<Json<User>> = row.try_get("account")?;
    let hash: Option<String> = row.try_get("password_hash")?;
    Ok(match (account, hash) {
        (Some(Json(user)), Some(hash)) => Candidate::Known(Box::new(user), hash),
        _ => Candidate::Unknown,
    })
}

const OPEN: &str = "SELECT edgegate.sign_in_with_password($1, $2, $3, $4, $5, $6, $7, $8, $9) AS sign_in_result";

/// A password that was right, and the throttles its attempt was counted in.
pub struct RightPassword<'a> {
    /// Whose.
    pub user_id: Uuid,
    /// The hash it was verified against: if it has changed meanwhile, no session is opened.
    pub verified_hash: &'a str,
    /// A hash with today's parameters to replace it with.
    pub new_hash: Option<String>,
    /// As in [`SignInAttempt`].
    pub throttles: PasswordThrottles,
}

/// Opens a session for a password that was right: resets the throttles, upgrades the hash, records
/// it. `None` if the password was changed or the account banned or deleted in the meantime.
/// `prepared_mails` are the sealed mails that may follow, by kind.
///
/// # Errors
/// [`Error`].
pub async fn open(
    db: &mut Connection<'_>,
    password: &RightPassword<'_>,
    session: &NewSession<'_>,
    prepared_mails: &Value,
    now: DateTime<Utc>,
) -> Result<Option<SignInResult>, Error> {
    let row = db
        .only_row(
            OPEN,
            &[
                (&password.user_id, Type::UUID),
                (&password.verified_hash, Type::TEXT),
                (&password.new_hash, Type::TEXT),
                (&password.throttles.network.as_slice(), Type::BYTEA),
                (&password.throttles.account_here.as_slice(), Type::BYTEA),
                (&password.throttles.account.as_slice(), Type::BYTEA),
                (&session.as_json(), Type::JSONB),
                (prepared_mails, Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(row.try_get::<_, Option<Json<SignInResult>>>("sign_in_result")?.map(|Json(result)| result))
}
