//! The statement behind `POST /token?grant_type=refresh_token`: what a refresh token is worth, and
//! what follows from that.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio_postgres::types::{Json, Type};

use crate::db::audit::AuditContext;
use crate::db::mail::request::QueuedMail;
use crate::db::session::sessions;
use crate::db::{Connection, Error};
use crate::domain::account::user::User;
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::session::session::Session;
use crate::domain::token::refresh_token::RefreshToken;

/// A refresh token that is ours, presented.
pub struct RefreshRequest<'a> {
    /// What it says.
    pub token: RefreshToken,
    /// The current time.
    pub now: DateTime<Utc>,
    /// A session not refreshed since then is over.
    pub idle_since: DateTime<Utc>,
    /// How long after a rotation the token before it still gets the current one.
    pub reuse_interval: TimeDelta,
    /// Where from, and the id of the record of a replay.
    pub audit: AuditContext<'a>,
    /// What follows if somebody replays an old token.
    pub reuse_notice: ReuseNotice<'a>,
}

/// The mail about a replay. Its id comes from the caller, so that a statement sent twice queues it
/// once.
pub struct ReuseNotice<'a> {
    /// The mail to the owner, as [`crate::db::mail::request`] has it.
    pub prepared_mails: &'a Value,
    /// Not queued if such a mail was queued since then.
    pub unless_since: DateTime<Utc>,
}

/// What a refresh token was worth.
pub enum Refreshed {
    /// The session goes on: its state, with the generation of the token to hand out.
    Rotated(Box<User>, Session),
    /// A session that has ended before its time, or is gone with its account.
    NoSession,
    /// The session is past its absolute lifetime, or was not used for too long.
    Expired,
    /// The account is banned.
    Banned,
    /// Newer than any that this database remembers handing out: it was set back. Nothing changed.
    NotIssuedHere,
    /// An old token: somebody else has a copy, or had. The session has ended, and its owner is to
    /// be told.
    ///
    /// With the mail to send at once: none for an account without an address or with one that takes
    /// none, or that had such a mail just now, or while the mail provider wants to be left alone.
    Replayed(Vec<QueuedMail>),
}

const REFRESH: &str = "
    WITH presented AS MATERIALIZED (
        -- Locked: of many at once, each sees what the one before it left.
        SELECT s.*
        FROM edgegate.sessions s
        WHERE s.id = $1
        FOR UPDATE
    ), verdict AS MATERIALIZED (
        SELECT
            p.id,
            u.id AS user_id,
            u.email,
            u.locale,
            CASE
                WHEN EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = $8) THEN 'replayed' -- by this very request, sent again
                WHEN p.revoked_at IS NOT NULL THEN 'no_session'
                WHEN u.banned_until > $3 THEN 'banned'
                WHEN p.expires_at < $3 + interval '1 second' OR p.refreshed_at <= $4 THEN 'expired'
                WHEN p.generation < $2 THEN 'unknown'
                WHEN p.generation = $2 THEN 'rotated'
                WHEN p.generation = $2 + 1 AND p.refreshed_at >= $5 THEN 'repeated'
                ELSE 'replayed'
            END AS outcome
        FROM presented p
        JOIN edgegate.users u ON u.id = p.user_id
    ), session AS (
        UPDATE edgegate.sessions s SET
            generation = CASE v.outcome WHEN 'rotated' THEN $2 + 1 ELSE s.generation END,
            refreshed_at = CASE v.outcome WHEN 'rotated' THEN greatest(s.refreshed_at, $3) ELSE s.refreshed_at END,
            ip = CASE v.outcome WHEN 'rotated' THEN $6 ELSE s.ip END,
            user_agent = CASE v.outcome WHEN 'rotated' THEN $7 ELSE s.user_agent END,
            revoked_at = CASE v.outcome WHEN 'replayed' THEN coalesce(s.revoked_at, $3) END
        FROM verdict v
        WHERE s.id = v.id AND v.outcome IN ('rotated', 'replayed')
    ), audit AS MATERIALIZED (
        SELECT edgegate.record_event(
            jsonb_build_object('audit_id', $8, 'ip', $6, 'user_agent', $7), v.user_id, 'refresh_token_replayed', $3
        )
        FROM verdict v
        WHERE v.outcome = 'replayed'
    ), queued AS MATERIALIZED (
        SELECT edgegate.queue_mail($9, 'session_replayed', v.user_id, v.email, v.locale, $3)
        FROM verdict v
        WHERE v.outcome = 'replayed'
            AND NOT EXISTS (
                SELECT FROM edgegate.outbox o
                WHERE o.user_id = v.user_id
                    AND o.kind = 'session_replayed'
                    AND o.created_at > $10
                    AND o.id <> ($9 #>> '{session_replayed,id}')::uuid
            )
    )
    SELECT
        v.outcome,
        CASE
            WHEN v.outcome = 'replayed' AND (SELECT count(*) FROM audit) + (SELECT count(*) FROM queued) > 0
                THEN edgegate.queued_mails($9)
        END AS mails,
        p.generation + (v.outcome = 'rotated')::integer AS generation,
        p.aal,
        p.amr,
        p.expires_at,
        edgegate.account(u) AS account
    FROM verdict v
    JOIN presented p ON p.id = v.id
    JOIN edgegate.users u ON u.id = v.user_id";

/// Rotates a session's refresh token, or says why not.
///
/// - The current token gets the next one.
/// - The one before it gets the current one again for a while: its answer was lost, or two tabs
///   asked at once. No second branch can come of that, since generations are one line.
/// - Anything older is a replay: the session ends, and a record and a mail to the owner say so.
///
/// # Errors
/// [`Error`].
pub async fn refresh(db: &mut Connection<'_>, request: &RefreshRequest<'_>) -> Result<Refreshed, Error> {
    let RefreshToken { session_id, generation } = request.token;
    let reuse_notice = &request.reuse_notice;
    let row = db
        .row(
            REFRESH,
            &[
                (&session_id, Type::UUID),
                (&i64::from(generation), Type::INT8),
                (&request.now, Type::TIMESTAMPTZ),
                (&request.idle_since, Type::TIMESTAMPTZ),
                (&(request.now - request.reuse_interval), Type::TIMESTAMPTZ),
                (&request.audit.caller.ip, Type::INET),
                (&request.audit.caller.user_agent, Type::TEXT),
                (&request.audit.audit_id, Type::UUID),
                (reuse_notice.prepared_mails, Type::JSONB),
                (&reuse_notice.unless_since, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(Refreshed::NoSession) };
    Ok(match row.try_get("outcome")? {
        "rotated" | "repeated" => {
            let generation: i64 = row.try_get("generation")?;
            let aal: &str = row.try_get("aal")?;
            let Json(amr) = row.try_get("amr")?;
            let session = Session {
                id: session_id,
                generation: u32::try_from(generation).map_err(|_| Error::Answer("a generation that is none"))?,
                aal: AssuranceLevel::parse(aal).ok_or(Error::Answer("an assurance level that is none"))?,
                amr,
                expires_at: row.try_get("expires_at")?,
            };
            Refreshed::Rotated(Box::new(sessions::account(&row)?), session)
        }
        "no_session" => Refreshed::NoSession,
        "expired" => Refreshed::Expired,
        "banned" => Refreshed::Banned,
        "unknown" => Refreshed::NotIssuedHere,
        "replayed" => {
            let mails: Option<Json<Vec<QueuedMail>>> = row.try_get("mails")?;
            Refreshed::Replayed(mails.map(|Json(mails)| mails).unwrap_or_default())
        }
        _ => return Err(Error::Answer("an outcome that is none")),
    })
}
