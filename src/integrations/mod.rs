//! Other people's APIs over [`crate::host::Http`]: the mail provider, DNS over HTTPS.

pub mod dns_over_https;
pub mod http_client; // the way there, by reqwest
pub mod mail_domains; // whether a domain takes mail, remembered
pub mod mail_provider;
