//! A session: how its user proved who they are, how far that reaches, and from which device.

pub mod assurance; // how sure we are of the person
pub mod reauthentication; // what counts as proving once more who one is
#[expect(clippy::module_inception, reason = "a session, among what belongs to sessions")]
pub mod session; // what its tokens need, and the methods that opened it
pub mod user_agent; // a User-Agent header in words for people
