//! `POST /verify`: confirms an address with the code from the mail, or with the link's token that an app's own page hands
//! over. Not here: the page behind the mailed link itself (`confirm_page.rs`, `confirm_form.rs`).

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::config::ConfirmSameBrowser;
use crate::db::Connection;
use crate::db::confirmations::{self, Proof};
use crate::domain::email_address::EmailAddress;
use crate::domain::one_time_token::{Code as OneTimeCode, LinkToken, TokenKind};
use crate::domain::password::Password;
use crate::domain::password_hash::Verification;
use crate::domain::session::AuthenticationMethod;
use crate::domain::user::Caller;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error};
use crate::http::extract::Json;
use crate::http::{objects, session};

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJson,
    Code::OtpExpired,
    Code::OverCapacity,
    Code::PhoneProviderDisabled,
    Code::RequestEntityTooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
];

/// What came with the mail: `token` (the code) with `email`, or `token_hash` (the link's token) without.
#[derive(Deserialize, ToSchema)]
#[schema(as = Verify)]
pub struct Request {
    /// `signup` or `email`.
    #[serde(rename = "type")]
    #[schema(example = "signup")]
    kind: Option<String>,
    /// The 6-digit code.
    #[schema(example = "123456")]
    token: Option<String>,
    /// Address the code was sent to.
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    /// The `token` parameter of the mailed link.
    token_hash: Option<String>,
    /// With `token_hash`, where `CONFIRM_SAME_BROWSER=strict`: the password chosen at sign-up.
    password: Option<String>,
    /// Not offered.
    phone: Option<String>,
}

/// Confirms an address.
///
/// 1. Reads which of the two it is.
/// 2. One statement uses up the link or code (a wrong code is counted against it), confirms and opens the session.
#[utoipa::path(
    post, path = "/auth/v1/verify", tag = "Sign up", summary = "Confirm an address",
    description = "Signs in. A code dies after 5 wrong tries in 24 hours. With `CONFIRM_SAME_BROWSER=strict` a `token_hash` \
        without the password confirms, and answers with the user instead of a session.",
    request_body(content = Request),
    responses((status = 200, description = "Confirmed and signed in", body = objects::UserOrSession)),
)]
pub async fn handle(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    // 1
    match request.kind.as_deref() {
        Some("signup" | "email") => {}
        Some("sms" | "phone_change") => return Err(Code::PhoneProviderDisabled.into()),
        Some("invite" | "magiclink" | "recovery" | "email_change") => return Err(Code::OtpExpired.into()),
        Some(_) => return Err(Error::invalid("type is not a kind of link or code that there is")),
        None => return Err(Error::invalid("Verify requires a verification type")),
    }
    let now = app.clock.now();
    // 2
    match (request.token, request.email, request.token_hash) {
        (Some(code), Some(email), None) => by_code(&app, &caller, &code, &email, now).await,
        (None, None, Some(token)) => by_link(&app, &caller, &token, request.password.as_deref(), now).await,
        (Some(_), None, None) if request.phone.is_some() => Err(Code::PhoneProviderDisabled.into()),
        (_, _, Some(_)) => Err(Error::invalid("Only the token_hash and type should be provided")),
        _ => Err(Error::invalid("Verify requires either a token with an email, or a token_hash")),
    }
}

async fn by_code(
    app: &Arc<App>,
    caller: &Caller,
    code: &str,
    email: &str,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let address = EmailAddress::parse(email).map_err(|_| Code::OtpExpired)?;
    let code = OneTimeCode::parse(code).ok_or(Code::OtpExpired)?;
    let digests = code.digests(&app.config().auth_secrets, TokenKind::Signup, address.key());
    let session = session::new_session(app, AuthenticationMethod::Otp, caller, now);
    let mut db = Connection::open(app.database.as_ref()).await?;
    let opened =
        confirmations::consume_code(&mut db, address.key(), &digests, &session, now).await?.ok_or(Code::OtpExpired)?;
    Ok(session::opened(app, db, opened, &session, now))
}

async fn by_link(
    app: &Arc<App>,
    caller: &Caller,
    token: &str,
    password: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let digest = *LinkToken::parse(token).ok_or(Code::OtpExpired)?.digest().as_bytes();
    let session = session::new_session(app, AuthenticationMethod::Otp, caller, now);
    let strict = app.config().confirm_same_browser == ConfirmSameBrowser::Strict;
    let mut db = Connection::open(app.database.as_ref()).await?;
    let verified = match password {
        Some(password) if strict => Some(verified_hash(app, &mut db, digest, password, now).await?),
        _ => None,
    };
    let proof = verified.as_deref().map_or(Proof::None, Proof::Password);
    let sign_in = !strict || verified.is_some();
    let (opened, _) =
        confirmations::consume_link(&mut db, digest, &proof, &session, sign_in, now).await?.ok_or(Code::OtpExpired)?;
    if sign_in {
        return Ok(session::opened(app, db, opened, &session, now));
    }
    let body = objects::User::new(&opened.user, &app.config().audience, now);
    Ok((Extension(AccountId(opened.user.id)), axum::Json(body)).into_response())
}

/// The stored hash that `password` was found right against. A wrong one leaves the link as it is.
async fn verified_hash(
    app: &App,
    db: &mut Connection<'_>,
    digest: [u8; 32],
    password: &str,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let _slot = app.hash_slot().ok_or(Code::OverCapacity)?;
    let password = Password::parse(password).map_err(|_| Code::OtpExpired)?;
    let link = confirmations::look(db, digest, None, now).await?.ok_or(Code::OtpExpired)?;
    let hash = link.password_hash.ok_or(Code::OtpExpired)?;
    match app.parts.hasher.verify(&password, &hash).map_err(Error::unexpected)? {
        Verification::Right { .. } => Ok(hash),
        Verification::Wrong => Err(Error::from(Code::OtpExpired).because("wrong password")),
    }
}
