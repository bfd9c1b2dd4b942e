//! Mirrors `src/integrations`.

pub mod dns_over_https;
pub mod http_client;
pub mod mail_domains;
pub mod mail_provider;
