//! What `npm run mail:preview` runs: renders every mail and hosted page by the real renderer, with
//! the templates of this checkout, and prints them as JSON. With `--check` it prints what is wrong
//! instead, and fails if anything is. `--app-name NAME` puts another name in place of the sample's.

mod check;
mod samples;

use std::process::ExitCode;

use edgegate::domain::credential::one_time_token::TokenKind;
use edgegate::domain::locale::Locale;
use edgegate::render::{ConfirmInput, Notice, Page, PasswordIs, PasswordProblem, Problem, Renderer, mask_address};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = arguments.iter().position(|argument| argument == "--app-name").and_then(|at| arguments.get(at + 1));
    let renderer = Renderer::new(given.map_or("Northwind", String::as_str));
    let problems = check::problems(&renderer, &Renderer::new(check::strange_app_name()));
    if arguments.iter().any(|argument| argument == "--check") {
        for problem in &problems {
            println!("{problem}");
        }
        return if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let everything = json!({
        "mails": mails(&renderer),
        "pages": pages(&renderer),
        "replaced": Renderer::replaced().collect::<Vec<_>>(),
        "problems": problems,
    });
    println!("{everything}");
    ExitCode::SUCCESS
}

fn mails(renderer: &Renderer) -> Vec<Value> {
    let mut mails = Vec::new();
    for message in samples::messages(&samples::USUAL) {
        for locale in Locale::ALL {
            let mut shown = json!({ "name": message.kind(), "locale": locale.as_str() });
            match renderer.mail(&message, locale) {
                Ok(mail) => {
                    shown["subject"] = mail.subject.into();
                    shown["text"] = mail.text.into();
                    shown["html"] = mail.html.into();
                }
                Err(error) => shown["error"] = check::explain(&error).into(),
            }
            mails.push(shown);
        }
    }
    mails
}

/// Each page as people meet it; `samples::pages` has all that can be, which is far more.
fn pages(renderer: &Renderer) -> Vec<Value> {
    let mut shown = Vec::new();
    for (name, page) in typical_pages() {
        for locale in Locale::ALL {
            shown.push(match renderer.page(&page, locale, "preview") {
                Ok(html) => json!({ "name": name, "locale": locale.as_str(), "html": html }),
                Err(error) => json!({ "name": name, "locale": locale.as_str(), "error": check::explain(&error) }),
            });
        }
    }
    shown
}

fn typical_pages() -> Vec<(String, Page)> {
    let hint = mask_address(samples::USUAL.address);
    let confirm = |kind, proof| samples::confirm(kind, &hint, proof);
    let password = |problem| ConfirmInput::Password { min_chars: 8, password_is: PasswordIs::Chosen, problem };
    let mut pages: Vec<(String, Page)> = Vec::new();
    for kind in samples::LINK_KINDS {
        let name = kind.as_str();
        pages.push((name.to_owned(), confirm(kind, ConfirmInput::None)));
        match kind {
            TokenKind::Signup | TokenKind::MagicLink | TokenKind::EmailChangeNew => {
                let app = ConfirmInput::AppOrPassword { min_chars: 8, password_is: PasswordIs::Chosen, problem: None };
                pages.push((format!("{name}_app_or_password"), confirm(kind, app)));
                pages.push((format!("{name}_password"), confirm(kind, password(None))));
                pages.push((format!("{name}_password_wrong"), confirm(kind, password(Some(PasswordProblem::Wrong)))));
                let new = ConfirmInput::NewPassword { min_chars: 8, problem: None };
                pages.push((format!("{name}_new_password"), confirm(kind, new)));
            }
            TokenKind::Recovery => {
                for (suffix, problem) in [("", None), ("_too_short", Some(PasswordProblem::TooShort))] {
                    let proof = ConfirmInput::NewPassword { min_chars: 8, problem };
                    pages.push((format!("{name}_new_password{suffix}"), confirm(kind, proof)));
                }
            }
            _ => {}
        }
    }
    let site_url = || samples::SITE_URL.to_owned();
    for notice in [Notice::EmailChangeHalfDone, Notice::EmailChanged, Notice::EmailChangeUndone] {
        pages.push((format!("notice_{}", notice.as_str()), Page::Notice { notice, site_url: site_url() }));
    }
    pages.push(("link_dead".to_owned(), Page::LinkDead { site_url: site_url() }));
    for (status, problem) in [
        (400, Problem::BadRequest),
        (404, Problem::NotFound),
        (429, Problem::TooManyAttempts { retry_after_seconds: Some(300) }),
        (403, Problem::CrossSite),
        (500, Problem::Unexpected),
    ] {
        let request_id = Some("3f1c9a52".to_owned());
        pages.push((format!("problem_{}", problem.as_str()), Page::Problem { status, problem, request_id }));
    }
    let links = samples::welcome_links("/auth/v1/health");
    pages.push(("welcome".to_owned(), Page::Welcome { api_base: "/auth/v1".to_owned(), links }));
    pages
}
