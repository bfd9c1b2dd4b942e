//! `GET /user` with an access token that is still valid, of a session that has timed out.

use chrono::TimeDelta;

use crate::support::TestApp;
use crate::support::client::{ADA, Client, session_is_over};

/// The newest access token may be issued up to half a minute after the last rotation, so it may
/// outlive the session by that.
#[tokio::test]
async fn a_session_that_was_not_used_for_a_day_is_over_though_its_token_is_valid() {
    let app = TestApp::with(&[("ACCESS_TOKEN_SECONDS", "86400"), ("SESSION_INACTIVITY_DAYS", "1")]).await;
    let first = Client::new(&app, ADA).await;
    first.refreshed(&app).await;
    app.clock.advance(TimeDelta::seconds(20));
    let late = first.refreshed(&app).await;
    app.clock.advance(TimeDelta::days(1) - TimeDelta::seconds(20) - TimeDelta::milliseconds(1));
    assert_eq!(late.get(&app, "/user").await.status, 200);
    app.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(late.get(&app, "/user").await.refusal(), session_is_over());
    assert_eq!(app.refresh(&late.refresh).await.refusal(), (400, "session_expired".to_owned()));
    app.clock.advance(TimeDelta::seconds(20));
    assert_eq!(late.get(&app, "/user").await.refusal(), (401, "bad_jwt".to_owned()), "now the token is over too");
}

#[tokio::test]
async fn using_an_access_token_does_not_keep_a_session_alive() {
    let app = TestApp::with(&[("SESSION_INACTIVITY_DAYS", "1")]).await;
    let ada = Client::new(&app, ADA).await;
    for _ in 0..23 {
        app.clock.advance(TimeDelta::hours(1));
        assert_eq!(ada.with_fresh_token(&app).get(&app, "/user").await.status, 200);
    }
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(ada.with_fresh_token(&app).get(&app, "/user").await.refusal(), session_is_over());
}

#[tokio::test]
async fn no_access_token_outlives_the_absolute_end_of_its_session() {
    let app = TestApp::with(&[("ACCESS_TOKEN_SECONDS", "86400"), ("SESSION_MAX_DAYS", "1")]).await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::hours(20));
    let ada = ada.refreshed(&app).await;
    app.clock.advance(TimeDelta::hours(4) - TimeDelta::seconds(1));
    assert_eq!(ada.get(&app, "/user").await.status, 200);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(ada.get(&app, "/user").await.refusal(), (401, "bad_jwt".to_owned()));
    assert_eq!(ada.with_fresh_token(&app).get(&app, "/user").await.refusal(), session_is_over());
    assert_eq!(app.refresh(&ada.refresh).await.refusal(), (400, "session_expired".to_owned()));
}

/// Settings of today hold for sessions of yesterday.
#[tokio::test]
async fn a_shorter_inactivity_limit_holds_at_once() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::days(2));
    let ada = ada.with_fresh_token(&app);
    assert_eq!(ada.get(&app, "/user").await.status, 200);
    let stricter = app.redeployed(&[("SESSION_INACTIVITY_DAYS", "2")]);
    assert_eq!(ada.get(&stricter, "/user").await.refusal(), session_is_over());
    assert_eq!(stricter.refresh(&ada.refresh).await.refusal(), (400, "session_expired".to_owned()));
}
