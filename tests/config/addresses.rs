//! Mirrors `src/config/addresses.rs`: lists of domains, switches, the resolver.

use edgegate::domain::account::email_domains::{DomainPattern, DomainPolicy};

use super::{NO_SWITCH, good, refused};

#[test]
fn checks_of_addresses_are_switched_on_and_off_by_words() {
    for value in NO_SWITCH {
        refused("EMAIL_REFUSE_DISPOSABLE", value);
        refused("EMAIL_CHECK_MX", value);
    }
}

#[test]
fn lists_of_domains_are_read_as_addresses_are() {
    let config = good(&[
        ("EMAIL_DOMAINS_ALLOWED", "Example.com, *.bücher.example,,"),
        ("EMAIL_DOMAINS_DENIED", "*.edu"),
        ("EMAIL_REFUSE_DISPOSABLE", "true"),
        ("EMAIL_CHECK_MX", "true"),
    ]);
    let DomainPolicy { allow, deny, refuse_disposable } = config.addresses.domains;
    assert_eq!(
        allow,
        [DomainPattern::Exactly("example.com".to_owned()), DomainPattern::Below(".xn--bcher-kva.example".to_owned())]
    );
    assert_eq!(deny, [DomainPattern::Below(".edu".to_owned())]);
    assert!(refuse_disposable && config.addresses.check_mx);
    for value in ["com", "*", ".example.com", "ada@example.com", "https://example.com", "example.com example.org"] {
        refused("EMAIL_DOMAINS_ALLOWED", value);
        refused("EMAIL_DOMAINS_DENIED", value);
    }
}

#[test]
fn the_resolver_is_reached_by_https_or_is_on_this_machine() {
    for url in ["https://dns.google/resolve", "http://127.0.0.1:8053/dns-query"] {
        assert_eq!(good(&[("DNS_OVER_HTTPS_URL", url)]).addresses.dns_over_https_url.as_str(), url);
    }
    for url in ["http://dns.example/dns-query", "1.1.1.1", "https://dns.google/resolve?name=x", "tls://1.1.1.1"] {
        refused("DNS_OVER_HTTPS_URL", url);
    }
}
