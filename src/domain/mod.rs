//! The domain: what edgegate knows about addresses, passwords, tokens and limits. Not here: HTTP,
//! SQL, the clock, randomness. `now` and entropy come in as arguments, so every function gives the
//! same answer for the same arguments, and none panics whatever it is given.

pub mod access_token; // what a signed-in user shows: a JWT, signed and verified
pub mod api_key; // a key of a program of the operator's
pub mod auth_secret; // AUTH_SECRET and the keys derived from it
mod common_passwords; // the built-in list of passwords nobody may choose
pub mod counter; // the keys of the counters against guessing and flooding
mod disposable_domains; // the built-in list of domains with addresses for minutes
pub mod email_address; // which addresses are accepted, and which two are the same
pub mod email_domains; // which domains an address may be of
pub mod foreign_hash; // password hashes of other systems
pub mod imported_user; // an account that is brought along from another system
pub mod jwt_algorithm; // the three signature algorithms, ES256 without malleability
pub mod locale; // English or Russian
pub mod mail; // the messages, as data
pub mod mail_event; // what the provider reports of a mail: bounced, called spam
pub mod metadata; // what the metadata of an account may be
pub mod one_time_token; // the link and the code in a mail, the cookie of the browser that signed up
pub mod password; // what a password may be
pub mod password_hash; // how a password is stored and verified
pub mod pkce;
pub mod policy; // every lifetime, limit and threshold
mod redacted; // Debug for secrets: the type, never the value
pub mod redirect; // where a mail link may lead back to
pub mod refresh_token; // the token that continues a session
pub mod retry; // when a mail is tried again
pub mod role; // what the role of an account may be
pub mod sealed; // encryption of secrets in queued mail
pub mod service_token;
pub mod session; // assurance level and authentication methods
mod signing_keys; // JWT_KEYS: the keys of access tokens
pub mod strict_json; // JSON that names a member twice is refused
pub mod user; // an account, as data
pub mod user_agent; // a User-Agent header in words for people
mod verified_tokens; // access tokens verified before, remembered
pub mod webhook_key; // how the mail provider proves that a report is its own
