//! The statement that issues another link and code for an account that is not confirmed yet.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::accounts::Queued;
use super::{Connection, Error};
use crate::domain::policy;
use crate::domain::user::Caller;

/// Another link and code, and the mail that carries them.
pub struct Reissue<'a> {
    /// `EmailAddress::key` of the address given.
    pub email_key: &'a str,
    /// SHA-256 of the link's token.
    pub token_digest: [u8; 32],
    /// HMAC of the code.
    pub code_digest: &'a [u8],
    /// When both die.
    pub expires_at: DateTime<Utc>,
    /// Id of the outbox row.
    pub mail_id: Uuid,
    /// The sealed message.
    pub sealed: &'a [u8],
    /// Digest that counts mails to this address.
    pub recipient_key: [u8; 32],
    /// When the immediate attempt to send it counts as lost.
    pub lease_until: DateTime<Utc>,
    /// Id of the audit record.
    pub audit_id: Uuid,
}

const REISSUE: &str = "
    WITH allowance AS MATERIALIZED (
        SELECT edgegate.count_attempt($1, $2, $3, $4, $5) AS wait
    ), account AS (
        UPDATE edgegate.users u SET confirmation_sent_at = $3, updated_at = $3
        FROM allowance
        WHERE allowance.wait = 0 AND u.email_key = $6 AND u.email_confirmed_at IS NULL
        RETURNING u.id, u.email, u.locale
    ), link AS (
        INSERT INTO edgegate.one_time_tokens AS t (user_id, kind, token_digest, code_digest, created_at, expires_at)
        SELECT account.id, 'signup', $7, $8, $3, $9 FROM account
        ON CONFLICT (user_id, kind) DO UPDATE SET
            token_digest = excluded.token_digest,
            code_digest = excluded.code_digest,
            created_at = excluded.created_at,
            expires_at = excluded.expires_at,
            consumed_at = NULL,
            consumed_by = NULL
        WHERE t.token_digest <> excluded.token_digest
    ), queued AS (
        INSERT INTO edgegate.outbox (id, user_id, kind, locale, recipient, sealed, created_at, expires_at, attempts, next_attempt_at)
        SELECT $2, account.id, 'confirm_signup', account.locale, account.email, $10, $3, $9, 1, $11 FROM account
        ON CONFLICT (id) DO NOTHING
    ), audit AS (
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        SELECT $12, account.id, 'confirmation_resent', $13, $14, $3 FROM account
        ON CONFLICT (id) DO NOTHING
    )
    SELECT allowance.wait, account.email AS recipient, 'confirm_signup' AS kind, account.locale
    FROM allowance
    LEFT JOIN account ON true";

/// Issues another link and code for an account that is not confirmed yet; the earlier ones die. Whoever asks for the mail,
/// the browser that signed up stays the one whose cookie counts, and its link leads where that sign-up said.
///
/// # Errors
/// [`Error`].
pub async fn reissue(
    db: &mut Connection<'_>,
    reissue: &Reissue<'_>,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Queued, Error> {
    let row = db
        .only_row(
            REISSUE,
            &[
                (&reissue.recipient_key.as_slice(), Type::BYTEA),
                (&reissue.mail_id, Type::UUID),
                (&now, Type::TIMESTAMPTZ),
                (&policy::MAIL_WAITS.as_slice(), Type::INT4_ARRAY),
                (&policy::MAIL_FORGET_AFTER_SECONDS, Type::INT4),
                (&reissue.email_key, Type::TEXT),
                (&reissue.token_digest.as_slice(), Type::BYTEA),
                (&reissue.code_digest, Type::BYTEA),
                (&reissue.expires_at, Type::TIMESTAMPTZ),
                (&reissue.sealed, Type::BYTEA),
                (&reissue.lease_until, Type::TIMESTAMPTZ),
                (&reissue.audit_id, Type::UUID),
                (&caller.ip, Type::INET),
                (&caller.user_agent, Type::TEXT),
            ],
        )
        .await?;
    Queued::read(&row)
}
