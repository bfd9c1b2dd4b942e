//! `GET /admin/audit`.

use serde_json::{Value, json};

use super::created;
use crate::support::{Answer, PASSWORD, TestApp, tokens};

async fn trail(app: &TestApp, query: &str) -> Answer {
    app.get(&format!("/admin/audit{query}")).bearer(&tokens::service()).await
}

/// Action, actor and kind of each record.
fn told(answer: &Answer) -> Vec<Value> {
    let list = answer.json();
    let events = list.as_array().expect("a list");
    let told = |event: &Value| {
        let payload = &event["payload"];
        json!([payload["action"], payload["actor_id"], payload["log_type"]])
    };
    events.iter().map(told).collect()
}

#[tokio::test]
async fn the_trail_says_what_happened_and_who_did_it() {
    let app = TestApp::start().await;
    let id = created(&app, "ada@example.com").await;
    app.clock.advance(chrono::TimeDelta::seconds(1));
    app.sign_in("ada@example.com", PASSWORD).await.succeeded();
    let answer = trail(&app, "").await.succeeded();
    assert_eq!(
        told(&answer),
        [json!(["signed_in", id, "account"]), json!(["created", "service_token", "team"])],
        "the newest first"
    );
    let newest = &answer.json()[0];
    assert_eq!((&newest["ip_address"], &newest["payload"]["user_id"]), (&json!("192.0.2.7"), &json!(id)));
    assert_eq!(newest["created_at"], "2026-11-22T12:00:01.000000Z");
    assert_eq!(answer.header("x-total-count").as_deref(), Some("2"));
}

#[tokio::test]
async fn it_is_searched_by_author_action_and_type() {
    let app = TestApp::start().await;
    let id = created(&app, "ada@example.com").await;
    app.sign_in("ada@example.com", PASSWORD).await.succeeded();
    for (query, actions) in [
        ("?query=author:service_token", vec!["created"]),
        ("?query=action:signed_in", vec!["signed_in"]),
        ("?query=type:team", vec!["created"]),
        ("?query=type:account", vec!["signed_in"]),
        ("?query=action:nothing", vec![]),
        ("?query=action:%25", vec![]),
        ("?query=", vec!["created", "signed_in"]),
    ] {
        let answer = trail(&app, query).await.succeeded();
        let mut found: Vec<Value> = told(&answer).iter().map(|event| event[0].clone()).collect();
        found.sort_by_key(ToString::to_string);
        assert_eq!(found, actions, "{query}");
    }
    assert_eq!(told(&trail(&app, &format!("?query=author:{id}")).await.succeeded()).len(), 2);
}

#[tokio::test]
async fn it_comes_in_pages() {
    let app = TestApp::start().await;
    for name in ["a", "b", "c"] {
        created(&app, &format!("{name}@example.com")).await;
    }
    let answer = trail(&app, "?per_page=2&query=type:team").await.succeeded();
    assert_eq!(told(&answer).len(), 2);
    assert_eq!(
        answer.header("link").as_deref(),
        Some(
            "</auth/v1/admin/audit?page=2&per_page=2&query=type%3Ateam>; rel=\"next\", \
             </auth/v1/admin/audit?page=2&per_page=2&query=type%3Ateam>; rel=\"last\""
        )
    );
    assert_eq!(told(&trail(&app, "?per_page=2&page=2").await.succeeded()).len(), 1);
    assert_eq!(told(&trail(&app, "?per_page=2&page=4294967295").await.succeeded()).len(), 0);
}

#[tokio::test]
async fn a_query_that_is_none_is_refused() {
    let app = TestApp::start().await;
    for query in ["x", "author", "type:token", "id:1", ":", "author:%00", "page=0", "per_page=1001", "per_page=-1"] {
        let query = if query.contains('=') { format!("?{query}") } else { format!("?query={query}") };
        assert_eq!(trail(&app, &query).await.refusal(), (400, "validation_failed".to_owned()), "{query}");
    }
}
