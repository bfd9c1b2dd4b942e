//! What is no refresh token of ours is refused without asking PostgreSQL or KV.

use serde_json::{Value, json};

use crate::endpoints::token::refresh::{ADA, refresh_token};
use crate::support::TestApp;

#[tokio::test]
async fn forged_mangled_and_foreign_tokens_are_refused_without_a_question() {
    let app = TestApp::start().await;
    let session = app.signed_in(ADA).await;
    let token = refresh_token(&session);
    let elsewhere = app.redeployed(&[("AUTH_SECRET", "YW5vdGhlci1zZWNyZXQtdGhhdC1pcy1hcy1sb25nLTQ1Ng")]);
    let foreign = refresh_token(&elsewhere.signed_in("bob@example.com").await);
    let flipped = |at: usize| {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(changed).expect("ASCII")
    };
    let mut bad = vec![
        String::new(),
        "x".to_owned(),
        "abcdefghijkl".to_owned(), // the form of Supabase's own
        foreign,
        format!("{token}="),
        format!(" {token}"),
        format!("{token}A"),
        token[1..].to_owned(),
        token.to_lowercase(),
        session["access_token"].as_str().expect("a token").to_owned(),
        "A".repeat(76),
        "é".repeat(38),
        "A".repeat(1_000_000),
    ];
    bad.extend((0..token.len()).map(flipped));
    let (database, kv) = (app.database.traffic(), app.kv.traffic());
    for text in bad {
        let answer = app.refresh(&text).await;
        assert_eq!(answer.refusal(), (400, "refresh_token_not_found".to_owned()), "{}", &text[..text.len().min(80)]);
        assert_eq!(answer.json()["msg"], "Invalid Refresh Token: Refresh Token Not Found");
    }
    assert_eq!((app.database.traffic(), app.kv.traffic()), (database, kv), "somebody was asked");
    assert_eq!(app.refresh(&token).await.status, 200, "and it still works");
}

#[tokio::test]
async fn a_body_of_the_wrong_form_is_refused_without_a_question() {
    let app = TestApp::start().await;
    let before = app.database.traffic();
    let bodies = [
        json!({}),
        json!({ "refresh_token": null }),
        json!({ "refresh_token": 1 }),
        json!({ "refresh_token": ["x"] }),
        json!({ "refresh_token": {} }),
    ];
    for body in bodies {
        let answer = app.post("/token?grant_type=refresh_token", body.clone()).await;
        assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()), "{body}");
    }
    let list: Value = json!(["x"]);
    assert_eq!(app.post("/token?grant_type=refresh_token", list).await.refusal(), (400, "bad_json".to_owned()));
    assert_eq!(app.database.traffic(), before);
}

#[tokio::test]
async fn a_refresh_token_opens_nothing_else() {
    let app = TestApp::start().await;
    let token = refresh_token(&app.signed_in(ADA).await);
    assert_eq!(app.get("/user").bearer(&token).await.refusal(), (401, "bad_jwt".to_owned()));
    let verify = app.post("/verify", json!({ "type": "signup", "token_hash": token })).await;
    assert_eq!(verify.refusal(), (403, "otp_expired".to_owned()));
    assert_eq!(app.introspect(&token).await.json(), json!({ "active": false }));
}
