//! `POST /admin/generate_link`, and what holds for it and for `POST /invite`.

use serde_json::json;

use super::{follow, generate_link, invite};
use crate::support::client::no_error_was_logged;
use crate::support::{PASSWORD, TestApp};

const GRACE: &str = "grace@example.com";

#[tokio::test]
async fn a_confirmed_account_is_neither_invited_nor_signed_up_once_more() {
    let app = TestApp::start().await;
    app.signed_in(GRACE).await;
    let before = app.database.contents().await;
    assert_eq!(invite(&app, json!({ "email": GRACE })).await.refusal(), (422, "email_exists".to_owned()));
    for body in [
        json!({ "type": "invite", "email": "GRACE@example.com" }),
        json!({ "type": "signup", "email": GRACE, "password": PASSWORD }),
    ] {
        assert_eq!(generate_link(&app, body).await.refusal(), (422, "email_exists".to_owned()));
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn each_kind_of_link_does_what_its_mail_would_and_nothing_is_mailed() {
    let app = TestApp::start().await;
    for (kind, email, more) in [
        ("signup", "a@example.com", json!({ "password": PASSWORD, "data": { "n": 1 } })),
        ("invite", "b@example.com", json!({})),
        ("magiclink", "c@example.com", json!({})),
        ("magiclink", "a@example.com", json!({})),
        ("recovery", "a@example.com", json!({})),
    ] {
        let mut body = json!({ "type": kind, "email": email });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let made = generate_link(&app, body).await.succeeded().json();
        assert_eq!((&made["email"], &made["verification_type"]), (&json!(email), &json!(kind)));
        assert_eq!(made["redirect_to"], "https://app.example.com/");
        let link = made["action_link"].as_str().expect("a link");
        assert!(link.starts_with("https://auth.example.com/auth/v1/verify?token="), "{link}");
        assert!(link.contains(made["hashed_token"].as_str().expect("a token")), "{link}");
        assert_eq!(made["email_otp"].as_str().map(str::len), Some(6));
        let session = follow(&app, &made).await.succeeded().json();
        assert_eq!(session["user"]["id"], made["id"], "{kind}");
        assert_eq!(follow(&app, &made).await.status, 403, "{kind}");
    }
    assert_eq!(app.sign_in("a@example.com", PASSWORD).await.status, 200);
    assert_eq!(app.database.count("outbox").await, 0);
    no_error_was_logged(&app);
}

#[tokio::test]
async fn a_code_that_was_made_works_like_a_mailed_one() {
    let app = TestApp::start().await;
    let made = generate_link(&app, json!({ "type": "magiclink", "email": GRACE })).await.succeeded().json();
    let body = json!({ "type": "email", "email": GRACE, "token": made["email_otp"] });
    app.post("/verify", body).await.succeeded();
}

#[tokio::test]
async fn a_change_of_address_takes_both_links_in_either_order() {
    for first in [0, 1] {
        let app = TestApp::start().await;
        app.signed_in(GRACE).await;
        let mut links = Vec::new();
        for kind in ["email_change_current", "email_change_new"] {
            let body = json!({ "type": kind, "email": GRACE, "new_email": "hopper@example.com" });
            let made = generate_link(&app, body).await.succeeded().json();
            assert_eq!(made["new_email"], "hopper@example.com");
            assert_eq!(made["verification_type"], kind, "as the client for Python insists");
            links.push(made);
        }
        let half = follow(&app, &links[first]).await.succeeded().json();
        assert_eq!(half["code"], "200");
        let session = follow(&app, &links[1 - first]).await.succeeded().json();
        assert_eq!(session["user"]["email"], "hopper@example.com");
    }
}

#[tokio::test]
async fn a_change_to_somebody_elses_address_is_refused() {
    let app = TestApp::start().await;
    app.signed_in(GRACE).await;
    app.signed_in("ada@example.com").await;
    let before = app.database.contents().await;
    let body = json!({ "type": "email_change_new", "email": GRACE, "new_email": "ada@example.com" });
    assert_eq!(generate_link(&app, body).await.refusal(), (422, "email_exists".to_owned()));
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn links_are_not_made_for_nobody() {
    let app = TestApp::start().await;
    for body in [
        json!({ "type": "recovery", "email": GRACE }),
        json!({ "type": "email_change_new", "email": GRACE, "new_email": "hopper@example.com" }),
        json!({ "type": "email_change_current", "email": GRACE, "new_email": "hopper@example.com" }),
    ] {
        assert_eq!(generate_link(&app, body).await.refusal(), (404, "user_not_found".to_owned()));
    }
    assert_eq!(app.database.count("users").await, 0);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    app.signed_in(GRACE).await;
    let before = app.database.contents().await;
    let invalid = (400, "validation_failed".to_owned());
    for body in [
        json!({}),
        json!({ "type": "sms", "email": GRACE }),
        json!({ "type": "reauthentication", "email": GRACE }),
        json!({ "type": 1, "email": GRACE }),
        json!({ "type": "signup", "email": "new@example.com" }),
        json!({ "type": "email_change_new", "email": GRACE }),
        json!({ "type": "email_change_new", "email": GRACE, "new_email": GRACE }),
        json!({ "type": "magiclink", "email": "new@example.com", "data": [] }),
    ] {
        assert_eq!(generate_link(&app, body.clone()).await.refusal(), invalid, "{body}");
    }
    for body in [
        json!({ "type": "magiclink" }),
        json!({ "type": "magiclink", "email": "a@b\r\nBcc: c@d" }),
        json!({ "type": "email_change_new", "email": GRACE, "new_email": "nobody" }),
    ] {
        assert_eq!(
            generate_link(&app, body.clone()).await.refusal(),
            (400, "email_address_invalid".to_owned()),
            "{body}"
        );
    }
    let weak = json!({ "type": "signup", "email": "new@example.com", "password": "short" });
    assert_eq!(generate_link(&app, weak).await.refusal(), (422, "weak_password".to_owned()));
    assert_eq!(invite(&app, json!({})).await.refusal(), (400, "email_address_invalid".to_owned()));
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn a_place_that_is_not_allowed_becomes_the_site() {
    let app = TestApp::start().await;
    let body = json!({ "type": "magiclink", "email": GRACE, "redirect_to": "https://evil.example/" });
    let made = generate_link(&app, body).await.succeeded().json();
    assert_eq!(made["redirect_to"], "https://app.example.com/");
    let body = json!({ "type": "magiclink", "email": GRACE, "redirect_to": "https://app.example.com/deep" });
    assert_eq!(generate_link(&app, body).await.succeeded().json()["redirect_to"], "https://app.example.com/deep");
}

#[tokio::test]
async fn a_newer_link_of_a_kind_kills_the_older() {
    let app = TestApp::start().await;
    let older = generate_link(&app, json!({ "type": "magiclink", "email": GRACE })).await.succeeded().json();
    let newer = generate_link(&app, json!({ "type": "magiclink", "email": GRACE })).await.succeeded().json();
    assert_eq!(follow(&app, &older).await.status, 403);
    follow(&app, &newer).await.succeeded();
}

#[tokio::test]
async fn links_are_recorded_with_who_made_them() {
    let app = TestApp::start().await;
    invite(&app, json!({ "email": GRACE })).await.succeeded();
    generate_link(&app, json!({ "type": "magiclink", "email": GRACE })).await.succeeded();
    assert_eq!(super::actions(&app).await, ["invited", "magiclink_link_made"]);
}
