//! The mails: what stands where in their two parts. What they say is in `wording.rs`.

use chrono::DateTime;
use edgegate::domain::mail::message::Message;
use edgegate::domain::session::user_agent::Device;
use edgegate::render::RenderedMail;
use insta::assert_snapshot;

use super::{
    ADDRESS, CODE, LINK, LOCALES, UNDO_LINK, assert_well_formed, every_mail, every_message, message, renderer,
    replayed_by, told_of,
};

/// What the text part says after the label, which is the first in English and the second in
/// Russian.
fn value_of(labels: [&str; 2], mail: &RenderedMail) -> String {
    let mut lines = mail.text.lines();
    let value = lines.find_map(|line| labels.iter().find_map(|label| line.strip_prefix(label)));
    value.expect("the label is there").to_owned()
}

#[test]
fn the_device_is_named_as_far_as_it_is_known() {
    let lines = ["Mozilla/5.0 (Windows NT 10.0) Firefox/143.0", "Expo/1 CFNetwork/1", "CFNetwork/1", "node", ""].map(
        |header| {
            let message = replayed_by(Device::parse(header));
            let said = LOCALES.map(|locale| {
                let mail = renderer().mail(&message, locale).expect("renders");
                let words = value_of(["Device: ", "Устройство: "], &mail);
                assert!(mail.html.replace("&nbsp;", " ").contains(&format!("<strong>{words}</strong>")), "{words}");
                words
            });
            said.join(" | ")
        },
    );
    assert_snapshot!(lines.join("\n"), @r"
    Firefox on Windows | Firefox на Windows
    Expo on Apple device | Expo на устройстве Apple
    Apple device | устройство Apple
    node | node
    unknown | неизвестно
    ");
}

#[test]
fn every_mail_that_tells_of_something_says_when_and_by_what_and_leaves_out_an_unknown_ip_address() {
    let firefox = Device::parse("Mozilla/5.0 (Windows NT 10.0) Firefox/143.0");
    for (device, words) in
        [(firefox, ["Firefox on Windows", "Firefox на Windows"]), (Device::default(), ["unknown", "неизвестно"])]
    {
        for message in told_of(&device) {
            for (locale, words) in LOCALES.into_iter().zip(words) {
                let known = matches!(message, Message::SessionReplayed { .. });
                let mail = renderer().mail(&message, locale).expect("renders");
                assert_eq!(value_of(["Device: ", "Устройство: "], &mail), words);
                assert!(value_of(["When: ", "Когда: "], &mail).contains("12:05"));
                assert_eq!(mail.text.contains("IP") && mail.html.contains("203.0.113.7"), known, "{message:?}");
                assert_eq!(mail.html.contains("IP"), known, "{message:?}");
            }
        }
    }
}

#[test]
fn every_month_is_said_in_words() {
    let lines = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(|month| {
        let said = LOCALES.map(|locale| {
            let Message::SessionReplayed { device, ip, site_url, .. } = message("session_replayed") else {
                unreachable!()
            };
            let at: DateTime<_> = format!("2027-{month:02}-09T03:04:59.9Z").parse().expect("a time");
            let mail =
                renderer().mail(&Message::SessionReplayed { at, device, ip, site_url }, locale).expect("renders");
            let when = value_of(["When: ", "Когда: "], &mail);
            assert!(mail.html.contains(&format!("<strong>{when}</strong>")), "{when}");
            when
        });
        said.join(" | ")
    });
    assert_snapshot!(lines.join("\n").replace('\u{a0}', " "), @r"
    9 January 2027, 03:04 UTC | 9 января 2027 г., 03:04 UTC
    9 February 2027, 03:04 UTC | 9 февраля 2027 г., 03:04 UTC
    9 March 2027, 03:04 UTC | 9 марта 2027 г., 03:04 UTC
    9 April 2027, 03:04 UTC | 9 апреля 2027 г., 03:04 UTC
    9 May 2027, 03:04 UTC | 9 мая 2027 г., 03:04 UTC
    9 June 2027, 03:04 UTC | 9 июня 2027 г., 03:04 UTC
    9 July 2027, 03:04 UTC | 9 июля 2027 г., 03:04 UTC
    9 August 2027, 03:04 UTC | 9 августа 2027 г., 03:04 UTC
    9 September 2027, 03:04 UTC | 9 сентября 2027 г., 03:04 UTC
    9 October 2027, 03:04 UTC | 9 октября 2027 г., 03:04 UTC
    9 November 2027, 03:04 UTC | 9 ноября 2027 г., 03:04 UTC
    9 December 2027, 03:04 UTC | 9 декабря 2027 г., 03:04 UTC
    ");
}

/// The links that are a way in, or a way back, of this kind of mail; and whether it has a code.
fn credentials(message: &Message) -> (Vec<&'static str>, bool) {
    match message.kind() {
        "confirm_signup" | "sign_in" | "invite" | "recovery" | "email_change_new" => (vec![LINK], true),
        "email_change_current" => (vec![LINK, UNDO_LINK], true),
        "reauthentication" => (vec![], true),
        _ => (vec![], false),
    }
}

#[test]
fn the_text_part_holds_links_and_code_exactly_once_each_on_a_line_of_its_own() {
    for (message, _, mail) in every_mail() {
        let (links, has_code) = credentials(&message);
        for link in &links {
            assert_eq!(mail.text.matches(link).count(), 1, "{message:?}");
            assert!(mail.text.lines().any(|line| line == *link), "{message:?}");
        }
        assert_eq!(mail.text.matches(CODE).count(), usize::from(has_code), "{message:?}");
        assert_eq!(mail.text.lines().any(|line| line == CODE), has_code, "{message:?}");
    }
}

#[test]
fn the_html_part_holds_the_code_once_and_each_link_as_button_and_bare() {
    for (message, _, mail) in every_mail() {
        let (links, has_code) = credentials(&message);
        for link in &links {
            let escaped = link.replace('&', "&amp;");
            assert_eq!(mail.html.matches(&format!("href=\"{escaped}\"")).count(), 2, "{message:?}");
            assert_eq!(mail.html.matches(&format!(">{escaped}</a>")).count(), 1, "{message:?}");
        }
        let tokens = links.len() * 3;
        assert_eq!(mail.html.matches("token=").count(), tokens, "{message:?}: the token is nowhere else");
        assert_eq!(mail.html.matches(CODE).count(), usize::from(has_code), "its digits are not torn apart");
    }
}

#[test]
fn what_takes_a_change_back_stands_apart_from_what_agrees_to_it() {
    for locale in LOCALES {
        let mail = renderer().mail(&message("email_change_current"), locale).expect("renders");
        let (agrees, undoes) = mail.text.split_once("* * *").expect("a line between the two");
        assert!(agrees.contains(LINK) && !agrees.contains(UNDO_LINK));
        assert!(undoes.contains(UNDO_LINK) && !undoes.contains(LINK));
        let (_, undoes) = mail.html.split_once("<h2 ").expect("a heading between the two");
        assert!(!undoes.contains("type=signup") && undoes.contains("type=email_change_undo"));
        for part in [&mail.text, &mail.html] {
            assert!(part.contains(ADDRESS), "it says which address is the new one");
        }
    }
}

#[test]
fn the_subject_and_the_preview_hold_no_secret() {
    for (message, _, mail) in every_mail() {
        assert!(!mail.subject.contains(CODE), "{message:?}");
        let preview = mail.html.split("</div>").next().expect("split has a first part");
        assert!(preview.contains("display:none"), "the preview is the first thing in the body");
        assert!(!preview.contains(CODE) && !preview.contains("token="), "{message:?}");
    }
}

#[test]
fn a_mere_note_holds_no_way_in_and_no_link_but_the_site() {
    let mere_notes: Vec<_> = every_mail().into_iter().filter(|(message, ..)| !credentials(message).1).collect();
    assert_eq!(mere_notes.len(), 7 * LOCALES.len());
    for (message, _, mail) in mere_notes {
        assert_eq!(mail.text.matches("://").count(), 1, "{message:?}");
        assert!(mail.text.contains("https://app.example.com\n"), "{message:?}");
        assert_eq!(mail.html.matches("href=").count(), 2, "{message:?}");
        assert_eq!(mail.html.matches("href=\"https://app.example.com\"").count(), 2, "{message:?}");
        assert!(!mail.text.contains("token"), "{message:?}");
    }
}

/// The words after the sentence that says for how long.
fn lifetimes(kind: &str) -> String {
    let said = LOCALES.map(|locale| {
        let mail = renderer().mail(&message(kind), locale).expect("renders");
        let text = mail.text.replace('\n', " ");
        let spans: Vec<String> = text
            .split(['.', ':'])
            .filter_map(|sentence| {
                ["works for ", "work for ", "действует ", "действуют "]
                    .iter()
                    .find_map(|verb| sentence.split_once(verb).map(|(_, span)| span.to_owned()))
            })
            .collect();
        for span in &spans {
            assert!(mail.html.contains(span), "{kind}: both parts say {span}");
        }
        spans.join(", ")
    });
    format!("{kind}: {} | {}", said[0], said[1])
}

#[test]
fn each_mail_says_how_long_its_links_and_codes_live() {
    let kinds = [
        "confirm_signup",
        "sign_in",
        "invite",
        "recovery",
        "email_change_current",
        "email_change_new",
        "reauthentication",
    ];
    assert_snapshot!(kinds.map(lifetimes).join("\n").replace('\u{a0}', " "), @r"
    confirm_signup: 24 hours | 24 часа
    sign_in: 10 minutes | 10 минут
    invite: 24 hours | 24 часа
    recovery: 1 hour | 1 час
    email_change_current: 24 hours, 7 days | 24 часа, 7 дней
    email_change_new: 24 hours | 24 часа
    reauthentication: 10 minutes | 10 минут
    ");
}

#[test]
fn lines_of_the_text_part_are_short_except_for_the_link() {
    for (message, locale, mail) in every_mail() {
        for line in mail.text.lines().filter(|line| !line.contains("://")) {
            assert!(line.chars().count() <= 72, "{message:?} {locale:?}: {line}");
        }
        for line in mail.html.lines() {
            assert!(line.len() <= 998, "RFC 5322, section 2.1.1: {message:?} {locale:?}");
        }
    }
}

#[test]
fn the_html_part_is_well_formed_and_loads_nothing() {
    for (message, locale, mail) in every_mail() {
        assert_well_formed(&mail.html);
        assert!(mail.html.contains(&format!("<html lang=\"{}\"", locale.as_str())));
        assert!(mail.html.contains("name=\"color-scheme\""));
        for loader in ["<img", "<link", "<script", "<iframe", "<form", "url(", "@import", " src="] {
            assert!(!mail.html.contains(loader), "{message:?}: {loader}");
        }
    }
}

#[test]
fn the_same_message_gives_the_same_bytes() {
    for (message, locale, mail) in every_mail() {
        let one = renderer();
        assert!(one.mail(&message, locale).expect("renders") == mail);
        assert!(one.mail(&message, locale).expect("renders") == mail);
    }
}

#[test]
fn a_message_that_an_older_version_queued_can_be_read() {
    let json = r#"{"kind":"confirm_signup","address":"a@example.com","link":"https://a.example","code":"000000","redirect_to":"/x"}"#;
    let message: Message = serde_json::from_str(json).expect("a field that is no longer known is passed over");
    let (address, link) = ("a@example.com".to_owned(), "https://a.example".to_owned());
    assert_eq!(message, Message::ConfirmSignup { address, link, code: "000000".to_owned() });
}

#[test]
fn a_message_survives_the_outbox() {
    for message in every_message() {
        let json = serde_json::to_string(&message).expect("a message is plain data");
        let back: Message = serde_json::from_str(&json).expect("what was written can be read");
        assert_eq!(back, message);
        assert!(json.contains(&format!("\"kind\":\"{}\"", message.kind())));
    }
}
