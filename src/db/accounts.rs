//! Statements that make accounts: sign-up with a mail to confirm, and sign-up that needs none.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use super::sessions::{NewSession, Opened};
use super::{Connection, Error};
use crate::domain::policy;
use crate::domain::user::Caller;

/// An account about to be made.
pub struct NewAccount<'a> {
    /// The account's id, should it be new.
    pub id: Uuid,
    /// Address as it is to be stored.
    pub email: &'a str,
    /// PHC string.
    pub password_hash: &'a str,
    /// Set by the operator; an object.
    pub app_metadata: &'a Value,
    /// Set by the user; an object.
    pub user_metadata: &'a Value,
    /// Language of its mails: `en`, `ru`.
    pub locale: &'a str,
}

/// A mailed link and its code, as digests.
pub struct NewLink<'a> {
    /// SHA-256 of the link's token.
    pub token_digest: [u8; 32],
    /// HMAC of the code.
    pub code_digest: &'a [u8],
    /// SHA-256 of the cookie that the browser that signs up is given.
    pub browser_digest: [u8; 32],
    /// SHA-256 of the cookie that it came with, from an earlier sign-up.
    pub presented_browser_digest: Option<[u8; 32]>,
    /// Digest of the network that signs up.
    pub network_digest: [u8; 32],
    /// Where to go afterwards, already checked.
    pub redirect_to: &'a str,
    /// When both die.
    pub expires_at: DateTime<Utc>,
}

/// The mails a sign-up may send. Which of them it is, only the statement knows.
pub struct SignUpMail<'a> {
    /// Id of the outbox row.
    pub id: Uuid,
    /// Sealed message with the link, for an account that is new or was never confirmed.
    pub confirm: &'a [u8],
    /// Sealed message for the owner of a confirmed account.
    pub already_registered: &'a [u8],
    /// Digest that counts mails to this address.
    pub recipient_key: [u8; 32],
    /// When the immediate attempt to send it counts as lost.
    pub lease_until: DateTime<Utc>,
}

/// What became of a request for a mail.
#[derive(Debug, PartialEq, Eq)]
pub enum Queued {
    /// A message was queued for this address; it is ours to send first.
    Mail {
        /// The stored address.
        recipient: String,
        /// Which message (`domain::mail`).
        kind: String,
        /// Language it is to be written in.
        locale: String,
    },
    /// Nobody to send one to.
    Nothing,
    /// Too soon after the last one: wait so many seconds. Nothing changed.
    Wait(u32),
}

impl Queued {
    pub(super) fn read(row: &tokio_postgres::Row) -> Result<Self, Error> {
        let wait: i32 = row.try_get("wait")?;
        if wait > 0 {
            return Ok(Self::Wait(wait.unsigned_abs()));
        }
        let Some(recipient) = row.try_get("recipient")? else { return Ok(Self::Nothing) };
        Ok(Self::Mail { recipient, kind: row.try_get("kind")?, locale: row.try_get("locale")? })
    }
}

const SIGN_UP: &str = "
    WITH allowance AS MATERIALIZED (
        SELECT edgegate.count_attempt($1, $2, $3, $4, $5) AS wait
    ), account AS (
        INSERT INTO edgegate.users AS u (
            id,
            email,
            password_hash,
            confirmation_sent_at,
            app_metadata,
            user_metadata,
            locale,
            created_at,
            updated_at
        )
        SELECT $6, $7, $8, $3, $9, $10, $11, $3, $3 FROM allowance WHERE wait = 0
        ON CONFLICT (email_key) DO UPDATE SET
            email = excluded.email,
            password_hash = excluded.password_hash,
            confirmation_sent_at = excluded.confirmation_sent_at,
            user_metadata = excluded.user_metadata,
            locale = excluded.locale,
            updated_at = excluded.updated_at
        WHERE u.email_confirmed_at IS NULL
        RETURNING u.id, u.email, u.locale
    ), link AS (
        INSERT INTO edgegate.one_time_tokens AS t (
            user_id,
            kind,
            token_digest,
            code_digest,
            browser_digest,
            network_digest,
            redirect_to,
            created_at,
            expires_at
        )
        SELECT account.id, 'signup', $12, $13, $14, $24, $15, $3, $16 FROM account
        ON CONFLICT (user_id, kind) DO UPDATE SET
            token_digest = excluded.token_digest,
            code_digest = excluded.code_digest,
            browser_digest = excluded.browser_digest,
            network_digest = excluded.network_digest,
            contested = t.consumed_at IS NULL
                AND t.expires_at > $3
                AND (t.contested OR NOT coalesce(t.browser_digest = $23 OR t.network_digest = $24, false)),
            redirect_to = excluded.redirect_to,
            created_at = excluded.created_at,
            expires_at = excluded.expires_at,
            consumed_at = NULL,
            consumed_by = NULL
        WHERE t.token_digest <> excluded.token_digest
    ), refused AS (
        UPDATE edgegate.one_time_tokens t SET contested = true
        FROM edgegate.users u, allowance
        WHERE allowance.wait > 0
            AND u.email_key = lower($7 COLLATE \"C\")
            AND u.email_confirmed_at IS NULL
            AND t.user_id = u.id
            AND t.kind = 'signup'
            AND t.consumed_at IS NULL
            AND NOT coalesce(t.browser_digest = $23 OR t.network_digest = $24, false)
    ), message AS (
        SELECT account.id AS user_id, account.email AS recipient, account.locale, 'confirm_signup' AS kind, $17 AS sealed
        FROM account
        UNION ALL
        SELECT u.id, u.email, u.locale, 'already_registered', $18
        FROM edgegate.users u, allowance
        WHERE u.email_key = lower($7 COLLATE \"C\")
            AND allowance.wait = 0
            AND u.email_confirmed_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM account)
    ), queued AS (
        INSERT INTO edgegate.outbox (id, user_id, kind, locale, recipient, sealed, created_at, expires_at, attempts, next_attempt_at)
        SELECT $2, user_id, kind, locale, recipient, sealed, $3, $16, 1, $19 FROM message
        ON CONFLICT (id) DO NOTHING
    ), audit AS (
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        SELECT
            $20,
            user_id,
            CASE kind WHEN 'confirm_signup' THEN 'signed_up' ELSE 'signed_up_again' END,
            $21,
            $22,
            $3
        FROM message
        ON CONFLICT (id) DO NOTHING
    )
    SELECT allowance.wait, message.recipient, message.kind, message.locale
    FROM allowance
    LEFT JOIN message ON true";

/// Signs up an address that has to be confirmed. A new address gets an account; an unconfirmed one gets the new
/// password and its earlier links die; the owner of a confirmed one gets a mail that says so, and nothing changes.
///
/// Two people who sign up for one address, told apart by browser and network, contest its link: whose the password is
/// nobody knows then, so neither code nor token alone confirms it any more. Even a refused attempt counts: its author may
/// be the owner, about to type the code of a stranger's sign-up.
///
/// # Errors
/// [`Error`].
pub async fn sign_up(
    db: &mut Connection<'_>,
    account: &NewAccount<'_>,
    link: &NewLink<'_>,
    mail: &SignUpMail<'_>,
    audit_id: Uuid,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Queued, Error> {
    let row = db
        .only_row(
            SIGN_UP,
            &[
                (&mail.recipient_key.as_slice(), Type::BYTEA),
                (&mail.id, Type::UUID),
                (&now, Type::TIMESTAMPTZ),
                (&policy::MAIL_WAITS.as_slice(), Type::INT4_ARRAY),
                (&policy::MAIL_FORGET_AFTER_SECONDS, Type::INT4),
                (&account.id, Type::UUID),
                (&account.email, Type::TEXT),
                (&account.password_hash, Type::TEXT),
                (account.app_metadata, Type::JSONB),
                (account.user_metadata, Type::JSONB),
                (&account.locale, Type::TEXT),
                (&link.token_digest.as_slice(), Type::BYTEA),
                (&link.code_digest, Type::BYTEA),
                (&link.browser_digest.as_slice(), Type::BYTEA),
                (&link.redirect_to, Type::TEXT),
                (&link.expires_at, Type::TIMESTAMPTZ),
                (&mail.confirm, Type::BYTEA),
                (&mail.already_registered, Type::BYTEA),
                (&mail.lease_until, Type::TIMESTAMPTZ),
                (&audit_id, Type::UUID),
                (&caller.ip, Type::INET),
                (&caller.user_agent, Type::TEXT),
                (&link.presented_browser_digest.as_ref().map(<[u8; 32]>::as_slice), Type::BYTEA),
                (&link.network_digest.as_slice(), Type::BYTEA),
            ],
        )
        .await?;
    Queued::read(&row)
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
        RETURNING u.*
    ), links AS (
        UPDATE edgegate.one_time_tokens t SET expires_at = least(t.expires_at, $7) FROM account WHERE t.user_id = account.id
    ), audit AS (
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        SELECT $13, account.id, 'signed_up', $10, $11, $7 FROM account
        ON CONFLICT (id) DO NOTHING
    )
    SELECT
        to_jsonb(account) - 'password_hash' AS account,
        edgegate.open_session($8, account.id, $9, $10, $11, $7, $12, $14, $15) AS ended
    FROM account";

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
) -> Result<Option<Opened>, Error> {
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
                (&session.caller.ip, Type::INET),
                (&session.caller.user_agent, Type::TEXT),
                (&session.session.expires_at, Type::TIMESTAMPTZ),
                (&session.audit_id, Type::UUID),
                (&session.idle_since, Type::TIMESTAMPTZ),
                (&session.most, Type::INT4),
            ],
        )
        .await?;
    row.map(|row| Opened::read(&row)).transpose()
}
