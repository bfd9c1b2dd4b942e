//! Which domains an address may be of: entries of the operator's lists, and the list of disposable
//! domains.

use edgegate::domain::account::email_address::{EmailAddress, EmailAddressError};
use edgegate::domain::account::email_domains::{DomainPattern, DomainPolicy, DomainRefusal};
use proptest::prelude::*;

fn address(domain: &str) -> EmailAddress {
    EmailAddress::parse(&format!("ada@{domain}")).unwrap_or_else(|error| panic!("{domain}: {error}"))
}

fn patterns(texts: &[&str]) -> Vec<DomainPattern> {
    texts.iter().map(|text| DomainPattern::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))).collect()
}

fn check(allow: &[&str], deny: &[&str], domain: &str) -> Result<(), DomainRefusal> {
    let policy = DomainPolicy { allow: patterns(allow), deny: patterns(deny), refuse_disposable: false };
    policy.check(&address(domain))
}

fn is_disposable(domain: &str) -> bool {
    let policy = DomainPolicy { refuse_disposable: true, ..DomainPolicy::default() };
    policy.check(&address(domain)) == Err(DomainRefusal::Disposable)
}

#[test]
fn an_entry_is_one_domain_or_all_below_it() {
    for (entry, covered, other) in [
        ("example.com", &["example.com", "EXAMPLE.com"][..], &["a.example.com", "example.co", "badexample.com"][..]),
        (
            "*.example.com",
            &["a.example.com", "a.b.example.com"],
            &["example.com", "badexample.com", "a.example.com.br"],
        ),
        ("*.edu", &["mit.edu", "cs.mit.edu"], &["mit.education", "edu.com", "mitedu.com"]),
        ("*.x.xx", &["x.x.xx", "xx.x.xx"], &["x.xx", "xx.xx"]),
        ("Bücher.example", &["xn--bcher-kva.example", "BÜCHER.example"], &["bucher.example", "a.bücher.example"]),
        ("*.рф", &["пример.рф", "xn--e1afmkfd.xn--p1ai"], &["пример.com"]),
        ("ｅｘａｍｐｌｅ。com", &["example.com"], &["example.org"]),
    ] {
        let pattern = DomainPattern::parse(entry).unwrap_or_else(|error| panic!("{entry}: {error}"));
        for domain in covered {
            assert!(pattern.covers(address(domain).domain()), "{entry} is not {domain}");
        }
        for domain in other {
            assert!(!pattern.covers(address(domain).domain()), "{entry} is {domain}");
        }
    }
}

#[test]
fn what_no_address_could_be_of_is_no_entry() {
    for text in [
        "",
        "*",
        "*.",
        ".",
        "com",
        ".example.com",
        "*example.com",
        "*.*.com",
        "a.*.com",
        "example.com.",
        "*.example.com.",
        "ada@example.com",
        "@example.com",
        "https://example.com",
        "example.com/",
        "exam ple.com",
        "example..com",
        "127.0.0.1",
        "*.0.0.1",
        "[::1]",
        "example.com\n",
    ] {
        assert_eq!(DomainPattern::parse(text), Err(EmailAddressError::Domain), "{text:?}");
    }
}

#[test]
fn with_no_lists_every_domain_is_taken() {
    for domain in ["example.com", "mailinator.com"] {
        assert_eq!(check(&[], &[], domain), Ok(()));
    }
}

#[test]
fn with_a_list_of_allowed_domains_no_other_is_taken_and_what_is_denied_never() {
    let (allow, deny) = (&["example.com", "*.example.com"][..], &["bad.example.com"][..]);
    for (domain, expected) in [
        ("example.com", Ok(())),
        ("good.example.com", Ok(())),
        ("bad.example.com", Err(DomainRefusal::NotAuthorized)),
        ("worse.bad.example.com", Ok(())),
        ("example.org", Err(DomainRefusal::NotAuthorized)),
    ] {
        assert_eq!(check(allow, deny, domain), expected, "{domain}");
    }
    assert_eq!(check(&[], deny, "example.org"), Ok(()));
    assert_eq!(check(&["bad.example.com"], deny, "bad.example.com"), Err(DomainRefusal::NotAuthorized));
}

#[test]
fn known_disposable_domains_and_those_below_them_are_told() {
    for domain in [
        "mailinator.com",
        "MAILINATOR.com",
        "10minutemail.com",
        "guerrillamail.com",
        "yopmail.com",
        "temp-mail.org",
        "trashmail.com",
        "sub.mailinator.com",
        "a.b.c.mailinator.com",
        "yopm.zone.id",
        "a.yopm.zone.id",
        // As it is written by people, and as it is on the list.
        "xn--9kq967o.com",
        "雨云.com",
    ] {
        assert!(is_disposable(domain), "{domain}");
    }
}

#[test]
fn domains_that_only_look_like_disposable_ones_are_not_told() {
    for domain in [
        "gmail.com",
        "example.com",
        "mail.ru",
        "zone.id",
        "co.uk.example",
        "mailinator.example",
        "mailinator.com.example",
        "my-mailinator.com",
        "mailinatorr.com",
        "ailinator.com",
        "mailinator.co",
        "mailinator-com.example",
        "mailinator.com-example.org",
        "雨.com",
    ] {
        assert!(!is_disposable(domain), "{domain}");
    }
}

/// The list as it is committed: renewed by `dev/disposable_domains.mjs`.
#[test]
fn the_list_is_sorted_and_every_entry_is_a_domain_as_we_store_it_and_found() {
    let list = include_str!("../../../src/domain/account/disposable_domains.txt");
    assert!(list.len() < 120_000 && list.ends_with('\n') && !list.contains('\r'));
    let groups: Vec<&str> = list.trim_end().split("\n\n").collect();
    assert!(groups.is_sorted_by(|one, next| one.lines().next() < next.lines().next()));
    let mut count = 0;
    for group in groups {
        let (parent, labels) = group.split_once('\n').expect("a group");
        assert!(parent.starts_with('.'), "{parent}");
        assert!(labels.lines().is_sorted_by(|one, next| one < next), "{parent}");
        for label in labels.lines() {
            let domain = format!("{label}{parent}");
            assert_eq!(address(&domain).domain(), domain);
            assert!(is_disposable(&domain), "{domain}");
            count += 1;
        }
    }
    assert_eq!(count, 10_181);
}

proptest! {
    #[test]
    fn an_entry_means_the_same_when_it_is_read_again(text in "\\PC{0,30}|(\\*\\.)?[a-zа-яA-Z.－。0-9*-]{1,20}") {
        if let Ok(pattern) = DomainPattern::parse(&text) {
            let written = match &pattern {
                DomainPattern::Exactly(domain) => domain.clone(),
                DomainPattern::Below(end) => format!("*{end}"),
            };
            prop_assert!(written.is_ascii() && written == written.to_ascii_lowercase());
            prop_assert_eq!(DomainPattern::parse(&written), Ok(pattern));
        }
    }

    #[test]
    fn a_domain_is_covered_by_its_own_entry_or_by_that_of_its_parent_and_never_by_both(
        label in "[a-z0-9]{1,10}",
        parent in "[a-z0-9]{1,10}\\.[a-z]{2,10}",
    ) {
        let domain = format!("{label}.{parent}");
        let covers = |entry: &str, domain: &str| DomainPattern::parse(entry).is_ok_and(|entry| entry.covers(domain));
        prop_assert!(covers(&domain, &domain) && !covers(&domain, &parent));
        let below = format!("*.{parent}");
        prop_assert!(covers(&below, &domain) && !covers(&below, &parent) && !covers(&parent, &domain));
    }
}
