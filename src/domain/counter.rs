//! The keys of the counters against guessing and flooding. Not here: the limits, which are in
//! [`super::policy`], and the counting, which is `edgegate.throttle` and happens before an
//! attempt is checked.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::domain::token::auth_secret::{AuthSecrets, Purpose};

/// What is counted, for the key of a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Wrong passwords of an account from one network, by `EmailAddress::key` and network.
    AccountPasswordHere,
    /// Wrong passwords of an account from anywhere, by `EmailAddress::key`.
    AccountPassword,
    /// Wrong passwords from a network.
    NetworkPassword,
    /// Mails of one kind to an address, by kind and `EmailAddress::key`.
    RecipientMail,
    /// Mails that a network asks for.
    NetworkMail,
    /// Mails that anybody asks for, by share.
    AllMail,
    /// Anonymous accounts that a network makes.
    NetworkAnonymous,
    /// Wrong current passwords from one session, by its id: a thief of its tokens does not hold up
    /// the owner, who signs in anew.
    CurrentPassword,
    /// Codes tried for an address that accounts are to be changed to, by `EmailAddress::key`.
    AddressCode,
    /// Nothing: tells whether two requests for a link came from one network.
    LinkNetwork,
}

/// The key of a counter: HMAC-SHA-256, so that a reader of the table does not learn which
/// addresses and networks it counts.
///
/// # Panics
/// Never: HMAC takes a key of any length.
#[must_use]
pub fn counter_key(secrets: &AuthSecrets, counted: Counted, whose: &str) -> [u8; 32] {
    let label = match counted {
        Counted::AccountPasswordHere => "account password here",
        Counted::AccountPassword => "account password",
        Counted::NetworkPassword => "network password",
        Counted::RecipientMail => "recipient mail",
        Counted::NetworkMail => "network mail",
        Counted::AllMail => "all mail",
        Counted::NetworkAnonymous => "network anonymous",
        Counted::CurrentPassword => "current password",
        Counted::AddressCode => "address code",
        Counted::LinkNetwork => "link network",
    };
    let key = secrets.current().derive(Purpose::RateLimitKey);
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_ref()).expect("HMAC takes a key of any length");
    mac.chain_update(label).chain_update([0]).chain_update(whose).finalize().into_bytes().into()
}
