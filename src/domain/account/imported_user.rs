//! An account that is brought along from another system: one line of an import, checked. Not here:
//! whether there is room for it in the database (`db/admin/import_users.rs`), and the forms of
//! other systems, which `npm run admin -- import` brings into this one (dev/readers).
//!
//! Nothing is hashed: a password hash is kept as it came and replaced at the next sign-in.

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;
use uuid::Uuid;

use crate::domain::account::email_address::{EmailAddress, EmailAddressError};
use crate::domain::account::metadata::MetadataError;
use crate::domain::account::role::RoleError;
use crate::domain::account::user::{DEFAULT_ROLE, email_app_metadata};
use crate::domain::account::{metadata, role};
use crate::domain::credential::foreign_hash::ForeignHashError;
use crate::domain::credential::password_hash::{PasswordHashError, PasswordHasher};
use crate::domain::locale::Locale;

/// A line as it is sent. A field that is not known is refused rather than lost. `null` is the same
/// as leaving a field out.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Line {
    /// The account's id elsewhere, which it keeps; a new one if there is none.
    pub id: Option<Uuid>,
    /// Its address. Required.
    pub email: Option<String>,
    /// When the owner of the mailbox confirmed it.
    pub email_confirmed_at: Option<DateTime<Utc>>,
    /// That it was confirmed, where the time is not known.
    pub email_confirm: Option<bool>,
    /// Of any format in `docs/moving.md`.
    pub password_hash: Option<String>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// When an operator invited it.
    pub invited_at: Option<DateTime<Utc>>,
    /// Its newest sign-in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// Until when it is banned.
    pub banned_until: Option<DateTime<Utc>>,
    /// When it goes for good, if its owner asked for that.
    pub delete_after: Option<DateTime<Utc>>,
    /// Set by the user.
    pub user_metadata: Option<Map<String, Value>>,
    /// Set by the operator.
    pub app_metadata: Option<Map<String, Value>>,
    /// The claim `role` of its access tokens.
    pub role: Option<String>,
    /// Language of its mails; else what its metadata names.
    pub locale: Option<String>,
    /// Anonymous accounts are refused.
    pub is_anonymous: Option<bool>,
}

/// Why a line is refused. The text is for the operator and quotes no value.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum ImportError {
    /// No address.
    #[error("it has no email: accounts here are told by their address")]
    NoEmail,
    /// No address that is accepted.
    #[error(transparent)]
    Email(#[from] EmailAddressError),
    /// Anonymous: only its sessions could come back to it, and they stay behind.
    #[error("it is anonymous: only its sessions lead back to it, and they do not move")]
    Anonymous,
    /// Confirmed and not confirmed.
    #[error("email_confirm is false and email_confirmed_at is set")]
    Contradiction,
    /// A time that no account can have, by the name of its field.
    #[error("{0} is outside of the years 1970 to 9998")]
    Time(&'static str),
    /// A time to come, where only one that has been makes sense.
    #[error("{0} is in the future")]
    Future(&'static str),
    /// Metadata that cannot be kept.
    #[error("{0} {1}")]
    Metadata(&'static str, MetadataError),
    /// No role that an account may have.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// A language there are no words for.
    #[error("locale must be en or ru")]
    Locale,
    /// A hash that cannot be verified here.
    #[error("{}", describe(*.0))]
    PasswordHash(PasswordHashError),
}

/// For operators; nothing of the hash but its parameters.
fn describe(problem: PasswordHashError) -> String {
    match problem {
        PasswordHashError::Foreign(problem) => problem.to_string(),
        PasswordHashError::Unreadable => ForeignHashError::UnknownFormat.to_string(),
        PasswordHashError::UnknownKey | PasswordHashError::OutOfBounds => {
            format!("the password hash is edgegate's own: {problem}")
        }
    }
}

impl ImportError {
    /// The stable code of the refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoEmail
            | Self::Contradiction
            | Self::Time(_)
            | Self::Future(_)
            | Self::Metadata(..)
            | Self::Role(_)
            | Self::Locale => "validation_failed",
            Self::Email(_) => "email_address_invalid",
            Self::Anonymous => "anonymous_user",
            Self::PasswordHash(
                PasswordHashError::OutOfBounds | PasswordHashError::Foreign(ForeignHashError::TooCostly { .. }),
            ) => "password_hash_too_costly",
            Self::PasswordHash(_) => "password_hash_invalid",
        }
    }
}

/// An account to be made. Written as `edgegate.import_users` reads it.
#[derive(Serialize)]
pub struct ImportedUser {
    /// Which line of the batch it is, from 0.
    pub index: usize,
    /// Its id.
    pub id: Uuid,
    /// Whether the id came with it.
    pub has_own_id: bool,
    /// Address as it is to be stored.
    pub email: String,
    /// As it came.
    pub password_hash: Option<String>,
    /// When it was confirmed.
    pub email_confirmed_at: Option<DateTime<Utc>>,
    /// When it was made, if that is known.
    pub created_at: Option<DateTime<Utc>>,
    /// When it last changed, if that is known.
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was invited.
    pub invited_at: Option<DateTime<Utc>>,
    /// Its newest sign-in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// Until when it is banned.
    pub banned_until: Option<DateTime<Utc>>,
    /// When it goes for good.
    pub delete_after: Option<DateTime<Utc>>,
    /// An object.
    pub user_metadata: Value,
    /// An object.
    pub app_metadata: Value,
    /// The claim `role`.
    pub role: String,
    /// `en`, `ru`.
    pub locale: &'static str,
}

impl ImportedUser {
    /// Checks a line. `fresh_id` is the account's should it have none; `hasher` knows which hashes
    /// of edgegate's own it can verify.
    ///
    /// # Errors
    /// [`ImportError`], the first thing found wrong.
    pub fn check(
        line: Line,
        index: usize,
        fresh_id: Uuid,
        hasher: &PasswordHasher,
        now: DateTime<Utc>,
    ) -> Result<Self, ImportError> {
        if line.is_anonymous == Some(true) {
            return Err(ImportError::Anonymous);
        }
        let address = EmailAddress::parse(line.email.as_deref().ok_or(ImportError::NoEmail)?)?;
        check_times(&line, now)?;
        let email_confirmed_at = match (line.email_confirm, line.email_confirmed_at) {
            (Some(false), Some(_)) => return Err(ImportError::Contradiction),
            // The owner of the mailbox confirmed it at some time before; the account is as old as
            // that at least.
            (Some(true), None) => Some(line.created_at.unwrap_or(now)),
            (_, confirmed_at) => confirmed_at,
        };
        let user_metadata = Value::Object(line.user_metadata.unwrap_or_default());
        metadata::check(&user_metadata).map_err(|problem| ImportError::Metadata("user_metadata", problem))?;
        let app_metadata = match line.app_metadata {
            Some(members) => Value::Object(members),
            None => email_app_metadata(),
        };
        metadata::check(&app_metadata).map_err(|problem| ImportError::Metadata("app_metadata", problem))?;
        let locale = match line.locale.as_deref() {
            Some(text) => Locale::ALL.into_iter().find(|locale| locale.as_str() == text).ok_or(ImportError::Locale)?,
            None => Locale::from_metadata(&user_metadata).unwrap_or(Locale::En),
        };
        if let Some(hash) = &line.password_hash {
            hasher.check(hash).map_err(ImportError::PasswordHash)?;
        }
        let role = line.role.unwrap_or_else(|| DEFAULT_ROLE.to_owned());
        role::check(&role)?;
        Ok(Self {
            index,
            id: line.id.unwrap_or(fresh_id),
            has_own_id: line.id.is_some(),
            email: address.as_str().to_owned(),
            password_hash: line.password_hash,
            email_confirmed_at,
            created_at: line.created_at,
            updated_at: line.updated_at,
            invited_at: line.invited_at,
            last_sign_in_at: line.last_sign_in_at,
            banned_until: line.banned_until,
            delete_after: line.delete_after,
            user_metadata,
            app_metadata,
            role,
            locale: locale.as_str(),
        })
    }
}

/// RFC 3339 has four digits for the year, and what is close to the year 10000 is rounded to it by
/// PostgreSQL, which counts microseconds and no leap seconds. What has happened was not tomorrow.
fn check_times(line: &Line, now: DateTime<Utc>) -> Result<(), ImportError> {
    let past = [
        ("created_at", line.created_at),
        ("updated_at", line.updated_at),
        ("email_confirmed_at", line.email_confirmed_at),
        ("last_sign_in_at", line.last_sign_in_at),
        ("invited_at", line.invited_at),
    ];
    let any = [("banned_until", line.banned_until), ("delete_after", line.delete_after)];
    for (name, time) in past.into_iter().chain(any) {
        if time.is_some_and(|time| !(1970..9999).contains(&time.year())) {
            return Err(ImportError::Time(name));
        }
    }
    match past.into_iter().find(|(_, time)| time.is_some_and(|time| time > now + CLOCKS_MAY_DIFFER)) {
        Some((name, _)) => Err(ImportError::Future(name)),
        None => Ok(()),
    }
}

/// How far the clock of the other system may be ahead: 5 minutes.
const CLOCKS_MAY_DIFFER: chrono::TimeDelta = chrono::TimeDelta::minutes(5);
