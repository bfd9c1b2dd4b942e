//! `GET /verify`: the page behind a mailed link. It looks at the link and uses nothing up, because
//! mail scanners follow links too; its button does (`confirm_form.rs`).

use std::sync::Arc;

use axum::Extension;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use crate::app::App;
use crate::db::Connection;
use crate::db::link::links;
use crate::db::link::links::OpenLink;
use crate::domain::credential::one_time_token::{LinkToken, TokenKind};
use crate::http::error::{Code, Error};
use crate::http::extract::Query;
use crate::http::page::{browser_digest, page};
use crate::render::{Page, PasswordIs, PasswordProblem, Proof, mask_address};

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[Code::ValidationFailed];

/// What the mailed link carries.
#[derive(Deserialize)]
pub struct Parameters {
    token: Option<String>,
}

/// Shows one button, and asks for a password where the link alone is not enough, or is for a new
/// one.
#[utoipa::path(
    get, path = "/auth/v1/verify", tag = "Sign up", summary = "The page behind a mailed link",
    description = "Consumes nothing: the page's button does.",
    params(("token" = String, Query, description = "The link's token"), ("type" = Option<String>, Query, description = "What it is for; for people who read links")),
    responses(
        (status = 200, description = "A page with one button", content_type = "text/html"),
        (status = 410, description = "The link is used, replaced or expired", content_type = "text/html"),
    ),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Error> {
    let Some(token) = parameters.token.as_deref().and_then(LinkToken::parse) else {
        return link_dead(&app, &headers);
    };
    let browser = browser_digest(&headers).map(|digest| *digest.as_bytes());
    let mut db = Connection::open(app.database.as_ref()).await?;
    match links::look(&mut db, *token.digest().as_bytes(), browser, None, app.clock.now()).await? {
        Some(link) => ask(&app, &headers, &token, &link, PasswordIs::Chosen, None),
        None => link_dead(&app, &headers),
    }
}

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
fn proof_for(link: &OpenLink, min_chars: usize, password_is: PasswordIs, problem: Option<PasswordProblem>) -> Proof {
    match link.kind {
        TokenKind::Recovery if link.for_app => Proof::None,
        TokenKind::Recovery => Proof::NewPassword { min_chars, problem },
        TokenKind::Signup | TokenKind::EmailChangeNew => match (link.same_browser && problem.is_none(), link.for_app) {
            (true, _) => Proof::None,
            (false, for_app) if !link.takes_new_password => Proof::CurrentPassword { or_app: for_app, problem },
            (false, true) => Proof::AppOrPassword { min_chars, password_is, problem },
            (false, false) if link.password_hash.is_none() => Proof::NewPassword { min_chars, problem },
            (false, false) => Proof::Password { min_chars, password_is, problem },
        },
        TokenKind::MagicLink
        | TokenKind::EmailChangeCurrent
        | TokenKind::EmailChangeUndo
        | TokenKind::Reauthentication => Proof::None,
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
