//! `POST /introspect`: whether an access token is good, for services that want to hear of
//! revocations without a database (RFC 7662). Signature, claims and KV only. Not here: refresh
//! tokens, which only PostgreSQL can judge; they are answered like everything that is no access
//! token.

use axum::Extension;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::policy;
use crate::domain::token::access_token::Expected;
use crate::flows::revocation;
use crate::http::answer::AccountId;
use crate::http::call::Call;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::Form;
use crate::http::objects::Introspection;
use crate::http::signed_in::Introspector;

/// The list of revoked sessions does not answer.
const REVOCATION_UNKNOWN: Failure =
    Code::TemporarilyUnavailable.saying("Whether the session was revoked cannot be told at the moment, try again");

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[REVOCATION_UNKNOWN];

/// Which token. RFC 7662 §2.1.
#[derive(Deserialize, ToSchema)]
#[schema(as = Introspect)]
pub struct Request {
    /// An access token.
    token: String,
}

/// Introspects an access token.
///
/// 1. [`Introspector`] has verified the caller's service token: no other caller may try out tokens
///    here.
/// 2. Verifies the token. Whatever is wrong with it, the answer is the same.
/// 3. Asks KV whether its session was revoked. If KV does not say, nor do we.
#[utoipa::path(
    post, path = "/auth/v1/introspect", tag = "Services", summary = "Is this access token good?",
    description = "RFC 7662. Needs no database. A session that ended is seen here as soon as \
        Workers KV has spread the word, within 90 seconds as a rule and never later than the \
        access token's own end. Takes a service token as bearer: `npm run keys -- token --role \
        introspector`.",
    request_body(content = Request, content_type = "application/x-www-form-urlencoded",
        example = json!({
            "token": "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoiYXV0aGVudGljYXRlZCJ9.c2lnbmF0dXJl",
        })),
    responses((status = 200, description = "Good: its claims. Not good, for whatever reason: `active: false` alone.",
        body = Introspection)),
)]
pub async fn handle(call: Call, _: Introspector, Form(request): Form<Request>) -> Result<Response, Error> {
    // 2
    let config = call.app.config();
    let expected = Expected { issuer: &config.tokens.issuer, audience: &config.tokens.audience, now: call.now };
    let Ok(claims) = config.tokens.signing_keys.verify(&request.token, &expected) else {
        return Ok(axum::Json(Introspection::inactive()).into_response());
    };
    // 3
    let about = Extension(AccountId(claims.sub));
    let revoked = revocation::is_listed(&call.app, claims.session_id, policy::REVOCATION_TIMEOUT_ON_INTROSPECTION)
        .await
        .map_err(|problem| Error::from(REVOCATION_UNKNOWN).because(problem))?;
    let answer = if revoked { Introspection::inactive() } else { Introspection::active(claims) };
    Ok((about, axum::Json(answer)).into_response())
}
