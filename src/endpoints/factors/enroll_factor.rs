//! `POST /factors`: second factors are not offered; the protocol has a refusal for each kind of
//! them. Not here: the other calls about factors (`endpoints/disabled.rs`).

use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::error::{Code, Error, Failure};
use crate::http::extract::Json;
use crate::http::signed_in::TokenHolder;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[
    Code::MfaPhoneEnrollNotEnabled.failure(),
    Code::MfaTotpEnrollNotEnabled.failure(),
    Code::MfaWebauthnEnrollNotEnabled.failure(),
];

/// Which kind of factor.
#[derive(Deserialize, ToSchema)]
#[schema(as = EnrollFactor)]
pub struct Request {
    /// `totp`, `phone` or `webauthn`.
    #[schema(example = "totp")]
    factor_type: Option<String>,
}

/// Refuses. [`TokenHolder`] has verified the access token; no connection is opened, since the
/// answer is the same for everybody.
#[utoipa::path(
    post, path = "/auth/v1/factors", tag = "Not offered", summary = "Not offered: second factors",
    description = "", request_body(content = Request, example = json!({ "factor_type": "totp" })),
)]
pub async fn handle(_: TokenHolder, Json(request): Json<Request>) -> Error {
    match request.factor_type.as_deref() {
        Some("totp") => Code::MfaTotpEnrollNotEnabled.into(),
        Some("phone") => Code::MfaPhoneEnrollNotEnabled.into(),
        Some("webauthn") => Code::MfaWebauthnEnrollNotEnabled.into(),
        _ => Error::invalid("factor_type needs to be totp, phone, or webauthn"),
    }
}
