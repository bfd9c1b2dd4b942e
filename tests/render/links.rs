//! Which URLs become links, where a form may go, and what the page's Content-Security-Policy has to
//! allow for it.

use chrono::DateTime;
use edgegate::domain::credential::one_time_token::TokenKind;
use edgegate::domain::locale::Locale;
use edgegate::domain::mail::message::Message;
use edgegate::domain::session::user_agent::Device;
use edgegate::render::{ConfirmInput, Page, RenderError, csp_form_target};

use super::{ADDRESS, CODE, LINK, LOCALES, NONCE, UNDO_LINK, every_welcome_link, page, renderer};

/// The welcome page with every link going to `href`.
fn welcome(href: &str) -> Page {
    Page::Welcome { api_base: "/auth/v1".to_owned(), links: every_welcome_link(href) }
}

#[test]
fn a_mail_whose_link_is_not_http_is_not_rendered() {
    for link in ["javascript:alert(1)", "ftp://example.com", "/verify", "", "https://a b", "https://a\n.example"] {
        let site_url = link.to_owned();
        for message in [
            Message::AlreadyRegistered { address: ADDRESS.to_owned(), site_url: site_url.clone() },
            Message::SessionReplayed { at: DateTime::UNIX_EPOCH, device: Device::default(), ip: None, site_url },
        ] {
            let refused = renderer().mail(&message, Locale::En);
            assert!(matches!(refused, Err(RenderError::BadLink { field: "site_url" })), "{link}");
        }
    }
}

#[test]
fn a_mail_with_a_way_in_is_not_rendered_either_if_one_of_its_links_is_not_http() {
    let bad = || "javascript:alert(1)".to_owned();
    let (code, address) = (CODE.to_owned(), ADDRESS.to_owned());
    let change = |link: &str, undo_link: &str| Message::EmailChangeCurrent {
        new_address: address.clone(),
        link: link.to_owned(),
        code: code.clone(),
        undo_link: undo_link.to_owned(),
    };
    for (field, message) in [
        ("link", Message::SignIn { address: address.clone(), link: bad(), code: code.clone() }),
        ("link", change(&bad(), UNDO_LINK)),
        ("undo_link", change(LINK, &bad())),
        ("site_url", Message::AccountDeleted { site_url: bad() }),
    ] {
        let refused = renderer().mail(&message, Locale::En);
        assert!(matches!(refused, Err(RenderError::BadLink { field: named }) if named == field), "{message:?}");
    }
}

#[test]
fn a_form_goes_to_a_path_here_or_to_http_only() {
    for action in ["javascript:alert(1)", "//evil.example/x", "/\\evil.example", "/a\n/b", "data:text/html,x", "", "x"]
    {
        let shape = Page::Confirm {
            kind: TokenKind::Signup,
            action: action.to_owned(),
            token: String::new(),
            address_hint: None,
            proof: ConfirmInput::None,
        };
        let refused = renderer().page(&shape, Locale::En, NONCE);
        assert!(matches!(refused, Err(RenderError::BadLink { field: "action" })), "{action}");
    }
}

#[test]
fn only_safe_schemes_become_links() {
    let refused = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\u{1}javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "blob:https://example.com/1",
        "file:///etc/passwd",
        "view-source:https://example.com",
        "intent://x#Intent;scheme=https;end",
        "//evil.example",
        "app.example.com",
        "",
    ];
    for url in refused {
        for locale in LOCALES {
            let dead = page(&Page::LinkDead { site_url: url.to_owned() }, locale);
            let welcome = page(&welcome(url), locale);
            assert!(!dead.contains("href=") && !welcome.contains("href="), "{url:?}");
        }
    }
    for url in ["https://app.example.com/a?b=c", "http://localhost:3000/", "com.example.app://done", "myapp:/done"] {
        for shape in [Page::LinkDead { site_url: url.to_owned() }, welcome(url)] {
            assert!(page(&shape, Locale::En).contains(&format!("href=\"{url}\"")), "{url}");
        }
    }
}

#[test]
fn what_form_action_must_list_is_an_origin_or_an_app_scheme() {
    let said = |url| csp_form_target(url).unwrap_or_else(|| "-".to_owned());
    assert_eq!(said("https://app.example.com/deep?x=1#y"), "https://app.example.com");
    assert_eq!(said("http://localhost:3000/welcome"), "http://localhost:3000");
    assert_eq!(said("https://app.example.com;script-src *"), "-");
    assert_eq!(said("com.example.app://done"), "com.example.app:");
    assert_eq!(said("https://app.example.com;script-src"), "-");
    assert_eq!(said("https://app.example.com,"), "-");
    assert_eq!(said("http://[::1]:3000/"), "http:");
    assert_eq!(said("javascript:alert(1)"), "-");
    assert_eq!(said("/relative"), "-");
}

#[test]
fn the_welcome_page_links_where_it_is_told() {
    for locale in LOCALES {
        assert_eq!(page(&welcome("/auth/v1/health"), locale).matches("<li><a href=\"/auth/v1/health\">").count(), 7);
    }
}
