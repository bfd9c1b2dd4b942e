//! Mirrors `src/db/operations/health.rs`: the two reads of the cache probe. That a real cache
//! answers the second and not the first is Hyperdrive's, and cannot be staged here.

use edgegate::db::Connection;
use edgegate::db::operations::health;

use crate::support::{TestApp, TestDatabase};

#[tokio::test]
async fn without_a_cache_both_reads_of_the_probe_agree_and_follow_the_sweep() {
    let app = TestApp::start().await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let mut db = Connection::open(app.database.as_ref()).await.expect("a connection");
        let report = health::report(&mut db).await.expect("a report");
        assert!(report.migrated);
        assert_eq!(health::read_probe(&mut db).await.expect("a number"), report.probe);
        seen.push(report.probe);
        app.sweep().await;
    }
    assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
}

#[tokio::test]
async fn without_our_schema_the_error_says_so() {
    let database = TestDatabase::without_migrations().await;
    let mut db = Connection::open(database.as_ref()).await.expect("a connection");
    let error = health::report(&mut db).await.err().expect("an error");
    assert!(error.is_missing_schema(), "{error}");
}
