//! What people read: every mail and every hosted page, in both languages, with friendly and with hostile data.

use std::collections::BTreeSet;

use edgegate::domain::{locale::Locale, mail::Message};
use edgegate::render::{
    Page, PasswordIs, PasswordProblem, Problem, Proof, RenderError, RenderedMail, Renderer, WelcomeLink, WelcomeLinkTo,
    csp_form_target, mask_address,
};
use insta::assert_snapshot;

const LOCALES: [Locale; 2] = [Locale::En, Locale::Ru];
const LINK: &str =
    "https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup";
const CODE: &str = "048213";
const ADDRESS: &str = "ann.lee@example.com";
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

fn renderer() -> Renderer {
    Renderer::new("Northwind", 24)
}

fn confirm_signup() -> Message {
    Message::ConfirmSignup {
        address: ADDRESS.to_owned(),
        link: LINK.to_owned(),
        code: CODE.to_owned(),
        redirect_to: None,
    }
}

fn already_registered() -> Message {
    Message::AlreadyRegistered { address: ADDRESS.to_owned(), site_url: "https://app.example.com".to_owned() }
}

fn every_mail() -> Vec<(Message, Locale, RenderedMail)> {
    let mut mails = Vec::new();
    for message in [confirm_signup(), already_registered()] {
        for locale in LOCALES {
            let mail = renderer().mail(&message, locale).expect("every mail renders");
            mails.push((message.clone(), locale, mail));
        }
    }
    mails
}

/// The confirmation page with the same text in every field that takes any text.
fn confirm_page(text: &str, proof: Proof) -> Page {
    Page::Confirm {
        action: "/auth/v1/verify".to_owned(),
        token: text.to_owned(),
        kind: text.to_owned(),
        redirect_to: Some(text.to_owned()),
        address_hint: Some(text.to_owned()),
        proof,
    }
}

fn password(password_is: PasswordIs, problem: Option<PasswordProblem>) -> Proof {
    Proof::Password { min_chars: 8, password_is, problem }
}

/// Every page in every shape, with `text` in every field.
fn every_page(text: &str) -> Vec<Page> {
    let mut pages = vec![
        confirm_page(text, Proof::SameBrowser),
        confirm_page(text, password(PasswordIs::Chosen, None)),
        Page::Confirm {
            action: "https://auth.example.com/auth/v1/verify".to_owned(),
            token: text.to_owned(),
            kind: "signup".to_owned(),
            redirect_to: None,
            address_hint: None,
            proof: password(PasswordIs::New, None),
        },
        Page::Confirm {
            action: "/auth/v1/verify".to_owned(),
            token: text.to_owned(),
            kind: "signup".to_owned(),
            redirect_to: None,
            address_hint: None,
            proof: Proof::SameBrowser,
        },
        Page::LinkDead { site_url: text.to_owned() },
        Page::Confirmed { continue_to: Some(text.to_owned()) },
        Page::Confirmed { continue_to: None },
        Page::Welcome { api_base: "/auth/v1".to_owned(), links: every_welcome_link(text) },
    ];
    for problem in [
        PasswordProblem::Missing,
        PasswordProblem::Wrong,
        PasswordProblem::TooShort,
        PasswordProblem::TooLong,
        PasswordProblem::TooEasy,
        PasswordProblem::Leaked,
    ] {
        pages.push(confirm_page(text, password(PasswordIs::New, Some(problem))));
    }
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
    pages
}

fn every_welcome_link(href: &str) -> Vec<WelcomeLink> {
    [
        WelcomeLinkTo::Mailbox,
        WelcomeLinkTo::ApiDocs,
        WelcomeLinkTo::Health,
        WelcomeLinkTo::Ready,
        WelcomeLinkTo::Settings,
        WelcomeLinkTo::Jwks,
    ]
    .map(|to| WelcomeLink { to, href: href.to_owned() })
    .to_vec()
}

fn page(page: &Page, locale: Locale) -> String {
    renderer().page(page, locale, NONCE).expect("every page renders")
}

mod mails {
    use super::*;

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

        If it was you, sign in with your password. If you have forgotten it, you
        can reset it there:

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

        Если это вы, войдите с паролем. Если не помните его, там же можно задать
        новый:

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
    fn the_text_part_knows_no_html() {
        let message = Message::ConfirmSignup {
            address: "o'hara&sons@example.com".to_owned(),
            link: LINK.to_owned(),
            code: CODE.to_owned(),
            redirect_to: None,
        };
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
    fn a_hostile_name_or_address_stays_text_and_the_subject_one_line() {
        for hostile in HOSTILE {
            let messages = [
                Message::ConfirmSignup {
                    address: hostile.to_owned(),
                    link: LINK.to_owned(),
                    code: hostile.to_owned(),
                    redirect_to: Some(hostile.to_owned()),
                },
                Message::AlreadyRegistered {
                    address: hostile.to_owned(),
                    site_url: "https://app.example.com".to_owned(),
                },
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
    fn a_mail_whose_link_is_not_http_is_not_rendered() {
        for link in ["javascript:alert(1)", "ftp://example.com", "/verify", "", "https://a b", "https://a\n.example"] {
            let message = Message::AlreadyRegistered { address: ADDRESS.to_owned(), site_url: link.to_owned() };
            let refused = renderer().mail(&message, Locale::En);
            assert!(matches!(refused, Err(RenderError::BadLink { field: "site_url" })), "{link}");
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
    fn a_message_survives_the_outbox() {
        for message in [confirm_signup(), already_registered()] {
            let json = serde_json::to_string(&message).expect("a message is plain data");
            let back: Message = serde_json::from_str(&json).expect("what was written can be read");
            assert_eq!(back, message);
            assert!(json.contains(&format!("\"kind\":\"{}\"", message.kind())));
        }
    }
}

mod pages {
    use super::*;

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
    fn hidden_fields_give_back_exactly_what_was_put_in() {
        let html = page(&confirm_page("a\"&'<b>", Proof::SameBrowser), Locale::En);
        for field in ["token", "type", "redirect_to"] {
            let written = format!("name=\"{field}\" value=\"a&quot;&amp;&#39;&lt;b&gt;\"");
            assert_eq!(html.matches(&written).count(), 1, "{field}");
        }
    }

    #[test]
    fn the_confirmation_page_has_one_button_and_posts_a_form() {
        for locale in LOCALES {
            for proof in [Proof::SameBrowser, password(PasswordIs::Chosen, None)] {
                let html = page(&confirm_page("t", proof), locale);
                assert_eq!(html.matches("<button").count(), 1);
                assert_eq!(html.matches("<form").count(), 1);
                assert!(html.contains(
                    "<form method=\"post\" action=\"/auth/v1/verify\" enctype=\"application/x-www-form-urlencoded\">"
                ));
                assert!(!html.contains("<a "), "nothing to press but the button");
            }
        }
    }

    #[test]
    fn the_same_browser_is_asked_for_no_password() {
        let html = page(&confirm_page("t", Proof::SameBrowser), Locale::En);
        assert!(!html.contains("type=\"password\"") && !html.contains("password_is"));
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
    fn a_form_goes_to_a_path_here_or_to_http_only() {
        for action in
            ["javascript:alert(1)", "//evil.example/x", "/\\evil.example", "/a\n/b", "data:text/html,x", "", "x"]
        {
            let shape = Page::Confirm {
                action: action.to_owned(),
                token: String::new(),
                kind: "signup".to_owned(),
                redirect_to: None,
                address_hint: None,
                proof: Proof::SameBrowser,
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
                let confirmed = page(&Page::Confirmed { continue_to: Some(url.to_owned()) }, locale);
                assert!(!dead.contains("href=") && !confirmed.contains("href="), "{url:?}");
            }
        }
        for url in ["https://app.example.com/a?b=c", "http://localhost:3000/", "com.example.app://done", "myapp:/done"]
        {
            let html = page(&Page::Confirmed { continue_to: Some(url.to_owned()) }, Locale::En);
            assert!(html.contains(&format!("href=\"{url}\"")), "{url}");
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
    fn the_welcome_page_links_where_it_is_told() {
        for locale in LOCALES {
            let shape = Page::Welcome { api_base: "/auth/v1".to_owned(), links: every_welcome_link("/auth/v1/health") };
            assert_eq!(page(&shape, locale).matches("<li><a href=\"/auth/v1/health\">").count(), 6);
        }
    }

    #[test]
    fn a_masked_address_is_recognised_by_its_owner_only() {
        assert_eq!(mask_address("ann.lee@example.com"), "a•••@example.com");
        assert_eq!(mask_address("я@пример.рф"), "я•••@пример.рф");
        assert_eq!(mask_address("\"a@b\"@example.com"), "\"•••@example.com");
        assert_eq!(mask_address("nothing"), "n•••");
        assert_eq!(mask_address(""), "•••");
    }

    #[test]
    fn both_languages_have_the_same_words_and_every_word_is_used() {
        let english = names(include_str!("../src/templates/page/strings.en.html"));
        let russian = names(include_str!("../src/templates/page/strings.ru.html"));
        assert_eq!(english, russian);

        let templates = [
            include_str!("../src/templates/page/confirm.html"),
            include_str!("../src/templates/page/confirmed.html"),
            include_str!("../src/templates/page/link_dead.html"),
            include_str!("../src/templates/page/problem.html"),
            include_str!("../src/templates/page/welcome.html"),
        ]
        .concat();
        for name in english {
            let by_key = ["password_", "problem_", "link_"].iter().any(|prefix| name.starts_with(prefix));
            assert!(by_key || templates.contains(&format!("t.{name}")), "{name} is not used");
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
}

/// No element or attribute of the hostile strings has come alive, and no template syntax of theirs was run.
/// The welcome page's own script is compared elsewhere and left out here.
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

/// Every element is closed in order, attribute values are quoted and not given twice, ids are unique, `&` begins an
/// entity. Stricter than HTML, so a page that passes means the same to every parser.
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
