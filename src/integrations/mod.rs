//! Other people's APIs: the mail provider, DNS over HTTPS.

pub mod dns_over_https;
pub mod mail_domains; // whether a domain takes mail, remembered
pub mod mail_provider;
