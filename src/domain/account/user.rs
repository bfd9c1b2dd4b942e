//! An account as data, as the database keeps it. Not the shapes that leave the API: those are in
//! `http/objects`.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// The claim `role` of an account that an operator gave no other, as Supabase Auth has it.
pub const DEFAULT_ROLE: &str = "authenticated";

/// What `app_metadata` says of an account that is signed in to by its address. Functions of the
/// database have it from `edgegate.email_app_metadata`.
#[must_use]
pub fn email_app_metadata() -> Value {
    json!({ "provider": "email", "providers": ["email"] })
}

/// One account, without its password hash. Read from what `edgegate.account` writes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct User {
    /// Random, never reused; the claim `sub`.
    pub id: Uuid,
    /// The claim `role` of its access tokens.
    pub role: String,
    /// The stored address. None: an account without one.
    pub email: Option<String>,
    /// When the owner of the mailbox confirmed it.
    pub email_confirmed_at: Option<DateTime<Utc>>,
    /// When an operator invited it.
    pub invited_at: Option<DateTime<Utc>>,
    /// When an operator deleted it, keeping the row.
    pub deleted_at: Option<DateTime<Utc>>,
    /// When the newest confirmation mail was queued.
    pub confirmation_sent_at: Option<DateTime<Utc>>,
    /// When the newest mail that recovers the account or signs in was queued.
    pub recovery_sent_at: Option<DateTime<Utc>>,
    /// When the newest mail with a code for somebody signed in was queued.
    pub reauthentication_sent_at: Option<DateTime<Utc>>,
    /// The address it is to get, while a change is under way.
    pub new_email: Option<String>,
    /// When the newest mails of that change were queued.
    pub email_change_sent_at: Option<DateTime<Utc>>,
    /// Signed in without telling an address.
    pub is_anonymous: bool,
    /// When the account goes for good, if its owner asked for that.
    pub delete_after: Option<DateTime<Utc>>,
    /// Newest sign-in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// Nothing signs this account in before then.
    pub banned_until: Option<DateTime<Utc>>,
    /// Set by the operator; a JSON object.
    pub app_metadata: Value,
    /// Set by the user; a JSON object.
    pub user_metadata: Value,
    /// When the account was created.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

impl User {
    /// Whether a ban is in force at `now`.
    #[must_use]
    pub fn is_banned(&self, now: DateTime<Utc>) -> bool {
        self.banned_until.is_some_and(|until| until > now)
    }
}
