//! Statements with which a user looks at their sessions and ends them.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::audit::AuditContext;
use crate::db::session::sessions;
use crate::db::session::sessions::{CallerSession, SessionInvalid};
use crate::db::{Connection, Error};

/// One session of a list.
#[derive(Debug, Deserialize)]
pub struct Listed {
    /// The claim `session_id`.
    pub id: Uuid,
    /// Sign-in.
    pub created_at: DateTime<Utc>,
    /// Newest rotation.
    pub refreshed_at: DateTime<Utc>,
    /// Absolute end.
    pub expires_at: DateTime<Utc>,
    /// Address that signed in or refreshed last.
    pub ip: Option<String>,
    /// User-Agent that signed in or refreshed last.
    pub user_agent: Option<String>,
}

const LIST: &str = "
    SELECT
        edgegate.session_status($1, $2, $3, $4, NULL) AS session_status,
        edgegate.live_sessions($1, $3, $4) AS sessions,
        now() AS asked_at -- volatile: no cache may answer this";

/// The caller's sessions that live, the one used last first.
///
/// # Errors
/// [`Error`].
pub async fn list(
    db: &mut Connection<'_>,
    session: &CallerSession,
) -> Result<Result<Vec<Listed>, SessionInvalid>, Error> {
    let row = db
        .only_row(
            LIST,
            &[
                (&session.user_id, Type::UUID),
                (&session.session_id, Type::UUID),
                (&session.now, Type::TIMESTAMPTZ),
                (&session.idle_since, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    if let Err(refusal) = sessions::session_status(&row)? {
        return Ok(Err(refusal));
    }
    let Json(listed) = row.try_get("sessions")?;
    Ok(Ok(listed))
}

/// Which sessions are to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndScope {
    /// The caller's own.
    Local,
    /// All of the user's, the caller's too.
    Global,
    /// All but the caller's.
    Others,
    /// This one, which may be the caller's.
    One(Uuid),
}

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub enum EndOutcome {
    /// These have ended. For [`EndScope::One`] none, if it had ended before.
    Sessions(Vec<Uuid>),
    /// There is no such session of this user.
    NoSuchSession,
    /// The caller may not.
    Refused(SessionInvalid),
}

const END: &str = "
    WITH caller AS MATERIALIZED (
        SELECT edgegate.session_status_for_update($1, $2, $3, $4, $7) AS session_status
    ), all_ended AS MATERIALIZED (
        SELECT edgegate.end_sessions($1, CASE $5 WHEN 'others' THEN $2 END, $3) AS ids
        FROM caller
        WHERE caller.session_status = 'valid' AND $5 <> 'one'
    ), one_ended AS (
        UPDATE edgegate.sessions s SET revoked_at = $3
        FROM caller
        WHERE s.id = $6
            AND s.user_id = $1
            AND (s.revoked_at IS NULL OR s.revoked_at = $3)
            AND caller.session_status = 'valid'
            AND $5 = 'one'
        RETURNING s.id
    ), ended AS MATERIALIZED (
        SELECT coalesce((SELECT ids FROM all_ended), (SELECT array_agg(id) FROM one_ended), '{}') AS ids
    )
    SELECT
        caller.session_status,
        ended.ids AS ended,
        CASE WHEN cardinality(ended.ids) > 0 THEN edgegate.record_event(
            jsonb_build_object('audit_id', $7, 'ip', $8, 'user_agent', $9),
            $1,
            CASE WHEN $5 = 'one' AND $6 = $2 THEN 'signed_out' ELSE 'sessions_ended' END,
            $3
        ) END AS recorded,
        EXISTS (SELECT FROM edgegate.sessions s WHERE s.id = $6 AND s.user_id = $1) AS is_own
    FROM caller, ended";

/// Ends sessions of the caller's user.
///
/// # Errors
/// [`Error`].
pub async fn end(
    db: &mut Connection<'_>,
    session: &CallerSession,
    scope: EndScope,
    audit: &AuditContext<'_>,
) -> Result<EndOutcome, Error> {
    let (which, one) = match scope {
        EndScope::Local => ("one", Some(session.session_id)),
        EndScope::One(id) => ("one", Some(id)),
        EndScope::Global => ("all", None),
        EndScope::Others => ("others", None),
    };
    let row = db
        .only_row(
            END,
            &[
                (&session.user_id, Type::UUID),
                (&session.session_id, Type::UUID),
                (&session.now, Type::TIMESTAMPTZ),
                (&session.idle_since, Type::TIMESTAMPTZ),
                (&which, Type::TEXT),
                (&one, Type::UUID),
                (&audit.audit_id, Type::UUID),
                (&audit.caller.ip, Type::INET),
                (&audit.caller.user_agent, Type::TEXT),
            ],
        )
        .await?;
    if let Err(refusal) = sessions::session_status(&row)? {
        return Ok(EndOutcome::Refused(refusal));
    }
    let is_own: bool = row.try_get("is_own")?;
    if one.is_some() && !is_own {
        return Ok(EndOutcome::NoSuchSession);
    }
    Ok(EndOutcome::Sessions(sessions::ended(&row)?))
}
