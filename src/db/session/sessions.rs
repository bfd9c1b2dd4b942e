//! What every statement on sessions shares, and the one that asks whether a session still lives.
//! Opening one is `edgegate.open_session`, called by whatever signs somebody in;
//! refreshing and ending have files of their own.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::Row;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::audit::AuditContext;
use crate::db::mail::request::QueuedMail;
use crate::db::{Connection, Error};
use crate::domain::account::user::User;
use crate::domain::session::session::Session;
use crate::domain::session::user_agent::Device;

/// A session about to be opened. Its ids come from the caller, so that a statement sent twice opens
/// one.
pub struct NewSession<'a> {
    /// Its id, how the user proved who they are, and its absolute end.
    pub session: Session,
    /// Who opens it, from where.
    pub audit: AuditContext<'a>,
    /// Sessions not refreshed since then are over, and do not count.
    pub idle_since: DateTime<Utc>,
    /// How many the account may have, this one included: the oldest beyond that end.
    pub most: i32,
}

impl NewSession<'_> {
    /// What is remembered of the device it is opened on.
    pub(in crate::db) fn device(&self) -> String {
        let device = Device::parse(self.audit.caller.user_agent.as_deref().unwrap_or_default()).to_string();
        device.chars().take(DEVICE_MAX_CHARS).collect()
    }

    /// As the functions of the database take it.
    pub(in crate::db) fn as_json(&self) -> Value {
        json!({
            "id": self.session.id,
            "aal": self.session.aal,
            "amr": self.session.amr,
            "expires_at": self.session.expires_at,
            "idle_since": self.idle_since,
            "max_sessions": self.most,
            "audit_id": self.audit.audit_id,
            "ip": self.audit.caller.ip,
            "user_agent": self.audit.caller.user_agent,
            "device": self.device(),
        })
    }
}

/// The longest name of a device that is kept, in characters; see `edgegate.devices`.
const DEVICE_MAX_CHARS: usize = 200;

/// A session that was opened.
#[derive(Deserialize)]
pub struct SignInResult {
    /// Whose it is.
    #[serde(rename = "account")]
    pub user: User,
    /// Sessions that had to end for it.
    pub ended: Vec<Uuid>,
    /// Mails to send.
    pub mails: Vec<QueuedMail>,
}

/// The column `account` of a statement that always has one.
pub(in crate::db) fn account(row: &Row) -> Result<User, Error> {
    let Json(user) = row.try_get::<_, Json<User>>("account")?;
    Ok(user)
}

/// The column `ended`: the sessions that a statement ended.
pub(in crate::db) fn ended(row: &Row) -> Result<Vec<Uuid>, Error> {
    Ok(row.try_get::<_, Option<Vec<Uuid>>>("ended")?.unwrap_or_default())
}

/// The session by which a signed-in user makes a call, and what it is measured by. Statements for
/// users' calls take it, and check that it lives and that its user is not banned, so that this
/// costs no round trip of its own. Made by `http::signed_in::SignedIn::connect` alone, which checks
/// the assurance level.
#[derive(Debug, Clone, Copy)]
pub struct CallerSession {
    pub(in crate::db) user_id: Uuid,
    pub(in crate::db) session_id: Uuid,
    pub(in crate::db) now: DateTime<Utc>,
    pub(in crate::db) idle_since: DateTime<Utc>,
}

impl CallerSession {
    /// By the claims `sub` and `session_id` of a verified access token. A session not refreshed
    /// since `idle_since` is over.
    pub(crate) const fn new(user_id: Uuid, session_id: Uuid, now: DateTime<Utc>, idle_since: DateTime<Utc>) -> Self {
        Self { user_id, session_id, now, idle_since }
    }
}

/// Why a session is not good for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionInvalid {
    /// The account is gone.
    NoUser,
    /// Ended, timed out or never was.
    NoSession,
    /// The account is banned.
    Banned,
}

/// Reads the column `session_status`, which is what `edgegate.session_status` said.
pub(in crate::db) fn session_status(row: &Row) -> Result<Result<(), SessionInvalid>, Error> {
    session_status_of(row.try_get("session_status")?)
}

/// Reads a text that `edgegate.session_status` said.
pub(in crate::db) fn session_status_of(text: &str) -> Result<Result<(), SessionInvalid>, Error> {
    Ok(match text {
        "valid" => Ok(()),
        "no_user" => Err(SessionInvalid::NoUser),
        "no_session" => Err(SessionInvalid::NoSession),
        "banned" => Err(SessionInvalid::Banned),
        _ => return Err(Error::Answer("a status that is none")),
    })
}

const USER: &str = "
    SELECT
        edgegate.session_status($1, $2, $3, $4, NULL) AS session_status,
        (SELECT edgegate.account(u) FROM edgegate.users u WHERE u.id = $1) AS account,
        now() AS asked_at -- volatile: no cache may answer this";

/// The account behind a session that is good, or why it is not.
///
/// # Errors
/// [`Error`].
pub async fn user(db: &mut Connection<'_>, session: &CallerSession) -> Result<Result<User, SessionInvalid>, Error> {
    let row = db
        .only_row(
            USER,
            &[
                (&session.user_id, Type::UUID),
                (&session.session_id, Type::UUID),
                (&session.now, Type::TIMESTAMPTZ),
                (&session.idle_since, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    match session_status(&row)? {
        Ok(()) => Ok(Ok(account(&row)?)),
        Err(refusal) => Ok(Err(refusal)),
    }
}
