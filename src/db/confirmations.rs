//! Statements on the link and code that confirm an address: looking at one, using one.
//!
//! Whoever locks both locks the account before the link, as `accounts::sign_up` does, so that they never deadlock.

use chrono::{DateTime, Utc};
use tokio_postgres::types::{Json, Type};

use super::sessions::{NewSession, Opened};
use super::{Connection, Error};
use crate::domain::policy;

/// A link that still works, as the page behind it needs it.
#[derive(Debug)]
pub struct OpenLink {
    /// Address it confirms.
    pub email: String,
    /// Hash of the password chosen at sign-up, if one was.
    pub password_hash: Option<String>,
    /// Whether it was asked for in this browser.
    pub same_browser: bool,
    /// Where to go afterwards.
    pub redirect_to: Option<String>,
}

const LOOK: &str = "
    SELECT
        u.email,
        u.password_hash,
        coalesce(t.browser_digest = $2, false) AS same_browser,
        t.redirect_to,
        now() AS asked_at -- volatile: no cache may answer this
    FROM edgegate.one_time_tokens t
    JOIN edgegate.users u ON u.id = t.user_id
    WHERE t.token_digest = $1
        AND t.kind = 'signup'
        AND t.consumed_at IS NULL
        AND t.expires_at > $3
        AND (u.banned_until IS NULL OR u.banned_until <= $3)";

/// Looks at a link without using it up.
///
/// # Errors
/// [`Error`].
pub async fn look(
    db: &mut Connection<'_>,
    token_digest: [u8; 32],
    browser_digest: Option<[u8; 32]>,
    now: DateTime<Utc>,
) -> Result<Option<OpenLink>, Error> {
    let row = db
        .row(
            LOOK,
            &[
                (&token_digest.as_slice(), Type::BYTEA),
                (&browser_digest.as_ref().map(<[u8; 32]>::as_slice), Type::BYTEA),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(OpenLink {
        email: row.try_get("email")?,
        password_hash: row.try_get("password_hash")?,
        same_browser: row.try_get("same_browser")?,
        redirect_to: row.try_get("redirect_to")?,
    }))
}

/// What a link must come with, and what it does to the password.
pub enum Proof<'a> {
    /// Nothing: the wire protocol's `POST /verify`.
    None,
    /// The cookie of the browser that signed up.
    Browser([u8; 32]),
    /// The password chosen at sign-up, verified against this hash.
    Password(&'a str),
    /// A new password, which replaces the one chosen at sign-up.
    NewPassword(&'a str),
}

const CONSUME_LINK: &str = "
    WITH owner AS MATERIALIZED (
        SELECT u.id
        FROM edgegate.users u
        JOIN edgegate.one_time_tokens t ON t.user_id = u.id
        WHERE t.token_digest = $1
            AND t.kind = 'signup'
            AND (u.banned_until IS NULL OR u.banned_until <= $3)
            AND ($5::text IS NULL OR u.password_hash = $5)
        FOR NO KEY UPDATE OF u
    ), link AS (
        UPDATE edgegate.one_time_tokens t SET
            consumed_at = $3,
            consumed_by = $2
        FROM owner
        WHERE t.user_id = owner.id
            AND t.token_digest = $1
            AND t.kind = 'signup'
            AND t.expires_at > $3
            AND (t.consumed_at IS NULL OR t.consumed_by = $2)
            AND ($4::bytea IS NULL OR t.browser_digest = $4)
            AND (NOT t.contested OR $4 IS NOT NULL OR $5 IS NOT NULL OR $6 IS NOT NULL)
        RETURNING t.user_id, t.redirect_to
    ), account AS (
        UPDATE edgegate.users u SET
            email_confirmed_at = coalesce(u.email_confirmed_at, $3),
            last_sign_in_at = CASE WHEN $11 THEN $3 ELSE u.last_sign_in_at END,
            password_hash = coalesce($6, u.password_hash),
            updated_at = $3
        FROM link
        WHERE u.id = link.user_id
        RETURNING u.*, link.redirect_to
    ), audit AS (
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        SELECT $12, account.id, 'confirmed', $8, $9, $3 FROM account
        ON CONFLICT (id) DO NOTHING
    )
    SELECT
        to_jsonb(account) - 'password_hash' - 'redirect_to' AS account,
        account.redirect_to,
        CASE WHEN $11 THEN edgegate.open_session($2, account.id, $7, $8, $9, $3, $10, $13, $14) END AS ended
    FROM account";

/// Uses up a link: confirms the address and, with `sign_in`, opens `session`. `None`: the link is dead, or the
/// proof is not the right one any more.
///
/// # Errors
/// [`Error`].
pub async fn consume_link(
    db: &mut Connection<'_>,
    token_digest: [u8; 32],
    proof: &Proof<'_>,
    session: &NewSession<'_>,
    sign_in: bool,
    now: DateTime<Utc>,
) -> Result<Option<(Opened, Option<String>)>, Error> {
    let (browser, verified, new) = match proof {
        Proof::None => (None, None, None),
        Proof::Browser(digest) => (Some(digest.as_slice()), None, None),
        Proof::Password(hash) => (None, Some(*hash), None),
        Proof::NewPassword(hash) => (None, None, Some(*hash)),
    };
    let row = db
        .row(
            CONSUME_LINK,
            &[
                (&token_digest.as_slice(), Type::BYTEA),
                (&session.session.id, Type::UUID),
                (&now, Type::TIMESTAMPTZ),
                (&browser, Type::BYTEA),
                (&verified, Type::TEXT),
                (&new, Type::TEXT),
                (&Json(&session.session.amr), Type::JSONB),
                (&session.caller.ip, Type::INET),
                (&session.caller.user_agent, Type::TEXT),
                (&session.session.expires_at, Type::TIMESTAMPTZ),
                (&sign_in, Type::BOOL),
                (&session.audit_id, Type::UUID),
                (&session.idle_since, Type::TIMESTAMPTZ),
                (&session.most, Type::INT4),
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((Opened::read(&row)?, row.try_get("redirect_to")?)))
}

const CONSUME_CODE: &str = "
    WITH owner AS MATERIALIZED (
        SELECT u.id
        FROM edgegate.users u
        WHERE u.email_key = $1 AND (u.banned_until IS NULL OR u.banned_until <= $3)
        FOR NO KEY UPDATE
    ), guess AS (
        UPDATE edgegate.one_time_tokens t SET
            consumed_at = CASE WHEN t.code_digest = ANY ($4) THEN $3 END,
            consumed_by = CASE WHEN t.code_digest = ANY ($4) THEN $2 END,
            code_failures = CASE
                WHEN t.code_digest = ANY ($4) THEN t.code_failures
                WHEN t.code_failures_since > $5 THEN t.code_failures + 1
                ELSE 1
            END,
            code_failures_since = CASE
                WHEN t.code_digest = ANY ($4) OR t.code_failures_since > $5 THEN t.code_failures_since
                ELSE $3
            END
        FROM owner
        WHERE t.user_id = owner.id
            AND t.kind = 'signup'
            AND t.expires_at > $3
            AND NOT t.contested
            AND (t.consumed_by = $2 OR (t.consumed_at IS NULL AND NOT EXISTS (SELECT FROM edgegate.audit_events WHERE id = $11)))
            AND (t.code_failures < $6 OR t.code_failures_since <= $5)
        RETURNING t.user_id, t.consumed_at IS NOT NULL AS right_code
    ), account AS (
        UPDATE edgegate.users u SET
            email_confirmed_at = coalesce(u.email_confirmed_at, $3),
            last_sign_in_at = $3,
            updated_at = $3
        FROM guess
        WHERE u.id = guess.user_id AND guess.right_code
        RETURNING u.*
    ), audit AS (
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        SELECT $11, guess.user_id, CASE WHEN right_code THEN 'confirmed' ELSE 'wrong_code' END, $8, $9, $3 FROM guess
        ON CONFLICT (id) DO NOTHING
    )
    SELECT
        to_jsonb(account) - 'password_hash' AS account,
        edgegate.open_session($2, account.id, $7, $8, $9, $3, $10, $12, $13) AS ended
    FROM account";

/// Uses up a code, or counts a wrong try against it. `None`: wrong, dead, or no such account.
///
/// # Errors
/// [`Error`].
pub async fn consume_code(
    db: &mut Connection<'_>,
    email_key: &str,
    code_digests: &[[u8; 32]],
    session: &NewSession<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Opened>, Error> {
    let code_digests: Vec<&[u8]> = code_digests.iter().map(<[u8; 32]>::as_slice).collect();
    let failures_count_since = now - policy::CODE_FAILURES_WINDOW;
    let row = db
        .row(
            CONSUME_CODE,
            &[
                (&email_key, Type::TEXT),
                (&session.session.id, Type::UUID),
                (&now, Type::TIMESTAMPTZ),
                (&code_digests, Type::BYTEA_ARRAY),
                (&failures_count_since, Type::TIMESTAMPTZ),
                (&policy::CODE_MAX_ATTEMPTS, Type::INT4),
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
