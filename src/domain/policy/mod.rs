//! Every lifetime, limit and threshold, with its unit, reason and source. Not here: what an
//! operator may set. Where a setting exists, the constant is its default or its bound, and says so.
//!
//! Sources: OWASP = the Password Storage and Authentication cheat sheets; ASVS = OWASP ASVS 5.0;
//! NIST = SP 800-63B-4 (July 2025). `tests/domain/policy.rs` pins the values, so a change is made
//! twice on purpose.

mod accounts;
mod dns;
mod housekeeping;
mod http;
mod links;
mod mail;
mod passwords;
mod sessions;
mod throttles;

pub use self::http::*;
pub use accounts::*;
pub use dns::*;
pub use housekeeping::*;
pub use links::*;
pub use mail::*;
pub use passwords::*;
pub use sessions::*;
pub use throttles::*;
