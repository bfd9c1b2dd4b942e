//! What every way of signing in ends with: a session id, an access token, a refresh token.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::objects;
use crate::app::App;
use crate::db::sessions::NewSession;
use crate::domain::access_token::AccessTokenClaims;
use crate::domain::refresh_token::RefreshToken;
use crate::domain::session::{AssuranceLevel, AuthenticationMethod, AuthenticationReference};
use crate::domain::user::{Caller, User};
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
        id: host::random_id(app.entropy.as_ref()),
        audit_id: host::random_id(app.entropy.as_ref()),
        amr: vec![AuthenticationReference { method, timestamp: now }],
        expires_at: now + app.config().session_lifetime,
        caller,
    }
}

/// The tokens of a session that was just opened: signs the access token, derives the refresh token.
#[must_use]
pub fn issue(app: &App, user: &User, session: &NewSession<'_>, now: DateTime<Utc>) -> objects::Session {
    let config = app.config();
    let expires_at = now + chrono::TimeDelta::seconds(config.access_token_seconds);
    let claims = AccessTokenClaims {
        iss: config.issuer.clone(),
        sub: user.id,
        aud: config.audience.clone(),
        exp: expires_at.timestamp(),
        iat: now.timestamp(),
        jti: host::random_id(app.entropy.as_ref()),
        email: user.email.clone().unwrap_or_default(),
        phone: String::new(),
        app_metadata: user.app_metadata.clone(),
        user_metadata: user.user_metadata.clone(),
        role: "authenticated".to_owned(),
        aal: AssuranceLevel::Aal1,
        amr: session.amr.clone(),
        session_id: session.id,
        is_anonymous: false,
    };
    objects::Session {
        access_token: config.signing_keys.sign(&claims),
        token_type: "bearer",
        expires_in: config.access_token_seconds,
        expires_at: expires_at.timestamp(),
        refresh_token: first_refresh_token(session.id).issue(&config.auth_secrets),
        user: objects::User::new(user, &config.audience, now),
    }
}

fn first_refresh_token(session_id: Uuid) -> RefreshToken {
    RefreshToken { session_id, generation: 0 }
}
