//! Statements on mailed links and codes: issuing, using, trading one for a PKCE code.

pub mod auth_codes;
pub mod email_changes;
pub mod links;
