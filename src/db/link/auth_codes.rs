//! Statements of PKCE: trading a mailed link for a code that the app gets, and that code for what
//! the link does.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::types::{Json, Type};

use crate::db::link::links::AppliedLink;
use crate::db::session::sessions::NewSession;
use crate::db::{Connection, Error};
use crate::domain::credential::pkce::CodeChallenge;
use crate::domain::policy;

const TRADE: &str = "
    UPDATE edgegate.one_time_tokens t SET
        auth_code_digest = $2,
        auth_code_expires_at = $4
    FROM edgegate.users u
    WHERE t.token_digest = $1
        AND t.code_challenge IS NOT NULL
        AND t.consumed_at IS NULL
        AND t.expires_at > $3
        AND u.id = t.user_id
        AND (u.banned_until IS NULL OR u.banned_until <= $3)
    RETURNING coalesce(t.redirect_to, '') AS redirect_to";

/// Trades a link for a code. The link stays as it is until the code is exchanged: a person who
/// opened it in the wrong browser opens it in the right one. Returns where to take the code, empty
/// for `SITE_URL`; `None` if the link is dead.
///
/// # Errors
/// [`Error`].
pub async fn trade(
    db: &mut Connection<'_>,
    token_digest: [u8; 32],
    auth_code_digest: [u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<String>, Error> {
    let row = db
        .row(
            TRADE,
            &[
                (&token_digest.as_slice(), Type::BYTEA),
                (&auth_code_digest.as_slice(), Type::BYTEA),
                (&now, Type::TIMESTAMPTZ),
                (&(now + policy::AUTH_CODE_LIFETIME), Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    row.map(|row| Ok(row.try_get("redirect_to")?)).transpose()
}

/// What a code was worth.
pub enum Exchanged {
    /// What its link does is done.
    Done(Box<AppliedLink>),
    /// There is no such code.
    Unknown,
    /// Too late.
    Expired,
    /// It was exchanged before.
    Used,
    /// The verifier is not the one whose challenge asked for the mail. The code stays good.
    WrongVerifier,
    /// The account is banned.
    Banned,
}

const EXCHANGE: &str = "SELECT edgegate.exchange_auth_code($1, $2, $3, $4, $5) AS answer";

/// Exchanges a code for what its link does.
///
/// # Errors
/// [`Error`].
pub async fn exchange(
    db: &mut Connection<'_>,
    auth_code_digest: [u8; 32],
    challenge: &CodeChallenge,
    session: &NewSession<'_>,
    prepared_mails: &Value,
    now: DateTime<Utc>,
) -> Result<Exchanged, Error> {
    let row = db
        .only_row(
            EXCHANGE,
            &[
                (&auth_code_digest.as_slice(), Type::BYTEA),
                (&challenge.as_bytes().as_slice(), Type::BYTEA),
                (&session.as_json(), Type::JSONB),
                (prepared_mails, Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let answer: Value = row.try_get("answer")?;
    Ok(match answer["outcome"].as_str() {
        Some("unknown") => Exchanged::Unknown,
        Some("expired") => Exchanged::Expired,
        Some("used") => Exchanged::Used,
        Some("wrong_verifier") => Exchanged::WrongVerifier,
        Some("banned") => Exchanged::Banned,
        _ => {
            let Json(applied) = row.try_get::<_, Json<AppliedLink>>("answer")?;
            Exchanged::Done(Box::new(applied))
        }
    })
}
