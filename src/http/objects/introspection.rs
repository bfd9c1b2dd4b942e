//! What introspection answers.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::token::access_token::AccessTokenClaims;

/// What introspection answers (RFC 7662 §2.2). Of a token that is not good, `active` alone.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Introspection {
    /// Whether the token is good.
    pub active: bool,
    /// `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// What the token says.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, inline)]
    pub claims: Option<AccessTokenClaims>,
}

impl Introspection {
    /// Of a token that is not good; not even why.
    #[must_use]
    pub fn inactive() -> Self {
        Self::default()
    }

    /// Of a good token.
    #[must_use]
    pub fn active(claims: AccessTokenClaims) -> Self {
        Self { active: true, token_type: Some("Bearer"), claims: Some(claims) }
    }
}
