//! `GET /sessions`: where the caller's user is signed in.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::client::{ADA, BOB, Client, audited, session_is_over};
use crate::support::{PASSWORD, TestApp, tokens};

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

async fn listed(app: &TestApp, client: &Client) -> Vec<Value> {
    match client.get(app, "/sessions").await.succeeded().json() {
        Value::Array(sessions) => sessions,
        other => panic!("not a list: {other}"),
    }
}

async fn ids(app: &TestApp, client: &Client) -> Vec<Value> {
    listed(app, client).await.into_iter().map(|session| session["id"].clone()).collect()
}

#[tokio::test]
async fn each_session_says_when_where_and_on_what() {
    let app = TestApp::start().await;
    let first = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::milliseconds(90_001));
    let body = json!({ "email": ADA, "password": PASSWORD });
    let call = app.post("/token?grant_type=password", body).caller_ip("2001:db8::9").header("user-agent", CHROME);
    let second = Client::of(&call.await.succeeded().json());
    let expected = json!([
        {
            "id": second.session,
            "created_at": "2026-11-22T12:01:30.001000Z",
            "last_used_at": "2026-11-22T12:01:30.001000Z",
            "expires_at": "2026-11-29T12:01:30.001000Z",
            "ip": "2001:db8::9",
            "user_agent": "Chrome on Windows",
            "current": false,
        },
        {
            "id": first.session,
            "created_at": "2026-11-22T12:00:00.000000Z",
            "last_used_at": "2026-11-22T12:00:00.000000Z",
            "expires_at": "2026-11-29T12:00:00.000000Z",
            "ip": "192.0.2.7",
            "user_agent": "Unknown device",
            "current": true,
        },
    ]);
    let answer = first.get(&app, "/sessions").await;
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
}

#[tokio::test]
async fn exactly_the_session_of_the_call_is_the_current_one() {
    let app = TestApp::start().await;
    let clients = [Client::new(&app, ADA).await, Client::another(&app, ADA).await, Client::another(&app, ADA).await];
    for client in &clients {
        let sessions = listed(&app, client).await;
        let current: Vec<&Value> = sessions.iter().filter(|session| session["current"] == true).collect();
        assert_eq!((sessions.len(), current.len()), (3, 1));
        assert_eq!(current[0]["id"], json!(client.session));
    }
}

#[tokio::test]
async fn the_one_used_last_comes_first() {
    let app = TestApp::start().await;
    let first = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::seconds(1));
    let second = Client::another(&app, ADA).await;
    app.clock.advance(TimeDelta::seconds(1));
    let third = Client::another(&app, ADA).await;
    let order = |clients: [&Client; 3]| clients.map(|client| json!(client.session)).to_vec();
    assert_eq!(ids(&app, &first).await, order([&third, &second, &first]));
    app.clock.advance(TimeDelta::seconds(1));
    let first = first.refreshed(&app).await;
    assert_eq!(ids(&app, &second).await, order([&first, &third, &second]));
    second.refreshed(&app).await;
    let tied = ids(&app, &third).await;
    let mut sorted = order([&first, &second, &third]);
    sorted[..2].sort_by_key(ToString::to_string);
    assert_eq!(tied, sorted, "used at the same moment: by their ids");
}

#[tokio::test]
async fn a_refresh_moves_the_end_the_address_and_the_device_but_not_the_beginning() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::days(1));
    let call = app.post("/token?grant_type=refresh_token", json!({ "refresh_token": ada.refresh }));
    let answer = call.caller_ip("203.0.113.5").header("user-agent", CHROME).await.succeeded();
    let ada = Client::of(&answer.json());
    assert_eq!(
        listed(&app, &ada).await,
        [json!({
            "id": ada.session,
            "created_at": "2026-11-22T12:00:00.000000Z",
            "last_used_at": "2026-11-23T12:00:00.000000Z",
            "expires_at": "2026-11-30T12:00:00.000000Z",
            "ip": "203.0.113.5",
            "user_agent": "Chrome on Windows",
            "current": true,
        })]
    );
}

#[tokio::test]
async fn a_session_ends_at_the_earlier_of_inactivity_and_its_absolute_end() {
    let app = TestApp::start().await;
    let mut ada = Client::new(&app, ADA).await;
    for end in ["2026-12-05", "2026-12-11", "2026-12-17", "2026-12-22"] {
        app.clock.advance(TimeDelta::days(6));
        ada = ada.refreshed(&app).await;
        assert_eq!(listed(&app, &ada).await[0]["expires_at"], format!("{end}T12:00:00.000000Z"));
    }
    let app = TestApp::with(&[("SESSION_MAX_DAYS", "3"), ("SESSION_INACTIVITY_DAYS", "20")]).await;
    let ada = Client::new(&app, ADA).await;
    assert_eq!(listed(&app, &ada).await[0]["expires_at"], "2026-11-25T12:00:00.000000Z");
}

#[tokio::test]
async fn sessions_that_have_ended_are_not_in_it_nor_those_of_others() {
    let app = TestApp::start().await;
    let ended = Client::new(&app, ADA).await;
    let ada = Client::another(&app, ADA).await;
    Client::new(&app, BOB).await;
    ended.sign_out(&app, "?scope=local").await.succeeded();
    assert_eq!(ids(&app, &ada).await, [json!(ada.session)]);
    assert_eq!(ended.get(&app, "/sessions").await.refusal(), session_is_over());
}

#[tokio::test]
async fn a_session_is_in_it_until_the_moment_it_times_out() {
    let app = TestApp::with(&[("SESSION_MAX_DAYS", "10")]).await;
    let idle = Client::new(&app, ADA).await;
    let mut old = Client::another(&app, ADA).await;
    app.clock.advance(TimeDelta::days(5));
    old = old.refreshed(&app).await;
    let newer = Client::another(&app, ADA).await;
    app.clock.advance(TimeDelta::days(2) - TimeDelta::milliseconds(1));
    let newer = newer.refreshed(&app).await;
    assert_eq!(ids(&app, &newer).await.len(), 3);
    app.clock.advance(TimeDelta::milliseconds(1));
    assert!(!ids(&app, &newer).await.contains(&json!(idle.session)), "not used for seven days");
    old.refreshed(&app).await;
    app.clock.advance(TimeDelta::days(3) - TimeDelta::milliseconds(1));
    let newer = newer.refreshed(&app).await;
    assert_eq!(ids(&app, &newer).await.len(), 2);
    app.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(ids(&app, &newer).await, [json!(newer.session)], "ten days old");
}

#[tokio::test]
async fn whoever_may_not_ask_is_refused() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    assert_eq!(app.get("/sessions").await.refusal(), (401, "no_authorization".to_owned()));
    for token in [tokens::service(), ada.refresh.clone(), "x".to_owned()] {
        assert_eq!(app.get("/sessions").bearer(&token).await.refusal(), (401, "bad_jwt".to_owned()));
    }
    app.clock.advance(TimeDelta::days(7));
    assert_eq!(ada.with_fresh_token(&app).get(&app, "/sessions").await.refusal(), session_is_over());
}

#[tokio::test]
async fn looking_changes_nothing_and_leaves_no_record() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.database.contents().await;
    listed(&app, &ada).await;
    assert_eq!(app.database.contents().await, before);
    assert_eq!(audited(&app, "sessions_listed").await, json!([]));
}

/// A header that a stranger chose is read by the account's owner: words of ours, not theirs.
#[tokio::test]
async fn what_a_browser_says_of_itself_is_not_repeated() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    for lie in ["<script>alert(1)</script>", "evil.example/1.0", "Call +1-555-0100 now"] {
        let body = json!({ "email": ADA, "password": PASSWORD });
        app.post("/token?grant_type=password", body).header("user-agent", lie).await.succeeded();
        let text = ada.get(&app, "/sessions").await.text();
        assert!(!text.contains("script") && !text.contains("evil") && !text.contains("555"), "{text}");
    }
}
