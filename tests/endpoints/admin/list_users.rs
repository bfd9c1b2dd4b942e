//! `GET /admin/users`: pages, order, search.

use std::collections::BTreeSet;

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{call, change, create, created, id_of, send};
use crate::support::client::{ADA, Client, no_error_was_logged};
use crate::support::{Answer, PASSWORD, TestApp};

async fn page(app: &TestApp, query: &str) -> Answer {
    call(app, &Method::GET, query).await
}

/// The addresses on a page, in its order.
async fn listed(app: &TestApp, query: &str) -> Vec<String> {
    let answer = page(app, query).await.succeeded();
    let users = answer.json()["users"].as_array().expect("a list").clone();
    users.iter().map(|user| user["email"].as_str().expect("text").to_owned()).collect()
}

/// Accounts a second apart.
async fn with_accounts(app: &TestApp, emails: &[&str]) {
    for email in emails {
        create(app, json!({ "email": email })).await.succeeded();
        app.clock.advance(TimeDelta::seconds(1));
    }
}

#[tokio::test]
async fn a_list_of_none_is_a_page_all_the_same() {
    let app = TestApp::start().await;
    let answer = page(&app, "").await.succeeded();
    assert_eq!(answer.json(), json!({ "users": [], "aud": "authenticated" }));
    assert_eq!(answer.header("x-total-count").as_deref(), Some("0"));
    assert_eq!(answer.header("link").as_deref(), Some("</auth/v1/admin/users?page=1&per_page=50>; rel=\"last\""));
}

#[tokio::test]
async fn each_account_is_shown_without_its_identities_and_without_its_hash() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let answer = page(&app, "").await.succeeded();
    let listed = answer.json()["users"][0].clone();
    let mut own = ada.get(&app, "/user").await.json();
    own["identities"] = json!(null);
    assert_eq!(listed, own);
    assert!(!answer.text().contains("pbkdf2"));
}

#[tokio::test]
async fn pages_have_everybody_once_and_say_where_the_next_one_is() {
    let app = TestApp::start().await;
    let emails: Vec<String> = (0..7).map(|n| format!("user{n}@example.com")).collect();
    // All at the same moment: the order is the same from page to page even so.
    for email in &emails {
        create(&app, json!({ "email": email })).await.succeeded();
    }
    let mut seen = Vec::new();
    for number in 1..=4 {
        let answer = page(&app, &format!("?page={number}&per_page=2")).await.succeeded();
        assert_eq!(answer.header("x-total-count").as_deref(), Some("7"));
        let last = "</auth/v1/admin/users?page=4&per_page=2>; rel=\"last\"";
        let next = format!("</auth/v1/admin/users?page={}&per_page=2>; rel=\"next\", {last}", number + 1);
        assert_eq!(answer.header("link").as_deref(), Some(if number < 4 { next.as_str() } else { last }));
        seen.extend(listed(&app, &format!("?page={number}&per_page=2")).await);
    }
    assert_eq!(seen.len(), 7);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>(), emails.iter().collect());
    assert_eq!(listed(&app, "?page=5&per_page=2").await, Vec::<String>::new());
    assert_eq!(listed(&app, "?page=4294967295&per_page=1000").await, Vec::<String>::new());
}

/// As auth-js reads `Link`: the first digit after the first `=` of each part.
#[tokio::test]
async fn the_next_page_is_found_by_auth_js_whatever_is_searched_for() {
    let app = TestApp::start().await;
    with_accounts(
        &app,
        &["a=1,b;c@example.com".replace([',', ';'], "").as_str(), "a=2@example.com", "a=3@example.com"],
    )
    .await;
    let answer = page(&app, "?filter=a%3D&per_page=1&sort=email%20desc&email_prefix=a").await.succeeded();
    let link = answer.header("link").expect("links");
    let read: Vec<(String, String)> = link
        .split(',')
        .map(|part| {
            let number = part.split(';').next().and_then(|url| url.split('=').nth(1)).expect("a number");
            let relation = part.split(';').nth(1).and_then(|rest| rest.split('=').nth(1)).expect("a relation");
            (number[..1].to_owned(), relation.trim_matches('"').to_owned())
        })
        .collect();
    assert_eq!(read, [("2".to_owned(), "next".to_owned()), ("3".to_owned(), "last".to_owned())]);
    let next = link.split(['<', '>']).nth(1).expect("a URL").to_owned();
    assert_eq!(listed(&app, next.strip_prefix("/auth/v1/admin/users").expect("the path")).await, ["a=2@example.com"]);
}

#[tokio::test]
async fn the_newest_come_first_unless_another_order_is_asked_for() {
    let app = TestApp::start().await;
    with_accounts(&app, &["b@example.com", "C@example.com", "a@example.com"]).await;
    let b =
        id_of(&create(&app, json!({ "email": "d@example.com", "password": PASSWORD, "email_confirm": true })).await);
    app.clock.advance(TimeDelta::seconds(1));
    app.sign_in("d@example.com", PASSWORD).await.succeeded();
    let of = |letters: &str| -> Vec<String> { letters.chars().map(|letter| format!("{letter}@example.com")).collect() };
    assert_eq!(listed(&app, "").await, of("dacb"));
    for (sort, letters) in [
        ("created_at", "dacb"),
        ("created_at%20desc", "dacb"),
        ("created_at+asc", "bcad"),
        ("email", "abcd"),
        ("email%20asc", "abcd"),
        ("email%20desc", "dcba"),
        ("updated_at", "dacb"),
        ("updated_at%20asc", "bcad"),
    ] {
        assert_eq!(listed(&app, &format!("?sort={sort}")).await, of(letters), "{sort}");
    }
    for sort in ["last_sign_in_at", "last_sign_in_at%20asc"] {
        assert_eq!(listed(&app, &format!("?sort={sort}")).await[0], "d@example.com", "those who never came, last");
    }
    app.clock.advance(TimeDelta::seconds(1));
    change(&app, b, json!({ "role": "editor" })).await.succeeded();
    assert_eq!(listed(&app, "?sort=updated_at&per_page=1").await, of("d"));
}

#[tokio::test]
async fn accounts_are_found_by_the_whole_address_and_by_how_it_begins() {
    let app = TestApp::start().await;
    with_accounts(&app, &["Ada@example.com", "adam@example.com", "a_a@example.com", "bob%x@example.com"]).await;
    assert_eq!(listed(&app, "?email=ADA%40EXAMPLE.COM").await, ["ada@example.com"]);
    assert_eq!(listed(&app, "?email=nobody%40example.com").await, Vec::<String>::new());
    assert_eq!(listed(&app, "?email_prefix=ADA").await, ["adam@example.com", "ada@example.com"]);
    assert_eq!(listed(&app, "?email_prefix=a_").await, ["a_a@example.com"], "_ is a letter");
    assert_eq!(listed(&app, "?email_prefix=bob%25").await, ["bob%x@example.com"], "% is a letter");
    assert_eq!(listed(&app, "?email_prefix=dam").await, Vec::<String>::new());
    assert_eq!(listed(&app, "?email_prefix=%5C").await, Vec::<String>::new());
    assert_eq!(listed(&app, "?email_prefix=ad&email=adam%40example.com").await, ["adam@example.com"], "both must hold");
    let answer = page(&app, "?email_prefix=ad&per_page=1").await;
    assert_eq!(answer.header("x-total-count").as_deref(), Some("2"), "of those that match");
}

#[tokio::test]
async fn the_filter_looks_into_address_and_full_name() {
    let app = TestApp::start().await;
    for (email, name) in
        [("ada@example.com", "Countess Lovelace"), ("bob@example.com", "100% Bob"), ("x@lovelace.example", "X")]
    {
        create(&app, json!({ "email": email, "user_metadata": { "full_name": name } })).await.succeeded();
        app.clock.advance(TimeDelta::seconds(1));
    }
    create(&app, json!({ "email": "n@example.com", "user_metadata": { "full_name": { "not": "text lovelace" }, "name": "bob" } })).await.succeeded();
    assert_eq!(listed(&app, "?filter=countess").await, ["ada@example.com"]);
    assert_eq!(listed(&app, "?filter=0%25").await, ["bob@example.com"], "% is a letter");
    assert_eq!(listed(&app, "?filter=_").await, Vec::<String>::new(), "_ is a letter");
    assert_eq!(listed(&app, "?filter=%5C%25").await, Vec::<String>::new());
    assert_eq!(listed(&app, "?filter=BOB%40").await, ["bob@example.com"]);
    assert_eq!(listed(&app, "?filter=LOVELACE.").await, ["x@lovelace.example"]);
    assert_eq!(listed(&app, "?filter=').*").await, Vec::<String>::new());
}

#[tokio::test]
async fn accounts_are_found_by_their_state() {
    let app = TestApp::with(&[("ANONYMOUS_SIGN_INS", "true")]).await;
    created(&app, "confirmed@example.com").await;
    with_accounts(&app, &["unconfirmed@example.com"]).await;
    let banned = created(&app, "banned@example.com").await;
    change(&app, banned, json!({ "ban_duration": "1h" })).await.succeeded();
    let deleted = created(&app, "deleted@example.com").await;
    send(&app, &Method::DELETE, &format!("/{deleted}"), &json!({ "should_soft_delete": true })).await.succeeded();
    app.post("/signup", json!({})).await.succeeded();
    let found = async |status: &str| {
        let mut emails = listed(&app, &format!("?status={status}")).await;
        emails.sort();
        emails
    };
    assert_eq!(found("confirmed").await, ["banned@example.com", "confirmed@example.com"]);
    assert_eq!(found("unconfirmed").await, ["unconfirmed@example.com"]);
    assert_eq!(found("banned").await, ["banned@example.com"]);
    assert_eq!(found("anonymous").await, [""]);
    assert_eq!(found("deleted").await, [""]);
    assert_eq!(listed(&app, "").await.len(), 5, "all of them");
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(found("banned").await, Vec::<String>::new(), "the ban is over");
}

#[tokio::test]
async fn empty_parameters_are_none() {
    let app = TestApp::start().await;
    created(&app, ADA).await;
    assert_eq!(listed(&app, "?page=&per_page=&sort=&filter=&email=&email_prefix=&status=").await, [ADA]);
    assert_eq!(listed(&app, "?nobody=knows&this=").await, [ADA]);
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let app = TestApp::start().await;
    let long = format!("filter={}", "a".repeat(255));
    let before = app.database.traffic();
    let refused: Vec<(&str, &str)> = [
        "page=0",
        "page=-1",
        "page=%2B1",
        "page=1.5",
        "page=x",
        "page=4294967296",
        "page=99999999999999999999999",
        "page=%00",
        "page=1&page=2",
        "page=%D9%A2",
        "page=%201",
        "per_page=0",
        "per_page=-1",
        "per_page=1001",
        "per_page=x",
        "per_page=1e2",
        "per_page=18446744073709551616",
        "sort=password_hash",
        "sort=created_at%20sideways",
        "sort=created_at;drop",
        "sort=created_at%20%20desc",
        "sort=email,id",
        "sort=CREATED_AT",
        "sort=created_at%20DESC",
        "status=gone",
        "status=CONFIRMED",
        "status=%00",
        "filter=%00",
        "email_prefix=a%00",
        "filter=a&filter=b",
        &long,
    ]
    .into_iter()
    .map(|query| (query, "validation_failed"))
    .chain([("email=x", "email_address_invalid"), ("email=%00%40example.com", "email_address_invalid")])
    .collect();
    for (query, code) in refused {
        let answer = page(&app, &format!("?{query}")).await;
        assert_eq!(answer.refusal(), (400, code.to_owned()), "{query}");
    }
    assert_eq!(app.database.traffic(), before, "nobody was asked");
    for query in
        ["filter=%ff%fe", "filter=%F0%9F%98%80", "email_prefix=%27%3B--", "filter=%00".replace("%00", "%0A").as_str()]
    {
        assert_eq!(page(&app, &format!("?{query}")).await.status, 200, "{query}");
    }
    no_error_was_logged(&app);
}

/// With as many accounts as there are rows here a sequential scan would be cheaper: so it is
/// forbidden, and the plan says whether there is another way.
#[tokio::test]
async fn the_index_serves_how_an_address_begins() {
    let app = TestApp::start().await;
    created(&app, ADA).await;
    let client = app.database.inspect().await;
    client.batch_execute("SET enable_seqscan = off").await.expect("a setting");
    let plan = |condition: &str| format!("EXPLAIN SELECT count(*) FROM edgegate.users u WHERE {condition}");
    let rows = client.query(&plan("u.email_key LIKE 'ada\\_x%'"), &[]).await.expect("a plan");
    let text: String = rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n");
    assert!(text.contains("users_email_key_key") && text.contains("Index Cond"), "{text}");
}

#[tokio::test]
async fn a_page_of_a_thousand_is_one_answer() {
    let app = TestApp::start().await;
    let made = app
        .database
        .change(
            "INSERT INTO edgegate.users (id, email, app_metadata, user_metadata, locale, created_at, updated_at)
            SELECT gen_random_uuid(), 'user' || n || '@example.com', '{}', '{}', 'en', now(), now() FROM generate_series(1, 1001) AS n",
        )
        .await;
    assert_eq!(made, 1001);
    let answer = page(&app, "?per_page=1000").await.succeeded();
    let users = answer.json()["users"].as_array().map(Vec::len);
    assert_eq!((users, answer.header("x-total-count").as_deref()), (Some(1000), Some("1001")));
    let rest = page(&app, "?per_page=1000&page=2").await.json();
    assert_eq!(rest["users"].as_array().map(Vec::len), Some(1));
    assert_eq!(rest["aud"], Value::from("authenticated"));
}
