//! The statement that gathers everything stored on one account, for its owner.

use serde_json::Value;
use tokio_postgres::types::Type;

use crate::db::session::sessions;
use crate::db::session::sessions::{CallerSession, SessionInvalid};
use crate::db::{Connection, Error};

// Columns are named, so that a new one stays inside until it is added. Left out is what is of no
// use to anybody but an attacker (hashes and digests), and what only the program uses.
const EXPORT: &str = "
    SELECT
        edgegate.session_status($1, $2, $3, $4, NULL) AS session_status,
        jsonb_build_object(
            'account', (
                SELECT edgegate.account(u) || jsonb_build_object('has_password', u.password_hash IS NOT NULL)
                FROM edgegate.users u WHERE u.id = $1
            ),
            'sessions', (
                SELECT coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'id', s.id,
                            'aal', s.aal,
                            'amr', s.amr,
                            'ip', s.ip,
                            'user_agent', s.user_agent,
                            'created_at', s.created_at,
                            'refreshed_at', s.refreshed_at,
                            'expires_at', s.expires_at,
                            'revoked_at', s.revoked_at
                        )
                        ORDER BY s.created_at, s.id
                    ),
                    '[]'
                )
                FROM edgegate.sessions s WHERE s.user_id = $1
            ),
            'devices', (
                SELECT coalesce(
                    jsonb_agg(
                        jsonb_build_object('device', d.device, 'first_seen_at', d.first_seen_at)
                        ORDER BY d.first_seen_at, d.device
                    ),
                    '[]'
                )
                FROM edgegate.devices d WHERE d.user_id = $1
            ),
            'links', (
                SELECT coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'kind', t.kind,
                            'created_at', t.created_at,
                            'expires_at', t.expires_at,
                            'consumed_at', t.consumed_at,
                            'redirect_to', t.redirect_to,
                            'restores_email', t.restores_email,
                            'wrong_codes', t.code_failures
                        )
                        ORDER BY t.created_at, t.kind
                    ),
                    '[]'
                )
                FROM edgegate.one_time_tokens t WHERE t.user_id = $1
            ),
            'mails', (
                SELECT coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'id', o.id,
                            'kind', o.kind,
                            'locale', o.locale,
                            'recipient', o.recipient,
                            'attempts', o.attempts,
                            'last_error', o.last_error,
                            'created_at', o.created_at,
                            'expires_at', o.expires_at,
                            'sent_at', o.sent_at,
                            'failed_at', o.failed_at
                        )
                        ORDER BY o.created_at, o.id
                    ),
                    '[]'
                )
                FROM edgegate.outbox o
                JOIN edgegate.users u ON u.id = o.user_id
                -- What was mailed to an address that is not the caller's (yet) is not theirs: whether there is such a row, and what became of
                -- it, tells whether somebody else has an account with the address.
                WHERE o.user_id = $1 AND (o.kind <> 'email_change_new' OR lower(o.recipient COLLATE \"C\") = u.email_key)
            ),
            'mail_suppression', (
                SELECT jsonb_build_object(
                    'reason', m.reason,
                    'detail', m.detail,
                    'provider', m.provider,
                    'happened_at', m.happened_at,
                    'created_at', m.created_at
                )
                FROM edgegate.mail_suppressions m
                JOIN edgegate.users u ON u.email_key = m.email_key
                WHERE u.id = $1
            ),
            'audit_events', (
                -- Where from only of what takes the account's own mailbox, password or session: the rest is operators and strangers.
                SELECT coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'id', e.id,
                            'action', e.action,
                            'ip', CASE WHEN own.it THEN e.ip END,
                            'user_agent', CASE WHEN own.it THEN e.user_agent END,
                            'created_at', e.created_at
                        )
                        ORDER BY e.created_at, e.id
                    ),
                    '[]'
                )
                FROM edgegate.audit_events e
                CROSS JOIN LATERAL (
                    SELECT e.actor IS NULL AND (e.action IN (
                        'confirmed',
                        'deletion_scheduled',
                        'email_change_requested',
                        'password_changed',
                        'reauthentication_mailed',
                        'recovered',
                        'refresh_token_replayed',
                        'sessions_ended',
                        'signed_in',
                        'signed_out',
                        'signed_up_anonymously',
                        'updated'
                    ) OR e.action LIKE 'email\\_change\\_%') AS it
                ) AS own
                WHERE e.user_id = $1
            )
        ) AS export,
        now() AS asked_at -- volatile: no cache may answer this";

/// Everything stored on the caller's account.
///
/// # Errors
/// [`Error`].
pub async fn export(db: &mut Connection<'_>, session: &CallerSession) -> Result<Result<Value, SessionInvalid>, Error> {
    let row = db
        .only_row(
            EXPORT,
            &[
                (&session.user_id, Type::UUID),
                (&session.session_id, Type::UUID),
                (&session.now, Type::TIMESTAMPTZ),
                (&session.idle_since, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    match sessions::session_status(&row)? {
        Ok(()) => Ok(Ok(row.try_get("export")?)),
        Err(refusal) => Ok(Err(refusal)),
    }
}
