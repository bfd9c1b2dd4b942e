//! `POST /factors`: the protocol's own refusal.

use edgegate::http::error::Code;
use serde_json::{Value, json};

use crate::support::client::{ADA, Client};
use crate::support::{Answer, TestApp};

async fn enroll(app: &TestApp, client: &Client, body: Value) -> Answer {
    app.post("/factors", body).bearer(&client.access).await
}

#[tokio::test]
async fn enrolling_a_second_factor_is_refused_by_its_kind() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.database.traffic();
    for (kind, code) in [
        ("totp", Code::MfaTotpEnrollNotEnabled),
        ("phone", Code::MfaPhoneEnrollNotEnabled),
        ("webauthn", Code::MfaWebauthnEnrollNotEnabled),
    ] {
        let answer = enroll(&app, &ada, json!({ "factor_type": kind, "friendly_name": "mine" })).await;
        assert_eq!(answer.refusal(), (422, code.as_str().to_owned()));
    }
    for body in [json!({}), json!({ "factor_type": "palm" }), json!({ "factor_type": 1 })] {
        assert_eq!(enroll(&app, &ada, body).await.refusal(), (400, "validation_failed".to_owned()));
    }
    assert_eq!(app.database.traffic(), before, "the database is not asked");
    let stranger = app.post("/factors", json!({ "factor_type": "totp" })).await;
    assert_eq!(stranger.refusal(), (401, "no_authorization".to_owned()));
}
