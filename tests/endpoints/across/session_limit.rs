//! `SESSIONS_PER_USER`: however somebody signs in, the oldest session beyond it ends. Source:
//! ASVS 7.1.2.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::client::{ADA, BOB, Client, no_error_was_logged, nothing_is_pending};
use crate::support::kv::FaultMode;
use crate::support::{Answer, MailedLink, PASSWORD, TestApp};

async fn limited_to(most: &str) -> TestApp {
    TestApp::with(&[("SESSIONS_PER_USER", most)]).await
}

/// Another session, a second later.
async fn later(app: &TestApp) -> Client {
    app.clock.advance(TimeDelta::seconds(1));
    Client::another(app, ADA).await
}

/// A new link for an account that has sessions. No call mails one to a confirmed account yet, so it
/// is made unconfirmed here.
async fn another_link(app: &TestApp) -> MailedLink {
    app.database.change("UPDATE edgegate.users SET email_confirmed_at = NULL").await;
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/resend", json!({ "type": "signup", "email": ADA })).await.succeeded();
    app.mailbox.link_to(ADA)
}

#[tokio::test]
async fn with_one_allowed_each_sign_in_ends_the_one_before() {
    let app = limited_to("1").await;
    let mut before = Client::new(&app, ADA).await;
    let bob = Client::new(&app, BOB).await;
    for _ in 0..3 {
        let now = later(&app).await;
        before.has_ended(&app).await;
        assert_eq!(now.get(&app, "/user").await.status, 200);
        before = now;
    }
    before.goes_on(&app).await;
    bob.goes_on(&app).await;
    nothing_is_pending(&app).await;
    no_error_was_logged(&app);
}

#[tokio::test]
async fn with_three_allowed_the_fourth_ends_the_one_that_signed_in_first() {
    let app = limited_to("3").await;
    let first = Client::new(&app, ADA).await;
    let (second, third) = (later(&app).await, later(&app).await);
    let first = first.refreshed(&app).await;
    first.goes_on(&app).await;
    let fourth = later(&app).await;
    first.has_ended(&app).await;
    let fifth = later(&app).await;
    second.has_ended(&app).await;
    for client in [third, fourth, fifth] {
        client.goes_on(&app).await;
    }
}

#[tokio::test]
async fn by_code_by_link_and_by_the_button_it_is_the_same() {
    for way in ["code", "link", "button"] {
        let app = limited_to("1").await;
        let cookie = app.sign_up(ADA).await.cookie;
        let code = app.mailbox.link_to(ADA).code;
        let first = Client::of(&app.enter_code(ADA, &code).await.succeeded().json());
        let link = another_link(&app).await;
        let opened: Value = match way {
            "code" => app.enter_code(ADA, &link.code).await.succeeded().json(),
            "link" => {
                app.post("/verify", json!({ "type": "signup", "token_hash": link.token })).await.succeeded().json()
            }
            _ => {
                let answer: Answer = app.press_button(&link, cookie.as_deref()).await;
                assert_eq!(answer.status, 303, "{answer:?}");
                json!(answer.redirect().1)
            }
        };
        first.has_ended(&app).await;
        Client::of(&opened).goes_on(&app).await;
        nothing_is_pending(&app).await;
    }
}

#[tokio::test]
async fn a_lower_limit_holds_from_the_next_sign_in_on() {
    let app = TestApp::start().await;
    let mut clients = vec![Client::new(&app, ADA).await];
    for _ in 0..4 {
        clients.push(later(&app).await);
    }
    let app = app.redeployed(&[("SESSIONS_PER_USER", "2")]);
    for client in &clients {
        client.goes_on(&app).await;
    }
    let newest = later(&app).await;
    let kept = clients.pop().expect("five");
    for client in clients {
        client.has_ended(&app).await;
    }
    kept.goes_on(&app).await;
    newest.goes_on(&app).await;
}

#[tokio::test]
async fn sessions_that_are_over_take_no_place() {
    let app = limited_to("2").await;
    let idle = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::days(5));
    let other = Client::another(&app, ADA).await;
    app.clock.advance(TimeDelta::days(2));
    let new = Client::another(&app, ADA).await;
    other.with_fresh_token(&app).goes_on(&app).await;
    new.sign_out(&app, "?scope=local").await.succeeded();
    let newest = later(&app).await;
    other.with_fresh_token(&app).goes_on(&app).await;
    newest.goes_on(&app).await;
    assert!(!app.kv.holds(idle.session), "it was over anyway");
}

#[tokio::test]
async fn sessions_past_their_absolute_end_take_no_place() {
    let app =
        TestApp::with(&[("SESSIONS_PER_USER", "2"), ("SESSION_MAX_DAYS", "3"), ("SESSION_INACTIVITY_DAYS", "20")])
            .await;
    let expired = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::days(1));
    let other = Client::another(&app, ADA).await;
    app.clock.advance(TimeDelta::days(2));
    let new = Client::another(&app, ADA).await;
    other.with_fresh_token(&app).goes_on(&app).await;
    new.goes_on(&app).await;
    assert!(!app.kv.holds(expired.session));
}

#[tokio::test]
async fn refreshing_and_failing_to_sign_in_end_nothing() {
    let app = limited_to("1").await;
    let mut ada = Client::new(&app, ADA).await;
    for _ in 0..3 {
        app.clock.advance(TimeDelta::minutes(1));
        assert_eq!(app.sign_in(ADA, "not the password").await.status, 400);
        ada = ada.refreshed(&app).await;
    }
    ada.goes_on(&app).await;
}

#[tokio::test]
async fn while_kv_fails_the_oldest_ends_all_the_same_and_kv_hears_of_it_later() {
    let app = limited_to("1").await;
    let old = Client::new(&app, ADA).await;
    app.kv.becomes(FaultMode::Failing);
    let new = later(&app).await;
    old.is_refused(&app).await;
    assert_eq!(app.database.count("revocations").await, 1);
    app.kv.becomes(FaultMode::Well);
    app.sweep().await;
    old.has_ended(&app).await;
    new.goes_on(&app).await;
    nothing_is_pending(&app).await;
}

#[tokio::test]
async fn an_answer_of_the_database_that_is_lost_opens_one_session_and_ends_one() {
    let app = limited_to("1").await;
    let old = Client::new(&app, ADA).await;
    app.database.lose_answer(1);
    let new = later(&app).await;
    assert!(!app.database.is_losing());
    app.sweep().await;
    old.has_ended(&app).await;
    new.goes_on(&app).await;
    assert_eq!(app.database.count("sessions").await, 2);
    nothing_is_pending(&app).await;
}

/// However many sign in at once, no more than the limit are left, and KV knows of exactly the
/// others.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sign_ins_at_once_never_leave_more_than_the_limit() {
    for most in [1, 3] {
        let app = Arc::new(limited_to(&most.to_string()).await);
        let first = Client::new(&app, ADA).await;
        let tasks = (0..12).map(|n| {
            let app = Arc::clone(&app);
            tokio::spawn(async move {
                let body = json!({ "email": ADA, "password": PASSWORD });
                // Each from a network of its own: together they would have to wait.
                let call = app.post("/token?grant_type=password", body).caller_ip(&format!("203.0.113.{n}"));
                Client::of(&call.await.succeeded().json())
            })
        });
        let mut clients: Vec<Client> = join_all(tasks).await.into_iter().map(|task| task.expect("no panic")).collect();
        app.settle().await;
        clients.push(first);
        let mut living = 0;
        for client in &clients {
            let lives = client.get(&app, "/user").await.status == 200;
            living += usize::from(lives);
            assert_eq!(app.kv.holds(client.session), !lives);
            assert_eq!(app.refresh(&client.refresh).await.status == 200, lives);
        }
        assert_eq!(living, most);
        nothing_is_pending(&app).await;
        no_error_was_logged(&app);
    }
}
