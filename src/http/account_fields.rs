//! An account as an administrator describes it, in `POST` and `PUT /admin/users`: read and checked.
//! Not here: what becomes of it. No list of domains and no look into DNS either: an administrator
//! may make an account for any address that is one.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::account::role;
use crate::domain::credential::password::Password;
use crate::domain::duration;
use crate::host;
use crate::http::call::Call;
use crate::http::error::{Code, Error};
use crate::http::extract::given;
use crate::http::metadata::check_metadata_in;

/// An account as an administrator describes it. Null is the same as leaving a member out; a member
/// that is not known is refused rather than lost.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = AccountByAdministrator)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// For a new account, instead of a random one; never one that was used before.
    #[schema(example = "5f0e4f8a-6c1d-4a3e-9a58-0d3f6a1b2c4d")]
    pub id: Option<Uuid>,
    /// The claim `aud` of this instance, or nothing.
    #[schema(example = "authenticated")]
    pub aud: Option<String>,
    /// The claim `role` of its access tokens: lower-case letters, digits and `_`, at most 63, and
    /// never one that administers.
    #[schema(example = "authenticated")]
    pub role: Option<String>,
    /// Its address, of any domain. It counts at once, and nothing is mailed to it.
    #[schema(example = "ada@example.com")]
    pub email: Option<String>,
    /// True: the address counts as confirmed. False changes nothing.
    #[schema(example = true)]
    pub email_confirm: Option<bool>,
    /// Not offered.
    pub phone: Option<String>,
    /// Not offered.
    pub phone_confirm: Option<bool>,
    /// The password, which must be one that the user could choose.
    #[schema(example = "correct horse battery staple")]
    pub password: Option<String>,
    /// Instead of the password: its hash, in a format that is understood here.
    pub password_hash: Option<String>,
    /// What users set themselves. Merged into what there is; null removes a member. At most 16 KiB.
    #[schema(value_type = Option<Object>)]
    pub user_metadata: Option<Map<String, Value>>,
    /// What only operators set, but for `provider` and `providers`, which are kept as they are.
    /// Merged; at most 16 KiB.
    #[schema(value_type = Option<Object>)]
    pub app_metadata: Option<Map<String, Value>>,
    /// A ban for so long, such as `24h` or `1h30m`; `none` lifts it.
    #[schema(example = "none")]
    pub ban_duration: Option<String>,
}

/// The fields of a request after they were checked. What was left out is none.
#[derive(Default)]
pub struct Fields {
    /// A well-formed address.
    pub email: Option<EmailAddress>,
    /// Whether the address counts as confirmed.
    pub confirm: bool,
    /// What signs in.
    pub secret: Option<Secret>,
    /// The claim `role`.
    pub role: Option<String>,
    /// An object; may have nulls.
    pub user_metadata: Option<Value>,
    /// An object without `provider` and `providers`; may have nulls.
    pub app_metadata: Option<Value>,
    /// A ban until then; `Some(None)` lifts it.
    pub banned_until: Option<Option<DateTime<Utc>>>,
}

/// A password, or what is stored of one.
pub enum Secret {
    /// Not checked against the policy yet.
    Password(Password),
    /// As it is to be stored.
    Hash(String),
}

impl Fields {
    /// Reads everything but the id.
    ///
    /// # Errors
    /// [`Code::ValidationFailed`], [`Code::EmailAddressInvalid`], [`Code::PhoneProviderDisabled`],
    /// [`Code::WeakPassword`] (too long).
    pub fn read(app: &App, request: Request, now: DateTime<Utc>) -> Result<Self, Error> {
        if given(request.phone).is_some() {
            return Err(Code::PhoneProviderDisabled.into());
        }
        if given(request.aud).is_some_and(|aud| aud != app.config().tokens.audience) {
            return Err(Error::invalid("aud must be the one of this instance"));
        }
        let secret = match (given(request.password), given(request.password_hash)) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("Only a password or a password hash can be given, not both"));
            }
            (Some(password), None) => Some(Secret::Password(Password::parse(&password)?)),
            (None, Some(hash)) => Some(Secret::Hash(storable_hash(app, hash)?)),
            (None, None) => None,
        };
        let banned_until = match request.ban_duration.as_deref() {
            None => None,
            Some("none") => Some(None),
            Some(text) => Some(Some(banned_until(text, now)?)),
        };
        Ok(Self {
            email: given(request.email).map(|email| EmailAddress::parse(&email)).transpose()?,
            confirm: request.email_confirm == Some(true),
            secret,
            role: given(request.role).map(checked_role).transpose()?,
            user_metadata: request.user_metadata.map(|data| metadata("user_metadata", data)).transpose()?,
            app_metadata: request.app_metadata.map(|data| metadata("app_metadata", data)).transpose()?,
            banned_until,
        })
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { email, confirm, secret, role, user_metadata, app_metadata, banned_until } = self;
        email.is_none()
            && !confirm
            && secret.is_none()
            && role.is_none()
            && user_metadata.is_none()
            && app_metadata.is_none()
            && banned_until.is_none()
    }
}

impl Secret {
    /// What is to be stored, for an account with this address. A password is hashed, which takes a
    /// slot.
    ///
    /// # Errors
    /// [`Code::WeakPassword`], [`Code::OverCapacity`].
    pub fn into_hash(self, call: &Call, address: &EmailAddress) -> Result<String, Error> {
        match self {
            Self::Hash(hash) => Ok(hash),
            Self::Password(password) => {
                let app = &call.app;
                password.check(&app.config().passwords.policy, address)?;
                let _slot = call.hash_slot(1)?;
                Ok(app.parts.hasher.hash(&password, host::random(app.entropy.as_ref())))
            }
        }
    }
}

/// A hash from outside as it is stored, if it is in a format that signing in understands.
fn storable_hash(app: &App, hash: String) -> Result<String, Error> {
    match app.parts.hasher.check(&hash) {
        Ok(()) => Ok(hash),
        Err(problem) => Err(Error::invalid(format!("password_hash: {problem}"))),
    }
}

fn checked_role(role: String) -> Result<String, Error> {
    role::check(&role).map_err(|problem| Error::invalid(problem.to_string()))?;
    Ok(role)
}

fn metadata(field: &str, mut data: Map<String, Value>) -> Result<Value, Error> {
    if field == "app_metadata" {
        data.retain(|name, _| name != "provider" && name != "providers");
    }
    let data = Value::Object(data);
    check_metadata_in(field, &data)?;
    Ok(data)
}

fn banned_until(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
    duration::parse(text)
        .filter(|duration| duration.as_secs() > 0)
        .and_then(|duration| TimeDelta::from_std(duration).ok())
        .and_then(|duration| now.checked_add_signed(duration))
        // RFC 3339 has four digits for the year, and PostgreSQL may round up.
        .filter(|until| until.year() < 9999)
        .ok_or_else(|| Error::invalid("ban_duration must be a time such as 24h or 1h30m, of a second or more, or none"))
}
