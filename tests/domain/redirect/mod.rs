//! Where people may be sent, and the spellings by which an address pretends to be an allowed one.

mod allow_list;

use edgegate::domain::redirect::RedirectPolicy;
use proptest::prelude::*;
use url::Url;

const SITE: &str = "https://app.example.com/";

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

fn policy() -> RedirectPolicy {
    let allowed = [
        "https://shop.example.org/account",
        "http://localhost:3000/",
        "http://127.0.0.1:3000",
        "com.example.app://callback",
    ];
    RedirectPolicy {
        site_url: url(SITE),
        allowed: allowed.map(|text| RedirectPolicy::parse_allowed(text).expect(text)).to_vec(),
    }
}

#[track_caller]
fn leads_home(requested: &str) {
    assert_eq!(policy().resolve(Some(requested)), url(SITE), "{requested:?}");
}

#[test]
fn allowed_places_are_kept_as_they_are() {
    for requested in [
        "https://app.example.com",
        "https://app.example.com/",
        "https://app.example.com/welcome",
        "https://app.example.com/welcome/back?next=%2Ffoo&x=1",
        "https://app.example.com/?next=/foo",
        "https://shop.example.org/account",
        "https://shop.example.org/account/",
        "https://shop.example.org/account/orders?page=2",
        "http://localhost:3000/callback",
        "http://127.0.0.1:3000/callback",
        "com.example.app://callback",
    ] {
        assert_eq!(policy().resolve(Some(requested)), url(requested), "{requested}");
    }
}

#[test]
fn no_wish_leads_home() {
    assert_eq!(policy().resolve(None), url(SITE));
    leads_home("");
    leads_home("not a url");
    leads_home("/welcome");
    leads_home("//app.example.com/welcome");
    leads_home("app.example.com");
    leads_home("https:");
    leads_home("https://");
}

#[test]
fn other_hosts_lead_home() {
    for requested in [
        "https://evil.example",
        "https://app.example.com.evil.example",
        "https://evilapp.example.com",
        "https://evil.example/app.example.com",
        "https://evil.example?https://app.example.com/",
        "https://x.app.example.com/",
        "https://example.com/",
        "https://app.example.org/",
        "https://app-example.com/",
        "https://appXexample.com/",
        "https://app.example.com./",
        "https://app.example.com:8443/",
        "https://app.example.com:444",
        "http://app.example.com/",
        "http://localhost/",
        "http://localhost:3001/",
        "https://localhost:3000/",
        "http://localhost.evil.example:3000/",
    ] {
        leads_home(requested);
    }
}

/// The same place for a lenient parser, another text for a strict one: refused whichever way it
/// would go.
#[test]
fn other_spellings_of_an_allowed_place_lead_home() {
    for requested in [
        "HTTPS://app.example.com/",
        "https://APP.example.com/",
        "https://app.example.com:443/",
        "https://app.example.com:/",
        "https:app.example.com/",
        "https:/app.example.com/",
        "https:///app.example.com/",
        " https://app.example.com/",
        "https://app.example.com/ ",
        "https://app.example.com/a b",
        "https://app.exa\tmple.com/",
        "https://app.example.com/\nx",
        "https://app.example.com\\@evil.example/",
        "https://app.example.com\\.evil.example/",
        "https:\\\\app.example.com/",
        "https://evil.example\\app.example.com/",
        "https://ａpp.example.com/",
        "https://app。example.com/",
        "https://app.example.com/é",
        "https://app.ex%61mple.com/",
        "http://127.1:3000/",
        "http://2130706433:3000/",
        "http://0x7f.0.0.1:3000/",
        "http://0177.0.0.1:3000/",
        "http://[::ffff:127.0.0.1]:3000/",
        "http://[::1]:3000/",
        "http://127.0.0.2:3000/",
        "https://app.example.com?next=1",
    ] {
        leads_home(requested);
    }
}

#[test]
fn credentials_lead_home() {
    for requested in [
        "https://app.example.com@evil.example/",
        "https://app.example.com:443@evil.example/",
        "http://localhost:3000@evil.example/",
        "https://user@app.example.com/",
        "https://user:password@app.example.com/",
        "https://:password@app.example.com/",
        "https://@app.example.com/",
        "https://:@app.example.com/",
    ] {
        leads_home(requested);
    }
}

#[test]
fn fragments_lead_home() {
    leads_home("https://app.example.com/#access_token=x");
    leads_home("https://app.example.com/#");
    leads_home("https://app.example.com#@evil.example/");
    leads_home("https://evil.example/#https://app.example.com/");
}

#[test]
fn a_path_covers_whole_segments_only_and_cannot_be_left() {
    for requested in [
        "https://shop.example.org/",
        "https://shop.example.org/accounts",
        "https://shop.example.org/account.evil",
        "https://shop.example.org/Account",
        "https://shop.example.org/x/account",
        "https://shop.example.org//account",
        "https://shop.example.org/account/..",
        "https://shop.example.org/account/../admin",
        "https://shop.example.org/account/./orders",
        "https://shop.example.org/account/%2e%2e/admin",
        "https://shop.example.org/account/%2E%2E/admin",
        "https://shop.example.org/account/.%2e/admin",
        "https://shop.example.org/account/%252e%252e/admin",
        "https://shop.example.org/account/..%2fadmin",
        "https://shop.example.org/account/..%5cadmin",
        "https://shop.example.org/account/..;/%2fadmin",
        "https://shop.example.org/account%2f..%2fadmin",
        "https://shop.example.org/account/%00",
        "https://shop.example.org/account\\..\\admin",
        "https://shop.example.org/%61ccount",
    ] {
        leads_home(requested);
    }
}

#[test]
fn other_schemes_lead_home() {
    for requested in [
        "javascript:alert(1)",
        "javascript://app.example.com/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://app.example.com/",
        "ws://app.example.com/",
        "blob:https://app.example.com/8f14e45f-ceea-467f-a8b1-2f0d3c5b7a99",
        "filesystem:https://app.example.com/x",
        "view-source:https://app.example.com/",
        "about:blank",
    ] {
        leads_home(requested);
    }
}

#[test]
fn an_apps_own_scheme_must_match_exactly() {
    for requested in [
        "com.example.app://callback/",
        "com.example.app://callback/x",
        "com.example.app://callback?x=1",
        "com.example.app://other",
        "com.example.app:/callback",
        "com.example.app:callback",
        "com.example.app2://callback",
        "COM.example.app://callback",
        "com.example.app://Callback",
        "com.example.app://callback#x",
        "com.example.app://user@callback",
    ] {
        leads_home(requested);
    }
}

/// We append these ourselves; a link must not carry them already.
#[test]
fn parameters_of_our_own_answers_lead_home() {
    for requested in [
        "https://app.example.com/?code=x",
        "https://app.example.com/?a=1&error=x",
        "https://app.example.com/?%61ccess_token=x",
        "https://app.example.com/?refresh_token",
        "https://app.example.com/?error_description=You+won",
    ] {
        leads_home(requested);
    }
    let requested = "https://app.example.com/?codes=x&my_error=y";
    assert_eq!(policy().resolve(Some(requested)), url(requested));
}

#[test]
fn length_is_bounded_to_the_byte() {
    let requested = |length: usize| format!("{SITE}{}", "a".repeat(length - SITE.len()));
    assert_eq!(policy().resolve(Some(&requested(2048))), url(&requested(2048)));
    leads_home(&requested(2049));
    leads_home(&requested(1_000_000));
}

proptest! {
    /// Whatever is asked for, the answer is one of the places, read by another parser than the one
    /// that decided.
    #[test]
    fn every_answer_is_an_allowed_place(
        scheme in "https?:|com.example.app:|[a-z]{1,5}:|",
        middle in "(//|/|\\\\|\\\\\\\\)?(app\\.example\\.com|shop\\.example\\.org|localhost:3000|callback)?[@:.\\\\/#?%0-9a-z\t]{0,6}(evil\\.example|app\\.example\\.com)?",
        rest in "[/@:.\\\\#?%=&a-z0-9]{0,12}",
    ) {
        let requested = format!("{scheme}{middle}{rest}");
        let answer = policy().resolve(Some(&requested)).to_string();
        let places = ["https://app.example.com/", "https://shop.example.org/account", "http://localhost:3000/", "http://127.0.0.1:3000/"];
        prop_assert!(
            places.iter().any(|place| answer.starts_with(place)) || answer == "com.example.app://callback",
            "{} leads to {}", requested, answer
        );
    }

    #[test]
    fn any_text_leads_somewhere_without_panic(text: String) {
        prop_assert_eq!(policy().resolve(Some(&text)), url(SITE));
        prop_assert!(RedirectPolicy::parse_allowed(&text).is_none_or(|place| place.as_str().starts_with(&text)));
    }
}
