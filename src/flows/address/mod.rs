//! Which address may become an account's.

mod accept;

pub use accept::{AcceptError, accept};
