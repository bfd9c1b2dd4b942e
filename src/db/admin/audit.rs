//! The statement that reads the audit trail, page by page.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::{Connection, Error};

/// Which records are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditFilter {
    /// All of them.
    All,
    /// Those of this account, or of what this administrator did.
    Author(String),
    /// What happened, by its name.
    Action(String),
    /// What users did to their accounts.
    ByUsers,
    /// What administrators did.
    ByAdministrators,
}

/// One record.
#[derive(Debug, Deserialize)]
pub struct AuditRecord {
    /// Of the record.
    pub id: Uuid,
    /// Whose account.
    pub user_id: Option<Uuid>,
    /// What happened.
    pub action: String,
    /// Which administrator did it; none for users.
    pub actor: Option<String>,
    /// Address of the caller.
    pub ip: Option<String>,
    /// `User-Agent` of the caller.
    pub user_agent: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A page of the trail.
pub struct AuditPage {
    /// The records of this page, the newest first.
    pub events: Vec<AuditRecord>,
    /// How many there are on all pages.
    pub total: u64,
}

const LIST: &str = "
    WITH filter AS MATERIALIZED (
        SELECT
            e.id,
            e.user_id,
            e.action,
            e.actor,
            host(e.ip) AS ip,
            e.user_agent,
            e.created_at
        FROM edgegate.audit_events e
        WHERE CASE $1
            WHEN 'author' THEN e.actor = $2 OR e.user_id::text = lower($2)
            WHEN 'action' THEN e.action = $2
            WHEN 'users' THEN e.actor IS NULL
            WHEN 'administrators' THEN e.actor IS NOT NULL
            ELSE true
        END
    )
    SELECT
        (SELECT count(*) FROM filter) AS total,
        (
            SELECT coalesce(jsonb_agg(to_jsonb(page) ORDER BY page.created_at DESC, page.id), '[]')
            FROM (SELECT * FROM filter ORDER BY filter.created_at DESC, filter.id LIMIT $3 OFFSET $4) AS page
        ) AS events,
        now() AS asked_at -- volatile: no cache may answer this";

/// The records of a page, and how many there are in all.
///
/// # Errors
/// [`Error`].
pub async fn list(
    db: &mut Connection<'_>,
    filter: &AuditFilter,
    per_page: u32,
    offset: i64,
) -> Result<AuditPage, Error> {
    let (by, value) = match filter {
        AuditFilter::All => ("all", None),
        AuditFilter::Author(author) => ("author", Some(author.as_str())),
        AuditFilter::Action(action) => ("action", Some(action.as_str())),
        AuditFilter::ByUsers => ("users", None),
        AuditFilter::ByAdministrators => ("administrators", None),
    };
    let row = db
        .only_row(
            LIST,
            &[(&by, Type::TEXT), (&value, Type::TEXT), (&i64::from(per_page), Type::INT8), (&offset, Type::INT8)],
        )
        .await?;
    let Json(events) = row.try_get("events")?;
    let total: i64 = row.try_get("total")?;
    Ok(AuditPage { events, total: total.unsigned_abs() })
}
