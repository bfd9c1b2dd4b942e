//! `GET /verify`: the page behind a mailed link. It looks at the link and uses nothing up, because mail scanners follow
//! links too; its button does (`confirm_form.rs`).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use crate::app::App;
use crate::db::Connection;
use crate::db::confirmations::{self, OpenLink};
use crate::domain::one_time_token::{LinkToken, TokenKind};
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

/// Shows one button, and in another browser than the one that signed up also asks for a password.
#[utoipa::path(
    get, path = "/auth/v1/verify", tag = "Sign up", summary = "The page behind the mailed link",
    description = "Consumes nothing: the page's button does.",
    params(("token" = String, Query, description = "The link's token"), ("type" = Option<String>, Query, description = "`signup`")),
    responses(
        (status = 200, description = "A page with one button", content_type = "text/html"),
        (status = 410, description = "The link is used, replaced or expired", content_type = "text/html"),
    ),
)]
pub async fn handle(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Error> {
    let Some(token) = parameters.token.as_deref().and_then(LinkToken::parse) else {
        return link_dead(&app, &headers);
    };
    let browser = browser_digest(&headers).map(|digest| *digest.as_bytes());
    let mut db = Connection::open(app.database.as_ref()).await?;
    match confirmations::look(&mut db, *token.digest().as_bytes(), browser, app.clock.now()).await? {
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
    let proof = if link.same_browser && problem.is_none() {
        Proof::None
    } else {
        Proof::Password { min_chars: app.config().password_policy.min_chars, password_is, problem }
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let content = Page::Confirm {
        kind: TokenKind::Signup,
        action: app.config().api_url("/verify/confirm").to_string(),
        token: token.to_text().to_string(),
        address_hint: Some(mask_address(&link.email)),
        proof,
    };
    page(app, status, &content, headers, link.redirect_to.as_deref())
}

/// The page of a link that does not work any more, or never did.
///
/// # Errors
/// [`Error::unexpected`] if a template is broken.
pub fn link_dead(app: &App, headers: &HeaderMap) -> Result<Response, Error> {
    let content = Page::LinkDead { site_url: app.config().site_url.to_string() };
    page(app, StatusCode::GONE, &content, headers, None)
}
