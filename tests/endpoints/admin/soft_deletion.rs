//! `DELETE /admin/users/{id}` with `should_soft_delete`: the row and its id stay, and nothing leads
//! to it any more.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{actions, call, change, created, send, shown};
use crate::support::client::{ADA, Client, no_error_was_logged, nothing_is_pending, one_right_after_the_other};
use crate::support::{Call, PASSWORD, TestApp};

fn delete_softly(app: &TestApp, user: Uuid) -> Call<'_> {
    send(app, &Method::DELETE, &format!("/{user}"), &json!({ "should_soft_delete": true }))
}

async fn delete_for_good(app: &TestApp, user: Uuid) -> u16 {
    call(app, &Method::DELETE, &format!("/{user}")).await.status.as_u16()
}

#[tokio::test]
async fn the_row_stays_and_says_nothing_of_its_owner() {
    let app = TestApp::start().await;
    let adas = [Client::new(&app, ADA).await, Client::another(&app, ADA).await];
    let id = adas[0].user;
    change(&app, id, json!({ "user_metadata": { "name": "Lovelace" }, "app_metadata": { "plan": "free" } }))
        .await
        .succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    let answer = delete_softly(&app, id).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})));
    nothing_is_pending(&app).await;
    for ada in &adas {
        ada.has_ended(&app).await;
    }
    let user = shown(&app, id).await;
    assert_eq!((&user["id"], &user["email"]), (&json!(id), &json!("")));
    assert_eq!(user["deleted_at"], "2026-11-22T12:01:00.000000Z");
    assert_eq!(
        (&user["user_metadata"], &user["app_metadata"], &user["identities"]),
        (&json!({}), &json!({}), &json!([]))
    );
    let contents = app.database.contents().await;
    for trace in [ADA, "Lovelace", "plan", "pbkdf2"] {
        assert!(!contents.to_lowercase().contains(&trace.to_lowercase()), "{trace}: {contents}");
    }
    for table in ["one_time_tokens", "outbox", "devices"] {
        assert_eq!(app.database.count(table).await, 0, "{table}");
    }
    let whereabouts =
        "SELECT count(*) FROM edgegate.audit_events WHERE actor IS NULL AND (ip IS NOT NULL OR user_agent IS NOT NULL)";
    assert_eq!(app.database.value::<i64>(whereabouts).await, 0);
    assert_eq!(actions(&app).await, ["soft_deleted", "updated"]);
    no_error_was_logged(&app);
}

#[tokio::test]
async fn nothing_leads_to_it_any_more_and_the_address_is_free() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::minutes(1));
    let answer = ada.update(&app, json!({ "email": "ada@example.org" })).await.succeeded();
    let new = app.mailbox.link_to("ada@example.org");
    let undo = app.mailbox.to(ADA).pop().expect("a mail").text;
    let undo = undo.split_whitespace().find(|word| word.contains("email_change_undo")).expect("a link").to_owned();
    let undo = undo.split("token=").nth(1).and_then(|rest| rest.split('&').next()).expect("a token").to_owned();
    app.post("/otp", json!({ "email": ADA })).await.succeeded();
    let otp = app.mailbox.link_to(ADA);
    app.post("/recover", json!({ "email": ADA })).await.succeeded();
    let recovery = app.mailbox.link_to(ADA);
    delete_softly(&app, ada.user).await.succeeded();

    assert_eq!(app.sign_in(ADA, PASSWORD).await.refusal(), (400, "invalid_credentials".to_owned()));
    assert_eq!(app.press_button(&new, Some(&answer.cookie())).await.status, 410);
    assert_eq!(app.submit("/verify/confirm", &[("token", &undo)]).await.status, 410);
    for (kind, code) in [("email", otp.code), ("recovery", recovery.code)] {
        let call = app.post("/verify", json!({ "type": kind, "token": code, "email": ADA }));
        assert_eq!(call.await.refusal(), (403, "otp_expired".to_owned()), "{kind}");
    }
    let mails = app.mailbox.mails().len();
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/recover", json!({ "email": ADA })).await.succeeded();
    assert_eq!(app.mailbox.mails().len(), mails, "nobody is there to be mailed");
    app.clock.advance(TimeDelta::minutes(1));
    let again = Client::new(&app, ADA).await;
    assert_ne!(again.user, ada.user);
    again.goes_on(&app).await;
}

#[tokio::test]
async fn a_second_time_it_changes_nothing_and_for_good_it_goes() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    delete_softly(&app, ada.user).await.succeeded();
    app.clock.advance(TimeDelta::seconds(1));
    let before = app.database.contents().await;
    delete_softly(&app, ada.user).await.succeeded();
    let bodies = [
        json!({ "email": ADA }),
        json!({ "password": PASSWORD }),
        json!({ "ban_duration": "none" }),
        json!({ "role": "editor" }),
    ];
    for body in bodies {
        assert_eq!(change(&app, ada.user, body).await.refusal(), (404, "user_not_found".to_owned()));
    }
    assert_eq!(app.database.contents().await, before);
    assert_eq!(delete_for_good(&app, ada.user).await, 200);
    assert_eq!(delete_for_good(&app, ada.user).await, 404);
    assert_eq!(delete_softly(&app, ada.user).await.refusal(), (404, "user_not_found".to_owned()));
    assert_eq!(app.database.count("users").await, 0);
}

#[tokio::test]
async fn housekeeping_leaves_it_alone_unless_its_owner_asked_for_the_end() {
    let app = TestApp::with(&[("ANONYMOUS_SIGN_INS", "true"), ("ACCOUNT_DELETION_GRACE_DAYS", "7")]).await;
    let unconfirmed = super::id_of(&super::create(&app, json!({ "email": "u@example.com" })).await);
    let anonymous = Client::of(&app.post("/signup", json!({})).await.succeeded().json());
    let leaving = Client::new(&app, ADA).await;
    app.call(Method::DELETE, "/auth/v1/user").bearer(&leaving.access).await.succeeded();
    for id in [unconfirmed, anonymous.user, leaving.user] {
        delete_softly(&app, id).await.succeeded();
    }
    app.clock.advance(TimeDelta::days(40));
    app.sweep().await;
    assert_eq!(app.database.count("users").await, 2);
    assert_eq!(call(&app, &Method::GET, &format!("/{}", leaving.user)).await.status, 404);
}

#[tokio::test]
async fn false_and_null_delete_for_good_and_anything_else_is_refused() {
    let app = TestApp::start().await;
    let refused: [Value; 5] = [json!("true"), json!(1), json!([]), json!({}), json!("x")];
    let id = created(&app, ADA).await;
    let before = app.database.contents().await;
    for value in refused {
        let answer = send(&app, &Method::DELETE, &format!("/{id}"), &json!({ "should_soft_delete": value })).await;
        assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()), "{value}");
    }
    assert_eq!(app.database.contents().await, before);
    for (n, value) in [json!(false), json!(null)].into_iter().enumerate() {
        let id = created(&app, &format!("user{n}@example.com")).await;
        send(&app, &Method::DELETE, &format!("/{id}"), &json!({ "should_soft_delete": value })).await.succeeded();
        assert_eq!(call(&app, &Method::GET, &format!("/{id}")).await.status, 404);
    }
}

#[tokio::test]
async fn a_sign_in_whose_password_was_verified_before_it_is_refused_after_it() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let sign_in = app.post("/token?grant_type=password", json!({ "email": ADA, "password": PASSWORD }));
    let (first, second) = one_right_after_the_other(&app, delete_softly(&app, ada.user), sign_in).await;
    assert_eq!((first.status.as_u16(), second.refusal()), (200, (400, "invalid_credentials".to_owned())));
    let change = ada.change_password(&app, PASSWORD, "another horse battery staple");
    assert_eq!(change.await.status, 401);
}
