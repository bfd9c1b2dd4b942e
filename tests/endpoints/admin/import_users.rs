//! `POST /admin/users/import`: accounts that come from another system, in batches.

use axum::http::Method;
use edgegate::domain::policy;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::client::{ADA, BOB, Client, delete, no_error_was_logged, no_service_tokens};
use crate::support::{Answer, Call, PASSWORD, TestApp, tokens};

/// bcrypt of [`PASSWORD`], as Supabase Auth would have it, but for the cost.
const BCRYPT: &str = "$2a$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG";
const ADAS_ID: &str = "0b5f6cf2-5a0e-4b5e-9a53-6c5b8a7f9d01";
const BOBS_ID: &str = "1c5f6cf2-5a0e-4b5e-9a53-6c5b8a7f9d02";

/// A call with this body.
fn with_body<'a>(app: &'a TestApp, body: &Value) -> Call<'a> {
    app.post("/admin/users/import", body.clone()).bearer(&tokens::service())
}

async fn import(app: &TestApp, users: Value) -> Answer {
    with_body(app, &json!({ "users": users })).await
}

/// Imports one line, and returns the code and reason of its refusal.
async fn refusal(app: &TestApp, line: Value) -> (String, String) {
    let answer = import(app, json!([line])).await.succeeded().json();
    assert_eq!((&answer["imported"], &answer["unchanged"]), (&json!(0), &json!(0)), "{line}: {answer}");
    let text = |name: &str| answer["refused"][0][name].as_str().expect("a text").to_owned();
    (text("code"), text("reason"))
}

fn outcome(imported: usize, unchanged: usize) -> Value {
    json!({ "imported": imported, "unchanged": unchanged, "refused": [] })
}

/// Codes of refusal by line.
fn codes(answer: &Value) -> Vec<(u64, String)> {
    let refused = answer["refused"].as_array().expect("a list");
    refused
        .iter()
        .map(|line| (line["index"].as_u64().expect("a number"), line["code"].as_str().expect("a code").to_owned()))
        .collect()
}

fn ada() -> Value {
    json!({ "id": ADAS_ID, "email": ADA, "email_confirm": true, "password_hash": BCRYPT })
}

#[tokio::test]
async fn somebody_signs_in_with_the_password_they_had_elsewhere_and_keeps_what_they_were() {
    let app = TestApp::start().await;
    let line = json!({
        "id": ADAS_ID,
        "email": "Ada@EXAMPLE.com",
        "email_confirmed_at": "2024-03-01T10:00:00.123456Z",
        "password_hash": BCRYPT,
        "created_at": "2024-02-29T23:00:00+02:00",
        "updated_at": "2025-01-01T00:00:00Z",
        "invited_at": "2024-02-28T00:00:00Z",
        "last_sign_in_at": "2026-01-01T00:00:00Z",
        "user_metadata": { "name": "Ada", "language": "ru", "big": 12_345_678_901_234_567_890_u64 },
        "app_metadata": { "plan": "pro", "provider": "email" },
        "role": "editor",
    });
    assert_eq!(import(&app, json!([line])).await.succeeded().json(), outcome(1, 0));
    let path = format!("/admin/users/{ADAS_ID}");
    let user = app.get(&path).bearer(&tokens::service()).await.succeeded().json();
    for (name, value) in [
        ("id", json!(ADAS_ID)),
        ("email", json!("ada@example.com")),
        ("email_confirmed_at", json!("2024-03-01T10:00:00.123456Z")),
        ("created_at", json!("2024-02-29T21:00:00.000000Z")),
        ("updated_at", json!("2025-01-01T00:00:00.000000Z")),
        ("invited_at", json!("2024-02-28T00:00:00.000000Z")),
        ("last_sign_in_at", json!("2026-01-01T00:00:00.000000Z")),
        ("user_metadata", line["user_metadata"].clone()),
        ("app_metadata", line["app_metadata"].clone()),
        ("role", json!("editor")),
    ] {
        assert_eq!(user[name], value, "{name}");
    }
    assert_eq!(app.database.value::<String>("SELECT locale FROM edgegate.users").await, "ru");
    assert_eq!(app.sign_in(ADA, "another password").await.code(), "invalid_credentials");
    let session = app.sign_in(ADA, PASSWORD).await.succeeded().json();
    assert_eq!(session["user"]["id"], ADAS_ID);
    let hash: String = app.database.value("SELECT password_hash FROM edgegate.users").await;
    assert!(hash.starts_with("$pbkdf2-sha512$i="), "the hash was not replaced");
    app.sign_in(ADA, PASSWORD).await.succeeded();
    no_error_was_logged(&app);
}

#[tokio::test]
async fn an_address_is_all_that_it_takes() {
    let app = TestApp::start().await;
    assert_eq!(
        import(&app, json!([{ "email": ADA }, { "email": BOB, "email_confirm": true, "id": null, "role": null }]))
            .await
            .succeeded()
            .json(),
        outcome(2, 0)
    );
    let all: Value = app
        .database
        .value(
            "SELECT jsonb_object_agg(email, jsonb_build_array(email_confirmed_at = '2026-11-22 12:00Z', created_at = '2026-11-22 12:00Z', role, app_metadata, user_metadata, locale, password_hash, substr(id::text, 15, 1)))
            FROM edgegate.users",
        )
        .await;
    let provider = json!({ "provider": "email", "providers": ["email"] });
    assert_eq!(all[ADA], json!([null, true, "authenticated", provider, {}, "en", null, "4"]));
    assert_eq!(all[BOB], json!([true, true, "authenticated", provider, {}, "en", null, "4"]));
    assert!(app.mailbox.mails().is_empty());
    let audited: Value = app
        .database
        .value("SELECT jsonb_agg(jsonb_build_array(action, actor, user_id, host(ip))) FROM edgegate.audit_events")
        .await;
    assert_eq!(audited, json!([["users_imported", "service_token", null, "192.0.2.7"]]));
}

#[tokio::test]
async fn somebody_who_is_banned_or_not_confirmed_stays_so() {
    let app = TestApp::start().await;
    let mut banned = ada();
    banned["banned_until"] = json!("9998-12-31T23:59:60Z");
    let unconfirmed = json!({ "email": BOB, "password_hash": BCRYPT, "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z" });
    assert_eq!(import(&app, json!([banned, unconfirmed])).await.succeeded().json(), outcome(2, 0));
    assert_eq!(app.sign_in(ADA, PASSWORD).await.refusal(), (400, "user_banned".to_owned()));
    assert_eq!(app.sign_in(BOB, PASSWORD).await.refusal(), (400, "email_not_confirmed".to_owned()));
    // Housekeeping gives them the time that somebody has who signs up now.
    app.sweep().await;
    assert_eq!(app.database.count("users").await, 2);
    app.clock.advance(policy::UNCONFIRMED_ACCOUNT_KEPT + chrono::TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.database.count("users").await, 1);
}

#[tokio::test]
async fn a_batch_that_is_sent_again_changes_nothing() {
    let app = TestApp::start().await;
    let batch = json!([ada(), { "id": BOBS_ID, "email": BOB }]);
    assert_eq!(import(&app, batch.clone()).await.succeeded().json(), outcome(2, 0));
    let before = app.database.contents().await;
    app.clock.advance(chrono::TimeDelta::hours(1));
    assert_eq!(import(&app, batch.clone()).await.succeeded().json(), outcome(0, 2));
    assert_eq!(app.database.contents().await, before);
    // Even once their owners have changed something.
    app.sign_in(ADA, PASSWORD).await.succeeded();
    assert_eq!(import(&app, batch).await.succeeded().json(), outcome(0, 2));
}

#[tokio::test]
async fn without_an_id_an_account_is_the_same_by_its_hash_or_its_age() {
    let app = TestApp::start().await;
    let by_hash = json!({ "email": ADA, "password_hash": BCRYPT });
    let by_age = json!({ "email": BOB, "created_at": "2024-01-01T00:00:00Z" });
    assert_eq!(import(&app, json!([by_hash, by_age])).await.succeeded().json(), outcome(2, 0));
    assert_eq!(import(&app, json!([by_hash, by_age])).await.succeeded().json(), outcome(0, 2));
    let others =
        json!([{ "email": ADA }, { "email": BOB, "created_at": "2024-01-02T00:00:00Z", "password_hash": BCRYPT }]);
    let answer = import(&app, others).await.succeeded().json();
    assert_eq!(codes(&answer), [(0, "email_exists".to_owned()), (1, "email_exists".to_owned())]);
}

#[tokio::test]
async fn who_is_there_already_stays_as_they_are() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let gone = Client::new(&app, "gone@example.com").await;
    delete(&app, &gone.user.to_string()).await.succeeded();
    let before = app.database.contents().await;
    let answer = import(
        &app,
        json!([
            { "email": "ADA@example.com", "email_confirm": true, "password_hash": BCRYPT },
            { "id": BOBS_ID, "email": ADA },
            { "id": ada.user, "email": BOB },
            { "id": gone.user, "email": "gone@example.com" },
            { "id": ada.user, "email": "aDa@example.com" },
        ]),
    )
    .await
    .succeeded()
    .json();
    let expected = ["email_exists", "email_exists", "id_exists", "id_was_deleted"];
    assert_eq!(
        codes(&answer),
        expected.into_iter().enumerate().map(|(index, code)| (index as u64, code.to_owned())).collect::<Vec<_>>()
    );
    assert_eq!((&answer["imported"], &answer["unchanged"]), (&json!(0), &json!(1)));
    assert_eq!(app.database.contents().await, before);
    ada.goes_on(&app).await;
}

#[tokio::test]
async fn two_of_one_batch_who_want_the_same_do_not_both_get_it() {
    let app = TestApp::start().await;
    let answer = import(
        &app,
        json!([
            { "id": ADAS_ID, "email": ADA, "role": "first" },
            { "email": "ADA@example.com", "role": "second" },
            { "id": ADAS_ID, "email": "a.twin@example.com" },
            { "id": ADAS_ID, "email": ADA, "role": "third" },
            { "id": BOBS_ID, "email": BOB },
        ]),
    )
    .await
    .succeeded()
    .json();
    assert_eq!((&answer["imported"], &answer["unchanged"]), (&json!(2), &json!(1)), "{answer}");
    assert_eq!(codes(&answer), [(1, "email_exists".to_owned()), (2, "id_exists".to_owned())]);
    let users: Value =
        app.database.value("SELECT jsonb_agg(jsonb_build_array(email, role) ORDER BY email) FROM edgegate.users").await;
    assert_eq!(users, json!([[ADA, "first"], [BOB, "authenticated"]]));
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn each_line_is_refused_with_its_reason_and_stops_no_other() {
    let app = TestApp::start().await;
    let with = |change: Value| {
        let mut line = ada();
        for (name, value) in change.as_object().expect("an object") {
            line[name] = value.clone();
        }
        line
    };
    let deep = |n: usize| (0..n).fold(json!("x"), |inner, _| json!({ "a": inner }));
    for (line, code, reason) in [
        (json!(null), "validation_failed", "it is no JSON object"),
        (json!([ada()]), "validation_failed", "it is no JSON object"),
        (json!({}), "validation_failed", "it has no email: accounts here are told by their address"),
        (with(json!({ "email": "ada" })), "email_address_invalid", "the address must contain exactly one @"),
        (with(json!({ "email": "" })), "email_address_invalid", "the address must contain exactly one @"),
        (with(json!({ "email": 7 })), "validation_failed", "email is of the wrong type or form"),
        (with(json!({ "id": "7" })), "validation_failed", "id is of the wrong type or form"),
        (with(json!({ "created_at": "yesterday" })), "validation_failed", "created_at is of the wrong type or form"),
        (with(json!({ "created_at": "2027-01-01T00:00:00Z" })), "validation_failed", "created_at is in the future"),
        (
            with(json!({ "created_at": "0000-01-01T00:00:00Z" })),
            "validation_failed",
            "created_at is outside of the years 1970 to 9998",
        ),
        (
            with(json!({ "banned_until": "+10000-01-01T00:00:00Z" })),
            "validation_failed",
            "banned_until is outside of the years 1970 to 9998",
        ),
        (
            with(json!({ "email_confirm": false, "email_confirmed_at": "2024-01-01T00:00:00Z" })),
            "validation_failed",
            "email_confirm is false and email_confirmed_at is set",
        ),
        (with(json!({ "phone": "+15550100" })), "validation_failed", "phone is no field of an account"),
        (with(json!({ "email_confirmed": true })), "validation_failed", "email_confirmed is no field of an account"),
        (
            with(json!({ "is_anonymous": true })),
            "anonymous_user",
            "it is anonymous: only its sessions lead back to it, and they do not move",
        ),
        (with(json!({ "user_metadata": "x" })), "validation_failed", "user_metadata is of the wrong type or form"),
        (
            with(json!({ "user_metadata": { "a": "x".repeat(16 * 1024) } })),
            "validation_failed",
            "user_metadata is larger than 16 KiB",
        ),
        (
            with(json!({ "user_metadata": { "a": ["\0"] } })),
            "validation_failed",
            "user_metadata contains the character U+0000",
        ),
        (
            with(json!({ "app_metadata": { "\0": 1 } })),
            "validation_failed",
            "app_metadata contains the character U+0000",
        ),
        (
            with(json!({ "role": "service_role" })),
            "validation_failed",
            "An account cannot have this role: it is an operator's",
        ),
        (
            with(json!({ "role": "" })),
            "validation_failed",
            "role must be of lower-case letters, digits and _, at most 63, and not begin with a digit",
        ),
        (
            with(json!({ "role": "r".repeat(64) })),
            "validation_failed",
            "role must be of lower-case letters, digits and _, at most 63, and not begin with a digit",
        ),
        (with(json!({ "locale": "fr" })), "validation_failed", "locale must be en or ru"),
        (
            with(json!({ "password_hash": "secret" })),
            "password_hash_invalid",
            "the password hash is in none of the formats that are accepted",
        ),
        (
            with(json!({ "password_hash": "" })),
            "password_hash_invalid",
            "the password hash is in none of the formats that are accepted",
        ),
        (
            with(json!({ "password_hash": &BCRYPT[..40] })),
            "password_hash_invalid",
            "the password hash begins like bcrypt and is malformed",
        ),
        (
            with(json!({ "password_hash": BCRYPT.replace("$04$", "$15$") })),
            "password_hash_too_costly",
            "the password hash is of bcrypt and too costly to verify: the cost (as power of two) is 15, more than 14",
        ),
        (
            with(
                json!({ "password_hash": "$pbkdf2-sha512$i=220000,l=32,k=00000000$AAECAwQFBgcICQoLDA0ODw$awlpE0X5p5e3tqUGqWRFUr4UXvlmmcccwcXO60GwIus" }),
            ),
            "password_hash_invalid",
            "the password hash is edgegate's own: stored password hash needs an AUTH_SECRET that is not configured",
        ),
    ] {
        assert_eq!(refusal(&app, line.clone()).await, (code.to_owned(), reason.to_owned()), "{line}");
    }
    assert_eq!(app.database.count("users").await, 0);
    let answer =
        import(&app, json!([{}, ada(), 7, { "email": BOB }, { "email": BOB, "x": deep(5) }])).await.succeeded().json();
    assert_eq!(
        codes(&answer),
        [(0, "validation_failed".to_owned()), (2, "validation_failed".to_owned()), (4, "validation_failed".to_owned())]
    );
    assert_eq!(answer["imported"], 2);
    no_error_was_logged(&app);
}

/// An export of one instance is imported by another with the same secret.
#[tokio::test]
async fn a_hash_of_edgegate_s_own_moves_with_its_secret() {
    let app = TestApp::start().await;
    Client::new(&app, ADA).await;
    let hash: String = app.database.value("SELECT password_hash FROM edgegate.users").await;
    let other = TestApp::start().await;
    let line = json!({ "email": ADA, "email_confirm": true, "password_hash": hash });
    assert_eq!(import(&other, json!([line])).await.succeeded().json(), outcome(1, 0));
    other.sign_in(ADA, PASSWORD).await.succeeded();
}

#[tokio::test]
async fn a_batch_has_500_lines_at_most() {
    let app = TestApp::start().await;
    let lines = |n: usize| (0..n).map(|n| json!({ "email": format!("user{n}@example.com") })).collect::<Vec<_>>();
    assert_eq!(import(&app, json!(lines(501))).await.refusal(), (400, "validation_failed".to_owned()));
    assert_eq!(app.database.count("users").await, 0);
    assert_eq!(import(&app, json!(lines(500))).await.succeeded().json(), outcome(500, 0));
    assert_eq!(import(&app, json!([])).await.succeeded().json(), outcome(0, 0));
    assert_eq!(app.database.count("audit_events").await, 1);
    let large = json!([{ "email": ADA, "user_metadata": { "a": "x".repeat(policy::REQUEST_BODY_MAX_BYTES) } }]);
    assert_eq!(import(&app, large).await.refusal(), (413, "request_entity_too_large".to_owned()));
}

#[tokio::test]
async fn a_body_of_another_shape_is_refused() {
    let app = TestApp::start().await;
    for body in
        [json!({}), json!({ "users": null }), json!({ "users": {} }), json!({ "users": "x" }), json!({ "user": [] })]
    {
        assert_eq!(with_body(&app, &body).await.refusal(), (400, "validation_failed".to_owned()), "{body}");
    }
    for body in [
        "",
        "[]",
        "null",
        r#"{"users":[{"email":"a@example.com","email":"b@example.com"}]}"#,
        r#"{"users":["\ud800"]}"#,
    ] {
        let call = app.call(Method::POST, "/auth/v1/admin/users/import").bearer(&tokens::service());
        let answer = call.header("content-type", "application/json").body(body.to_owned()).await;
        assert_eq!(answer.refusal(), (400, "bad_json".to_owned()), "{body}");
    }
}

#[tokio::test]
async fn nobody_else_imports() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = (app.database.contents().await, app.database.traffic());
    let body = json!({ "users": [{ "email": BOB }] });
    assert_eq!(app.post("/admin/users/import", body.clone()).await.refusal(), (401, "no_authorization".to_owned()));
    for (token, (status, code)) in no_service_tokens(&ada) {
        let answer = app.post("/admin/users/import", body.clone()).bearer(&token).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{token}");
    }
    assert_eq!((app.database.contents().await, app.database.traffic()), before);
}

#[tokio::test]
async fn an_api_key_imports_if_that_is_its_scope() {
    let app = TestApp::start().await;
    let key = |letter: char| format!("edgegate_{}", letter.to_string().repeat(43));
    for (letter, scope) in [('A', "users:write"), ('E', "users:read")] {
        let sql = format!(
            "INSERT INTO edgegate.api_keys (id, name, key_digest, scopes)
            VALUES (gen_random_uuid(), '{scope}', sha256('{}'), ARRAY['{scope}'])",
            key(letter)
        );
        app.database.change(&sql).await;
    }
    let call = |letter: char| app.post("/admin/users/import", json!({ "users": [ada()] })).bearer(&key(letter));
    assert_eq!(call('E').await.refusal(), (403, "not_admin".to_owned()));
    assert_eq!(call('I').await.refusal(), (401, "invalid_api_key".to_owned()));
    assert_eq!(app.database.count("users").await, 0);
    assert_eq!(call('A').await.succeeded().json(), outcome(1, 0));
    let actor: String = app.database.value("SELECT actor FROM edgegate.audit_events").await;
    let id: String =
        app.database.value("SELECT 'api_key:' || id FROM edgegate.api_keys WHERE name = 'users:write'").await;
    assert_eq!(actor, id);
}

/// Several at once, in different orders: each account is made once, and nobody waits for ever.
#[tokio::test(flavor = "multi_thread")]
async fn batches_with_the_same_addresses_at_once_make_each_account_once() {
    let app = TestApp::start().await;
    let lines: Vec<Value> = (0..200)
        .map(|n| json!({ "id": format!("00000000-0000-4000-8000-{n:012}"), "email": format!("user{n}@example.com") }))
        .collect();
    let answers = join_all((0..6).map(|turn| {
        let mut mine = lines.clone();
        mine.rotate_left(turn * 31);
        if turn % 2 == 1 {
            mine.reverse();
        }
        import(&app, json!(mine))
    }))
    .await;
    let mut imported = 0;
    for answer in answers {
        let answer = answer.succeeded().json();
        assert_eq!(answer["refused"], json!([]));
        imported += answer["imported"].as_u64().expect("a number");
    }
    assert_eq!((imported, app.database.count("users").await), (200, 200));
    no_error_was_logged(&app);
}

#[tokio::test]
async fn an_answer_of_the_database_that_is_lost_changes_nothing_about_it() {
    let app = TestApp::start().await;
    app.database.lose_answer(0);
    let batch = json!([ada(), { "email": BOB }]);
    let answer = import(&app, batch).await.succeeded().json();
    assert!(!app.database.is_losing());
    assert_eq!(answer, outcome(0, 2), "they were made by the statement whose answer was lost");
    assert_eq!((app.database.count("users").await, app.database.count("audit_events").await), (2, 1));
}

/// PostgreSQL stores no U+0000: in a salt it would be a fault, and take the rest of the batch
/// along.
#[tokio::test]
async fn a_hash_with_a_character_that_nobody_stores_is_refused_alone() {
    let app = TestApp::start().await;
    let hash = "pbkdf2_sha256$600000$sa\u{0}lt$dGhpcnR5LXR3byBieXRlcyBvZiBhIGhhc2gtb2YtYQ==";
    let lines = json!([{ "email": BOB, "password_hash": hash }, ada()]);
    let answer = import(&app, lines).await.succeeded().json();
    assert_eq!((answer["imported"].clone(), codes(&answer)), (json!(1), vec![(0, "password_hash_invalid".to_owned())]));
    let body = json!({ "email": BOB, "password_hash": hash });
    assert_eq!(super::create(&app, body).await.refusal(), (400, "validation_failed".to_owned()));
}
