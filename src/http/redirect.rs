//! Where people go after a mailed link: what a call asks for. Whether they may go there is the
//! domain's to say (`domain/redirect.rs`).

use serde::Deserialize;

/// The query parameter of every call that mails a link.
#[derive(Deserialize)]
pub struct RedirectTo {
    /// Where the link leads in the end; absent: `SITE_URL`.
    pub redirect_to: Option<String>,
}
