//! The page behind a mailed link: shown when the link is followed, and again where its form did not
//! come with what the link takes. Not here: looking at the link and using it (`endpoints/pages`).

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::error::Error;
use super::page::page;
use crate::app::App;
use crate::db::link::links::OpenLink;
use crate::domain::credential::one_time_token::{LinkToken, TokenKind};
use crate::render::{ConfirmInput, Page, PasswordIs, PasswordProblem, mask_address};

/// The page with the button; `problem` is what was wrong with the password last time.
///
/// # Errors
/// [`Error::unexpected`] if a template is broken.
pub fn ask(
    app: &App,
    headers: &HeaderMap,
    token: &LinkToken,
    link: &OpenLink,
    password_is: PasswordIs,
    problem: Option<PasswordProblem>,
) -> Result<Response, Error> {
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let content = Page::Confirm {
        kind: link.kind,
        action: app.config().site.api_url("/verify/confirm").to_string(),
        token: token.to_text().to_string(),
        address_hint: link.email.as_deref().map(mask_address),
        proof: proof_for(link, app.config().passwords.policy.min_chars, password_is, problem),
    };
    page(app, status, &content, headers, link.redirect_to.as_deref())
}

/// What the page asks for besides the button.
fn proof_for(
    link: &OpenLink,
    min_chars: usize,
    password_is: PasswordIs,
    problem: Option<PasswordProblem>,
) -> ConfirmInput {
    match link.kind {
        TokenKind::Recovery if link.for_app => ConfirmInput::None,
        TokenKind::Recovery => ConfirmInput::NewPassword { min_chars, problem },
        TokenKind::Signup | TokenKind::EmailChangeNew => match (link.same_browser && problem.is_none(), link.for_app) {
            (true, _) => ConfirmInput::None,
            (false, for_app) if !link.takes_new_password => ConfirmInput::CurrentPassword { or_app: for_app, problem },
            (false, true) => ConfirmInput::AppOrPassword { min_chars, password_is, problem },
            (false, false) if link.password_hash.is_none() => ConfirmInput::NewPassword { min_chars, problem },
            (false, false) => ConfirmInput::Password { min_chars, password_is, problem },
        },
        TokenKind::MagicLink
        | TokenKind::EmailChangeCurrent
        | TokenKind::EmailChangeUndo
        | TokenKind::Reauthentication => ConfirmInput::None,
    }
}

/// The page of a link that does not work any more, or never did.
///
/// # Errors
/// [`Error::unexpected`] if a template is broken.
pub fn link_dead(app: &App, headers: &HeaderMap) -> Result<Response, Error> {
    let content = Page::LinkDead { site_url: app.config().site.site_url.to_string() };
    page(app, StatusCode::GONE, &content, headers, None)
}
