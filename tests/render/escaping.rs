//! Text from outside stays text: hostile data in every field of every mail and page, and nothing secret in `Debug`.

use edgegate::domain::{locale::Locale, mail::Message, user_agent::Device};
use edgegate::render::{Proof, Renderer};
use insta::assert_snapshot;

use super::{
    CODE, HOSTILE, LINK, LOCALES, NONCE, assert_harmless, assert_well_formed, confirm_page, confirm_signup, every_mail,
    every_page, page, renderer, replayed_by,
};

#[test]
fn the_text_part_knows_no_html() {
    let address = "o'hara&sons@example.com".to_owned();
    let message = Message::ConfirmSignup { address, link: LINK.to_owned(), code: CODE.to_owned() };
    for locale in LOCALES {
        let text = Renderer::new("Fish & <Chips>", 24).mail(&message, locale).expect("renders").text;
        assert!(text.contains("o'hara&sons@example.com"));
        assert!(text.contains("Fish & <Chips>"));
        assert!(!text.contains("&amp;") && !text.contains("&#") && !text.contains("&nbsp;"));
    }
}

#[test]
fn no_template_syntax_and_no_placeholder_is_left() {
    for (message, locale, mail) in every_mail() {
        for part in [&mail.subject, &mail.text, &mail.html] {
            for left in ["{{", "}}", "{%", "%}", "{#", "#}", "undefined", "none,"] {
                assert!(!part.contains(left), "{message:?} {locale:?}: {left}");
            }
        }
    }
}

#[test]
fn a_hostile_name_address_or_device_stays_text_and_the_subject_one_line() {
    for hostile in HOSTILE {
        let hostile_word = || Some(hostile.to_owned().into());
        let messages = [
            Message::ConfirmSignup { address: hostile.to_owned(), link: LINK.to_owned(), code: hostile.to_owned() },
            Message::AlreadyRegistered { address: hostile.to_owned(), site_url: "https://app.example.com".to_owned() },
            replayed_by(Device { browser: hostile_word(), system: hostile_word() }),
            replayed_by(Device { browser: None, system: hostile_word() }),
            replayed_by(Device::parse(hostile)),
        ];
        for message in messages {
            for locale in LOCALES {
                let mail = Renderer::new(hostile, 24).mail(&message, locale).expect("renders");
                assert!(!mail.subject.chars().any(char::is_control), "{:?}", mail.subject);
                assert!(!mail.subject.contains('\u{202e}') && !mail.html.contains('\u{202e}'));
                assert!(!mail.subject.contains("49") && !mail.text.contains("49"));
                assert!(!mail.text.contains('\r') && !mail.text.lines().any(|line| line.starts_with("Bcc")));
                assert_well_formed(&mail.html);
                assert_harmless(&mail.html);
            }
        }
    }
}

#[test]
fn debug_output_holds_neither_secret_nor_address() {
    let mail = renderer().mail(&confirm_signup(), Locale::En).expect("renders");
    assert_snapshot!(format!("{:?} {mail:?}", confirm_signup()), @r#"Message { kind: "confirm_signup", .. } RenderedMail { .. }"#);
    let page = confirm_page("secret", Proof::SameBrowser);
    assert_snapshot!(format!("{page:?} {:?}", renderer()), @r#"Page { name: "confirm", .. } Renderer { app_name: "Northwind", .. }"#);
}

#[test]
fn hostile_data_stays_text_in_every_field_of_every_page() {
    for hostile in HOSTILE {
        for shape in every_page(hostile) {
            for locale in LOCALES {
                let html = Renderer::new(hostile, 24).page(&shape, locale, NONCE).expect("every page renders");
                assert_well_formed(&html);
                assert_harmless(&html);
            }
        }
    }
}

#[test]
fn the_hidden_field_gives_back_exactly_what_was_put_in() {
    let html = page(&confirm_page("a\"&'<b>", Proof::SameBrowser), Locale::En);
    assert!(html.contains("name=\"token\" value=\"a&quot;&amp;&#39;&lt;b&gt;\""));
    assert_eq!(html.matches("type=\"hidden\"").count(), 1, "the token says everything");
}
