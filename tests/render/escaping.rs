//! Text from outside stays text: hostile data in every field of every mail and page, and nothing
//! secret in `Debug`.

use edgegate::domain::locale::Locale;
use edgegate::domain::mail::message::Message;
use edgegate::domain::session::user_agent::Device;
use edgegate::render::ConfirmInput;
use insta::assert_snapshot;

use super::{
    CODE, HOSTILE, LINK, LOCALES, NONCE, Words, assert_harmless, assert_well_formed, confirm_page, confirm_signup,
    every_mail, every_page, page, renderer, renderer_for, samples, told_of,
};

#[test]
fn the_text_part_knows_no_html() {
    let address = "o'hara&sons@example.com".to_owned();
    let message = Message::ConfirmSignup { address, link: LINK.to_owned(), code: CODE.to_owned() };
    for locale in LOCALES {
        let text = renderer_for("Fish & <Chips>").mail(&message, locale).expect("renders").text;
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
        let by = [
            Device { browser: hostile_word(), system: hostile_word() },
            Device { browser: None, system: hostile_word() },
            Device::parse(hostile),
        ];
        let mut messages: Vec<Message> = by.iter().flat_map(told_of).collect();
        messages.extend(samples::messages(&Words { address: hostile, browser: hostile }));
        let (address, link, code) = (hostile.to_owned(), LINK.to_owned(), hostile.to_owned());
        messages.push(Message::ConfirmSignup { address, link, code });
        messages.push(Message::Reauthentication { code: hostile.to_owned() });
        for message in messages {
            for locale in LOCALES {
                let mail = renderer_for(hostile).mail(&message, locale).expect("renders");
                assert!(!mail.subject.chars().any(char::is_control), "{:?}", mail.subject);
                assert!(!mail.subject.contains('\u{202e}') && !mail.html.contains('\u{202e}'));
                assert!(!mail.subject.contains("49") && !mail.text.contains("49"));
                assert!(!mail.text.chars().any(|character| character.is_control() && character != '\n'));
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
    let page = confirm_page("secret", ConfirmInput::None);
    assert_snapshot!(format!("{page:?} {:?}", renderer()), @r#"Page { name: "confirm", .. } Renderer { app_name: "Northwind", .. }"#);
}

#[test]
fn hostile_data_stays_text_in_every_field_of_every_page() {
    for hostile in HOSTILE {
        for shape in every_page(hostile) {
            for locale in LOCALES {
                let html = renderer_for(hostile).page(&shape, locale, NONCE).expect("every page renders");
                assert_well_formed(&html);
                assert_harmless(&html);
            }
        }
    }
}

#[test]
fn the_hidden_field_gives_back_exactly_what_was_put_in() {
    let html = page(&confirm_page("a\"&'<b>", ConfirmInput::None), Locale::En);
    assert!(html.contains("name=\"token\" value=\"a&quot;&amp;&#39;&lt;b&gt;\""));
    assert_eq!(html.matches("type=\"hidden\"").count(), 1, "the token says everything");
}
