//! `GET /settings`.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn it_offers_email_and_says_no_to_everything_else_the_protocol_knows() {
    let app = TestApp::start().await;
    let answer = app.get("/settings").await;
    assert_eq!(answer.status, 200);
    let no = false;
    assert_eq!(
        answer.json(),
        json!({
            "external": {
                "anonymous_users": no, "apple": no, "azure": no, "bitbucket": no, "discord": no, "email": true, "facebook": no,
                "figma": no, "fly": no, "github": no, "gitlab": no, "google": no, "kakao": no, "keycloak": no, "linkedin": no,
                "linkedin_oidc": no, "notion": no, "phone": no, "slack": no, "slack_oidc": no, "snapchat": no, "spotify": no,
                "twitch": no, "twitter": no, "workos": no, "zoom": no,
            },
            "disable_signup": no,
            "mailer_autoconfirm": no,
            "phone_autoconfirm": no,
            "sms_provider": "",
            "saml_enabled": no,
            "saml_private_key_next_configured": no,
            "passkeys_enabled": no,
        })
    );
    assert_eq!(app.database.traffic(), (0, 0));
}

#[tokio::test]
async fn anonymous_users_are_offered_where_they_are() {
    let app = TestApp::with(&[("ANONYMOUS_SIGN_INS", "true")]).await;
    assert_eq!(app.get("/settings").await.json()["external"]["anonymous_users"], true);
}
