//! The ways in which a user may sign in.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::time::{time, time_or_nothing};
use crate::domain::account::user;

/// One way to sign in. An account with an address has exactly one, `provider: "email"`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Identity {
    /// Of this identity.
    pub identity_id: Uuid,
    /// At the provider; for `email` the user's id.
    pub id: String,
    /// Whose.
    pub user_id: Uuid,
    /// `sub`, `email`, `email_verified`, `phone_verified`, and what the user gave as `data`.
    #[schema(value_type = Object)]
    pub identity_data: Value,
    /// `email`.
    pub provider: String,
    /// Newest sign-in.
    #[serde(serialize_with = "time_or_nothing", skip_serializing_if = "Option::is_none")]
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// When it was made.
    #[serde(serialize_with = "time")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "time")]
    pub updated_at: DateTime<Utc>,
    /// The address.
    pub email: String,
}

impl Identity {
    pub(super) fn new(user: &user::User, email: &str) -> Self {
        Self {
            identity_id: user.id,
            id: user.id.to_string(),
            user_id: user.id,
            identity_data: identity_data(user, email),
            provider: "email".to_owned(),
            last_sign_in_at: user.last_sign_in_at,
            created_at: user.created_at,
            updated_at: user.updated_at,
            email: email.to_owned(),
        }
    }
}

/// What the user gave, under what we know.
fn identity_data(user: &user::User, email: &str) -> Value {
    let mut data: Map<String, Value> = user.user_metadata.as_object().cloned().unwrap_or_default();
    data.insert("sub".to_owned(), json!(user.id));
    data.insert("email".to_owned(), json!(email));
    data.insert("email_verified".to_owned(), json!(user.email_confirmed_at.is_some()));
    data.insert("phone_verified".to_owned(), json!(false));
    Value::Object(data)
}
