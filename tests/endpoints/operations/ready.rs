//! `GET /health/ready`. Query caching on at Hyperdrive cannot be staged here: no cache stands
//! between the tests and their PostgreSQL. `tests/db/operations/health.rs` shows that the two
//! numbers it compares are what they should be.

use serde_json::json;

use crate::support::{TestApp, TestDatabase};

const UNKNOWN: &str = "not known while the database does not answer";

#[tokio::test]
async fn it_is_ready_when_all_is_in_order() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        let answer = app.get("/health/ready").await;
        assert_eq!(answer.status, 200);
        let all_ok = json!({
            "ready": true, "configuration": "ok", "database": "ok", "migrations": "ok", "caching": "ok",
            "hash_slots": { "taken": 0, "limit": 64 },
        });
        assert_eq!(answer.json(), all_ok);
    }
}

#[tokio::test]
async fn it_says_how_many_calls_hash_a_password() {
    let app = TestApp::start().await;
    let _held = [app.hash_slot(), app.hash_slot()];
    assert_eq!(app.get("/health/ready").await.json()["hash_slots"], json!({ "taken": 2, "limit": 64 }));
}

#[tokio::test]
async fn without_a_database_it_says_what_to_check() {
    let app = TestApp::start().await;
    app.database.go_down();
    let answer = app.get("/health/ready").await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        answer.json(),
        json!({
            "ready": false, "configuration": "ok", "migrations": UNKNOWN, "caching": UNKNOWN,
            "database": "does not answer: check the Hyperdrive binding and its connection string",
            "hash_slots": { "taken": 0, "limit": 64 },
        })
    );
    assert_eq!(app.log.newest("not_ready")["error.cause"], "cannot connect to the database: connection refused");
}

#[tokio::test]
async fn without_migrations_it_says_how_to_apply_them() {
    let app = TestApp::on(TestDatabase::without_migrations().await, &[]);
    let answer = app.get("/health/ready").await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        answer.json(),
        json!({
            "ready": false, "configuration": "ok", "database": "ok", "caching": UNKNOWN,
            "hash_slots": { "taken": 0, "limit": 64 },
            "migrations": "missing: run `npm run migrate`",
        })
    );
}

#[tokio::test]
async fn a_database_behind_this_build_is_not_ready() {
    let app = TestApp::start().await;
    app.database.change("DELETE FROM edgegate.schema_migrations WHERE version = (SELECT max(version) FROM edgegate.schema_migrations)").await;
    let answer = app.get("/health/ready").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["migrations"], "behind this build: run `npm run migrate`");
    assert_eq!(answer.json()["ready"], false);
}

#[tokio::test]
async fn a_database_ahead_of_this_build_is_ready() {
    let app = TestApp::start().await;
    app.database.change("INSERT INTO edgegate.schema_migrations (version) VALUES ('29991231000000')").await;
    assert_eq!(app.get("/health/ready").await.status, 200);
}

/// Notes an install of other functions.
const OTHER_FUNCTIONS: &str = "INSERT INTO edgegate.function_installs (digest) VALUES (repeat('0', 64))";

#[tokio::test]
async fn a_database_that_never_had_the_functions_of_this_build_is_not_ready() {
    let app = TestApp::start().await;
    app.database.change("DELETE FROM edgegate.function_installs").await;
    let behind = "behind this build: run `npm run migrate`";
    for _ in 0..2 {
        let answer = app.get("/health/ready").await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.json()["migrations"], behind);
        app.database.change(OTHER_FUNCTIONS).await;
    }
}

#[tokio::test]
async fn a_database_that_has_the_functions_of_the_next_build_is_ready() {
    let app = TestApp::start().await;
    app.database.change(OTHER_FUNCTIONS).await;
    assert_eq!(app.get("/health/ready").await.status, 200);
}

#[tokio::test]
async fn a_database_that_went_back_to_functions_of_before_is_not_ready() {
    let app = TestApp::start().await;
    // Theirs, ours, theirs.
    app.database.change("UPDATE edgegate.function_installs SET id = DEFAULT").await;
    app.database
        .change(
            "INSERT INTO edgegate.function_installs (id, digest) OVERRIDING SYSTEM VALUE
            VALUES (1, repeat('0', 64)), (3, repeat('0', 64))",
        )
        .await;
    assert_eq!(app.database.value::<i64>("SELECT sum(id)::bigint FROM edgegate.function_installs").await, 6);
    assert_eq!(app.get("/health/ready").await.status, 503);
    app.database.change("DELETE FROM edgegate.function_installs WHERE id = 3").await;
    assert_eq!(app.get("/health/ready").await.status, 200);
}

#[tokio::test]
async fn it_shows_nothing_that_is_nobodys_business() {
    let app = TestApp::start().await;
    let config = app.database.value::<String>("SELECT current_database()").await;
    for _ in 0..2 {
        let text = app.get("/health/ready").await.text();
        for secret in [config.as_str(), "postgres", "127.0.0.1", "re_test", "bm90LWEtc2VjcmV0"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        app.database.go_down();
    }
}
