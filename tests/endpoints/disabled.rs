//! What the protocol has and this instance does not: the protocol's own refusal, for whoever may
//! ask, without the database.

use axum::http::Method;
use edgegate::endpoints::disabled;
use edgegate::http::argument::Asker;
use serde_json::json;

use crate::support::client::{ADA, Client};
use crate::support::{Call, PASSWORD, TestApp, tokens};

const ID: &str = "0b9dc1f5-0f9b-4f0c-8a05-1c1d6f8c7a11";

/// The path of a route, with something in the place of what stands in braces.
fn path(pattern: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { ID.to_owned() } else { part.to_owned() };
    format!("/auth/v1{}", pattern.split('/').map(part).collect::<Vec<_>>().join("/"))
}

/// Calls that have neither token nor body, in the words of the route table.
fn call<'a>(app: &'a TestApp, method: &str, pattern: &str) -> Call<'a> {
    app.call(method.to_uppercase().parse().expect("a method"), &path(pattern))
}

#[tokio::test]
async fn every_call_answers_that_it_is_disabled_to_whoever_may_ask() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    for route in disabled::routes() {
        let (method, pattern) = (route.method, route.path);
        let [failure] = route.own_failures[..] else { panic!("{method} {pattern}: one refusal") };
        let (token, others) = match route.asker {
            Asker::Anybody => (None, vec![]),
            Asker::User => (Some(ada.access.clone()), vec![tokens::service()]),
            _ => (Some(tokens::service()), vec![ada.access.clone()]),
        };
        let answer = match &token {
            Some(token) => call(&app, method, pattern).bearer(token).await,
            None => call(&app, method, pattern).await,
        };
        assert_eq!(answer.refusal(), (failure.status.as_u16(), failure.code.as_str().to_owned()), "{method} {pattern}");
        assert_eq!(answer.json()["msg"], failure.message);
        if token.is_some() {
            assert_eq!(call(&app, method, pattern).await.refusal(), (401, "no_authorization".to_owned()), "{pattern}");
            let junk = call(&app, method, pattern).bearer("junk").await;
            assert_eq!(junk.refusal(), (401, "bad_jwt".to_owned()), "{pattern}");
        }
        for other in others {
            let refused = call(&app, method, pattern).bearer(&other).await;
            assert!([401, 403].contains(&refused.status.as_u16()), "{method} {pattern}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn a_body_makes_no_difference() {
    let app = TestApp::start().await;
    for body in ["{}", "{", "", "null", r#"{"domain":"example.com"}"#] {
        let call = app.call(Method::POST, "/auth/v1/sso").header("content-type", "application/json");
        let answer = call.body(body).await;
        assert_eq!(
            (answer.refusal(), answer.json()["msg"].clone()),
            ((404, "saml_provider_disabled".to_owned()), json!("SAML 2.0 is disabled"))
        );
    }
}

#[tokio::test]
async fn the_database_is_not_asked() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.database.traffic();
    for route in disabled::routes().iter().filter(|route| !route.path.starts_with("/admin/")) {
        call(&app, route.method, route.path).bearer(&ada.access).await;
    }
    assert_eq!(app.database.traffic(), before);
}

#[tokio::test]
async fn grants_of_providers_and_wallets_are_disabled_and_their_bodies_not_read() {
    let app = TestApp::start().await;
    for (grant, refusal) in [("id_token", (400, "provider_disabled")), ("web3", (422, "web3_provider_disabled"))] {
        let answer =
            app.post(&format!("/token?grant_type={grant}"), json!({ "password": PASSWORD, "email": [1] })).await;
        assert_eq!(answer.refusal(), (refusal.0, refusal.1.to_owned()));
    }
    assert_eq!(app.database.traffic(), (0, 0));
}

#[tokio::test]
async fn a_browser_that_was_sent_to_a_provider_gets_a_page() {
    let app = TestApp::start().await;
    let answer = app.get("/authorize?provider=github&redirect_to=x").header("accept", "text/html").await;
    assert_eq!(answer.status, 400);
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
    assert!(!answer.text().contains("github"));
}
