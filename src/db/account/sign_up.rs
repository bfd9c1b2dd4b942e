//! Statements that make accounts: sign-up with a mail to confirm, sign-up that needs none, and
//! anonymous sign-in.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::audit::AuditContext;
use crate::db::connection::json;
use crate::db::mail::request::{MailLimits, MailRequestOutcome};
use crate::db::session::sessions::{NewSession, SignInResult};
use crate::db::{Connection, Error};

/// An account about to be made.
#[derive(Serialize)]
pub struct NewAccount<'a> {
    /// The account's id, should it be new.
    pub id: Uuid,
    /// Address as it is to be stored; none for an anonymous account.
    pub email: Option<&'a str>,
    /// PHC string; none where there is no password.
    pub password_hash: Option<&'a str>,
    /// Set by the operator; an object.
    pub app_metadata: &'a Value,
    /// Set by the user; an object.
    pub user_metadata: &'a Value,
    /// Language of its mails: `en`, `ru`.
    pub locale: &'a str,
}

const SIGN_UP: &str = "SELECT edgegate.sign_up($1, $2, $3, $4, $5, $6) AS answer";

/// Signs up an address that has to be confirmed. A new address gets an account; an unconfirmed one
/// gets the new password and its earlier links die; the owner of a confirmed one gets a mail that
/// says so, and nothing changes.
///
/// Two people who sign up for one address, told apart by browser and network, dispute its link: the
/// password may be either's, so neither code nor token alone confirms it any more.
///
/// # Errors
/// [`Error`].
pub async fn sign_up(
    db: &mut Connection<'_>,
    account: &NewAccount<'_>,
    mail_limits: &MailLimits,
    links: &Value,
    prepared_mails: &Value,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<MailRequestOutcome, Error> {
    let row = db
        .only_row(
            SIGN_UP,
            &[
                (&json(account)?, Type::JSONB),
                (&json(mail_limits)?, Type::JSONB),
                (links, Type::JSONB),
                (prepared_mails, Type::JSONB),
                (&json(audit)?, Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    MailRequestOutcome::read(&row.try_get("answer")?)
}

const SIGN_UP_CONFIRMED: &str = "
    WITH account AS (
        INSERT INTO edgegate.users AS u (
            id,
            email,
            password_hash,
            email_confirmed_at,
            last_sign_in_at,
            app_metadata,
            user_metadata,
            locale,
            created_at,
            updated_at
        )
        VALUES ($1, $2, $3, $7, $7, $4, $5, $6, $7, $7)
        ON CONFLICT (email_key) DO UPDATE SET
            email = excluded.email,
            password_hash = excluded.password_hash,
            email_confirmed_at = excluded.email_confirmed_at,
            last_sign_in_at = excluded.last_sign_in_at,
            user_metadata = excluded.user_metadata,
            locale = excluded.locale,
            updated_at = excluded.updated_at
        WHERE (u.email_confirmed_at IS NULL AND (u.banned_until IS NULL OR u.banned_until <= $7))
            OR EXISTS (SELECT FROM edgegate.sessions s WHERE s.id = $8 AND s.user_id = u.id)
        RETURNING u AS user_row, u.id
    ), links AS MATERIALIZED (
        SELECT edgegate.expire_links(account.id, NULL, $7) AS expired FROM account
    ), device AS (
        INSERT INTO edgegate.devices (user_id, device, first_seen_at)
        SELECT account.id, $16, $7 FROM account
        ON CONFLICT DO NOTHING
    ), audit AS MATERIALIZED (
        SELECT edgegate.record_event(
            jsonb_build_object('audit_id', $13, 'ip', $10, 'user_agent', $11), account.id, 'signed_up', $7
        )
        FROM account
    )
    SELECT jsonb_build_object(
        'account', edgegate.account(account.user_row),
        'ended', edgegate.open_session($8, account.id, $17, $9, $10, $11, $7, $12, $14, $15),
        'mails', '[]'::jsonb
    ) AS sign_in_result
    FROM account
    CROSS JOIN links
    CROSS JOIN audit";

/// Signs up and signs in at once, for instances that confirm no addresses (`MAILER_AUTOCONFIRM`).
/// `None` if the address has a confirmed account already.
///
/// # Errors
/// [`Error`].
pub async fn sign_up_confirmed(
    db: &mut Connection<'_>,
    account: &NewAccount<'_>,
    session: &NewSession<'_>,
    now: DateTime<Utc>,
) -> Result<Option<SignInResult>, Error> {
    let row = db
        .row(
            SIGN_UP_CONFIRMED,
            &[
                (&account.id, Type::UUID),
                (&account.email, Type::TEXT),
                (&account.password_hash, Type::TEXT),
                (account.app_metadata, Type::JSONB),
                (account.user_metadata, Type::JSONB),
                (&account.locale, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
                (&session.session.id, Type::UUID),
                (&Json(&session.session.amr), Type::JSONB),
                (&session.audit.caller.ip, Type::INET),
                (&session.audit.caller.user_agent, Type::TEXT),
                (&session.session.expires_at, Type::TIMESTAMPTZ),
                (&session.audit.audit_id, Type::UUID),
                (&session.idle_since, Type::TIMESTAMPTZ),
                (&session.most, Type::INT4),
                (&session.device(), Type::TEXT),
                (&session.session.aal.as_str(), Type::TEXT),
            ],
        )
        .await?;
    row.map(|row| Ok(row.try_get::<_, Json<SignInResult>>("sign_in_result")?.0)).transpose()
}

const SIGN_UP_ANONYMOUSLY: &str = "SELECT edgegate.sign_up_anonymously($1, $2, $3, $4, $5) AS answer";

/// What became of an anonymous sign-in.
pub enum Anonymous {
    /// Signed in, to an account of its own.
    SignedIn(Box<SignInResult>),
    /// Too many from this network: wait so many seconds. Nothing changed.
    Wait(u32),
}

/// Makes an account without an address and signs in to it. `network_key` is the digest of the
/// network that asks, which may have `per_hour` of them; 0 for any number.
///
/// # Errors
/// [`Error`].
pub async fn sign_up_anonymously(
    db: &mut Connection<'_>,
    account: &NewAccount<'_>,
    network_key: [u8; 32],
    per_hour: u32,
    session: &NewSession<'_>,
    now: DateTime<Utc>,
) -> Result<Anonymous, Error> {
    let row = db
        .only_row(
            SIGN_UP_ANONYMOUSLY,
            &[
                (&json(account)?, Type::JSONB),
                (&network_key.as_slice(), Type::BYTEA),
                (&i32::try_from(per_hour).unwrap_or(i32::MAX), Type::INT4),
                (&session.as_json(), Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let answer: Value = row.try_get("answer")?;
    if let MailRequestOutcome::Wait(seconds) = MailRequestOutcome::read(&answer)? {
        return Ok(Anonymous::Wait(seconds));
    }
    let Json(result) = row.try_get("answer")?;
    Ok(Anonymous::SignedIn(Box::new(result)))
}
