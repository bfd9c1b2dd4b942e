//! The hosted pages: what each one shows and asks for, in both languages.

use std::collections::BTreeSet;

use edgegate::domain::credential::one_time_token::TokenKind;
use edgegate::domain::locale::Locale;
use edgegate::render::{ConfirmInput, Notice, Page, PasswordIs, PasswordProblem, Problem, RenderError, mask_address};
use insta::assert_snapshot;

use super::samples::{self, LINK_KINDS, proofs};
use super::{
    LOCALES, NONCE, assert_well_formed, confirm_page, every_page, every_welcome_link, page, password, renderer,
};

#[test]
fn every_page_is_well_formed_in_both_languages() {
    for shape in every_page("https://app.example.com/a?b=1&c=2") {
        for locale in LOCALES {
            let html = page(&shape, locale);
            assert_well_formed(&html);
            assert!(html.contains(&format!("<html lang=\"{}\"", locale.as_str())));
            assert_eq!(html.matches("<h1>").count(), 1, "{shape:?}");
            for left in ["{{", "}}", "{%", "%}", "{#", "#}", "undefined"] {
                let script_free = html.split("<script").next().expect("split has a first part");
                assert!(!script_free.contains(left), "{shape:?} {locale:?}: {left}");
            }
        }
    }
}

#[test]
fn everything_inline_carries_the_nonce_and_nothing_is_loaded() {
    for shape in every_page("x") {
        let html = page(&shape, Locale::En);
        assert_eq!(html.matches("<style").count(), 1);
        assert!(html.contains(&format!("<style nonce=\"{NONCE}\">")));
        let scripts = usize::from(matches!(shape, Page::Welcome { .. }));
        assert_eq!(html.matches("<script").count(), scripts, "{shape:?}");
        assert_eq!(html.matches(&format!("<script nonce=\"{NONCE}\">")).count(), scripts);
        for forbidden in [" style=", " src=", "<link", "<img", "<iframe", "url(", "@import", " onclick"] {
            assert!(!html.contains(forbidden), "{shape:?}: {forbidden}");
        }
    }
}

#[test]
fn the_page_behind_each_link_has_one_button_for_each_form_and_posts_it() {
    for locale in LOCALES {
        for kind in LINK_KINDS {
            for proof in proofs() {
                let forms = if matches!(
                    proof,
                    ConfirmInput::AppOrPassword { .. } | ConfirmInput::CurrentPassword { or_app: true, .. }
                ) {
                    2
                } else {
                    1
                };
                let html = page(&samples::confirm(kind, "t", proof), locale);
                assert_eq!(html.matches("<button class=\"button").count(), forms);
                assert_eq!(html.matches("<button").count(), forms);
                let form = "<form method=\"post\" action=\"/auth/v1/verify/confirm\" \
                    enctype=\"application/x-www-form-urlencoded\">\n<input type=\"hidden\" name=\"token\" value=\"t\">";
                assert_eq!(html.matches(form).count(), forms);
                assert!(!html.contains("<a "), "nothing to press but the buttons");
            }
        }
    }
}

#[test]
fn where_nothing_more_is_needed_no_password_is_asked_for() {
    for kind in LINK_KINDS {
        let html = page(&samples::confirm(kind, "t", ConfirmInput::None), Locale::En);
        assert!(!html.contains("type=\"password\"") && !html.contains("password_is"), "{kind:?}");
    }
}

#[test]
fn each_kind_of_link_says_what_its_button_does() {
    let lines = LINK_KINDS.map(|kind| {
        LOCALES
            .map(|locale| {
                let html = page(&samples::confirm(kind, "a•••@example.com", ConfirmInput::None), locale);
                let heading = between(&html, "<h1>", "</h1>");
                let button = between(&html, "type=\"submit\">", "</button>");
                assert!(html.contains(&format!("<title>{heading} · Northwind</title>")));
                format!("{heading} [{button}]")
            })
            .join(" | ")
    });
    assert_snapshot!(lines.join("\n"), @r"
    Confirm your email address [Confirm and sign in] | Подтвердите адрес почты [Подтвердить и войти]
    Sign in [Sign in] | Вход [Войти]
    Set a new password [Continue] | Задайте новый пароль [Продолжить]
    Agree to the new address? [Agree to the change] | Вы согласны сменить адрес? [Согласиться]
    Confirm your new address [Confirm the new address] | Подтвердите новый адрес [Подтвердить новый адрес]
    Did somebody else change your address? [It was not me: take it back] | Ваш адрес сменил кто-то другой? [Это не я: вернуть как было]
    ");
}

#[test]
fn a_code_that_proves_once_more_who_is_there_has_no_page() {
    let shape = samples::confirm(TokenKind::Reauthentication, "t", ConfirmInput::None);
    assert!(matches!(renderer().page(&shape, Locale::En, NONCE), Err(RenderError::Template(_))));
}

#[test]
fn whoever_recovers_an_account_gives_a_new_password_and_nothing_else() {
    for problem in [None, Some(PasswordProblem::TooShort)] {
        let shape = samples::confirm(TokenKind::Recovery, "t", ConfirmInput::NewPassword { min_chars: 12, problem });
        let html = page(&shape, Locale::En);
        assert!(html.contains("<input type=\"hidden\" name=\"password_is\" value=\"new\">"));
        assert!(!html.contains("type=\"radio\""));
        assert!(html.contains("autocomplete=\"new-password\""));
        assert!(html.contains("id=\"new-hint\">At least 12\u{a0}characters.</p>"));
        let described = if problem.is_some() { "password-error new-hint" } else { "new-hint" };
        assert!(html.contains(&format!("aria-describedby=\"{described}\"")));
        assert_eq!(html.contains("autofocus"), problem.is_some());
        assert!(html.contains("type=\"submit\">Save and sign in</button>"));
    }
}

#[test]
fn where_an_app_may_tell_the_password_waits_behind_a_disclosure_that_a_problem_opens() {
    for (problem, opened) in
        [(None, "<details class=\"otherwise\">"), (Some(PasswordProblem::Wrong), "<details class=\"otherwise\" open>")]
    {
        let proof = ConfirmInput::AppOrPassword { min_chars: 8, password_is: PasswordIs::Chosen, problem };
        let html = page(&samples::confirm(TokenKind::MagicLink, "t", proof), Locale::En);
        let (before, inside) = html.split_once(opened).expect("the disclosure");
        assert!(
            before.contains("<form ")
                && !before.contains("name=\"password")
                && !before.contains("name=\"password_is\"")
        );
        assert!(
            inside.contains("<summary>")
                && inside.contains("name=\"password\"")
                && inside.contains("name=\"password_is\"")
        );
        assert_eq!(inside.contains("role=\"alert\""), problem.is_some());
        assert_eq!(html.contains("<title>Error: "), problem.is_some());
    }
}

#[test]
fn taking_a_change_of_address_back_says_all_it_does_before_it_does_it() {
    for (locale, words) in [
        (Locale::En, ["old address", "signed out", "no password"]),
        (Locale::Ru, ["прежний адрес", "сеансы завершатся", "Пароля у неё не будет"]),
    ] {
        let html = page(&samples::confirm(TokenKind::EmailChangeUndo, "t", ConfirmInput::None), locale);
        let (before, _) = html.split_once("<form ").expect("the form");
        assert!(words.iter().all(|word| before.contains(word)), "{locale:?}");
    }
}

#[test]
fn a_notice_says_what_has_happened_and_leads_on() {
    let lines = [Notice::EmailChangeHalfDone, Notice::EmailChanged, Notice::EmailChangeUndone].map(|notice| {
        LOCALES
            .map(|locale| {
                let html = page(&Page::Notice { notice, site_url: "https://app.example.com/".to_owned() }, locale);
                assert!(html.contains("<a class=\"button\" href=\"https://app.example.com/\""));
                assert!(!html.contains("<form"));
                between(&html, "<h1>", "</h1>").to_owned()
            })
            .join(" | ")
    });
    assert_snapshot!(lines.join("\n"), @r"
    One more step | Остался один шаг
    Your address has changed | Адрес изменён
    The change is taken back | Смена адреса отменена
    ");
    let without = page(&Page::Notice { notice: Notice::EmailChanged, site_url: "javascript:x".to_owned() }, Locale::En);
    assert!(!without.contains("<a "));
}

/// What stands between the first `start` and the next `end`.
fn between<'a>(html: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = html.split_once(start).expect("the start");
    rest.split_once(end).expect("the end").0
}

#[test]
fn another_browser_is_asked_which_password_it_is() {
    let chosen = page(&confirm_page("t", password(PasswordIs::Chosen, None)), Locale::En);
    assert!(chosen.contains("name=\"password_is\" value=\"chosen\" checked>"));
    assert!(chosen.contains("autocomplete=\"current-password\""));
    assert!(chosen.contains("At least 8\u{a0}characters"));
    assert!(!chosen.contains("aria-invalid=\"true\" ") && !chosen.contains("role=\"alert\""));

    let new = page(&confirm_page("t", password(PasswordIs::New, None)), Locale::En);
    assert!(new.contains("name=\"password_is\" value=\"new\" checked"));
    assert!(new.contains("autocomplete=\"new-password\""));
    assert_eq!(new.matches(" checked").count(), 1);
    for html in [chosen, new] {
        assert!(!html.contains("onpaste") && !html.contains("maxlength"), "any password can be pasted");
    }
}

#[test]
fn a_refused_password_is_explained_beside_the_field_and_never_shown_again() {
    let shape = confirm_page("t", password(PasswordIs::Chosen, Some(PasswordProblem::Wrong)));
    let html = page(&shape, Locale::En);
    assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"password-error\""));
    assert!(html.contains("role=\"alert\">This is not the password chosen when signing up."));
    assert!(html.contains("<title>Error: "));
    let field = html.split("id=\"password\"").nth(1).expect("the field is there");
    assert!(!field.split('>').next().expect("split has a first part").contains("value="));
}

#[test]
fn the_form_field_that_tells_the_passwords_apart_has_two_values() {
    for choice in [PasswordIs::Chosen, PasswordIs::New] {
        assert_eq!(PasswordIs::parse(choice.as_str()), Some(choice));
    }
    assert_eq!(PasswordIs::parse("Chosen"), None);
    assert_eq!(PasswordIs::parse(""), None);
}

#[test]
fn waiting_times_are_said_in_units_people_use() {
    let lines = [1, 59, 60, 61, 300, 5400, 5401, 86_400].map(|seconds| {
        LOCALES
            .map(|locale| {
                let shape = Page::Problem {
                    status: 429,
                    problem: Problem::TooManyAttempts { retry_after_seconds: Some(seconds) },
                    request_id: None,
                };
                let html = page(&shape, locale);
                let sentence = html.split("<p>").nth(1).expect("the page has a paragraph");
                sentence.split("</p>").next().expect("split has a first part").to_owned()
            })
            .join(" ")
    });
    assert_snapshot!(lines.join("\n").replace('\u{a0}', " "), @r"
    You can try again in 1 second. Попробуйте снова через 1 секунду.
    You can try again in 59 seconds. Попробуйте снова через 59 секунд.
    You can try again in 1 minute. Попробуйте снова через 1 минуту.
    You can try again in 2 minutes. Попробуйте снова через 2 минуты.
    You can try again in 5 minutes. Попробуйте снова через 5 минут.
    You can try again in 90 minutes. Попробуйте снова через 90 минут.
    You can try again in 2 hours. Попробуйте снова через 2 часа.
    You can try again in 24 hours. Попробуйте снова через 24 часа.
    ");
}

#[test]
fn the_welcome_script_holds_no_data_and_writes_text_only() {
    let one = page(&Page::Welcome { api_base: "/auth/v1".to_owned(), links: vec![] }, Locale::En);
    let other = page(&Page::Welcome { api_base: "/other".to_owned(), links: every_welcome_link("/x") }, Locale::Ru);
    let script = |html: &str| html.split("<script").nth(1).expect("there is a script").to_owned();
    assert_eq!(script(&one), script(&other));
    assert!(one.contains("data-api=\"/auth/v1\""));
    for sink in ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Storage", "cookie ="] {
        assert!(!script(&one).contains(sink), "{sink}");
    }
    assert!(script(&one).contains("history.replaceState"));
}

#[test]
fn a_masked_address_is_recognised_by_its_owner_only() {
    assert_eq!(mask_address("ann.lee@example.com"), "a•••@example.com");
    assert_eq!(mask_address("я@пример.рф"), "я•••@пример.рф");
    assert_eq!(mask_address("\"a@b\"@example.com"), "\"•••@example.com");
    assert_eq!(mask_address("nothing"), "n•••");
    assert_eq!(mask_address(""), "•••");
}

const ENGLISH: &str = include_str!("../../src/templates/page/strings.en.html");
const RUSSIAN: &str = include_str!("../../src/templates/page/strings.ru.html");

#[test]
fn both_languages_have_the_same_words_and_every_word_is_used() {
    let english = names(ENGLISH);
    assert_eq!(english, names(RUSSIAN));

    let templates = [
        include_str!("../../src/templates/page/confirm.html"),
        include_str!("../../src/templates/page/link_dead.html"),
        include_str!("../../src/templates/page/notice.html"),
        include_str!("../../src/templates/page/problem.html"),
        include_str!("../../src/templates/page/welcome.html"),
    ]
    .concat();
    for name in english {
        let by_key = ["password_", "problem_", "link_", "notice_"].iter().any(|prefix| name.starts_with(prefix));
        let by_kind = LINK_KINDS.iter().any(|kind| {
            let rest = name.strip_prefix(kind.as_str()).unwrap_or_default();
            templates.contains(&format!("t[kind ~ \"{rest}\"]")) && !rest.is_empty()
        });
        assert!(by_key || by_kind || templates.contains(&format!("t.{name}")), "{name} is not used");
    }
}

#[test]
fn every_sentence_is_on_some_page() {
    for (locale, strings) in [(Locale::En, ENGLISH), (Locale::Ru, RUSSIAN)] {
        let pages: String = every_page("https://app.example.com").iter().map(|shape| page(shape, locale)).collect();
        for line in strings.lines().filter_map(|line| line.strip_prefix("{% set ")) {
            let (name, sentence) = line.split_once(" = ").expect("a name and a text");
            let sentence = sentence.trim_start_matches('"').trim_end_matches("\" %}");
            assert!(pages.contains(sentence), "{name} is never shown");
        }
    }
}

/// The names that a file of strings defines.
fn names(strings: &str) -> BTreeSet<&str> {
    strings
        .lines()
        .filter_map(|line| line.strip_prefix("{% set ").or_else(|| line.strip_prefix("{% macro ")))
        .filter_map(|rest| rest.split([' ', '(']).next())
        .collect()
}

#[test]
fn the_same_page_gives_the_same_bytes() {
    for shape in every_page("https://app.example.com") {
        assert_eq!(page(&shape, Locale::Ru), page(&shape, Locale::Ru));
    }
}
