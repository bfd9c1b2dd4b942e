//! A session: how its user proved who they are, how far that reaches, and from which device.

pub mod session; // assurance level and authentication methods
pub mod user_agent; // a User-Agent header in words for people
