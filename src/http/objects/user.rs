//! A user, and lists of users.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::identity::Identity;
use super::time::{time, time_or_nothing};
use crate::domain::account::user;

/// A user. `email` and `phone` are `""` when there is none.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    /// Never changes, never reused.
    pub id: Uuid,
    /// `authenticated`.
    pub aud: String,
    /// `authenticated`, unless an operator set another.
    pub role: String,
    /// The address, `""` if none.
    pub email: String,
    /// When the address was confirmed.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub email_confirmed_at: Option<DateTime<Utc>>,
    /// Always `""`: phone numbers are not offered.
    pub phone: String,
    /// When the newest confirmation mail was queued.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub confirmation_sent_at: Option<DateTime<Utc>>,
    /// When the newest mail that recovers the account or signs in was queued.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub recovery_sent_at: Option<DateTime<Utc>>,
    /// When the newest mail with a nonce was queued.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub reauthentication_sent_at: Option<DateTime<Utc>>,
    /// The address it is to get, while a change is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_email: Option<String>,
    /// When the newest mails of that change were queued.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub email_change_sent_at: Option<DateTime<Utc>>,
    /// As `email_confirmed_at`.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Newest sign-in.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// `provider`, `providers`, and what the operator added.
    #[schema(value_type = Object)]
    pub app_metadata: Value,
    /// What the user gave as `data`.
    #[schema(value_type = Object)]
    pub user_metadata: Value,
    /// How this user may sign in. None: an anonymous one. Null in the list of accounts.
    pub identities: Option<Vec<Identity>>,
    /// When the account was created.
    #[serde(serialize_with = "time")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "time")]
    pub updated_at: DateTime<Utc>,
    /// A ban in force ends then.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub banned_until: Option<DateTime<Utc>>,
    /// Whether the account has neither address nor password.
    pub is_anonymous: bool,
    /// When an operator invited it.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub invited_at: Option<DateTime<Utc>>,
    /// When an operator deleted it softly: address, password and metadata are gone, the id stays.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<DateTime<Utc>>,
    /// When the account goes for good, if its owner deleted it; signing in before then keeps it.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub delete_after: Option<DateTime<Utc>>,
}

impl User {
    /// An account as its owner sees it.
    #[must_use]
    pub fn new(user: &user::User, audience: &str, now: DateTime<Utc>) -> Self {
        let email = user.email.clone().unwrap_or_default();
        Self {
            id: user.id,
            aud: audience.to_owned(),
            role: user.role.clone(),
            email_confirmed_at: user.email_confirmed_at,
            phone: String::new(),
            confirmation_sent_at: user.confirmation_sent_at,
            confirmed_at: user.email_confirmed_at,
            last_sign_in_at: user.last_sign_in_at,
            app_metadata: user.app_metadata.clone(),
            user_metadata: user.user_metadata.clone(),
            recovery_sent_at: user.recovery_sent_at,
            reauthentication_sent_at: user.reauthentication_sent_at,
            new_email: user.new_email.clone(),
            email_change_sent_at: user.email_change_sent_at,
            identities: Some(user.email.iter().map(|email| Identity::new(user, email)).collect()),
            email,
            created_at: user.created_at,
            updated_at: user.updated_at,
            banned_until: user.banned_until.filter(|until| *until > now),
            is_anonymous: user.is_anonymous,
            delete_after: user.delete_after,
            invited_at: user.invited_at,
            deleted_at: user.deleted_at,
        }
    }

    /// The account as a list of accounts shows it: without its identities, as Supabase Auth does.
    #[must_use]
    pub fn in_list(user: &user::User, audience: &str, now: DateTime<Utc>) -> Self {
        Self { identities: None, ..Self::new(user, audience, now) }
    }
}

/// A page of the list of accounts.
#[derive(Serialize, ToSchema)]
pub struct UserList {
    /// The accounts of this page.
    pub users: Vec<User>,
    /// `authenticated`.
    #[schema(example = "authenticated")]
    pub aud: String,
}
