//! Addresses: accepted ones in their canonical form; refused ones, above all those that could forge
//! a mail header.

use edgegate::domain::account::email_address::{EmailAddress, EmailAddressError as Error};
use proptest::prelude::*;

mod isemail;

fn parse(text: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(text)
}

#[test]
fn ordinary_addresses_are_stored_in_lower_case_with_a_canonical_domain() {
    for (typed, stored) in [
        ("ann@example.com", "ann@example.com"),
        ("Ann.Lee+shop@Example.COM", "ann.lee+shop@example.com"),
        ("O'Neil_{a}!#$%&*-/=?^`|~@example.com", "o'neil_{a}!#$%&*-/=?^`|~@example.com"),
        ("1@2.example", "1@2.example"),
        ("a@b.co", "a@b.co"),
        ("a@a-b.x--y.museum", "a@a-b.x--y.museum"),
        ("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@ПРИМЕР.РФ", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@xn--e1afmkfd.XN--p1ai", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        // UTS 46 maps full-width letters and the ideographic full stop; the result is an ordinary
        // domain.
        ("a@ｅｘａｍｐｌｅ。com", "a@example.com"),
    ] {
        let address = parse(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(address.as_str(), stored);
        assert_eq!(address.key(), stored);
        assert_eq!(format!("{}@{}", address.local_part(), address.domain()), stored);
    }
}

#[test]
fn only_case_of_ascii_makes_two_addresses_the_same() {
    let key = |text| parse(text).expect("an address").key().to_owned();
    assert_eq!(key("Ann@Example.com"), key("aNN@example.COM"));
    assert_ne!(key("ann@example.com"), key("a.nn@example.com"));
    assert_ne!(key("ann@example.com"), key("ann+1@example.com"));
}

#[test]
fn header_injection_and_lists_are_refused() {
    for (text, error) in [
        ("a@b.example\r\nBcc: x@y.example", Error::NoSingleAt),
        ("a@b.example\r\nBcc: x", Error::Domain),
        ("a\r\nBcc:x@b.example", Error::LocalPart),
        ("a@b.example\n", Error::Domain),
        ("a\0@b.example", Error::LocalPart),
        ("a@b.exam\0ple", Error::Domain),
        ("a%0d%0a@b.example,c@d.example", Error::NoSingleAt),
        ("a@b.example,c@d.example", Error::NoSingleAt),
        ("a@b.example;c@d.example", Error::NoSingleAt),
        ("a@b.example c@d.example", Error::NoSingleAt),
        ("a@b.example,", Error::Domain),
        ("a,c@d.example", Error::LocalPart),
        ("a;c@d.example", Error::LocalPart),
    ] {
        assert_eq!(parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn quoted_commented_named_and_bracketed_forms_are_refused() {
    for (text, error) in [
        ("\"a\"@example.com", Error::LocalPart),
        ("\"a\nb\"@example.com", Error::LocalPart),
        ("\"a b\"@example.com", Error::LocalPart),
        ("\"a@b\"@example.com", Error::NoSingleAt),
        ("a\\b@example.com", Error::LocalPart),
        ("a(comment)@example.com", Error::LocalPart),
        ("a@(comment)example.com", Error::Domain),
        ("a@example.com(comment)", Error::Domain),
        ("<a@example.com>", Error::LocalPart),
        ("Ann <a@example.com>", Error::LocalPart),
        ("mailto:a@example.com", Error::LocalPart),
        ("a@[127.0.0.1]", Error::Domain),
        ("a@[IPv6:::1]", Error::Domain),
        ("a:b@example.com", Error::LocalPart),
    ] {
        assert_eq!(parse(text), Err(error), "{text:?}");
    }
}

/// Phone keyboards put a blank behind a word, and what is copied from a page comes with others.
#[test]
fn blanks_around_an_address_are_no_part_of_it() {
    for text in [
        "a@example.com ",
        " \ta@example.com",
        "\u{a0}a@example.com\u{a0}",
        "\u{200b}a@example.com\u{feff}",
        "a@example.com\u{3000}",
    ] {
        assert_eq!(parse(text), parse("a@example.com"), "{text:?}");
    }
}

#[test]
fn blanks_within_and_line_breaks_are_refused() {
    for text in ["a b@example.com", "a @example.com", "\na@example.com", "\u{2028}a@example.com"] {
        assert_eq!(parse(text), Err(Error::LocalPart), "{text:?}");
    }
    for text in ["a@ example.com", "a@exam ple.com", "a@example.com\r\n", "a@example.com\u{2028}"] {
        assert_eq!(parse(text), Err(Error::Domain), "{text:?}");
    }
}

/// GHSA-7rqj-j65f-68wh (Auth.js): the address was validated first and normalised after.
#[test]
fn homoglyphs_of_the_at_sign_are_refused() {
    for text in ["ann＠example.com", "ann﹫example.com", "annⓐexample.com"] {
        assert_eq!(parse(text), Err(Error::NoSingleAt), "{text}");
    }
    for text in ["ann@evil.example＠example.com", "ann@evil.example﹫example.com"] {
        assert_eq!(parse(text), Err(Error::Domain), "{text}");
    }
    assert_eq!(parse("victim＠example.com@evil.example"), Err(Error::LocalPart));
}

#[test]
fn the_local_part_is_an_ascii_dot_atom() {
    for text in [
        "@example.com",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "é@example.com",
        "анна@example.com",
        "ａ@example.com",
        "a\u{301}@example.com",
        "a\u{202e}b@example.com",
    ] {
        assert_eq!(parse(text), Err(Error::LocalPart), "{text:?}");
    }
}

#[test]
fn the_domain_is_a_name_of_at_least_two_labels() {
    for text in [
        "a@",
        "a@localhost",
        "a@com",
        "a@.com",
        "a@example.",
        "a@example.com.",
        "a@example..com",
        "a@-example.com",
        "a@example-.com",
        "a@exa_mple.com",
        "a@example.com/x",
        "a@example.com:25",
        "a@example.com#x",
        "a@example.com?x",
        "a@user%40example.com",
        "a@127.0.0.1",
        "a@2130706433",
        "a@1.2.3",
        "a@0x7f.0.0.0x1",
        "a@example.0x7f",
        "a@example.0x",
        "a@example.123",
        "a@１２７.０.０.１",
        "a@xn--a.com",
        "a@xn--.com",
        "a@example.com\u{200d}",
    ] {
        assert_eq!(parse(text), Err(Error::Domain), "{text:?}");
    }
}

#[test]
fn there_is_exactly_one_at() {
    for text in ["", "a", "example.com", "a@@example.com", "a@b@example.com", "@@"] {
        assert_eq!(parse(text), Err(Error::NoSingleAt), "{text:?}");
    }
}

#[test]
fn lengths_are_bounded_to_the_byte() {
    let local = |length| format!("{}@example.com", "a".repeat(length));
    assert!(parse(&local(64)).is_ok());
    assert_eq!(parse(&local(65)), Err(Error::TooLong));
    // 60 + 1 + 3 x 64 + 1 = 254
    let whole = |first: usize| format!("{}@{}e", "a".repeat(first), format!("{}.", "b".repeat(63)).repeat(3));
    assert_eq!(whole(60).len(), 254);
    assert!(parse(&whole(60)).is_ok());
    assert_eq!(parse(&whole(61)), Err(Error::TooLong));
    assert_eq!(parse(&format!("a@{}.com", "b".repeat(64))), Err(Error::Domain));
    // Fits as typed, but not once the domain is written in ASCII.
    let grows = format!("{}@{}example", "a".repeat(64), "ж.".repeat(30));
    assert!(grows.len() < 254);
    assert_eq!(parse(&grows), Err(Error::TooLong));
    assert_eq!(parse(&"a@".repeat(100_000)), Err(Error::TooLong));
}

#[test]
fn debug_shows_nothing_of_an_address() {
    assert_eq!(format!("{:?}", parse("ann@example.com").expect("an address")), "EmailAddress(..)");
}

proptest! {
    #[test]
    fn an_accepted_address_is_canonical_and_safe(text in "\\PC{0,40}|[a-zA-Z0-9.+@\"<>(), \r\n-]{0,40}|[a-z.]{1,8}@[a-zа-яA-Z.－。0-9-]{1,20}") {
        if let Ok(address) = parse(&text) {
            // Reading what is stored gives the same again.
            prop_assert_eq!(parse(address.as_str()), Ok(address.clone()));
            prop_assert!(address.as_str().bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\()<>[],;:".contains(&byte)));
            prop_assert_eq!(address.as_str().matches('@').count(), 1);
            prop_assert!(address.as_str().len() <= 254);
            prop_assert!(address.domain().contains('.'));
            prop_assert_eq!(address.as_str(), address.as_str().to_lowercase());
        }
    }

    #[test]
    fn ordinary_addresses_are_accepted(local in "[a-z0-9]{1,10}([.+_-][a-z0-9]{1,10}){0,3}", domain in "[a-z0-9]{1,10}(\\.[a-z]{2,10}){1,3}") {
        prop_assume!(!domain.starts_with("xn--"));
        let text = format!("{local}@{domain}");
        prop_assert_eq!(parse(&text).map(|address| address.as_str().to_owned()), Ok(text));
    }
}
