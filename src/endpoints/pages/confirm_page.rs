//! `GET /verify`: the page behind a mailed link. It looks at the link and uses nothing up, because
//! mail scanners follow links too; its button does (`confirm_form.rs`).

use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use crate::db::link::links;
use crate::domain::credential::one_time_token::LinkToken;
use crate::http::call::Call;
use crate::http::error::{Error, Failure};
use crate::http::extract::Query;
use crate::http::link_page::{ask, link_dead};
use crate::http::page::browser_digest;
use crate::render::PasswordIs;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[];

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
    params(
        ("token" = String, Query, description = "The link's token"),
        ("type" = Option<String>, Query, description = "What it is for; for people who read links"),
    ),
    responses(
        (status = 200, description = "A page with one button", content_type = "text/html"),
        (status = 410, description = "The link is used, replaced or expired", content_type = "text/html"),
    ),
)]
pub async fn handle(call: Call, headers: HeaderMap, Query(parameters): Query<Parameters>) -> Result<Response, Error> {
    let Some(token) = parameters.token.as_deref().and_then(LinkToken::parse) else {
        return link_dead(&call.app, &headers);
    };
    let browser = browser_digest(&headers).map(|digest| *digest.as_bytes());
    let mut db = call.connect().await?;
    match links::look(&mut db, *token.digest().as_bytes(), browser, None, call.now).await? {
        Some(link) => ask(&call.app, &headers, &token, &link, PasswordIs::Chosen, None),
        None => link_dead(&call.app, &headers),
    }
}
