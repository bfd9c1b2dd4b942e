//! `POST /verify/confirm`: the button of the page behind a mailed link. Does what the link is for.
//!
//! A link that claims an address for an account is opened by the mailbox's holder, who need not be
//! who asked for it. So it works at once in the browser that asked; any other has to know
//! the account's password, or sets a new one, which replaces it. A new one only where the link
//! makes the account its owner's (`edgegate.takes_new_password`): the mailbox that an account is to
//! get has no say in it before the current one has agreed. A password that is named is a guess, and
//! counted before it is verified. Where an app asked by PKCE, the button trades the link for a
//! code, and the app shows the rest with its verifier.

use axum::Extension;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;
use utoipa::ToSchema;

use crate::app::{App, HashSlot};
use crate::db::link::auth_codes;
use crate::db::link::links;
use crate::db::link::links::{Effect, LinkProof, LinkUse, OpenLink, ThrottledPassword};
use crate::domain::account::email_address::EmailAddress;
use crate::domain::credential::one_time_token::{LinkToken, TokenKind};
use crate::domain::credential::password::{Password, PasswordError};
use crate::domain::credential::password_hash::Verification;
use crate::domain::credential::pkce::AuthCode;
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::session::session::AuthenticationMethod;
use crate::flows::after_response;
use crate::flows::mail::plan::MailPlan;
use crate::flows::session::new_session;
use crate::host;
use crate::http::answer::AccountId;
use crate::http::call::Call;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::Form;
use crate::http::page::{browser_digest, page, refuse_cross_site, unbind_browser};
use crate::http::{link_page, objects};
use crate::render::{Notice, Page, PasswordIs, PasswordProblem};

/// How this call can fail of itself, besides showing a page again.
pub const FAILURES: &[Failure] =
    &[Code::CrossSiteRequest.failure(), Code::OverCapacity.failure(), Code::OverRequestRateLimit.failure()];

/// The fields of the page's form.
#[derive(Deserialize, ToSchema)]
#[schema(as = ConfirmForm)]
pub struct Request {
    /// The link's token.
    token: String,
    /// Where the page asks for one.
    password: Option<String>,
    /// `chosen` (before) or `new`.
    password_is: Option<String>,
}

/// What the form says about a password.
#[derive(Clone, Copy)]
struct Typed<'a> {
    password: Option<&'a str>,
    is: PasswordIs,
}

/// Uses up the link, and leads on.
///
/// 1. Refuses forms that another site sent.
/// 2. Looks at the link, and counts the password that is to be verified. One that an app asked for
///    is traded for a code: 303 to the app, which exchanges it.
/// 3. Checks the password or hashes the new one, where the link needs one.
/// 4. One statement uses the link up. 303 to the app, with the tokens in the fragment, which no
///    server sees; after a change of address a page says what has happened.
#[utoipa::path(
    post, path = "/auth/v1/verify/confirm", tag = "Sign up", summary = "The button of that page",
    request_body(content = Request, content_type = "application/x-www-form-urlencoded", example = json!({
        "token": "y8Yq2p0mXJ6d3m1hC0mJ4yA7yq3vVJYw0kq1Q2m5b8E", "password": "correct horse battery staple",
        "password_is": "chosen",
    })),
    responses(
        (status = 200, description = "Done; of a change of address, a page that says so", content_type = "text/html"),
        (status = 303, description = "Done: on to the app, with the session in the fragment, or with a PKCE code"),
        (status = 410, description = "The link is used, replaced or expired", content_type = "text/html"),
        (status = 422, description = "The page again: the password is not the right one", content_type = "text/html"),
    ),
)]
pub async fn handle(call: Call, headers: HeaderMap, Form(request): Form<Request>) -> Result<Response, Error> {
    let (app, now) = (&call.app, call.now);
    // 1
    refuse_cross_site(app, &headers)?;
    let Some(token) = LinkToken::parse(&request.token) else {
        return link_page::link_dead(app, &headers);
    };
    let token_digest = *token.digest().as_bytes();
    let browser = browser_digest(&headers).map(|digest| *digest.as_bytes());
    let typed = Typed {
        password: request.password.as_deref().filter(|password| !password.is_empty()),
        is: request.password_is.as_deref().and_then(PasswordIs::parse).unwrap_or(PasswordIs::Chosen),
    };
    let mut slot = match typed.password {
        Some(_) => Some(call.hash_slot(1)?),
        None => None,
    };

    // 2
    let mut db = call.connect().await?;
    let guesses = typed.password.is_some() && typed.is == PasswordIs::Chosen;
    let guess = guesses.then(|| ThrottledPassword::new(call.request_id));
    let Some(link) = links::look(&mut db, token_digest, browser, guess.as_ref(), now).await? else {
        return link_page::link_dead(app, &headers);
    };
    if link.wait > 0 {
        return Err(Error::wait(Code::OverRequestRateLimit, link.wait));
    }
    if link.for_app && typed.password.is_none() {
        let code = AuthCode::from_entropy(host::random(app.entropy.as_ref()));
        return match auth_codes::trade(&mut db, token_digest, code.digest(), now).await? {
            Some(redirect_to) => redirect_with_code(app, &redirect_to, &code),
            None => link_page::link_dead(app, &headers),
        };
    }

    // 3
    let known = match proof_of(app, &link, typed, slot.as_mut())? {
        Ok(known) => known,
        Err(problem) => return link_page::ask(app, &headers, &token, &link, typed.is, Some(problem)),
    };
    let proof = match (&known, browser) {
        (CheckedPassword::Chosen(hash), _) => LinkProof::Password(hash),
        (CheckedPassword::New(hash), _) => LinkProof::NewPassword(hash),
        (CheckedPassword::Nothing, Some(browser)) if link.kind.claims_address() => LinkProof::Browser(browser),
        (CheckedPassword::Nothing, _) => LinkProof::None,
    };

    // 4
    let session = new_session(app, AssuranceLevel::Aal1, AuthenticationMethod::Otp, call.audit(), now);
    let mut mail_plan = MailPlan::new(app, now);
    mail_plan.prepare_new_device(&call.caller)?;
    mail_plan.prepare_password_changed(&call.caller)?;
    let changes_address =
        matches!(link.kind, TokenKind::EmailChangeCurrent | TokenKind::EmailChangeNew | TokenKind::EmailChangeUndo);
    let use_of = LinkUse {
        token_digest,
        kinds: &[link.kind],
        proof,
        // An app that asked by PKCE expects a code and no tokens; and the person who agrees to
        // a change of address need not be the account's owner.
        signs_in: !link.for_app && !changes_address,
        session: &session,
        prepared_mails: &mail_plan.prepared_mails,
    };
    let Some(applied) = links::consume_link(&mut db, &use_of, now).await? else {
        return link_page::link_dead(app, &headers);
    };
    let tokens = use_of.signs_in.then(|| call.session_object(&applied.account, &session.session));
    let account = Extension(AccountId(applied.account.id));
    after_response::in_background(app, db, applied.ended, mail_plan.deliveries(applied.mails));
    let response = match applied.effect {
        Effect::Taken => link_page::link_dead(app, &headers)?,
        Effect::HalfDone => notice(app, &headers, Notice::EmailChangeHalfDone)?,
        Effect::Changed => notice(app, &headers, Notice::EmailChanged)?,
        Effect::Undone => notice(app, &headers, Notice::EmailChangeUndone)?,
        Effect::Confirmed | Effect::SignedIn | Effect::Recovered => redirect_with_session(app, &link, tokens.as_ref())?,
    };
    Ok((account, response).into_response())
}

/// A password that will do, as its hash.
enum CheckedPassword {
    /// None is needed.
    Nothing,
    /// That of the account, under the hash it was verified against.
    Chosen(String),
    /// A new one, hashed.
    New(String),
}

/// Checks or hashes the password that was typed. The inner error goes back to the page.
fn proof_of(
    app: &App,
    link: &OpenLink,
    typed: Typed<'_>,
    slot: Option<&mut HashSlot>,
) -> Result<Result<CheckedPassword, PasswordProblem>, Error> {
    let recovers = link.kind == TokenKind::Recovery;
    let takes_one = recovers || link.kind.claims_address();
    let Some(text) = typed.password.filter(|_| takes_one) else {
        let needs_one = recovers || (link.kind.claims_address() && !link.same_browser);
        return Ok(if needs_one { Err(PasswordProblem::Missing) } else { Ok(CheckedPassword::Nothing) });
    };
    let password = match Password::parse(text) {
        Ok(password) => password,
        Err(problem) => return Ok(Err(shown(problem))),
    };
    let hash = match &link.password_hash {
        Some(hash) if typed.is == PasswordIs::Chosen && !recovers => hash,
        _ if link.takes_new_password => return new_hash(app, link, &password),
        _ if typed.is == PasswordIs::New => return Ok(Err(PasswordProblem::NotNew)),
        _ => return Ok(Err(PasswordProblem::Wrong)),
    };
    let slot = slot.ok_or_else(|| Error::unexpected("a password without a place to hash it"))?;
    Ok(match app.verify_password(slot, &password, hash).map_err(Error::unexpected)? {
        Verification::Right { .. } => Ok(CheckedPassword::Chosen(hash.clone())),
        Verification::Wrong => Err(PasswordProblem::Wrong),
    })
}

fn new_hash(
    app: &App,
    link: &OpenLink,
    password: &Password,
) -> Result<Result<CheckedPassword, PasswordProblem>, Error> {
    let address = EmailAddress::parse(link.email.as_deref().unwrap_or_default()).map_err(Error::unexpected)?;
    if let Err(problem) = password.check(&app.config().passwords.policy, &address) {
        return Ok(Err(shown(problem)));
    }
    Ok(Ok(CheckedPassword::New(app.parts.hasher.hash(password, host::random(app.entropy.as_ref())))))
}

fn shown(problem: PasswordError) -> PasswordProblem {
    match problem {
        PasswordError::TooShort { .. } => PasswordProblem::TooShort,
        PasswordError::TooLong { .. } => PasswordProblem::TooLong,
        PasswordError::TooCommon | PasswordError::ContextWord => PasswordProblem::TooEasy,
    }
}

fn notice(app: &App, headers: &HeaderMap, notice: Notice) -> Result<Response, Error> {
    let content = Page::Notice { notice, site_url: app.config().site.site_url.to_string() };
    page(app, StatusCode::OK, &content, headers, None)
}

/// Back to the app with a code, which is worth something only to the holder of the verifier.
fn redirect_with_code(app: &App, redirect_to: &str, code: &AuthCode) -> Result<Response, Error> {
    let mut url = Url::parse(redirect_to).unwrap_or_else(|_| app.config().site.site_url.clone());
    url.query_pairs_mut().append_pair("code", code.to_text().as_str());
    see_other(&url)
}

/// On to the app. The fragment has what `POST /token` answers with: there the client libraries
/// look for it.
fn redirect_with_session(app: &App, link: &OpenLink, tokens: Option<&objects::Session>) -> Result<Response, Error> {
    let redirect_to = link.redirect_to.as_deref().and_then(|url| Url::parse(url).ok());
    let mut url = redirect_to.unwrap_or_else(|| app.config().site.site_url.clone());
    if let Some(tokens) = tokens {
        // A password that was set on our page need not be asked for by the app once more, as it
        // would after "recovery".
        let kind = if link.kind == TokenKind::Recovery { TokenKind::MagicLink } else { link.kind };
        let fragment = Serializer::new(String::new())
            .append_pair("access_token", &tokens.access_token)
            .append_pair("expires_at", &tokens.expires_at.to_string())
            .append_pair("expires_in", &tokens.expires_in.to_string())
            .append_pair("refresh_token", &tokens.refresh_token)
            .append_pair("token_type", tokens.token_type)
            .append_pair("type", kind.wire_type())
            .finish();
        url.set_fragment(Some(&fragment));
    }
    let mut response = see_other(&url)?;
    response.headers_mut().insert(header::SET_COOKIE, unbind_browser());
    Ok(response)
}

fn see_other(url: &Url) -> Result<Response, Error> {
    let location = HeaderValue::from_str(url.as_str()).map_err(Error::unexpected)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}
