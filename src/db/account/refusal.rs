//! Why a statement on the caller's account did nothing. Each function behind these statements
//! answers with `{"session_status", "outcome", "wait"}` beside what it did; it is read here, once.

use serde_json::Value;

use crate::db::Error;
use crate::db::session::sessions;
use crate::db::session::sessions::SessionInvalid;

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountRefusal {
    /// The caller may not, any more.
    Session(SessionInvalid),
    /// The password was changed since the proof was verified.
    Outdated,
    /// The mailed code is wrong or dead; counted.
    WrongNonce,
    /// The access token is older than what it says of the account: refresh first.
    Stale,
    /// The account has no address, which this takes.
    NoAddress,
    /// The metadata would become too large.
    MetadataTooLarge,
    /// Too many mails: wait so many seconds.
    Wait(u32),
}

/// Reads the answer; `Ok` if it was done.
pub(super) fn refusal(answer: &Value) -> Result<Result<(), AccountRefusal>, Error> {
    let status = answer["session_status"].as_str().unwrap_or_default();
    if let Err(invalid) = sessions::session_status_of(status)? {
        return Ok(Err(AccountRefusal::Session(invalid)));
    }
    Ok(Err(match answer["outcome"].as_str() {
        Some("done") => return Ok(Ok(())),
        Some("outdated") => AccountRefusal::Outdated,
        Some("wrong_nonce") => AccountRefusal::WrongNonce,
        Some("stale") => AccountRefusal::Stale,
        Some("no_address") => AccountRefusal::NoAddress,
        Some("metadata_too_large") => AccountRefusal::MetadataTooLarge,
        Some("wait") => {
            AccountRefusal::Wait(answer["wait"].as_u64().and_then(|wait| u32::try_from(wait).ok()).unwrap_or(1))
        }
        _ => return Err(Error::Answer("an outcome that is none")),
    }))
}
