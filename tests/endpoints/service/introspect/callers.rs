//! `POST /introspect`: who may ask, and how.

use axum::http::Method;
use edgegate::endpoints::routes;
use edgegate::http::argument::Asker;
use serde_json::json;

use crate::support::client::{ADA, Client, no_service_tokens};
use crate::support::{Call, TestApp, tokens};

const PATH: &str = "/auth/v1/introspect";

fn asking<'a>(app: &'a TestApp, body: &str) -> Call<'a> {
    let call = app.call(Method::POST, PATH).header("content-type", "application/x-www-form-urlencoded");
    call.body(body.to_owned())
}

#[tokio::test]
async fn without_a_service_token_nobody_may_try_out_tokens() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let body = format!("token={}", ada.access);
    let before = (app.database.traffic(), app.kv.traffic());
    let anonymous = asking(&app, &body).await;
    assert_eq!(anonymous.refusal(), (401, "no_authorization".to_owned()));
    assert_eq!(anonymous.header("www-authenticate").as_deref(), Some("Bearer"));
    for (token, (status, code)) in no_service_tokens(&ada) {
        let answer = asking(&app, &body).bearer(&token).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{token}");
        assert!(!answer.text().contains("active"));
    }
    let twice = asking(&app, &body).bearer(&tokens::service()).bearer(&ada.access).await;
    assert_eq!(twice.refusal(), (401, "no_authorization".to_owned()));
    assert_eq!((app.database.traffic(), app.kv.traffic()), before);
}

#[tokio::test]
async fn the_token_in_the_body_is_no_proof_of_who_asks() {
    let app = TestApp::start().await;
    let answer = asking(&app, &format!("token={}", tokens::service())).await;
    assert_eq!(answer.refusal(), (401, "no_authorization".to_owned()));
    let with_client = asking(&app, "token=x&client_id=service_role&client_secret=x").await;
    assert_eq!(with_client.refusal(), (401, "no_authorization".to_owned()));
}

#[tokio::test]
async fn an_operators_token_may_end_or_not() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    for claims in [
        json!({ "role": "service_role" }),
        json!({ "role": "supabase_admin" }),
        json!({ "role": "service_role", "exp": 1_795_348_801, "iat": 1_795_348_800, "iss": "edgegate", "sub": "billing" }),
    ] {
        let service = tokens::es256(tokens::OUR_KEY, &tokens::our_header(), &claims);
        let answer = asking(&app, &format!("token={}", ada.access)).bearer(&service).await.succeeded();
        assert_eq!(answer.json()["active"], true);
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let as_json = app.post("/introspect", json!({ "token": ada.access })).bearer(&tokens::service()).await;
    assert_eq!(as_json.refusal(), (415, "unsupported_media_type".to_owned()));
    let untyped = app.call(Method::POST, PATH).bearer(&tokens::service()).body(format!("token={}", ada.access)).await;
    assert_eq!(untyped.refusal(), (415, "unsupported_media_type".to_owned()));
}

#[tokio::test]
async fn what_is_missing_or_given_twice_is_named() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let token = &ada.access;
    for body in [String::new(), "tokens=x".to_owned(), format!("token={token}&token={token}"), format!("TOKEN={token}")]
    {
        let answer = asking(&app, &body).bearer(&tokens::service()).await;
        assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()), "{body}");
    }
    let in_url = app.submit(&format!("/introspect?token={token}"), &[]).bearer(&tokens::service()).await;
    assert_eq!(in_url.refusal(), (400, "validation_failed".to_owned()), "a URL is logged");
    let hinted = asking(&app, &format!("token={token}&token_type_hint=refresh_token")).bearer(&tokens::service());
    assert_eq!(hinted.await.json()["active"], true, "RFC 7662, section 2.1: a hint may be ignored");
}

#[tokio::test]
async fn too_large_a_body_is_refused() {
    let app = TestApp::start().await;
    let answer = asking(&app, &format!("token={}", "x".repeat(1024 * 1024))).bearer(&tokens::service()).await;
    assert_eq!(answer.refusal(), (413, "request_entity_too_large".to_owned()));
}

#[tokio::test]
async fn no_token_is_logged() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    asking(&app, &format!("token={}", ada.access)).bearer(&tokens::service()).await.succeeded();
    let log = app.log.text();
    assert!(!log.contains(&ada.access) && !log.contains(&tokens::service()) && !log.contains(ADA), "{log}");
    assert_eq!(app.log.newest("request")["account.id"], json!(ada.user), "but whose it was");
}

/// What docs/verify.md advises for a service that only verifies.
#[tokio::test]
async fn an_introspector_may_introspect_and_nothing_else() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let introspector = tokens::es256(tokens::OUR_KEY, &tokens::our_header(), &json!({ "role": "introspector" }));
    let answer = asking(&app, &format!("token={}", ada.access)).bearer(&introspector).await.succeeded();
    assert_eq!(answer.json()["active"], true);
    let before = app.database.contents().await;
    let administering: Vec<_> = routes().filter(|route| matches!(route.asker, Asker::Administrator(Some(_)))).collect();
    assert!(!administering.is_empty());
    for route in administering {
        let method: Method = route.method.to_uppercase().parse().expect("a method");
        let path = format!("/auth/v1{}", route.path.replace("{id}", &ada.user.to_string()));
        let call = app.call(method, &path).bearer(&introspector).header("content-type", "application/json");
        let answer = call.body(json!({ "ban_duration": "24h" }).to_string()).await;
        assert_eq!(answer.refusal(), (403, "not_admin".to_owned()), "{} {path}", route.method);
    }
    assert_eq!(app.get("/user").bearer(&introspector).await.refusal(), (401, "bad_jwt".to_owned()));
    assert_eq!(app.database.contents().await, before);
}
