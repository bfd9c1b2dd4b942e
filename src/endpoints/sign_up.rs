//! `POST /signup`: makes an account, and mails a link and code that confirm its address.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::address;
use crate::app::App;
use crate::confirmation::Confirmation;
use crate::db::Connection;
use crate::db::accounts::{self, NewAccount, NewLink, Queued, SignUpMail};
use crate::domain::counter::{Counted, counter_key};
use crate::domain::email_address::EmailAddress;
use crate::domain::locale::Locale;
use crate::domain::mail::Message;
use crate::domain::one_time_token::BrowserToken;
use crate::domain::password::Password;
use crate::domain::policy;
use crate::domain::session::AuthenticationMethod;
use crate::domain::user::{Caller, User};
use crate::host;
use crate::http::caller::{network, text};
use crate::http::error::{Code, Error};
use crate::http::extract::{Json, Query};
use crate::http::{objects, page, session};
use crate::outbox;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::AnonymousProviderDisabled,
    Code::BadJson,
    Code::EmailAddressInvalid,
    Code::EmailAddressNotAuthorized,
    Code::OverCapacity,
    Code::OverEmailSendRateLimit,
    Code::PhoneProviderDisabled,
    Code::RequestEntityTooLarge,
    Code::SignupDisabled,
    Code::UnsupportedMediaType,
    Code::UserAlreadyExists,
    Code::ValidationFailed,
    Code::WeakPassword,
];

/// Who wants an account.
#[derive(Deserialize, ToSchema)]
#[schema(as = SignUp)]
pub struct Request {
    /// Address to register.
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    /// At least 8 characters, of any kind.
    #[schema(example = "correct horse battery staple")]
    password: Option<String>,
    /// Becomes `user_metadata`; at most 16 KiB. `locale` (`en`, `ru`) chooses the language of mails.
    #[schema(value_type = Option<Object>)]
    data: Option<Map<String, Value>>,
    /// Not offered.
    phone: Option<String>,
    /// Not offered yet.
    code_challenge: Option<String>,
}

/// Where to go after confirming.
#[derive(Deserialize)]
pub struct Parameters {
    pub(super) redirect_to: Option<String>,
}

/// Signs up.
///
/// 1. Checks the request: nothing that is refused here costs a hash or a connection.
/// 2. Hashes the password.
/// 3. One statement makes the account, link, code and mail; for an address that has a confirmed account it changes
///    nothing and mails the owner instead. Neither the answer nor the work shows which it was.
/// 4. Sends the mail after the response.
#[utoipa::path(
    post, path = "/auth/v1/signup", tag = "Sign up", summary = "Make an account",
    description = "Mails a link and a 6-digit code that confirm the address. The answer is the same whether or not the \
        address has an account; its `id` is the account's only if the account is new. With `MAILER_AUTOCONFIRM` the answer \
        is a session.",
    request_body(content = Request), params(("redirect_to" = Option<String>, Query, description = "Where to go after confirming")),
    responses((status = 200, description = "The user to be confirmed; a session where no confirmation is needed", body = objects::UserOrSession)),
)]
pub async fn handle(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    // 1
    if app.config().signup_disabled {
        return Err(Code::SignupDisabled.into());
    }
    if request.code_challenge.is_some() {
        // Ignoring it would answer a PKCE client with tokens where it waits for a code.
        return Err(Error::invalid("PKCE is not offered for signing up yet: leave out code_challenge"));
    }
    let (address, password) = credentials(&app, &request).await?;
    let data = Value::Object(request.data.unwrap_or_default());
    let locale = Locale::choose(&data, text(&headers, header::ACCEPT_LANGUAGE.as_str()));
    if data.to_string().len() > policy::METADATA_MAX_BYTES {
        return Err(Error::invalid("data is larger than 16 KiB"));
    }
    if has_nul(&data) {
        return Err(Error::invalid("data contains the character U+0000"));
    }
    let _slot = app.hash_slot().ok_or(Code::OverCapacity)?;
    let now = app.clock.now();

    // 2
    let hash = app.parts.hasher.hash(&password, host::random(app.entropy.as_ref()));
    let account = NewAccount {
        id: host::random_id(app.entropy.as_ref()),
        email: address.as_str(),
        password_hash: &hash,
        app_metadata: &json!({ "provider": "email", "providers": ["email"] }),
        user_metadata: &data,
        locale: locale.as_str(),
    };

    if app.config().autoconfirm {
        return sign_up_confirmed(&app, &account, &caller, now).await;
    }
    let redirect_to = app.config().redirects.resolve(parameters.redirect_to.as_deref());
    let presented = page::browser_digest(&headers).map(|digest| *digest.as_bytes());
    let visitor = Visitor { caller: &caller, browser_digest: presented };
    sign_up(&app, &address, &account, redirect_to.as_str(), &visitor, now).await
}

/// Whether a string in it has the one character that PostgreSQL stores nowhere.
fn has_nul(data: &Value) -> bool {
    match data {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The address and password of a request, if an account may have them.
async fn credentials(app: &App, request: &Request) -> Result<(EmailAddress, Password), Error> {
    let given = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
    let Some(email) = given(&request.email) else {
        return Err(match given(&request.phone) {
            Some(_) => Code::PhoneProviderDisabled.into(),
            None => Code::AnonymousProviderDisabled.into(),
        });
    };
    let Some(password) = given(&request.password) else {
        return Err(Error::invalid("Signup requires a valid password"));
    };
    let address = address::accept(app, &email).await?;
    let password = Password::parse(&password)?;
    password.check(&app.config().password_policy, &address)?;
    Ok((address, password))
}

async fn sign_up_confirmed(
    app: &Arc<App>,
    account: &NewAccount<'_>,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let session = session::new_session(app, AuthenticationMethod::Password, caller, now);
    let mut db = Connection::open(app.database.as_ref()).await?;
    let opened = accounts::sign_up_confirmed(&mut db, account, &session, now).await?.ok_or(Code::UserAlreadyExists)?;
    Ok(session::opened(app, db, opened, &session, now))
}

/// Who signs up, as far as browser and network tell.
struct Visitor<'a> {
    caller: &'a Caller,
    /// Of the cookie that an earlier sign-up left in this browser.
    browser_digest: Option<[u8; 32]>,
}

async fn sign_up(
    app: &Arc<App>,
    address: &EmailAddress,
    account: &NewAccount<'_>,
    redirect_to: &str,
    visitor: &Visitor<'_>,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let confirmation = Confirmation::new(app, address, now);
    let browser = BrowserToken::from_entropy(host::random(app.entropy.as_ref()));
    let already_registered = Message::AlreadyRegistered {
        address: address.as_str().to_owned(),
        site_url: app.config().site_url.to_string(),
    };
    let link = NewLink {
        token_digest: *confirmation.token_digest.as_bytes(),
        code_digest: &confirmation.code_digest,
        browser_digest: *browser.digest().as_bytes(),
        presented_browser_digest: visitor.browser_digest,
        network_digest: counter_key(&app.config().auth_secrets, Counted::SignUpNetwork, &network(visitor.caller)),
        redirect_to,
        expires_at: confirmation.expires_at,
    };
    let mail = SignUpMail {
        id: confirmation.mail_id,
        confirm: &outbox::seal(app, confirmation.mail_id, &confirmation.message).map_err(Error::unexpected)?,
        already_registered: &outbox::seal(app, confirmation.mail_id, &already_registered).map_err(Error::unexpected)?,
        recipient_key: confirmation.recipient_key,
        lease_until: confirmation.lease_until,
    };
    let audit_id = host::random_id(app.entropy.as_ref());

    // 3
    let mut db = Connection::open(app.database.as_ref()).await?;
    let queued = accounts::sign_up(&mut db, account, &link, &mail, audit_id, visitor.caller, now).await?;
    if let Queued::Wait(seconds) = queued {
        return Err(Error::wait(Code::OverEmailSendRateLimit, seconds));
    }

    // 4
    confirmation.send_in_background(app, db, queued, Some(already_registered));
    let user = awaiting_confirmation(account, now);
    let body = axum::Json(objects::User::new(&user, &app.config().audience, now));
    Ok(([(header::SET_COOKIE, page::bind_browser(&browser))], body).into_response())
}

/// What everybody is answered: made of the request alone, so that it cannot show what the database holds.
fn awaiting_confirmation(account: &NewAccount<'_>, now: DateTime<Utc>) -> User {
    User {
        id: account.id,
        email: Some(account.email.to_owned()),
        email_confirmed_at: None,
        confirmation_sent_at: Some(now),
        last_sign_in_at: None,
        banned_until: None,
        app_metadata: account.app_metadata.clone(),
        user_metadata: account.user_metadata.clone(),
        created_at: now,
        updated_at: now,
    }
}
