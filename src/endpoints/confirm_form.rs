//! `POST /verify/confirm`: the button of the page behind a mailed link. Confirms the address and signs in.
//!
//! Whoever opens the link holds the mailbox, but need not be who signed up: an attacker may have signed up with the address
//! of somebody else, hoping for a click. So the browser that signed up is signed in at once; any other has to know the
//! password chosen at sign-up, or sets a new one, which replaces it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;
use utoipa::ToSchema;

use super::confirm_page;
use crate::app::App;
use crate::db::Connection;
use crate::db::confirmations::{self, OpenLink, Proof};
use crate::db::sessions::{NewSession, Opened};
use crate::domain::email_address::EmailAddress;
use crate::domain::one_time_token::LinkToken;
use crate::domain::password::{Password, PasswordError};
use crate::domain::password_hash::Verification;
use crate::domain::session::AuthenticationMethod;
use crate::domain::user::Caller;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error};
use crate::http::extract::Form;
use crate::http::page::{browser_digest, refuse_cross_site, unbind_browser};
use crate::http::session;
use crate::render::{PasswordIs, PasswordProblem};
use crate::{host, revocation};

/// Every way this call can fail, besides showing a page again.
pub const FAILURES: &[Code] = &[
    Code::CrossSiteRequest,
    Code::OverCapacity,
    Code::RequestEntityTooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
];

/// The fields of the page's form.
#[derive(Deserialize, ToSchema)]
#[schema(as = ConfirmForm)]
pub struct Request {
    /// The link's token.
    token: String,
    /// Absent in the browser that signed up.
    password: Option<String>,
    /// `chosen` (at sign-up) or `new`.
    password_is: Option<String>,
}

/// Uses up the link, signs in and leads on.
///
/// 1. Refuses forms that another site sent.
/// 2. In the browser that signed up: one statement.
/// 3. Elsewhere: looks at the link, checks the password or hashes the new one, and then one statement.
/// 4. 303 to the app, with the tokens in the fragment, which no server sees.
#[utoipa::path(
    post, path = "/auth/v1/verify/confirm", tag = "Sign up", summary = "The button of that page",
    request_body(content = Request, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Confirmed and signed in: on to the app, with the session in the fragment"),
        (status = 410, description = "The link is used, replaced or expired", content_type = "text/html"),
        (status = 422, description = "The page again: the password is not the right one", content_type = "text/html"),
    ),
)]
pub async fn handle(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Form(request): Form<Request>,
) -> Result<Response, Error> {
    // 1
    refuse_cross_site(&app, &headers)?;
    let Some(token) = LinkToken::parse(&request.token) else {
        return confirm_page::link_dead(&app, &headers);
    };
    let digest = *token.digest().as_bytes();
    let browser = browser_digest(&headers).map(|digest| *digest.as_bytes());
    let now = app.clock.now();
    let session = session::new_session(&app, AuthenticationMethod::Otp, &caller, now);
    let password = request.password.filter(|password| !password.is_empty());
    let password_is = request.password_is.as_deref().and_then(PasswordIs::parse).unwrap_or(PasswordIs::Chosen);
    let _slot = match password {
        Some(_) => Some(app.hash_slot().ok_or(Code::OverCapacity)?),
        None => None,
    };
    let mut db = Connection::open(app.database.as_ref()).await?;

    // 2
    if let (None, Some(browser)) = (&password, browser) {
        let used = confirmations::consume_link(&mut db, digest, &Proof::Browser(browser), &session, true, now).await?;
        if let Some((opened, redirect_to)) = used {
            return lead_on(&app, db, opened, redirect_to, &session, now);
        }
    }

    // 3
    let Some(link) = confirmations::look(&mut db, digest, browser, now).await? else {
        return confirm_page::link_dead(&app, &headers);
    };
    let proof = match proof_of(&app, &link, password.as_deref(), password_is)? {
        Ok(proof) => proof,
        Err(problem) => return confirm_page::ask(&app, &headers, &token, &link, password_is, Some(problem)),
    };
    let proof = match &proof {
        Known::Chosen(hash) => Proof::Password(hash),
        Known::New(hash) => Proof::NewPassword(hash),
    };
    match confirmations::consume_link(&mut db, digest, &proof, &session, true, now).await? {
        Some((opened, redirect_to)) => lead_on(&app, db, opened, redirect_to, &session, now),
        None => confirm_page::link_dead(&app, &headers),
    }
}

/// A password that will do, as its hash.
enum Known {
    /// The one chosen at sign-up, under the hash it was verified against.
    Chosen(String),
    /// A new one, hashed.
    New(String),
}

/// Checks or hashes the password that was typed. The inner error goes back to the page.
fn proof_of(
    app: &App,
    link: &OpenLink,
    typed: Option<&str>,
    password_is: PasswordIs,
) -> Result<Result<Known, PasswordProblem>, Error> {
    let Some(typed) = typed else { return Ok(Err(PasswordProblem::Missing)) };
    let password = match Password::parse(typed) {
        Ok(password) => password,
        Err(problem) => return Ok(Err(shown(problem))),
    };
    if password_is == PasswordIs::New {
        let address = EmailAddress::parse(&link.email).map_err(Error::unexpected)?;
        if let Err(problem) = password.check(&app.config().password_policy, &address) {
            return Ok(Err(shown(problem)));
        }
        return Ok(Ok(Known::New(app.parts.hasher.hash(&password, host::random(app.entropy.as_ref())))));
    }
    let Some(hash) = &link.password_hash else { return Ok(Err(PasswordProblem::Wrong)) };
    Ok(match app.parts.hasher.verify(&password, hash).map_err(Error::unexpected)? {
        Verification::Right { .. } => Ok(Known::Chosen(hash.clone())),
        Verification::Wrong => Err(PasswordProblem::Wrong),
    })
}

fn shown(problem: PasswordError) -> PasswordProblem {
    match problem {
        PasswordError::TooShort { .. } => PasswordProblem::TooShort,
        PasswordError::TooLong { .. } => PasswordProblem::TooLong,
        PasswordError::TooCommon | PasswordError::ContextWord => PasswordProblem::TooEasy,
    }
}

/// On to the app. The fragment has what `POST /token` answers with (WIRE.md §4.4).
fn lead_on(
    app: &Arc<App>,
    db: Connection<'_>,
    opened: Opened,
    redirect_to: Option<String>,
    session: &NewSession<'_>,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    revocation::spread_in_background(app, db, opened.ended);
    let tokens = session::issue(app, &opened.user, &session.session, now);
    let mut url = redirect_to.and_then(|url| Url::parse(&url).ok()).unwrap_or_else(|| app.config().site_url.clone());
    let fragment = Serializer::new(String::new())
        .append_pair("access_token", &tokens.access_token)
        .append_pair("expires_at", &tokens.expires_at.to_string())
        .append_pair("expires_in", &tokens.expires_in.to_string())
        .append_pair("refresh_token", &tokens.refresh_token)
        .append_pair("token_type", tokens.token_type)
        .append_pair("type", "signup")
        .finish();
    url.set_fragment(Some(&fragment));
    let location = HeaderValue::from_str(url.as_str()).map_err(Error::unexpected)?;
    let headers = [(header::LOCATION, location), (header::SET_COOKIE, unbind_browser())];
    Ok((StatusCode::SEE_OTHER, headers, Extension(AccountId(opened.user.id))).into_response())
}
