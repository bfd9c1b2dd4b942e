//! The objects of the wire protocol (WIRE.md §1.1), as Supabase Auth's clients read them.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::admin::audit;
use crate::db::session::revoke::Listed;
use crate::domain::account::user;
use crate::domain::session::user_agent::Device;
use crate::domain::token::access_token::AccessTokenClaims;

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
    pub fn new(event: audit::AuditEvent) -> Self {
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

/// A link that an operator had made, for a mail of their own. Credentials: whoever has link, hash
/// or code is that user.
#[derive(Serialize, ToSchema)]
pub struct GeneratedLink {
    /// The account it is for.
    #[serde(flatten)]
    pub user: User,
    /// Opens a page with one button.
    #[schema(
        example = "https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=magiclink"
    )]
    pub action_link: String,
    /// Six digits, for `POST /verify` with `email` and `token`.
    #[schema(example = "048213")]
    pub email_otp: String,
    /// For `POST /verify` with `token_hash`, on a page of the app's own.
    pub hashed_token: String,
    /// The `type` that `POST /verify` takes.
    #[schema(example = "magiclink")]
    pub verification_type: String,
    /// Where the link leads in the end.
    #[schema(example = "https://app.example.com/")]
    pub redirect_to: String,
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

/// A page of the list of accounts.
#[derive(Serialize, ToSchema)]
pub struct UserList {
    /// The accounts of this page.
    pub users: Vec<User>,
    /// `authenticated`.
    #[schema(example = "authenticated")]
    pub aud: String,
}

/// What introspection answers (RFC 7662 §2.2). Of a token that is not good, `active` alone.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Introspection {
    /// Whether the token is good.
    pub active: bool,
    /// `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// What the token says.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, inline)]
    pub claims: Option<AccessTokenClaims>,
}

impl Introspection {
    /// Of a token that is not good; not even why.
    #[must_use]
    pub fn inactive() -> Self {
        Self::default()
    }

    /// Of a good token.
    #[must_use]
    pub fn active(claims: AccessTokenClaims) -> Self {
        Self { active: true, token_type: Some("Bearer"), claims: Some(claims) }
    }
}

/// Any refusal. `code`, `message` for clients that send `X-Supabase-Api-Version: 2024-01-01` or
/// later; for others `code` is the HTTP status, the rest is `error_code` and `msg`.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// Stable error code; for older clients the HTTP status.
    #[schema(schema_with = error_code)]
    code: Value,
    /// What is wrong, for a person.
    message: Option<String>,
    /// Stable error code (older clients).
    error_code: Option<String>,
    /// What is wrong (older clients).
    msg: Option<String>,
    /// Of a 5xx: find it in the log.
    error_id: Option<String>,
    /// Why a password was refused.
    weak_password: Option<WeakPassword>,
}

/// Of a password that was refused.
#[derive(Serialize, ToSchema)]
pub struct WeakPassword {
    /// `length`, `characters` or `pwned`.
    #[schema(example = json!(["length"]))]
    reasons: Vec<String>,
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

/// Text for some clients, a number for others.
fn error_code() -> utoipa::openapi::schema::Object {
    use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Integer]))
        .description(Some("Stable error code; for older clients the HTTP status."))
        .examples([json!("otp_expired"), json!(403)])
        .build()
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

    /// The same in a list of accounts, which leaves the identities out. Source: WIRE.md §1.1.
    #[must_use]
    pub fn in_list(user: &user::User, audience: &str, now: DateTime<Utc>) -> Self {
        Self { identities: None, ..Self::new(user, audience, now) }
    }
}

impl Identity {
    fn new(user: &user::User, email: &str) -> Self {
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

/// RFC 3339 with a fraction, always: some clients insist on it.
pub(crate) fn time<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
}

#[expect(clippy::ref_option, reason = "the signature that serialize_with asks for")]
fn time_or_nothing<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.unwrap_or_default().to_rfc3339_opts(SecondsFormat::Micros, true))
}
