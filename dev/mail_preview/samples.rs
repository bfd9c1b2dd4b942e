//! One of everything that people read: each mail and each hosted page, in every shape that its
//! template tells apart, made of the same few words. The preview shows them, the check tries them,
//! `tests/render/` compares them.

use chrono::{DateTime, Utc};
use edgegate::domain::credential::one_time_token::TokenKind;
use edgegate::domain::mail::message::{Message, SecurityEvent};
use edgegate::domain::session::user_agent::Device;
use edgegate::render::{ConfirmInput, Notice, Page, PasswordIs, PasswordProblem, Problem, WelcomeLink, WelcomeLinkTo};

/// A link as mails have it.
pub const LINK: &str =
    "https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup";
/// The link that takes a change of address back.
pub const UNDO_LINK: &str =
    "https://auth.example.com/auth/v1/verify?token=Ub8nD2oL6kA4hF0jW9eQ3rT5yI7pS1dG6zX2cV4bN8m&type=email_change_undo";
/// A code with a zero in front.
pub const CODE: &str = "048213";
/// Where the app is.
pub const SITE_URL: &str = "https://app.example.com";

/// The words that stand where somebody else decides what stands there.
pub struct Words<'a> {
    /// An address.
    pub address: &'a str,
    /// A browser or app that names itself.
    pub browser: &'a str,
}

/// Words as they usually are.
pub const USUAL: Words<'static> = Words { address: "ann.lee@example.com", browser: "Chrome" };

/// 24 November 2026, 12:05:59 UTC.
pub fn sample_time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_521_959, 0).expect("a time")
}

/// One message of each kind.
pub fn messages(words: &Words) -> Vec<Message> {
    let device = Device { browser: Some(words.browser.to_owned().into()), system: Some("Windows".into()) };
    let event = SecurityEvent { at: sample_time(), device, ip: Some([203, 0, 113, 7].into()) };
    messages_about(words, &event)
}

/// Those of them that tell of something, when nothing is known but the time.
pub fn messages_of_unknown_origin() -> Vec<Message> {
    let event = SecurityEvent { at: sample_time(), device: Device::default(), ip: None };
    let tells = |message: &Message| {
        matches!(
            message,
            Message::PasswordChanged { .. }
                | Message::NewDevice { .. }
                | Message::DeletionScheduled { .. }
                | Message::SessionReplayed { .. }
        )
    };
    messages_about(&USUAL, &event).into_iter().filter(tells).collect()
}

fn messages_about(words: &Words, event: &SecurityEvent) -> Vec<Message> {
    let (address, site_url) = (words.address.to_owned(), SITE_URL.to_owned());
    let (link, code) = (LINK.to_owned(), CODE.to_owned());
    vec![
        Message::ConfirmSignup { address: address.clone(), link: link.clone(), code: code.clone() },
        Message::AlreadyRegistered { address: address.clone(), site_url: site_url.clone() },
        Message::SignIn { address: address.clone(), link: link.clone(), code: code.clone() },
        Message::Invite { address: address.clone(), link: link.clone(), code: code.clone() },
        Message::Recovery { address: address.clone(), link: link.clone(), code: code.clone() },
        Message::EmailChangeCurrent {
            new_address: address.clone(),
            link: link.clone(),
            code: code.clone(),
            undo_link: UNDO_LINK.to_owned(),
        },
        Message::EmailChangeNew { address, link, code: code.clone() },
        Message::Reauthentication { code },
        Message::PasswordChanged { event: event.clone(), site_url: site_url.clone() },
        Message::EmailChanged { at: event.at, site_url: site_url.clone() },
        Message::NewDevice { event: event.clone(), site_url: site_url.clone() },
        Message::DeletionScheduled {
            event: event.clone(),
            delete_at: event.at + chrono::TimeDelta::days(30),
            site_url: site_url.clone(),
        },
        Message::AccountDeleted { site_url: site_url.clone() },
        Message::SessionReplayed { at: event.at, device: event.device.clone(), ip: event.ip, site_url },
    ]
}

/// The kinds of link that have a page.
pub const LINK_KINDS: [TokenKind; 6] = [
    TokenKind::Signup,
    TokenKind::MagicLink,
    TokenKind::Recovery,
    TokenKind::EmailChangeCurrent,
    TokenKind::EmailChangeNew,
    TokenKind::EmailChangeUndo,
];

/// Everything that may be wrong with a password.
pub const PASSWORD_PROBLEMS: [PasswordProblem; 5] = [
    PasswordProblem::Missing,
    PasswordProblem::Wrong,
    PasswordProblem::TooShort,
    PasswordProblem::TooLong,
    PasswordProblem::TooEasy,
];

/// Everything that a page may ask for, at first and after a wrong answer.
pub fn proofs() -> Vec<ConfirmInput> {
    let mut proofs = vec![ConfirmInput::None];
    for problem in [None, Some(PasswordProblem::Wrong)] {
        for password_is in [PasswordIs::Chosen, PasswordIs::New] {
            proofs.push(ConfirmInput::AppOrPassword { min_chars: 8, password_is, problem });
            proofs.push(ConfirmInput::Password { min_chars: 8, password_is, problem });
        }
    }
    for problem in [None, Some(PasswordProblem::Wrong), Some(PasswordProblem::NotNew)] {
        proofs.push(ConfirmInput::CurrentPassword { or_app: false, problem });
        proofs.push(ConfirmInput::CurrentPassword { or_app: true, problem });
    }
    proofs.push(ConfirmInput::NewPassword { min_chars: 8, problem: None });
    proofs.push(ConfirmInput::NewPassword { min_chars: 8, problem: Some(PasswordProblem::TooShort) });
    proofs
}

/// The page behind a link, with `text` wherever any text may stand.
pub fn confirm(kind: TokenKind, text: &str, proof: ConfirmInput) -> Page {
    let (action, token) = ("/auth/v1/verify/confirm".to_owned(), text.to_owned());
    Page::Confirm { kind, action, token, address_hint: Some(text.to_owned()), proof }
}

/// Every page in every shape, with `text` wherever any text may stand.
pub fn pages(text: &str) -> Vec<Page> {
    let mut pages = Vec::new();
    for kind in LINK_KINDS {
        for proof in proofs() {
            let page = confirm(kind, text, proof);
            if let Page::Confirm { kind, action, token, proof, .. } = page.clone() {
                pages.push(Page::Confirm { kind, action, token, address_hint: None, proof });
            }
            pages.push(page);
        }
    }
    for problem in PASSWORD_PROBLEMS.map(Some) {
        pages.push(confirm(TokenKind::Signup, text, ConfirmInput::NewPassword { min_chars: 8, problem }));
    }
    for notice in [Notice::EmailChangeHalfDone, Notice::EmailChanged, Notice::EmailChangeUndone] {
        pages.push(Page::Notice { notice, site_url: text.to_owned() });
    }
    pages.push(Page::LinkDead { site_url: text.to_owned() });
    for problem in [
        Problem::BadRequest,
        Problem::NotFound,
        Problem::TooManyAttempts { retry_after_seconds: None },
        Problem::TooManyAttempts { retry_after_seconds: Some(59) },
        Problem::TooManyAttempts { retry_after_seconds: Some(61) },
        Problem::TooManyAttempts { retry_after_seconds: Some(u32::MAX) },
        Problem::CrossSite,
        Problem::Unexpected,
    ] {
        pages.push(Page::Problem { status: 400, problem, request_id: Some(text.to_owned()) });
    }
    pages.push(Page::Welcome { api_base: "/auth/v1".to_owned(), links: welcome_links(text) });
    pages
}

/// Every link that the welcome page may have.
pub fn welcome_links(href: &str) -> Vec<WelcomeLink> {
    [
        WelcomeLinkTo::Mailbox,
        WelcomeLinkTo::ApiDocs,
        WelcomeLinkTo::ApiDocument,
        WelcomeLinkTo::Health,
        WelcomeLinkTo::Ready,
        WelcomeLinkTo::Settings,
        WelcomeLinkTo::Jwks,
    ]
    .map(|to| WelcomeLink { to, href: href.to_owned() })
    .to_vec()
}
