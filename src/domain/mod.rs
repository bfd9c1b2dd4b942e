//! The domain: what edgegate knows about addresses, passwords, tokens and limits. Not here: HTTP,
//! SQL, the clock, randomness. `now` and entropy come in as arguments, so every function gives the
//! same answer for the same arguments, and none panics whatever it is given.

pub mod account; // an account and its address
pub mod bounded_memory; // what an isolate remembers to save work
pub mod caller; // where a call comes from
pub mod counter; // the keys of the counters against guessing and flooding
pub mod credential; // passwords, mailed links and codes, PKCE
pub mod duration; // spans of time as operators write them
pub mod locale; // English or Russian
pub mod mail; // mails as data
pub mod policy; // every lifetime, limit and threshold
mod redacted; // Debug for secrets: the type, never the value
pub mod redirect; // where a mail link may lead back to
pub mod session; // a session, its level and its device
pub mod strict_json; // JSON that names a member twice is refused
pub mod token; // tokens of programs, and the keys behind them
