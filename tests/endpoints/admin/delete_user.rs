//! `DELETE /admin/users/{id}`: deletes an account with everything that belongs to it.

use axum::http::Method;
use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use serde_json::json;

use crate::support::client::{
    ADA, BOB, Client, admin, audited, delete, no_error_was_logged, no_service_tokens, nothing_is_pending,
    one_right_after_the_other,
};
use crate::support::kv::FaultMode;
use crate::support::{PASSWORD, TestApp};

/// What a call with an access token of the deleted account answers.
fn user_is_gone() -> (u16, String) {
    (401, "user_not_found".to_owned())
}

async fn is_gone(app: &TestApp, client: &Client) {
    for call in [client.get(app, "/user"), client.get(app, "/sessions"), client.sign_out(app, "")] {
        assert_eq!(call.await.refusal(), user_is_gone());
    }
    let change = client.change_password(app, PASSWORD, "another horse battery staple");
    assert_eq!(change.await.refusal(), user_is_gone());
    assert_eq!(client.end(app, &client.session.to_string()).await.refusal(), user_is_gone());
    assert_eq!(app.refresh(&client.refresh).await.refusal(), (400, "session_not_found".to_owned()));
    assert!(app.kv.holds(client.session));
    assert_eq!(app.elsewhere().introspect(&client.access).await.json(), json!({ "active": false }));
}

#[tokio::test]
async fn the_account_is_gone_with_all_its_sessions() {
    let app = TestApp::start().await;
    let adas = [Client::new(&app, ADA).await, Client::another(&app, ADA).await];
    let bob = Client::new(&app, BOB).await;
    let answer = delete(&app, &adas[0].user.to_string()).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})));
    nothing_is_pending(&app).await;
    for ada in &adas {
        is_gone(&app, ada).await;
    }
    assert_eq!(app.sign_in(ADA, PASSWORD).await.refusal(), (400, "invalid_credentials".to_owned()));
    bob.goes_on(&app).await;
    assert_eq!((app.database.count("users").await, app.database.count("sessions").await), (1, 1));
    no_error_was_logged(&app);
}

#[tokio::test]
async fn the_address_is_free_afterwards_for_an_account_of_another_id() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    delete(&app, &ada.user.to_string()).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    let again = Client::new(&app, ADA).await;
    assert_ne!(again.user, ada.user);
    again.goes_on(&app).await;
    is_gone(&app, &ada).await;
}

#[tokio::test]
async fn what_is_left_are_audit_records_without_an_address() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let call = delete(&app, &ada.user.to_string()).caller_ip("2001:db8::9").header("user-agent", "Console/1.0");
    call.await.succeeded();
    assert_eq!(audited(&app, "deleted").await, json!([[ada.user, "2001:db8::9", "Console/1.0"]]));
    assert_eq!(audited(&app, "signed_up").await.as_array().map(Vec::len), Some(1), "the earlier ones are kept");
    let contents = app.database.contents().await;
    assert!(!contents.contains("ada@"), "{contents}");
    for table in ["users", "sessions", "one_time_tokens", "outbox"] {
        assert_eq!(app.database.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn an_open_link_dies_with_the_account() {
    let app = TestApp::start().await;
    let link = app.sign_up(ADA).await;
    let user: uuid::Uuid = app.database.value("SELECT id FROM edgegate.users").await;
    delete(&app, &user.to_string()).await.succeeded();
    assert_eq!(app.enter_code(ADA, &link.code).await.refusal(), (403, "otp_expired".to_owned()));
    assert_eq!(app.press_button(&link, link.cookie.as_deref()).await.status, 410);
    assert_eq!(app.database.count("users").await, 0);
}

#[tokio::test]
async fn a_second_time_it_is_not_there() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    delete(&app, &ada.user.to_string()).await.succeeded();
    app.clock.advance(TimeDelta::seconds(1));
    let again = delete(&app, &ada.user.to_string()).await;
    assert_eq!(again.refusal(), (404, "user_not_found".to_owned()));
    assert_eq!(audited(&app, "deleted").await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn under_an_id_that_is_not_there_nobody_is_deleted() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.database.contents().await;
    assert_eq!(delete(&app, &ada.session.to_string()).await.refusal(), (404, "user_not_found".to_owned()));
    for id in ["x", "me", "%00", "%ff", ADA] {
        assert_eq!(delete(&app, id).await.refusal(), (404, "validation_failed".to_owned()), "{id}");
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn without_a_service_token_nobody_is_deleted() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = (app.database.contents().await, app.database.traffic());
    for id in [ada.user.to_string(), ada.session.to_string(), "x".to_owned()] {
        let call = || admin(&app, &Method::DELETE, &id);
        assert_eq!(call().await.refusal(), (401, "no_authorization".to_owned()));
        for (token, (status, code)) in no_service_tokens(&ada) {
            assert_eq!(call().bearer(&token).await.refusal(), (status, code.to_owned()), "{token}");
        }
    }
    assert_eq!((app.database.contents().await, app.database.traffic()), before);
    ada.goes_on(&app).await;
}

#[tokio::test]
async fn while_kv_fails_the_account_goes_all_the_same_and_kv_hears_of_it_later() {
    let app = TestApp::start().await;
    let adas = [Client::new(&app, ADA).await, Client::another(&app, ADA).await];
    app.kv.becomes(FaultMode::Failing);
    assert_eq!(delete(&app, &adas[0].user.to_string()).await.status, 200);
    assert_eq!(app.database.count("revocations").await, 2);
    assert_eq!(app.refresh(&adas[1].refresh).await.refusal(), (400, "session_not_found".to_owned()));
    app.kv.becomes(FaultMode::Well);
    app.sweep().await;
    nothing_is_pending(&app).await;
    for ada in &adas {
        is_gone(&app, ada).await;
    }
}

#[tokio::test]
async fn an_answer_of_the_database_that_is_lost_changes_nothing_about_it() {
    for statement in 0..2 {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        app.database.lose_answer(statement);
        assert_eq!(delete(&app, &ada.user.to_string()).await.status, 200, "statement {statement}");
        assert!(!app.database.is_losing());
        app.sweep().await;
        is_gone(&app, &ada).await;
        nothing_is_pending(&app).await;
        assert_eq!(audited(&app, "deleted").await.as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_under_way_escapes_a_deletion() {
    let app = TestApp::start().await;
    for round in 0..6 {
        let email = format!("ada{round}@example.com");
        let ada = Client::new(&app, &email).await;
        let id = ada.user.to_string();
        let others = join(join_all((0..4).map(|_| app.sign_in(&email, PASSWORD))), app.refresh(&ada.refresh));
        let (deleted, (signed_in, refreshed)) = join(delete(&app, &id).send(), others).await;
        assert_eq!(deleted.status, 200, "{deleted:?}");
        for answer in signed_in.into_iter().chain([refreshed]) {
            assert!([200, 400].contains(&answer.status.as_u16()), "round {round}: {answer:?}");
            if answer.status == 200 {
                is_gone(&app, &Client::of(&answer.json())).await;
            }
        }
        assert_eq!((app.database.count("users").await, app.database.count("sessions").await), (0, 0));
    }
    nothing_is_pending(&app).await;
    no_error_was_logged(&app);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_deletions_at_once_one_succeeds() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let id = ada.user.to_string();
    let answers = join_all((0..8).map(|_| delete(&app, &id).send())).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(200), count(404)), (1, 7), "{answers:?}");
    assert_eq!(audited(&app, "deleted").await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_sign_in_whose_password_was_verified_before_the_deletion_is_refused_after_it() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let sign_in = app.post("/token?grant_type=password", json!({ "email": ADA, "password": PASSWORD }));
    let (first, second) = one_right_after_the_other(&app, delete(&app, &ada.user.to_string()), sign_in).await;
    assert_eq!((first.status.as_u16(), second.refusal()), (200, (400, "invalid_credentials".to_owned())));
    assert_eq!(app.database.count("sessions").await, 0);
}

#[tokio::test]
async fn a_change_of_password_under_way_changes_nothing_after_a_deletion() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let change = ada.change_password(&app, PASSWORD, "another horse battery staple");
    let (first, second) = one_right_after_the_other(&app, delete(&app, &ada.user.to_string()), change).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 401), "{second:?}");
    assert_eq!(audited(&app, "password_changed").await, json!([]));
    is_gone(&app, &ada).await;
}
