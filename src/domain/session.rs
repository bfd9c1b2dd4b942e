//! What a session says about how somebody signed in: assurance level and methods.
//! Not here: the session's row, and when it ends (one SQL statement decides, with the limits of [`super::policy`]).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How sure we are of the person: the `aal` claim. Spec: NIST SP 800-63B-4 §2, WIRE.md §3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AssuranceLevel {
    /// One factor.
    Aal1,
    /// Two factors.
    Aal2,
}

/// One way of proving who one is: an entry's `method` in the `amr` claim. Only those in use; WIRE.md §1.1 lists all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthenticationMethod {
    /// The password.
    Password,
    /// A link or code from a mail.
    Otp,
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
