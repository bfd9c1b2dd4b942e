//! `POST /signup`: makes an account, and mails a link and code that confirm its address. Without an
//! address it makes an anonymous account.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::db::Connection;
use crate::db::account::sign_up;
use crate::db::account::sign_up::{Anonymous, NewAccount};
use crate::db::mail::request::LinkOrigin;
use crate::db::session::sessions::{NewSession, SignInResult};
use crate::domain::account::email_address::EmailAddress;
use crate::domain::account::user::{DEFAULT_ROLE, User, email_app_metadata};
use crate::domain::counter::{Counted, counter_key};
use crate::domain::credential::one_time_token::{BrowserToken, TokenKind};
use crate::domain::credential::password::Password;
use crate::domain::credential::pkce::CodeChallenge;
use crate::domain::locale::Locale;
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::session::session::AuthenticationMethod;
use crate::flows::address;
use crate::flows::after_response;
use crate::flows::mail::request::{MailRequest, Requested, origin, queued};
use crate::flows::session::new_session;
use crate::host;
use crate::http::call::Call;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::{Json, Query, given, text};
use crate::http::metadata::check_metadata;
use crate::http::redirect::RedirectTo;
use crate::http::{objects, page};

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[
    Code::AnonymousProviderDisabled.failure(),
    Code::EmailAddressInvalid.failure(),
    Code::EmailAddressNotAuthorized.failure(),
    Code::OverCapacity.failure(),
    Code::OverEmailSendRateLimit.failure(),
    Code::OverRequestRateLimit.failure(),
    Code::PhoneProviderDisabled.failure(),
    Code::SignupDisabled.failure(),
    Code::UserAlreadyExists.failure(),
    Code::WeakPassword.failure(),
];

/// Who wants an account.
#[derive(Deserialize, ToSchema)]
#[schema(as = SignUp)]
pub struct Request {
    /// Address to register. Without one the account is anonymous, where that is offered.
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    /// At least 8 characters, of any kind.
    #[schema(example = "correct horse battery staple")]
    password: Option<String>,
    /// Becomes `user_metadata`; at most 16 KiB. `locale` (`en`, `ru`) chooses the language of
    /// mails.
    #[schema(value_type = Option<Object>)]
    data: Option<Map<String, Value>>,
    /// Not offered.
    phone: Option<String>,
    /// PKCE: then the link leads back to the app with a code, for `POST /token?grant_type=pkce`.
    code_challenge: Option<String>,
    /// `s256` or `plain`.
    code_challenge_method: Option<String>,
}

/// Signs up.
///
/// 1. Checks the request: nothing that is refused here costs a hash or a connection.
/// 2. Hashes the password.
/// 3. One statement makes the account, link, code and mail; for an address that has a confirmed
///    account it changes nothing and mails the owner instead. Neither the answer nor the work shows
///    which it was.
/// 4. Sends the mail after the response.
#[utoipa::path(
    post, path = "/auth/v1/signup", tag = "Sign up", summary = "Make an account",
    description = "Mails a link and a 6-digit code that confirm the address. The answer is the \
        same whether or not the address has an account; its `id` is the account's only if the \
        account is new. With `MAILER_AUTOCONFIRM`, and for an anonymous account, the answer is a \
        session.",
    request_body(content = Request,
        example = json!({ "email": "ada@example.com", "password": "correct horse battery staple" })),
    params(("redirect_to" = Option<String>, Query, description = "Where to go after confirming")),
    responses((status = 200, description = "The user to be confirmed; a session where no confirmation is needed",
        body = objects::UserOrSession)),
)]
pub async fn handle(
    call: Call,
    headers: HeaderMap,
    Query(parameters): Query<RedirectTo>,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    let app = &call.app;
    // 1
    if app.config().accounts.signup_disabled {
        return Err(Code::SignupDisabled.into());
    }
    let challenge = CodeChallenge::parse(request.code_challenge.as_deref(), request.code_challenge_method.as_deref())?;
    let (email, phone, password) = (given(request.email), given(request.phone), given(request.password));
    let data = Value::Object(request.data.unwrap_or_default());
    check_metadata(&data)?;
    let locale = Locale::choose(&data, text(&headers, header::ACCEPT_LANGUAGE.as_str()));
    let mut account = NewAccount {
        id: host::random_id(app.entropy.as_ref()),
        email: None,
        password_hash: None,
        app_metadata: &json!({}),
        user_metadata: &data,
        locale: locale.as_str(),
    };
    let Some(email) = email else {
        if phone.is_some() {
            return Err(Code::PhoneProviderDisabled.into());
        }
        return anonymous(&call, &account).await;
    };
    let Some(password) = password else { return Err(Error::invalid("Signup requires a valid password")) };
    let password = Password::parse(&password)?;
    let address = address::accept(app, &email).await?;
    password.check(&app.config().passwords.policy, &address)?;
    let _slot = call.hash_slot(1)?;

    // 2
    let hash = app.parts.hasher.hash(&password, host::random(app.entropy.as_ref()));
    let app_metadata = email_app_metadata();
    account.email = Some(address.as_str());
    account.password_hash = Some(&hash);
    account.app_metadata = &app_metadata;
    if app.config().accounts.autoconfirm {
        return confirmed(&call, &account).await;
    }
    let origin = LinkOrigin {
        presented_browser_digest: page::browser_digest(&headers).map(|digest| *digest.as_bytes()),
        ..origin(app, &call.caller, challenge, parameters.redirect_to.as_deref())
    };
    to_be_confirmed(&call, &address, &account, origin).await
}

/// Signs in to an account without an address.
async fn anonymous(call: &Call, account: &NewAccount<'_>) -> Result<Response, Error> {
    let (app, now) = (&call.app, call.now);
    let config = app.config();
    if !config.accounts.anonymous_sign_ins {
        return Err(Code::AnonymousProviderDisabled.into());
    }
    let session = new_session(app, AssuranceLevel::Aal1, AuthenticationMethod::Anonymous, call.audit(), now);
    let network = counter_key(&config.tokens.auth_secrets, Counted::NetworkAnonymous, &call.caller.network());
    let per_hour = config.accounts.anonymous_per_network_hour;
    let mut db = call.connect().await?;
    match sign_up::sign_up_anonymously(&mut db, account, network, per_hour, &session, now).await? {
        Anonymous::SignedIn(result) => Ok(signed_in(call, db, *result, &session)),
        Anonymous::Wait(seconds) => Err(Error::wait(Code::OverRequestRateLimit, seconds)),
    }
}

/// Signs up and in at once, where addresses need no confirmation.
async fn confirmed(call: &Call, account: &NewAccount<'_>) -> Result<Response, Error> {
    let (app, now) = (&call.app, call.now);
    let session = new_session(app, AssuranceLevel::Aal1, AuthenticationMethod::Password, call.audit(), now);
    let mut db = call.connect().await?;
    let result = sign_up::sign_up_confirmed(&mut db, account, &session, now).await?.ok_or(Code::UserAlreadyExists)?;
    Ok(signed_in(call, db, result, &session))
}

/// Answers with the session; no mail follows from it.
fn signed_in(call: &Call, db: Connection<'_>, result: SignInResult, session: &NewSession<'_>) -> Response {
    after_response::in_background(&call.app, db, result.ended, Vec::new());
    call.answer_with_session(&result.user, &session.session)
}

async fn to_be_confirmed(
    call: &Call,
    address: &EmailAddress,
    account: &NewAccount<'_>,
    origin: LinkOrigin,
) -> Result<Response, Error> {
    let (app, now) = (&call.app, call.now);
    let browser = BrowserToken::from_entropy(host::random(app.entropy.as_ref()));
    let origin = LinkOrigin { browser_digest: Some(*browser.digest().as_bytes()), ..origin };
    let mut mail = MailRequest::prepare(app, Requested::Confirmation, address, origin, call.audit(), now)?;
    mail.mail_plan.prepare_already_registered(address)?;
    let MailRequest { mail_plan, mail_limits, audit, .. } = mail;

    // 3
    let mut db = call.connect().await?;
    let (links, mails) = (&mail_plan.links, &mail_plan.prepared_mails);
    let queued = queued(sign_up::sign_up(&mut db, account, &mail_limits, links, mails, &audit, now).await?)?;

    // 4
    after_response::in_background(app, db, Vec::new(), mail_plan.deliveries(queued));
    let user = awaiting_confirmation(account, now);
    let body = axum::Json(objects::User::new(&user, &app.config().tokens.audience, now));
    let cookie = page::bind_browser(&browser, TokenKind::Signup.lifetime());
    Ok(([(header::SET_COOKIE, cookie)], body).into_response())
}

/// What everybody is answered: made of the request alone, so that it cannot show what the database
/// holds.
fn awaiting_confirmation(account: &NewAccount<'_>, now: DateTime<Utc>) -> User {
    User {
        id: account.id,
        role: DEFAULT_ROLE.to_owned(),
        email: account.email.map(str::to_owned),
        email_confirmed_at: None,
        invited_at: None,
        deleted_at: None,
        confirmation_sent_at: Some(now),
        recovery_sent_at: None,
        reauthentication_sent_at: None,
        new_email: None,
        email_change_sent_at: None,
        is_anonymous: false,
        delete_after: None,
        last_sign_in_at: None,
        banned_until: None,
        app_metadata: account.app_metadata.clone(),
        user_metadata: account.user_metadata.clone(),
        created_at: now,
        updated_at: now,
    }
}
