//! A session as its tokens need it, and by which methods somebody signed in to it. Not here: when
//! it ends (one SQL statement decides, with the limits of [`crate::domain::policy`]).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::session::assurance::AssuranceLevel;

/// One way of proving who one is: an entry's `method` in the `amr` claim. Only those in use;
/// Supabase Auth knows more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthenticationMethod {
    /// The password.
    Password,
    /// A link or code from a mail.
    Otp,
    /// Nothing: an anonymous account.
    Anonymous,
}

/// One entry of the `amr` claim: what was proved, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticationReference {
    /// What was proved.
    pub method: AuthenticationMethod,
    /// When; in JSON as whole seconds since 1970.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub timestamp: DateTime<Utc>,
}

/// A session that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The claim `session_id`.
    pub id: Uuid,
    /// Which refresh token is the current one.
    pub generation: u32,
    /// How sure we are of the person.
    pub aal: AssuranceLevel,
    /// How the person signed in, newest first.
    pub amr: Vec<AuthenticationReference>,
    /// Absolute end, however often refreshed.
    pub expires_at: DateTime<Utc>,
}
