//! Records of the audit trail.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::time::time;
use crate::db::admin::audit;

/// One record of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// Of the record.
    pub id: Uuid,
    /// What happened, and who did it.
    pub payload: AuditPayload,
    /// When.
    #[serde(serialize_with = "time")]
    pub created_at: DateTime<Utc>,
    /// Address of the caller; `""` where none is kept.
    #[schema(example = "192.0.2.7")]
    pub ip_address: String,
}

/// What happened, and who did it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPayload {
    /// Such as `signed_in`.
    #[schema(example = "signed_in")]
    pub action: String,
    /// Whose account. It may be gone.
    pub user_id: Option<Uuid>,
    /// Who did it: the id of the account, or `service_token`, or `api_key:` and the id of the key.
    pub actor_id: Option<String>,
    /// `account` for what a user did, `team` for a program of the operator's.
    #[schema(example = "account")]
    pub log_type: &'static str,
    /// Browser or app, as it says itself.
    pub user_agent: Option<String>,
}

impl AuditEvent {
    /// A record as administrators see it.
    #[must_use]
    pub fn new(event: audit::AuditRecord) -> Self {
        Self {
            id: event.id,
            payload: AuditPayload {
                action: event.action,
                user_id: event.user_id,
                log_type: if event.actor.is_some() { "team" } else { "account" },
                actor_id: event.actor.or_else(|| event.user_id.map(|id| id.to_string())),
                user_agent: event.user_agent,
            },
            created_at: event.created_at,
            ip_address: event.ip.unwrap_or_default(),
        }
    }
}
