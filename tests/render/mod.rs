//! What people read: every mail and every hosted page, in both languages, with friendly and with
//! hostile data. Here: the data they are made of, and what "well-formed" and "harmless" mean.

mod escaping;
mod links;
mod mails;
mod pages;
mod replacements;
mod wording;

/// The preview's own: what it shows is what is tested here.
#[path = "../../dev/mail_preview/check.rs"]
mod check;
#[path = "../../dev/mail_preview/samples.rs"]
mod samples;

use std::collections::BTreeSet;

use edgegate::domain::credential::one_time_token::TokenKind;
use edgegate::domain::locale::Locale;
use edgegate::domain::mail::message::{Message, SecurityEvent};
use edgegate::domain::session::user_agent::Device;
use edgegate::render::{ConfirmInput, Page, PasswordIs, PasswordProblem, RenderedMail, Renderer};

use samples::{CODE, LINK, SITE_URL, UNDO_LINK, USUAL, Words, sample_time, welcome_links as every_welcome_link};

const LOCALES: [Locale; 2] = Locale::ALL;
const ADDRESS: &str = USUAL.address;
const NONCE: &str = "bm9uY2Utb25jZQ==";

/// What an attacker types into every field that is reflected.
const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style></title><svg onload=alert(1)>",
    "{{7*7}}{% raw %}${7*7}<%= 7*7 %>",
    "javascript:alert(1)",
    "x\r\nBcc: evil@example.com",
    "\u{202e}gpj.exe\u{2066}",
];

/// edgegate's own templates, whatever the operator of this checkout has put in their place.
fn renderer() -> Renderer {
    renderer_for("Northwind")
}

fn renderer_for(app_name: &str) -> Renderer {
    Renderer::with_templates(app_name, &[])
}

/// One message of each kind.
fn every_message() -> Vec<Message> {
    samples::messages(&USUAL)
}

/// The message of this kind.
fn message(kind: &str) -> Message {
    every_message().into_iter().find(|message| message.kind() == kind).expect("there is one of each kind")
}

fn confirm_signup() -> Message {
    message("confirm_signup")
}

/// The mail about a refresh token that was used again, by this device.
fn replayed_by(device: Device) -> Message {
    let site_url = SITE_URL.to_owned();
    Message::SessionReplayed { at: sample_time(), device, ip: Some([203, 0, 113, 7].into()), site_url }
}

/// The mails that tell of something that was done, by this device.
fn told_of(device: &Device) -> Vec<Message> {
    let event = SecurityEvent { at: sample_time(), device: device.clone(), ip: None };
    vec![
        Message::PasswordChanged { event: event.clone(), site_url: SITE_URL.to_owned() },
        Message::NewDevice { event: event.clone(), site_url: SITE_URL.to_owned() },
        Message::DeletionScheduled { delete_at: event.at, event, site_url: SITE_URL.to_owned() },
        replayed_by(device.clone()),
    ]
}

fn every_mail() -> Vec<(Message, Locale, RenderedMail)> {
    let mut mails = Vec::new();
    for message in every_message() {
        for locale in LOCALES {
            let mail = renderer().mail(&message, locale).expect("every mail renders");
            mails.push((message.clone(), locale, mail));
        }
    }
    mails
}

/// The page behind the link of a sign-up, with the same text in every field that takes any text.
fn confirm_page(text: &str, proof: ConfirmInput) -> Page {
    samples::confirm(TokenKind::Signup, text, proof)
}

fn password(password_is: PasswordIs, problem: Option<PasswordProblem>) -> ConfirmInput {
    ConfirmInput::Password { min_chars: 8, password_is, problem }
}

/// Every page in every shape, with `text` in every field.
fn every_page(text: &str) -> Vec<Page> {
    samples::pages(text)
}

fn page(page: &Page, locale: Locale) -> String {
    renderer().page(page, locale, NONCE).expect("every page renders")
}

/// No element or attribute of the hostile strings has come alive, and no template syntax of theirs
/// was run. The welcome page's own script is compared elsewhere and left out here.
fn assert_harmless(html: &str) {
    for tag in tags(html) {
        let name = tag.trim_start_matches('/').split([' ', '\n', '>']).next().unwrap_or_default();
        assert!(!["img", "iframe", "object", "embed", "base"].contains(&name), "<{tag}>");
        for (attribute, value) in attributes(&tag) {
            assert!(!attribute.starts_with("on"), "<{tag}>");
            if ["href", "action", "src"].contains(&attribute.as_str()) {
                let allowed = ["https://", "http://", "/"].iter().any(|start| value.starts_with(start));
                assert!(allowed, "<{tag}>");
            }
        }
    }
    assert!(!html.contains("<svg onload"));
    assert!(!html.contains("alert(1)</script>"));
    assert!(!html.contains(">49"), "a template in the data was run");
}

/// The inside of every tag, comments and the text of `<style>` and `<script>` left out.
fn tags(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        if rest.starts_with("<!--") {
            let end = rest.find("-->").expect("every comment ends");
            rest = &rest[end + 3..];
            continue;
        }
        let mut quoted = false;
        let end = rest
            .find(|character| {
                quoted ^= character == '"';
                character == '>' && !quoted
            })
            .expect("every tag ends");
        let tag = rest[1..end].to_owned();
        rest = &rest[end + 1..];
        for raw in ["style", "script"] {
            if tag == raw || tag.starts_with(&format!("{raw} ")) {
                let close = rest.find(&format!("</{raw}")).expect("style and script end");
                rest = &rest[close..];
            }
        }
        tags.push(tag);
    }
    tags
}

/// Name and value of each attribute of a tag; every value must stand in double quotes.
fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = tag.split_once([' ', '\n']).map_or("", |(_, rest)| rest).trim();
    while !rest.is_empty() {
        let end = rest.find(['=', ' ', '\n']).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        assert!(
            name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '/'),
            "attribute `{name}` in <{tag}>"
        );
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let close = quoted.find('"').expect("every value ends");
            quoted[..close].clone_into(&mut value);
            rest = &quoted[close + 1..];
        } else {
            assert!(!rest.starts_with('='), "a value without quotes in <{tag}>");
        }
        rest = rest.trim_start();
        found.push((name, value));
    }
    found
}

/// Every element is closed in order, attribute values are quoted and not given twice, ids are
/// unique, `&` begins an entity. Stricter than HTML, so a page that passes means the same to every
/// parser.
fn assert_well_formed(html: &str) {
    const VOID: [&str; 7] = ["meta", "input", "br", "hr", "img", "link", "path"];
    assert!(html.starts_with("<!doctype html>\n<html "), "{}", &html[..60.min(html.len())]);
    assert!(html.ends_with("</html>\n") || html.ends_with("</html>"));
    let mut open: Vec<String> = Vec::new();
    let mut ids = BTreeSet::new();
    for tag in tags(html).into_iter().filter(|tag| !tag.starts_with('!')) {
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "</{name}> closes something else");
            continue;
        }
        let name = tag.split([' ', '\n']).next().expect("split has a first part").to_owned();
        let mut seen = BTreeSet::new();
        for (attribute, value) in attributes(&tag) {
            assert!(seen.insert(attribute.clone()), "<{tag}> has `{attribute}` twice");
            assert!(attribute != "id" || ids.insert(value.clone()), "id `{value}` twice");
        }
        if !VOID.contains(&name.as_str()) && !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "not closed: {open:?}");

    let script_free = html.split("<script").next().expect("split has a first part");
    for after in script_free.split('&').skip(1) {
        let entity = after.split(';').next().expect("split has a first part");
        let known = !entity.is_empty() && entity.len() < 8;
        assert!(
            known && entity.chars().all(|c| c.is_ascii_alphanumeric() || c == '#'),
            "a bare & before `{}`",
            after.chars().take(20).collect::<String>()
        );
    }
}
