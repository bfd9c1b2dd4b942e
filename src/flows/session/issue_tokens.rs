//! What every way of signing in, and refreshing, ends with: an access token and a refresh token.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::session::session::Session;
use crate::domain::token::access_token::AccessTokenClaims;
use crate::domain::token::refresh_token::RefreshToken;
use crate::host;

/// The tokens of a session. Credentials.
pub struct IssuedTokens {
    /// A JWT.
    pub access_token: String,
    /// How long it works, in seconds.
    pub expires_in: i64,
    /// Its end, Unix seconds.
    pub expires_at: i64,
    /// Gets the next access token.
    pub refresh_token: String,
}

/// The tokens of a session that lives: signs the access token, derives the refresh token. No access
/// token outlives its session's absolute end.
#[must_use]
pub fn issue_tokens(app: &App, user: &User, session: &Session, now: DateTime<Utc>) -> IssuedTokens {
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
    IssuedTokens {
        access_token: config.tokens.signing_keys.sign(&claims),
        expires_in: expires_at - now.timestamp(),
        expires_at,
        refresh_token: refresh_token.issue(&config.tokens.auth_secrets),
    }
}
