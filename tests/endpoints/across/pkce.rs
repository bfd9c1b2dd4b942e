//! PKCE: a mailed link leads back to the app with a code, and only the app's verifier makes
//! something of it.

use std::collections::BTreeMap;

use axum::http::Method;
use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use crate::support::client::{ADA, Client};
use crate::support::{Answer, Call, MailedLink, PASSWORD, TestApp, tokens};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const OTHER: &str = "another-verifier-of-forty-three-characters-";

/// A body with the challenge of [`VERIFIER`].
fn with_challenge(mut body: Value) -> Value {
    body["code_challenge"] = json!(Base64UrlUnpadded::encode_string(&Sha256::digest(VERIFIER)));
    body["code_challenge_method"] = json!("s256");
    body
}

async fn app() -> TestApp {
    TestApp::with(&[("SIGN_IN_BY_EMAIL", "true"), ("REDIRECT_ALLOW_LIST", "https://app.example.com/in")]).await
}

/// Presses the button of the page, in a browser that nobody knows, and reads the code off where it
/// leads.
async fn click(app: &TestApp, link: &MailedLink) -> String {
    let answer = app.submit("/verify/confirm", &[("token", &link.token)]).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let url = Url::parse(&answer.header("location").expect("a place")).expect("a URL");
    assert_eq!(url.fragment(), None, "no tokens where a code is expected");
    url.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned()
}

fn exchange<'a>(app: &'a TestApp, code: &str, verifier: &str) -> Call<'a> {
    app.post("/token?grant_type=pkce", json!({ "auth_code": code, "code_verifier": verifier }))
}

fn refused(answer: &Answer) -> (u16, String) {
    answer.refusal()
}

#[tokio::test]
async fn a_sign_up_is_confirmed_by_the_verifier_and_not_by_the_click() {
    let app = app().await;
    app.post("/signup", with_challenge(json!({ "email": ADA, "password": PASSWORD }))).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    let code = click(&app, &link).await;
    assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "email_not_confirmed");
    let session = exchange(&app, &code, VERIFIER).await.succeeded().json();
    assert_eq!(session["user"]["email"], ADA);
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
    assert_eq!(app.get(&format!("/verify?token={}", link.token)).await.status, 410);
}

#[tokio::test]
async fn recovery_and_sign_in_by_mail_lead_to_the_app_too() {
    for (path, email) in [("/recover", ADA), ("/otp", ADA), ("/otp", "new@example.com")] {
        let app = app().await;
        let before = Client::new(&app, ADA).await;
        app.clock.advance(TimeDelta::minutes(1));
        app.post(path, with_challenge(json!({ "email": email }))).await.succeeded();
        let code = click(&app, &app.mailbox.link_to(email)).await;
        let session = exchange(&app, &code, VERIFIER).await.succeeded().json();
        assert_eq!(session["user"]["email"], email, "{path}");
        assert!(session["user"]["email_confirmed_at"].is_string());
        if path == "/recover" {
            before.has_ended(&app).await;
        } else {
            before.goes_on(&app).await;
        }
    }
}

#[tokio::test]
async fn the_click_uses_nothing_up_and_the_newest_code_counts() {
    let app = app().await;
    app.post("/otp", with_challenge(json!({ "email": ADA }))).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    let first = click(&app, &link).await;
    let second = click(&app, &link).await;
    assert_ne!(first, second);
    assert_eq!(refused(&exchange(&app, &first, VERIFIER).await), (404, "flow_state_not_found".to_owned()));
    exchange(&app, &second, VERIFIER).await.succeeded();
    assert_eq!(refused(&exchange(&app, &second, VERIFIER).await), (400, "flow_state_already_used".to_owned()));
}

#[tokio::test]
async fn a_wrong_verifier_gets_nothing_and_leaves_the_code_good() {
    let app = app().await;
    app.post("/otp", with_challenge(json!({ "email": ADA }))).await.succeeded();
    let code = click(&app, &app.mailbox.link_to(ADA)).await;
    for verifier in [OTHER, &VERIFIER.to_lowercase(), &format!("{VERIFIER}x")] {
        let answer = exchange(&app, &code, verifier).await;
        assert_eq!(refused(&answer), (400, "bad_code_verifier".to_owned()), "{verifier}");
    }
    exchange(&app, &code, VERIFIER).await.succeeded();
}

#[tokio::test]
async fn the_codes_five_minutes_count_from_the_click() {
    let app = app().await;
    app.post("/signup", with_challenge(json!({ "email": ADA, "password": PASSWORD }))).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    app.clock.advance(TimeDelta::hours(23));
    let late = click(&app, &link).await;
    app.clock.advance(TimeDelta::minutes(5));
    assert_eq!(refused(&exchange(&app, &late, VERIFIER).await), (422, "flow_state_expired".to_owned()));
    let in_time = click(&app, &link).await;
    app.clock.advance(TimeDelta::minutes(5) - TimeDelta::seconds(1));
    exchange(&app, &in_time, VERIFIER).await.succeeded();
}

#[tokio::test]
async fn a_code_that_something_ended_meanwhile_is_worth_nothing() {
    let app = app().await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/recover", with_challenge(json!({ "email": ADA }))).await.succeeded();
    let code = click(&app, &app.mailbox.link_to(ADA)).await;
    ada.change_password(&app, PASSWORD, "another horse battery staple").await.succeeded();
    assert_eq!(refused(&exchange(&app, &code, VERIFIER).await), (422, "flow_state_expired".to_owned()));

    app.clock.advance(TimeDelta::minutes(1));
    app.post("/recover", with_challenge(json!({ "email": ADA }))).await.succeeded();
    let code = click(&app, &app.mailbox.link_to(ADA)).await;
    app.database.change("UPDATE edgegate.users SET banned_until = '2100-01-01'").await;
    assert_eq!(refused(&exchange(&app, &code, VERIFIER).await), (400, "user_banned".to_owned()));
}

#[tokio::test]
async fn a_code_of_a_sign_up_that_an_administrator_confirmed_is_worth_nothing() {
    let app = app().await;
    app.post("/signup", with_challenge(json!({ "email": ADA, "password": PASSWORD }))).await.succeeded();
    let code = click(&app, &app.mailbox.link_to(ADA)).await;
    let id: Uuid = app.database.value("SELECT id FROM edgegate.users").await;
    let confirm = app.call(Method::PUT, &format!("/auth/v1/admin/users/{id}")).bearer(&tokens::service());
    confirm.header("content-type", "application/json").body(r#"{ "email_confirm": true }"#).await.succeeded();
    assert_eq!(refused(&exchange(&app, &code, VERIFIER).await), (422, "flow_state_expired".to_owned()));
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn elsewhere_the_password_confirms_too_and_no_tokens_go_to_an_app_that_wants_a_code() {
    let app = app().await;
    let body = with_challenge(json!({ "email": ADA, "password": PASSWORD }));
    app.post("/signup?redirect_to=https://app.example.com/in", body).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    let page = app.get(&format!("/verify?token={}", link.token)).await.text();
    assert!(page.contains("<details"), "{page}");
    let typed = [("token", link.token.as_str()), ("password", PASSWORD), ("password_is", "chosen")];
    let answer = app.submit("/verify/confirm", &typed).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location").as_deref()),
        (303, Some("https://app.example.com/in"))
    );
    assert_eq!(app.database.count("sessions").await, 0);
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_attackers_challenge_and_a_victims_click_give_the_attacker_nothing() {
    let app = app().await;
    let victim = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/otp?redirect_to=https://evil.example/", with_challenge(json!({ "email": ADA }))).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    let answer = app.submit("/verify/confirm", &[("token", &link.token)]).await;
    let location = answer.header("location").expect("a place");
    assert!(location.starts_with("https://app.example.com/?code="), "{location}");
    victim.goes_on(&app).await;
}

#[tokio::test]
async fn a_stranger_who_asks_for_the_mail_again_does_not_replace_the_challenge() {
    let app = app().await;
    app.post("/signup", with_challenge(json!({ "email": ADA, "password": PASSWORD }))).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    let body = json!({ "type": "signup", "email": ADA, "code_challenge": OTHER, "code_challenge_method": "plain" });
    app.post("/resend", body.clone()).caller_ip("203.0.113.9").await.succeeded();
    let code = click(&app, &app.mailbox.link_to(ADA)).await;
    assert_eq!(refused(&exchange(&app, &code, OTHER).await), (400, "bad_code_verifier".to_owned()));
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/resend", body).await.succeeded();
    let code = click(&app, &app.mailbox.link_to(ADA)).await;
    exchange(&app, &code, OTHER).await.succeeded();
}

#[tokio::test]
async fn of_many_who_exchange_one_code_at_once_one_gets_a_session() {
    let app = app().await;
    app.post("/otp", with_challenge(json!({ "email": ADA }))).await.succeeded();
    let code = click(&app, &app.mailbox.link_to(ADA)).await;
    let answers = futures_util::future::join_all((0..16).map(|_| exchange(&app, &code, VERIFIER).send_only())).await;
    let mut counts = BTreeMap::new();
    for answer in &answers {
        *counts.entry(answer.status.as_u16()).or_insert(0) += 1;
    }
    assert_eq!(counts, BTreeMap::from([(200, 1), (400, 15)]));
    assert_eq!(app.database.count("sessions").await, 1);
}

#[tokio::test]
async fn the_plain_method_works_and_nothing_usable_is_stored() {
    let app = app().await;
    let body = json!({ "email": ADA, "code_challenge": VERIFIER, "code_challenge_method": "PLAIN" });
    app.post("/otp", body).await.succeeded();
    let code = click(&app, &app.mailbox.link_to(ADA)).await;
    let stored = app.database.contents().await;
    assert!(!stored.contains(VERIFIER) && !stored.contains(&code));
    exchange(&app, &code, VERIFIER).await.succeeded();
}

#[tokio::test]
async fn what_cannot_be_a_code_or_verifier_is_refused_without_the_database() {
    let app = app().await;
    let some = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
    for (body, status, code) in [
        (json!({}), 400, "validation_failed"),
        (json!({ "auth_code": some }), 400, "validation_failed"),
        (json!({ "auth_code": null, "code_verifier": VERIFIER }), 400, "validation_failed"),
        (json!({ "auth_code": "", "code_verifier": VERIFIER }), 400, "validation_failed"),
        (json!({ "auth_code": some, "code_verifier": "" }), 400, "validation_failed"),
        (json!({ "auth_code": "x", "code_verifier": VERIFIER }), 404, "flow_state_not_found"),
        (json!({ "auth_code": some.to_uppercase(), "code_verifier": VERIFIER }), 404, "flow_state_not_found"),
        (json!({ "auth_code": some, "code_verifier": "short" }), 400, "bad_code_verifier"),
        (json!({ "auth_code": some, "code_verifier": "ü".repeat(30) }), 400, "bad_code_verifier"),
    ] {
        assert_eq!(
            app.post("/token?grant_type=pkce", body.clone()).await.refusal(),
            (status, code.to_owned()),
            "{body}"
        );
    }
    assert_eq!(app.database.traffic(), (0, 0));
    assert_eq!(refused(&exchange(&app, some, VERIFIER).await), (404, "flow_state_not_found".to_owned()));
}
