//! Sessions: the one that signing in opens, and the list of all.

use crate::flows::session::IssuedTokens;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::time::time;
use super::user::User;
use crate::db::session::revoke::Listed;
use crate::domain::session::user_agent::Device;

/// What signing in and refreshing answer.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// A JWT; send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// `bearer`.
    pub token_type: &'static str,
    /// Lifetime of the access token, seconds.
    pub expires_in: i64,
    /// Its end, Unix seconds.
    pub expires_at: i64,
    /// Opaque; gets the next access token.
    pub refresh_token: String,
    /// Whose session it is.
    pub user: User,
}

impl Session {
    /// The tokens of a session of `user`.
    #[must_use]
    pub fn new(tokens: IssuedTokens, user: User) -> Self {
        let IssuedTokens { access_token, expires_in, expires_at, refresh_token } = tokens;
        Self { access_token, token_type: "bearer", expires_in, expires_at, refresh_token, user }
    }
}

/// What signing up and confirming answer: the session, or the user alone where there is none yet.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum UserOrSession {
    /// Not signed in.
    User(Box<User>),
    /// Signed in.
    Session(Box<Session>),
}

/// What using a link or code answers.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Verified {
    /// Signed in.
    Session(Box<Session>),
    /// Not signed in.
    User(Box<User>),
    /// One of the two mailboxes of a change of address has agreed.
    HalfDone {
        /// What comes next, for a person.
        msg: String,
        /// `200`.
        code: String,
    },
}

/// One place where a user is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedSession {
    /// The claim `session_id` of its access tokens.
    pub id: Uuid,
    /// When somebody signed in.
    #[serde(serialize_with = "time")]
    pub created_at: DateTime<Utc>,
    /// When it was refreshed last.
    #[serde(serialize_with = "time")]
    pub last_used_at: DateTime<Utc>,
    /// When it ends if it is not refreshed; never later than its absolute end.
    #[serde(serialize_with = "time")]
    pub expires_at: DateTime<Utc>,
    /// The address that signed in or refreshed last.
    pub ip: Option<String>,
    /// The browser or app that did, as it says itself, in words.
    #[schema(example = "Chrome on Windows")]
    pub user_agent: String,
    /// Whether it is the session of this call. Absent where an administrator asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<bool>,
}

impl ListedSession {
    /// A session as its owner sees it, from a call by the session `current`; as an administrator
    /// sees it without one.
    #[must_use]
    pub fn new(listed: Listed, current: Option<Uuid>, inactivity: TimeDelta) -> Self {
        Self {
            id: listed.id,
            created_at: listed.created_at,
            last_used_at: listed.refreshed_at,
            expires_at: listed.expires_at.min(listed.refreshed_at + inactivity),
            ip: listed.ip,
            user_agent: Device::parse(listed.user_agent.as_deref().unwrap_or_default()).to_string(),
            current: current.map(|current| listed.id == current),
        }
    }
}
