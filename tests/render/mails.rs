//! The mails: what they say in both languages, and what stands where in their two parts.

use edgegate::domain::{locale::Locale, mail::Message};
use edgegate::render::Renderer;
use insta::assert_snapshot;

use super::{CODE, LINK, LOCALES, already_registered, assert_well_formed, confirm_signup, every_mail, renderer};

#[test]
fn subjects_are_what_people_should_read() {
    let subjects: Vec<String> = every_mail().into_iter().map(|(.., mail)| mail.subject).collect();
    assert_snapshot!(subjects.join("\n"), @r"
    Confirm your email address for Northwind
    Northwind: подтвердите адрес электронной почты
    You already have an account with Northwind
    Northwind: у вас уже есть учётная запись
    ");
}

#[test]
fn the_english_confirmation_reads_well() {
    let mail = renderer().mail(&confirm_signup(), Locale::En).expect("renders");
    assert_snapshot!(mail.text.replace('\u{a0}', " "), @r"
    Hello!

    Somebody signed up for Northwind with the address ann.lee@example.com.

    If it was you, open this link and press the button on the page. That
    confirms the address and signs you in:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Or type this code where you signed up:

    048213

    The link and the code work for 24 hours. After that, ask for a new email
    where you signed up.

    If it was not you, ignore this email: unless the address is confirmed,
    no account becomes active. Do not give the code to anyone.
    ");
}

#[test]
fn the_russian_confirmation_reads_well() {
    let mail = renderer().mail(&confirm_signup(), Locale::Ru).expect("renders");
    assert_snapshot!(mail.text.replace('\u{a0}', " "), @r"
    Здравствуйте!

    Кто-то зарегистрировался в Northwind и указал адрес ann.lee@example.com.

    Если это вы, откройте ссылку и нажмите кнопку на странице. Так вы
    подтвердите адрес и сразу войдёте:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Или введите этот код там, где регистрировались:

    048213

    Ссылка и код действуют 24 часа. Потом можно запросить новое письмо там
    же, где вы регистрировались.

    Если это не вы, ничего делать не нужно: пока адрес не подтверждён,
    учётная запись не заработает. Никому не сообщайте код.
    ");
}

#[test]
fn the_english_note_to_an_existing_account_reads_well() {
    let mail = renderer().mail(&already_registered(), Locale::En).expect("renders");
    assert_snapshot!(mail.text.replace('\u{a0}', " "), @r"
    Hello!

    Somebody tried to sign up for Northwind with the address
    ann.lee@example.com. You already have an account with this address, so
    no new one was made, and yours stays as it was.

    If it was you, sign in with the password you already have:

    https://app.example.com

    If it was not you, there is nothing to do: nothing happened, and nothing
    changed. Whoever it was did not learn from us that you have an account.
    ");
}

#[test]
fn the_russian_note_to_an_existing_account_reads_well() {
    let mail = renderer().mail(&already_registered(), Locale::Ru).expect("renders");
    assert_snapshot!(mail.text.replace('\u{a0}', " "), @r"
    Здравствуйте!

    Кто-то пытался зарегистрироваться в Northwind с адресом
    ann.lee@example.com. У вас уже есть учётная запись с этим адресом,
    поэтому новая не появилась, а в вашей ничего не изменилось.

    Если это вы, войдите с паролем, который уже задали:

    https://app.example.com

    Если это не вы, ничего делать не нужно: ничего не произошло и ничего не
    изменилось. О том, что у вас есть учётная запись, мы никому не сообщили.
    ");
}

#[test]
fn the_text_part_holds_link_and_code_exactly_once_each_on_a_line_of_its_own() {
    for locale in LOCALES {
        let text = renderer().mail(&confirm_signup(), locale).expect("renders").text;
        assert_eq!(text.matches(LINK).count(), 1);
        assert_eq!(text.matches(CODE).count(), 1);
        assert!(text.lines().any(|line| line == LINK));
        assert!(text.lines().any(|line| line == CODE));
    }
}

#[test]
fn the_html_part_holds_the_code_once_and_the_link_as_button_and_bare() {
    let escaped = LINK.replace('&', "&amp;");
    for locale in LOCALES {
        let html = renderer().mail(&confirm_signup(), locale).expect("renders").html;
        assert_eq!(html.matches(CODE).count(), 1, "one code, its digits not torn apart");
        assert_eq!(html.matches(&format!("href=\"{escaped}\"")).count(), 2);
        assert_eq!(html.matches(&format!(">{escaped}</a>")).count(), 1);
        assert_eq!(html.matches("Zk3vR1mQ9sT7").count(), 3, "the token is nowhere else");
    }
}

#[test]
fn the_subject_and_the_preview_hold_no_secret() {
    for locale in LOCALES {
        let mail = renderer().mail(&confirm_signup(), locale).expect("renders");
        assert!(!mail.subject.contains(CODE));
        let preview = mail.html.split("</div>").next().expect("split has a first part");
        assert!(preview.contains("display:none"), "the preview is the first thing in the body");
        assert!(!preview.contains(CODE));
        assert!(!preview.contains("Zk3vR1mQ9sT7"));
    }
}

#[test]
fn the_note_to_an_existing_account_holds_no_way_in() {
    for locale in LOCALES {
        let mail = renderer().mail(&already_registered(), locale).expect("renders");
        assert_eq!(mail.text.matches("https://").count(), 1);
        assert!(mail.text.contains("https://app.example.com\n"));
        assert!(!mail.text.contains("token"));
    }
}

#[test]
fn the_lifetime_is_the_configured_one_in_correct_grammar() {
    let lines = [1, 2, 5, 11, 21, 22, 24].map(|hours| {
        let said = LOCALES.map(|locale| {
            let mail = Renderer::new("Northwind", hours).mail(&confirm_signup(), locale).expect("renders");
            let number = format!("{hours}\u{a0}");
            let word = mail.text.split(&number).nth(1).expect("the number is there");
            word.split(['.', '\n', ' ']).next().expect("split has a first part").to_owned()
        });
        format!("{hours} {} {}", said[0], said[1])
    });
    assert_snapshot!(lines.join("\n"), @r"
    1 hour час
    2 hours часа
    5 hours часов
    11 hours часов
    21 hours час
    22 hours часа
    24 hours часа
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
    assert_eq!(message.address(), "a@example.com");
}

#[test]
fn a_message_survives_the_outbox() {
    for message in [confirm_signup(), already_registered()] {
        let json = serde_json::to_string(&message).expect("a message is plain data");
        let back: Message = serde_json::from_str(&json).expect("what was written can be read");
        assert_eq!(back, message);
        assert!(json.contains(&format!("\"kind\":\"{}\"", message.kind())));
    }
}
