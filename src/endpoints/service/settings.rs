//! `GET /settings`: what this instance offers, as clients ask for it before they show a form.

use axum::Json;
use serde_json::{Map, Value, json};

use crate::http::call::Call;
use crate::http::error::Failure;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[];

/// The providers that the protocol knows of. `email` is offered, and `anonymous_users` by setting.
const EXTERNAL: [&str; 26] = [
    "anonymous_users",
    "apple",
    "azure",
    "bitbucket",
    "discord",
    "email",
    "facebook",
    "figma",
    "fly",
    "github",
    "gitlab",
    "google",
    "kakao",
    "keycloak",
    "linkedin",
    "linkedin_oidc",
    "notion",
    "phone",
    "slack",
    "slack_oidc",
    "snapchat",
    "spotify",
    "twitch",
    "twitter",
    "workos",
    "zoom",
];

/// Answers with what is offered.
#[utoipa::path(
    get, path = "/auth/v1/settings", tag = "Operation", summary = "What is offered",
    responses((status = 200, description = "Providers and switches", body = Object, example = json!({
        "external": { "email": true, "phone": false, "anonymous_users": false },
        "disable_signup": false, "mailer_autoconfirm": false,
    }))),
)]
pub async fn handle(call: Call) -> Json<Value> {
    let offered = |provider: &str| match provider {
        "email" => true,
        "anonymous_users" => call.app.config().accounts.anonymous_sign_ins,
        _ => false,
    };
    let external: Map<String, Value> =
        EXTERNAL.iter().map(|provider| ((*provider).to_owned(), json!(offered(provider)))).collect();
    Json(json!({
        "external": external,
        "disable_signup": call.app.config().accounts.signup_disabled,
        "mailer_autoconfirm": call.app.config().accounts.autoconfirm,
        "phone_autoconfirm": false,
        "sms_provider": "",
        "saml_enabled": false,
        "saml_private_key_next_configured": false,
        "passkeys_enabled": false,
    }))
}
