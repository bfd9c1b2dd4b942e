//! Mirrors `src/db/connection.rs`: when a statement is sent once more, and when not.

use edgegate::db::operations::health;
use edgegate::db::{Connection, Error};

use crate::support::TestApp;

#[tokio::test]
async fn a_lost_answer_is_asked_for_once_more_over_a_fresh_connection() {
    let app = TestApp::start().await;
    let mut db = Connection::open(app.database.as_ref()).await.expect("a connection");
    app.database.lose_answer(0);
    assert!(health::report(&mut db).await.is_ok());
    assert_eq!(app.database.traffic(), (2, 2));
}

#[tokio::test]
async fn a_connection_that_died_while_idle_is_replaced() {
    let app = TestApp::start().await;
    let mut db = Connection::open(app.database.as_ref()).await.expect("a connection");
    app.database.change("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").await;
    assert!(health::report(&mut db).await.is_ok());
}

#[tokio::test]
async fn a_statement_that_postgresql_refuses_is_not_sent_again() {
    let app = TestApp::start().await;
    app.database.change("ALTER TABLE edgegate.cache_probe RENAME TO elsewhere").await;
    let mut db = Connection::open(app.database.as_ref()).await.expect("a connection");
    let error = health::report(&mut db).await.err().expect("an error");
    assert!(error.to_string().starts_with("statement failed: 42P01 "), "{error}");
    assert_eq!(app.database.traffic().0, 1, "no second connection");
}

#[tokio::test]
async fn an_error_names_the_cause_and_quotes_no_row() {
    let app = TestApp::start().await;
    app.signed_in("canary@example.com").await;
    app.database.change("ALTER TABLE edgegate.users ADD CONSTRAINT never CHECK (length(email) < 3) NOT VALID").await;
    let answer = app.sign_in("canary@example.com", crate::support::PASSWORD).await;
    assert_eq!(answer.status, 500);
    let cause = app.log.newest("request")["error.cause"].clone();
    assert!(cause.as_str().is_some_and(|cause| cause.contains("23514") && !cause.contains("canary")), "{cause}");
}

#[tokio::test]
async fn without_a_server_there_is_no_connection() {
    let app = TestApp::start().await;
    app.database.go_down();
    let error = Connection::open(app.database.as_ref()).await.err().expect("an error");
    assert!(matches!(error, Error::Connect(_)));
    assert_eq!(error.to_string(), "cannot connect to the database: connection refused");
}
