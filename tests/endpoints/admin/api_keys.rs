//! API keys as credentials of the admin API. Making and revoking them: `npm run admin -- key`.

use axum::http::Method;
use chrono::TimeDelta;
use edgegate::domain::token::api_key::Scope;
use serde_json::json;

use super::{administered, change};
use crate::support::client::{ADA, Client, no_error_was_logged};
use crate::support::{Call, TestApp};

fn list<'a>(app: &'a TestApp, key: &str) -> Call<'a> {
    app.get("/admin/users").bearer(key)
}

fn invalid() -> (u16, String) {
    (401, "invalid_api_key".to_owned())
}

#[tokio::test]
async fn a_key_may_do_what_its_scopes_say_and_what_it_does_is_recorded_under_its_id() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (reads, writes) = (app.api_key(&[Scope::UsersRead]).await, app.api_key(&[Scope::UsersWrite]).await);
    list(&app, &reads).await.succeeded();
    let refused = list(&app, &writes).await;
    assert_eq!(refused.refusal(), (403, "not_admin".to_owned()));
    assert!(refused.text().contains("users:read"), "{refused:?}");
    let put = |key: &str| change(&app, ada.user, json!({ "role": "editor" })).without("authorization").bearer(key);
    assert_eq!(put(&reads).await.refusal(), (403, "not_admin".to_owned()));
    put(&writes).await.succeeded();
    let id: String = app.database.value("SELECT id::text FROM edgegate.api_keys WHERE scopes = '{users:write}'").await;
    assert_eq!(administered(&app).await, json!([["updated", format!("api_key:{id}"), "192.0.2.7"]]));
    no_error_was_logged(&app);
}

#[tokio::test]
async fn a_key_that_is_unknown_revoked_or_expired_is_none() {
    let app = TestApp::start().await;
    let key = app.whole_api_key().await;
    for changed in [
        format!("{key}A"),
        key[..key.len() - 1].to_owned(),
        key.replace("edgegate_", "edgegate_A"),
        format!("edgegate_{}", "A".repeat(43)),
        "edgegate_".to_owned(),
        key.to_uppercase(),
    ] {
        assert_eq!(list(&app, &changed).await.status, 401, "{changed}");
    }
    list(&app, &key).await.succeeded();
    app.database.change("UPDATE edgegate.api_keys SET revoked_at = now()").await;
    assert_eq!(list(&app, &key).await.refusal(), invalid());

    let brief = app.api_key_with(&Scope::ALL, "'2026-11-22T13:00:00Z'").await;
    app.clock.advance(TimeDelta::minutes(59));
    list(&app, &brief).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(list(&app, &brief).await.refusal(), invalid());
    assert!(!app.database.contents().await.contains(&brief["edgegate_".len()..]));
    assert!(!app.log.text().contains(&brief["edgegate_".len()..]));
}

#[tokio::test]
async fn its_last_use_is_noted_to_the_minute() {
    let app = TestApp::start().await;
    let key = app.whole_api_key().await;
    let used = async || {
        app.database
            .value::<Option<String>>("SELECT (last_used_at AT TIME ZONE 'UTC')::text FROM edgegate.api_keys")
            .await
    };
    assert_eq!(used().await, None);
    list(&app, &key).await.succeeded();
    assert_eq!(used().await.as_deref(), Some("2026-11-22 12:00:00"));
    app.clock.advance(TimeDelta::seconds(59));
    list(&app, &key).await.succeeded();
    assert_eq!(used().await.as_deref(), Some("2026-11-22 12:00:00"));
    app.clock.advance(TimeDelta::seconds(2));
    list(&app, &key).await.succeeded();
    assert_eq!(used().await.as_deref(), Some("2026-11-22 12:01:01"));
}

#[tokio::test]
async fn a_key_is_good_for_the_admin_api_alone() {
    let app = TestApp::start().await;
    let key = app.whole_api_key().await;
    assert_eq!(app.get("/user").bearer(&key).await.refusal(), (401, "bad_jwt".to_owned()));
    assert_eq!(app.submit("/introspect", &[("token", "x")]).bearer(&key).await.status, 401);
    let twice = list(&app, &key).header("authorization", &format!("Bearer {key}")).await;
    assert_eq!(twice.refusal(), (401, "no_authorization".to_owned()));
    assert_eq!(app.call(Method::GET, "/auth/v1/admin/users").header("apikey", &key).await.status, 401);
}
