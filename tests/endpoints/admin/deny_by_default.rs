//! Every call of the admin API, straight from the table of routes, with every credential that does
//! not administer, and with those that do. A new route is asked the same without a line here.

use edgegate::domain::token::api_key::Scope;
use edgegate::endpoints::{Route, routes};
use edgegate::http::argument::Asker;
use serde_json::json;

use super::created;
use crate::support::client::{ADA, Client, no_error_was_logged, no_service_tokens};
use crate::support::routes::{documented, good};
use crate::support::{Answer, TestApp, tokens};

/// The calls that only administrators may make, each with the scope that it takes.
fn administering() -> Vec<(&'static Route, Scope)> {
    let found: Vec<_> = routes()
        .filter_map(|route| match route.asker {
            Asker::Administrator(Some(scope)) => Some((route, scope)),
            _ => None,
        })
        .collect();
    assert!(found.len() >= 11, "the tables were read");
    found
}

fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

#[tokio::test]
async fn nobody_else_is_let_in_and_nothing_changes() {
    let app = TestApp::start().await;
    let document = documented();
    let ada = Client::new(&app, ADA).await;
    let (expired, revoked) = (app.api_key_with(&Scope::ALL, "'2026-11-22T12:00:00Z'").await, app.whole_api_key().await);
    app.database.change("UPDATE edgegate.api_keys SET revoked_at = now() WHERE expires_at IS NULL").await;
    let introspector = tokens::es256(tokens::OUR_KEY, &tokens::our_header(), &json!({ "role": "introspector" }));
    let mut refused = no_service_tokens(&ada);
    refused.push((introspector, (403, "not_admin")));
    let keys =
        [expired, revoked, format!("edgegate_{}", "A".repeat(43)), "edgegate_x".to_owned(), "edgegate_".to_owned()];
    refused.extend(keys.map(|key| (key, (401, "invalid_api_key"))));
    let before = app.database.contents().await;
    for route in routes().filter(|route| matches!(route.asker, Asker::Administrator(_))) {
        let call = || good(&app, &document, route, ada.user);
        let bare = ["Bearer", "Bearer ", "Basic YTpi", "", "bearer\tx"];
        let unreadable = bare.map(|header| call().header("authorization", header));
        for call in std::iter::once(call()).chain(unreadable) {
            assert_eq!(call.await.refusal(), (401, "no_authorization".to_owned()), "{}", name(route));
        }
        for (token, (status, code)) in &refused {
            let answer = call().bearer(token).await;
            assert_eq!(answer.refusal(), (*status, (*code).to_owned()), "{} {token}", name(route));
        }
        let other_places =
            [call().header("apikey", &tokens::service()), call().cookie(&format!("token={}", tokens::service()))];
        for call in other_places {
            assert_eq!(call.await.status, 401, "{}", name(route));
        }
        // Nor does it help to be unreadable: nobody learns more about a call that is not theirs.
        let unreadable = call().header("content-type", "text/plain").body("{").await;
        assert_eq!(unreadable.status, 401, "{}", name(route));
    }
    assert_eq!(app.database.contents().await, before);
    ada.goes_on(&app).await;
    no_error_was_logged(&app);
}

/// What a key without the scope is told: which one it takes.
fn scope_named(answer: &Answer) -> Option<Scope> {
    let text = answer.text();
    Scope::ALL.into_iter().find(|scope| text.contains(&format!("takes the scope {}", scope.as_str())))
}

#[tokio::test]
async fn a_key_is_let_in_by_exactly_one_scope_and_the_others_are_told_which() {
    let app = TestApp::start().await;
    let document = documented();
    let mut keys = Vec::new();
    for scope in Scope::ALL {
        keys.push((scope, app.api_key(&[scope]).await));
    }
    for (n, (route, wanted)) in administering().into_iter().enumerate() {
        let user = created(&app, &format!("user{n}@example.com")).await;
        let mut let_in = Vec::new();
        let mut named = Vec::new();
        for (scope, key) in &keys {
            let before = app.database.count("audit_events").await;
            let answer = good(&app, &document, route, user).bearer(key).await;
            if answer.status == 403 {
                assert_eq!(answer.code(), "not_admin", "{}", name(route));
                named.extend(scope_named(&answer));
                assert_eq!(app.database.count("audit_events").await, before, "{}", name(route));
            } else {
                assert_ne!(answer.status, 401, "{}: {answer:?}", name(route));
                let_in.push(*scope);
            }
        }
        assert_eq!(let_in, [wanted], "{}", name(route));
        assert_eq!(named, [wanted; 3], "{}", name(route));
        let described = document["paths"][route.path][route.method]["description"].as_str().unwrap_or_default();
        assert!(described.contains(&format!("`{}`", wanted.as_str())), "{}: the document names the scope", name(route));
    }
    no_error_was_logged(&app);
}

#[tokio::test]
async fn an_administrator_is_let_in() {
    let app = TestApp::start().await;
    let document = documented();
    let whole = app.whole_api_key().await;
    let admin = tokens::es256(tokens::OUR_KEY, &tokens::our_header(), &json!({ "role": "supabase_admin" }));
    for (n, (route, _)) in administering().into_iter().enumerate() {
        for (which, token) in [&tokens::service(), &admin, &whole].into_iter().enumerate() {
            let user = created(&app, &format!("user{n}.{which}@example.com")).await;
            let answer = good(&app, &document, route, user).bearer(token).await;
            assert!(![401, 403].contains(&answer.status.as_u16()), "{}: {answer:?}", name(route));
            assert!(!answer.status.is_server_error(), "{}: {answer:?}", name(route));
        }
    }
    no_error_was_logged(&app);
}
