//! `POST /logout`, by its scopes. `publishing` has what happens while Workers KV fails, `races`
//! much at once.

mod publishing;
mod races;

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::json;

use crate::support::client::{ADA, BOB, Client, audited, no_error_was_logged, nothing_is_pending, session_is_over};
use crate::support::{TestApp, tokens};

/// Three sessions of one account and one of another.
async fn four_sessions(app: &TestApp) -> ([Client; 3], Client) {
    let adas = [Client::new(app, ADA).await, Client::another(app, ADA).await, Client::another(app, ADA).await];
    (adas, Client::new(app, BOB).await)
}

#[tokio::test]
async fn each_scope_ends_what_it_says_and_nothing_else() {
    for (query, ended) in [
        ("", [true, true, true]),
        ("?scope=", [true, true, true]),
        ("?scope=global", [true, true, true]),
        ("?scope=local", [true, false, false]),
        ("?scope=others", [false, true, true]),
    ] {
        let app = TestApp::start().await;
        let (adas, bob) = four_sessions(&app).await;
        let answer = adas[0].sign_out(&app, query).await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (204, ""), "{query}");
        nothing_is_pending(&app).await;
        for (ada, has_ended) in adas.iter().zip(ended) {
            if has_ended { ada.has_ended(&app).await } else { ada.goes_on(&app).await }
        }
        bob.goes_on(&app).await;
        no_error_was_logged(&app);
    }
}

#[tokio::test]
async fn signing_in_again_afterwards_works() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    ada.sign_out(&app, "").await.succeeded();
    let again = Client::another(&app, ADA).await;
    again.goes_on(&app).await;
    ada.has_ended(&app).await;
}

#[tokio::test]
async fn a_scope_that_is_none_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let (adas, _) = four_sessions(&app).await;
    let before = app.database.contents().await;
    for query in [
        "?scope=GLOBAL",
        "?scope=all",
        "?scope=local%20",
        "?scope=local%00",
        "?scope=global,local",
        "?scope=local&scope=local",
        "?scope=local&scope=global",
    ] {
        let answer = adas[0].sign_out(&app, query).await;
        assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()), "{query}");
    }
    assert_eq!(app.database.contents().await, before);
    nothing_is_pending(&app).await;
}

#[tokio::test]
async fn signing_out_twice_says_that_the_session_is_over() {
    for query in ["", "?scope=local"] {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        assert_eq!(ada.sign_out(&app, query).await.status, 204);
        app.clock.advance(TimeDelta::seconds(1));
        let before = app.database.contents().await;
        for again in [query, "?scope=others", ""] {
            assert_eq!(ada.sign_out(&app, again).await.refusal(), session_is_over(), "{query}, then {again}");
        }
        assert_eq!(app.database.contents().await, before);
        no_error_was_logged(&app);
    }
}

#[tokio::test]
async fn signing_out_the_others_twice_is_fine() {
    let app = TestApp::start().await;
    let (adas, _) = four_sessions(&app).await;
    for _ in 0..2 {
        assert_eq!(adas[0].sign_out(&app, "?scope=others").await.status, 204);
        app.clock.advance(TimeDelta::seconds(1));
    }
    adas[0].goes_on(&app).await;
    nothing_is_pending(&app).await;
    no_error_was_logged(&app);
}

/// An image on another site signs nobody out.
#[tokio::test]
async fn only_a_post_with_an_access_token_signs_out() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let path = "/auth/v1/logout";
    let get = app.call(Method::GET, path).bearer(&ada.access).await;
    assert_eq!(get.refusal(), (405, "method_not_allowed".to_owned()));
    for (call, code) in [
        (app.call(Method::POST, path), "no_authorization"),
        (app.call(Method::POST, path).cookie(&format!("access_token={}", ada.access)), "no_authorization"),
        (app.call(Method::POST, path).bearer(&ada.refresh), "bad_jwt"),
        (app.call(Method::POST, path).bearer(&tokens::service()), "bad_jwt"),
    ] {
        assert_eq!(call.await.refusal(), (401, code.to_owned()));
    }
    ada.goes_on(&app).await;
}

#[tokio::test]
async fn a_token_that_names_another_ones_session_ends_nothing() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let bob = Client::new(&app, BOB).await;
    let mixed = tokens::with_claim(&ada.access, "session_id", json!(bob.session));
    for query in ["", "?scope=local", "?scope=others"] {
        let answer = Client { access: mixed.clone(), ..ada.clone() }.sign_out(&app, query).await;
        assert_eq!(answer.refusal(), session_is_over());
    }
    ada.goes_on(&app).await;
    bob.goes_on(&app).await;
}

#[tokio::test]
async fn a_session_that_was_not_used_for_seven_days_signs_nothing_out() {
    let app = TestApp::start().await;
    let idle = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::days(3));
    let other = Client::another(&app, ADA).await;
    app.clock.advance(TimeDelta::days(4));
    let before = app.database.contents().await;
    let idle = idle.with_fresh_token(&app);
    for query in ["", "?scope=local", "?scope=others", "?scope=global"] {
        assert_eq!(idle.sign_out(&app, query).await.refusal(), session_is_over(), "{query}");
    }
    assert_eq!(app.database.contents().await, before);
    other.with_fresh_token(&app).goes_on(&app).await;
}

#[tokio::test]
async fn a_session_past_its_thirtieth_day_signs_nothing_out_however_much_it_was_used() {
    let app = TestApp::start().await;
    let mut old = Client::new(&app, ADA).await;
    for _ in 0..4 {
        app.clock.advance(TimeDelta::days(6));
        old = old.refreshed(&app).await;
    }
    app.clock.advance(TimeDelta::days(5));
    let other = Client::another(&app, ADA).await;
    app.clock.advance(TimeDelta::days(1) - TimeDelta::milliseconds(1));
    let old = old.with_fresh_token(&app);
    assert_eq!(old.get(&app, "/user").await.status, 200, "its last moment");
    app.clock.advance(TimeDelta::milliseconds(1));
    for query in ["", "?scope=local", "?scope=others", "?scope=global"] {
        assert_eq!(old.sign_out(&app, query).await.refusal(), session_is_over(), "{query}");
    }
    other.with_fresh_token(&app).goes_on(&app).await;
}

#[tokio::test]
async fn an_audit_record_says_so() {
    for (query, action) in [("", "sessions_ended"), ("?scope=others", "sessions_ended"), ("?scope=local", "signed_out")]
    {
        let app = TestApp::start().await;
        let (adas, _) = four_sessions(&app).await;
        let call = adas[0].sign_out(&app, query).caller_ip("2001:db8::9").header("user-agent", "Browser/2.0");
        call.await.succeeded();
        let recorded = audited(&app, action).await;
        assert_eq!(recorded, json!([[adas[0].user, "2001:db8::9", "Browser/2.0"]]), "{query}");
    }
}
