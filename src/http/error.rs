//! A refusal on its way out, and what the errors of other layers become. The codes with their
//! statuses are in `codes.rs`; the shapes of the protocol are written by `answer.rs`, which knows
//! the request's version.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::db;
use crate::db::account::refusal::AccountRefusal;
use crate::db::session::sessions::SessionInvalid;
use crate::domain::account::email_address::EmailAddressError;
use crate::domain::account::email_domains::DomainRefusal;
use crate::domain::credential::password::PasswordError;
use crate::domain::credential::pkce::CodeChallengeError;
use crate::domain::token::access_token::AccessTokenError;
use crate::domain::token::service_token::ServiceTokenError;
use crate::flows::address::AcceptError;
use crate::flows::mail::generate_link::GenerateLinkError;
use crate::flows::mail::request::MailRequestError;
use crate::flows::session::ReauthenticationError;
pub use crate::http::codes::{Code, Failure};

/// No account of the id or address that an administrator names. A token's account that is gone has
/// the same code and another status.
pub const USER_NOT_FOUND: Failure = Code::UserNotFound.with(StatusCode::NOT_FOUND, "User not found");

/// A refusal on its way out.
#[derive(Debug, Clone)]
pub struct Error {
    /// What is refused.
    pub code: Code,
    /// The HTTP status.
    pub status: StatusCode,
    /// What the caller is told.
    pub message: Cow<'static, str>,
    /// Seconds until it makes sense to try again.
    pub retry_after: Option<u32>,
    /// For a weak password: `length`, `characters`, `pwned`.
    pub weak_password_reasons: Vec<&'static str>,
    /// For the log only: why, never shown.
    pub cause: Option<String>,
}

impl From<Failure> for Error {
    fn from(Failure { code, status, message }: Failure) -> Self {
        Self {
            code,
            status,
            message: message.into(),
            retry_after: None,
            weak_password_reasons: Vec::new(),
            cause: None,
        }
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        code.failure().into()
    }
}

impl Error {
    /// A refusal with a text of its own.
    #[must_use]
    pub fn with_message(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), ..code.into() }
    }

    /// Something about the request is wrong; `message` says what and names no value.
    #[must_use]
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::with_message(Code::ValidationFailed, message)
    }

    /// A fault of ours: logged with its cause, answered bare.
    #[must_use]
    pub fn unexpected(cause: impl std::fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..Code::UnexpectedFailure.into() }
    }

    /// Too soon: come back in so many seconds.
    #[must_use]
    pub fn wait(code: Code, seconds: u32) -> Self {
        let message = match code {
            Code::OverEmailSendRateLimit => {
                format!("For security purposes, you can only request this after {seconds} seconds.")
            }
            _ => format!("Request rate limit reached, try again in {seconds} seconds"),
        };
        Self { retry_after: Some(seconds), ..Self::with_message(code, message) }
    }

    /// Remembers for the log why this was refused.
    #[must_use]
    pub fn because(self, cause: impl std::fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..self }
    }
}

impl From<db::Error> for Error {
    fn from(fault: db::Error) -> Self {
        if fault.is_outage() {
            return Self::from(Code::TemporarilyUnavailable).because(fault);
        }
        Self::unexpected(fault)
    }
}

/// A value of our own that could not be written as JSON.
impl From<serde_json::Error> for Error {
    fn from(fault: serde_json::Error) -> Self {
        Self::unexpected(fault)
    }
}

impl From<SessionInvalid> for Error {
    fn from(invalid: SessionInvalid) -> Self {
        match invalid {
            SessionInvalid::NoUser => Code::UserNotFound.into(),
            SessionInvalid::NoSession => Code::SessionNotFound.into(),
            SessionInvalid::Banned => Code::UserBanned.into(),
        }
    }
}

impl From<AccountRefusal> for Error {
    fn from(refusal: AccountRefusal) -> Self {
        match refusal {
            AccountRefusal::Session(invalid) => invalid.into(),
            AccountRefusal::Outdated => Self::from(Code::CurrentPasswordInvalid).because("it was changed meanwhile"),
            AccountRefusal::WrongNonce => Code::ReauthenticationNotValid.into(),
            AccountRefusal::Stale => Code::Conflict.into(),
            AccountRefusal::NoAddress => Self::invalid("This takes an account with an email address"),
            AccountRefusal::MetadataTooLarge => Self::invalid("data would make user_metadata larger than 16 KiB"),
            AccountRefusal::Wait(seconds) => Self::wait(Code::OverEmailSendRateLimit, seconds),
        }
    }
}

impl From<ReauthenticationError> for Error {
    fn from(problem: ReauthenticationError) -> Self {
        match problem {
            ReauthenticationError::WrongPassword { .. } => Self::from(Code::CurrentPasswordInvalid).because(problem),
            ReauthenticationError::ImpossiblePassword => Code::CurrentPasswordInvalid.into(),
            ReauthenticationError::ImpossibleNonce => Code::ReauthenticationNotValid.into(),
            ReauthenticationError::Wait(seconds) => Self::wait(Code::OverRequestRateLimit, seconds),
            ReauthenticationError::Session(invalid) => invalid.into(),
            ReauthenticationError::NoSlot => Self::unexpected(problem),
            ReauthenticationError::StoredHash(problem) => Self::unexpected(problem),
            ReauthenticationError::Database(fault) => fault.into(),
        }
    }
}

impl From<MailRequestError> for Error {
    fn from(problem: MailRequestError) -> Self {
        match problem {
            MailRequestError::Wait(seconds) => Self::wait(Code::OverEmailSendRateLimit, seconds),
            MailRequestError::Json(fault) => fault.into(),
            MailRequestError::Database(fault) => fault.into(),
        }
    }
}

impl From<GenerateLinkError> for Error {
    fn from(problem: GenerateLinkError) -> Self {
        match problem {
            GenerateLinkError::NoUser => USER_NOT_FOUND.into(),
            GenerateLinkError::EmailExists => Code::EmailExists.into(),
            GenerateLinkError::Json(fault) => fault.into(),
            GenerateLinkError::Database(fault) => fault.into(),
        }
    }
}

impl From<ServiceTokenError> for Error {
    fn from(problem: ServiceTokenError) -> Self {
        match problem {
            ServiceTokenError::Invalid(problem) => problem.into(),
            ServiceTokenError::Role => Code::NotAdmin.into(),
        }
    }
}

impl From<EmailAddressError> for Error {
    fn from(problem: EmailAddressError) -> Self {
        Self::from(Code::EmailAddressInvalid).because(problem)
    }
}

impl From<DomainRefusal> for Error {
    fn from(refusal: DomainRefusal) -> Self {
        Self::with_message(Code::EmailAddressNotAuthorized, refusal.to_string()).because(refusal)
    }
}

impl From<AcceptError> for Error {
    fn from(refusal: AcceptError) -> Self {
        match refusal {
            AcceptError::Form(problem) => problem.into(),
            AcceptError::Domain(refusal) => refusal.into(),
            AcceptError::TakesNoMail => {
                let message = "Unable to validate email address: its domain does not take mail";
                Self::with_message(Code::EmailAddressInvalid, message).because(refusal)
            }
        }
    }
}

impl From<PasswordError> for Error {
    fn from(problem: PasswordError) -> Self {
        Self {
            weak_password_reasons: vec![problem.reason()],
            ..Self::with_message(Code::WeakPassword, problem.to_string())
        }
    }
}

impl From<CodeChallengeError> for Error {
    fn from(problem: CodeChallengeError) -> Self {
        Self::invalid(problem.to_string())
    }
}

impl From<AccessTokenError> for Error {
    fn from(problem: AccessTokenError) -> Self {
        let message = match problem {
            AccessTokenError::Expired => "invalid JWT: unable to parse or verify signature, token is expired",
            _ => "invalid JWT: unable to parse or verify signature, token is not valid",
        };
        Self::with_message(Code::BadJwt, message).because(problem)
    }
}

/// Leaves the shape to `answer.rs`: the response carries the error itself.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
