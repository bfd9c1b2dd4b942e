//! What every way of signing in, and refreshing, ends with: an access token and a refresh token.

use std::sync::Arc;

use axum::Extension;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};

use super::answer::AccountId;
use super::objects;
use crate::app::App;
use crate::db::Connection;
use crate::db::session::sessions::{NewSession, SignInResult, SignedIn};
use crate::domain::account::user::{Caller, User};
use crate::domain::session::session::{AssuranceLevel, AuthenticationMethod, AuthenticationReference, Session};
use crate::domain::token::access_token::AccessTokenClaims;
use crate::domain::token::refresh_token::RefreshToken;
use crate::flows::after_response;
use crate::flows::mail::plan::MailPlan;
use crate::host;

/// A session to open at `now`, proved by `method`.
#[must_use]
pub fn new_session<'a>(
    app: &App,
    method: AuthenticationMethod,
    caller: &'a Caller,
    now: DateTime<Utc>,
) -> NewSession<'a> {
    NewSession {
        session: Session {
            id: host::random_id(app.entropy.as_ref()),
            generation: 0,
            aal: AssuranceLevel::Aal1,
            amr: vec![AuthenticationReference { method, timestamp: now }],
            expires_at: now + app.config().sessions.lifetime,
        },
        audit_id: host::random_id(app.entropy.as_ref()),
        caller,
        idle_since: now - app.config().sessions.inactivity,
        most: app.config().sessions.per_user,
    }
}

/// Who makes a call at `now`, by a verified access token.
#[must_use]
pub fn signed_in(app: &App, claims: &AccessTokenClaims, now: DateTime<Utc>) -> SignedIn {
    let idle_since = now - app.config().sessions.inactivity;
    SignedIn { user_id: claims.sub, session_id: claims.session_id, now, idle_since }
}

/// The answer to signing in; what follows from it is done after the response.
pub fn sign_in_result(
    app: &Arc<App>,
    db: Connection<'_>,
    result: SignInResult,
    session: &NewSession<'_>,
    mail_plan: MailPlan<'_>,
    now: DateTime<Utc>,
) -> Response {
    after_response::in_background(app, db, result.ended, mail_plan.deliveries(result.mails));
    answer(app, &result.user, &session.session, now)
}

/// The tokens of a session as the answer to a call.
#[must_use]
pub fn answer(app: &App, user: &User, session: &Session, now: DateTime<Utc>) -> Response {
    (Extension(AccountId(user.id)), axum::Json(issue(app, user, session, now))).into_response()
}

/// The tokens of a session that lives: signs the access token, derives the refresh token. No access
/// token outlives its session's absolute end.
#[must_use]
pub fn issue(app: &App, user: &User, session: &Session, now: DateTime<Utc>) -> objects::Session {
    let config = app.config();
    let expires_at = (now + TimeDelta::seconds(config.tokens.access_token_seconds)).min(session.expires_at).timestamp();
    let claims = AccessTokenClaims {
        iss: config.tokens.issuer.clone(),
        sub: user.id,
        aud: config.tokens.audience.clone(),
        exp: expires_at,
        iat: now.timestamp(),
        jti: host::random_id(app.entropy.as_ref()),
        email: user.email.clone().unwrap_or_default(),
        phone: String::new(),
        app_metadata: user.app_metadata.clone(),
        user_metadata: user.user_metadata.clone(),
        role: user.role.clone(),
        aal: session.aal,
        amr: session.amr.clone(),
        session_id: session.id,
        is_anonymous: user.is_anonymous,
    };
    let refresh_token = RefreshToken { session_id: session.id, generation: session.generation };
    objects::Session {
        access_token: config.tokens.signing_keys.sign(&claims),
        token_type: "bearer",
        expires_in: expires_at - now.timestamp(),
        expires_at,
        refresh_token: refresh_token.issue(&config.tokens.auth_secrets),
        user: objects::User::new(user, &config.tokens.audience, now),
    }
}
