//! `POST /token?grant_type=password`: signs in with address and password.

use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{PHONE_LOGINS_DISABLED, USER_BANNED};
use crate::db::session::password_sign_in;
use crate::db::session::password_sign_in::{Candidate, PasswordThrottles, RightPassword, SignInAttempt};
use crate::domain::account::email_address::EmailAddress;
use crate::domain::account::user::User;
use crate::domain::counter::{Counted, counter_key};
use crate::domain::credential::password::Password;
use crate::domain::credential::password_hash::Verification;
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::session::session::AuthenticationMethod;
use crate::flows::after_response;
use crate::flows::mail::plan::MailPlan;
use crate::flows::session::new_session;
use crate::host;
use crate::http::call::Call;
use crate::http::error::{Code, Error};
use crate::log::Event;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasswordGrant)]
pub struct Request {
    /// Address of the account.
    #[schema(value_type = String, required = true, example = "ada@example.com")]
    email: Option<String>,
    /// Its password.
    #[schema(value_type = String, required = true, example = "correct horse battery staple")]
    password: Option<String>,
    /// Not offered.
    phone: Option<String>,
}

/// Signs in.
///
/// 1. Parses address and password. An address or a password that no account can have is simply
///    wrong.
/// 2. One statement counts the attempt, before anything is checked, and returns the account with
///    its hash.
/// 3. Verifies the hash; for an unknown account a dummy of equal cost.
/// 4. One statement resets the throttles, upgrades an outdated hash and opens the session.
pub async fn handle(call: &Call, request: Request) -> Result<Response, Error> {
    let (app, now) = (&call.app, call.now);
    // 1
    if request.phone.is_some_and(|phone| !phone.is_empty()) {
        return Err(PHONE_LOGINS_DISABLED.into());
    }
    let (Some(email), Some(password)) = (request.email, request.password) else {
        return Err(Error::invalid("Signing in takes email and password"));
    };
    let (Ok(address), Ok(password)) = (EmailAddress::parse(&email), Password::parse(&password)) else {
        return Err(Code::InvalidCredentials.into());
    };
    let mut slot = call.hash_slot(1)?;
    let secrets = &app.config().tokens.auth_secrets;
    let network = call.caller.network();
    let throttles = PasswordThrottles {
        network: counter_key(secrets, Counted::NetworkPassword, &network),
        account_here: counter_key(secrets, Counted::AccountPasswordHere, &format!("{} {network}", address.key())),
        account: counter_key(secrets, Counted::AccountPassword, address.key()),
    };

    // 2
    let attempt = SignInAttempt { email_key: address.key(), throttles, request_id: call.request_id, now };
    let mut db = call.connect().await?;
    let candidate = password_sign_in::count_and_find(&mut db, &attempt).await?;

    // 3
    let (user, hash, outdated) = match candidate {
        Candidate::Wait(seconds) => return Err(Error::wait(Code::OverRequestRateLimit, seconds)),
        Candidate::Unknown => {
            app.parts.hasher.verify_dummy(&password);
            return Err(Error::from(Code::InvalidCredentials).because("no such account"));
        }
        Candidate::Known(user, hash) => {
            match app.verify_password(&mut slot, &password, &hash) {
                Ok(Verification::Right { outdated }) => (user, hash, outdated),
                Ok(Verification::Wrong) => return Err(wrong_password(&user)),
                Err(unreadable) => {
                    // A fault of ours, yet answered like a wrong password: a 500 would tell that
                    // there is an account.
                    app.parts.hasher.verify_dummy(&password);
                    app.log(
                        Event::error("password_hash_unreadable")
                            .field("account.id", user.id.to_string())
                            .field("error.cause", unreadable.to_string()),
                    );
                    return Err(wrong_password(&user));
                }
            }
        }
    };
    if user.is_banned(now) {
        return Err(USER_BANNED.into());
    }
    if user.email_confirmed_at.is_none() {
        // A stranger who signs up for an address and then signs in would learn here whether it has
        // an account.
        let told =
            if app.config().accounts.tell_unconfirmed { Code::EmailNotConfirmed } else { Code::InvalidCredentials };
        return Err(Error::from(told).because("the address is not confirmed"));
    }

    // 4
    let new_hash = outdated.then(|| app.parts.hasher.hash(&password, host::random(app.entropy.as_ref())));
    let right = RightPassword { user_id: user.id, verified_hash: &hash, new_hash, throttles };
    let session = new_session(app, AssuranceLevel::Aal1, AuthenticationMethod::Password, call.audit(), now);
    let mut mail_plan = MailPlan::new(app, now);
    mail_plan.prepare_new_device(&call.caller)?;
    let result = password_sign_in::open(&mut db, &right, &session, &mail_plan.prepared_mails, now)
        .await?
        .ok_or_else(|| Error::from(Code::InvalidCredentials).because("the account changed meanwhile"))?;
    after_response::in_background(app, db, result.ended, mail_plan.deliveries(result.mails));
    Ok(call.answer_with_session(&result.user, &session.session))
}

/// The caller learns no more than of an unknown account; the log says whose password was guessed
/// at.
fn wrong_password(user: &User) -> Error {
    Error::from(Code::InvalidCredentials).because(format!("wrong password for {}", user.id))
}
