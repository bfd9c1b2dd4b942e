//! What holds for several calls, or for all of them at once.

pub mod anonymous;
pub mod any_json;
pub mod bearer;
pub mod email_change;
pub mod enumeration;
pub mod lost_answers;
pub mod pkce;
pub mod round_trips;
pub mod session_limit;
pub mod who_may_ask;
