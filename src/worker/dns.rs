//! DNS, by `fetch`.

use std::sync::Arc;

use edgegate::app::Parts;
use edgegate::host::{BoxFuture, DnsAnswer, RecordType, Resolver, ResolverError};
use edgegate::integrations::dns_over_https;
use worker::send::SendFuture;

/// Asks the resolver that the configuration names.
pub struct FetchResolver {
    parts: Arc<Parts>,
    client: reqwest::Client,
}

impl FetchResolver {
    /// For the resolver in the configuration of `parts`.
    pub fn new(parts: Arc<Parts>) -> Self {
        Self { parts, client: reqwest::Client::new() }
    }
}

impl Resolver for FetchResolver {
    fn lookup<'a>(
        &'a self,
        domain: &'a str,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<DnsAnswer, ResolverError>> {
        let url = &self.parts.config.addresses.dns_over_https_url;
        Box::pin(SendFuture::new(dns_over_https::lookup(&self.client, url, domain, record_type)))
    }
}
