//! Which addresses may be used: the settings.

use url::Url;

use super::reader::Reader;
use crate::domain::account::email_domains::{DomainPattern, DomainPolicy};

/// Which addresses may be used.
pub struct AddressSettings {
    /// Of which domains.
    pub domains: DomainPolicy,
    /// Whether DNS is asked if the domain takes mail.
    pub check_mx: bool,
    /// The resolver that is asked, by DNS over HTTPS.
    pub dns_over_https_url: Url,
}

impl Reader<'_> {
    pub(super) fn addresses(&mut self) -> Option<AddressSettings> {
        let what = "domains such as example.com, or *.example.com for those below it, separated by commas";
        let domains = DomainPolicy {
            allow: self.list("EMAIL_DOMAINS_ALLOWED", what, |text| DomainPattern::parse(text).ok()),
            deny: self.list("EMAIL_DOMAINS_DENIED", what, |text| DomainPattern::parse(text).ok()),
            refuse_disposable: self.switch("EMAIL_REFUSE_DISPOSABLE", false),
        };
        let check_mx = self.switch("EMAIL_CHECK_MX", false);
        let dns_over_https_url = match self.text("DNS_OVER_HTTPS_URL") {
            Some(text) => self.web_url("DNS_OVER_HTTPS_URL", &text),
            None => Url::parse("https://cloudflare-dns.com/dns-query").ok(),
        };
        Some(AddressSettings { domains, check_mx, dns_over_https_url: dns_over_https_url? })
    }
}
