//! What takes several steps and is shared: by endpoints, or by endpoints and the Cron Trigger. A
//! flow knows no status code and no axum.

pub mod address; // which address may become an account's
pub mod after_response; // what is left to do once the answer has gone out
pub mod mail; // what a call mails, and how mails leave
pub mod revocation; // ended sessions, told to Workers KV
pub mod scheduled; // what the Cron Trigger does each minute
pub mod session; // opening one, its tokens, proving once more who one is
