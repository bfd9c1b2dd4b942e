//! Sessions: what opening one takes, the tokens that it ends with, and how somebody signed in
//! proves once more who they are.

mod issue_tokens;
mod new_session;
mod reauthenticate;

pub use issue_tokens::{IssuedTokens, issue_tokens};
pub use new_session::new_session;
pub use reauthenticate::{ReauthenticationError, counter, reauthenticate};
