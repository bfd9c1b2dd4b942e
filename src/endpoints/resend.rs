//! `POST /resend`: mails another link and code to an address that is not confirmed yet.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::App;
use crate::confirmation::Confirmation;
use crate::db::Connection;
use crate::db::accounts::Queued;
use crate::db::reissues::{self, Reissue};
use crate::domain::email_address::EmailAddress;
use crate::domain::user::Caller;
use crate::host;
use crate::http::error::{Code, Error};
use crate::http::extract::Json;
use crate::outbox;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJson,
    Code::EmailAddressInvalid,
    Code::OverEmailSendRateLimit,
    Code::PhoneProviderDisabled,
    Code::RequestEntityTooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
];

/// Which mail, to whom.
#[derive(Deserialize, ToSchema)]
#[schema(as = Resend)]
pub struct Request {
    /// `signup`.
    #[serde(rename = "type")]
    #[schema(example = "signup")]
    kind: Option<String>,
    /// Address that signed up.
    #[schema(example = "ada@example.com")]
    email: Option<String>,
}

/// Mails another link and code; the earlier ones die.
///
/// 1. Checks the request.
/// 2. One statement counts the mail and issues the link, if there is an account to confirm. The answer is the same if
///    there is none.
/// 3. Sends the mail after the response.
#[utoipa::path(
    post, path = "/auth/v1/resend", tag = "Sign up", summary = "Mail another link and code",
    request_body(content = Request),
    responses((status = 200, description = "Mailed, if there is an account to confirm", body = Object)),
)]
pub async fn handle(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    // 1
    match request.kind.as_deref() {
        Some("signup") => {}
        Some("sms" | "phone_change") => return Err(Code::PhoneProviderDisabled.into()),
        _ => return Err(Error::invalid("Missing one of these types: signup")),
    }
    let Some(email) = request.email else {
        return Err(Error::invalid("Type provided requires an email address"));
    };
    let address = EmailAddress::parse(&email)?;
    let now = app.clock.now();
    let confirmation = Confirmation::new(&app, &address, now);

    // 2
    let reissue = Reissue {
        email_key: address.key(),
        token_digest: *confirmation.token_digest.as_bytes(),
        code_digest: &confirmation.code_digest,
        expires_at: confirmation.expires_at,
        mail_id: confirmation.mail_id,
        sealed: &outbox::seal(&app, confirmation.mail_id, &confirmation.message).map_err(Error::unexpected)?,
        recipient_key: confirmation.recipient_key,
        lease_until: confirmation.lease_until,
        audit_id: host::random_id(app.entropy.as_ref()),
    };
    let mut db = Connection::open(app.database.as_ref()).await?;
    let queued = reissues::reissue(&mut db, &reissue, &caller, now).await?;
    if let Queued::Wait(seconds) = queued {
        return Err(Error::wait(Code::OverEmailSendRateLimit, seconds));
    }

    // 3
    confirmation.send_in_background(&app, db, queued, None);
    Ok(axum::Json(json!({})).into_response())
}
