//! The mails: what they say in both languages, and what stands where in their two parts.

use chrono::DateTime;
use edgegate::domain::{locale::Locale, mail::Message, user_agent::Device};
use edgegate::render::{RenderedMail, Renderer};
use insta::assert_snapshot;

use super::{
    CODE, LINK, LOCALES, already_registered, assert_well_formed, confirm_signup, every_mail, every_message, renderer,
    replayed_by, session_replayed,
};

#[test]
fn subjects_are_what_people_should_read() {
    let subjects: Vec<String> = every_mail().into_iter().map(|(.., mail)| mail.subject).collect();
    assert_snapshot!(subjects.join("\n"), @r"
    Confirm your email address for Northwind
    Northwind: подтвердите адрес электронной почты
    You already have an account with Northwind
    Northwind: у вас уже есть учётная запись
    One of your Northwind sessions was ended
    Northwind: один из ваших сеансов завершён
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
fn the_english_note_about_a_replayed_session_reads_well() {
    let mail = renderer().mail(&session_replayed(), Locale::En).expect("renders");
    assert_snapshot!(mail.text.replace('\u{a0}', " "), @r"
    Hello!

    To be on the safe side, we ended one of the sessions of your Northwind
    account. A session is kept going by a key that is exchanged for a new
    one now and then. A key that had already been exchanged was used once
    more:

    When: 24 November 2026, 12:05 UTC
    Device: Chrome on Windows
    IP address: 203.0.113.7

    This may have been your own device or somebody else's: either an app
    made a mistake, or somebody has a copy of the key. We cannot tell which,
    so we ended this session at once, on every device that shared it. Your
    other sessions go on.

    To go on, sign in again:

    https://app.example.com

    If you do not recognise the device or the address, change your password
    as soon as you are signed in. Do the same if you get an email like this
    again.
    ");
}

#[test]
fn the_russian_note_about_a_replayed_session_reads_well() {
    let mail = renderer().mail(&session_replayed(), Locale::Ru).expect("renders");
    assert_snapshot!(mail.text.replace('\u{a0}', " "), @r"
    Здравствуйте!

    Для вашей безопасности мы завершили один из сеансов вашей учётной записи
    в Northwind. Сеанс держится на ключе, который время от времени
    заменяется новым. Ключ, который уже был заменён, использовали ещё раз:

    Когда: 24 ноября 2026 г., 12:05 UTC
    Устройство: Chrome на Windows
    IP-адрес: 203.0.113.7

    Это могло быть и ваше устройство, и чужое: либо ошиблось приложение,
    либо у кого-то есть копия ключа. Отличить одно от другого мы не можем,
    поэтому сразу завершили этот сеанс на всех устройствах, где он был
    открыт. Остальные ваши сеансы продолжаются.

    Чтобы продолжить, войдите снова:

    https://app.example.com

    Если вы не узнаёте устройство или адрес, после входа смените пароль.
    Сделайте то же самое, если такое письмо придёт ещё раз.
    ");
}

/// What the text part says after the label, which is the first in English and the second in Russian.
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
fn an_unknown_ip_address_is_left_out() {
    for locale in LOCALES {
        let Message::SessionReplayed { at, device, site_url, .. } = session_replayed() else { unreachable!() };
        let message = Message::SessionReplayed { at, device, ip: None, site_url };
        let mail = renderer().mail(&message, locale).expect("renders");
        assert!(!mail.text.contains("IP") && !mail.html.contains("IP"));
    }
}

#[test]
fn every_month_is_said_in_words() {
    let lines = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(|month| {
        let said = LOCALES.map(|locale| {
            let Message::SessionReplayed { device, ip, site_url, .. } = session_replayed() else { unreachable!() };
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
fn a_mere_note_holds_no_way_in_and_no_link_but_the_site() {
    for message in [already_registered(), session_replayed()] {
        for locale in LOCALES {
            let mail = renderer().mail(&message, locale).expect("renders");
            assert_eq!(mail.text.matches("://").count(), 1);
            assert!(mail.text.contains("https://app.example.com\n"));
            assert_eq!(mail.html.matches("href=").count(), 2);
            assert_eq!(mail.html.matches("href=\"https://app.example.com\"").count(), 2);
            assert!(!mail.text.contains("token"));
        }
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
