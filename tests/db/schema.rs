//! What the migrations made: every table and column says what it is, and its type is one that
//! poolers allow.

use crate::support::TestDatabase;

/// The names that a query on the template finds.
async fn names(sql: &str) -> Vec<String> {
    let rows = TestDatabase::template().await.query(sql, &[]).await.expect("a readable catalogue");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn every_table_and_column_has_a_comment() {
    let found = names(
        "SELECT format('%s.%s', c.relname, a.attname)
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'edgegate'
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'v', 'm', 'p') AND c.relname <> 'schema_migrations'
            AND (coalesce(col_description(c.oid, a.attnum), '') = '' OR coalesce(obj_description(c.oid, 'pg_class'), '') = '')",
    )
    .await;
    assert_eq!(found, Vec::<String>::new());
    let tables = names(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'edgegate'::regnamespace AND relkind = 'r' ORDER BY 1",
    )
    .await;
    let expected = [
        "api_keys",
        "audit_events",
        "cache_probe",
        "deleted_users",
        "devices",
        "function_installs",
        "mail_pause",
        "mail_suppressions",
        "one_time_tokens",
        "outbox",
        "rate_limits",
        "revocations",
        "schema_migrations",
        "sessions",
        "throttles",
        "users",
    ];
    assert_eq!(tables, expected);
}

/// A type of one's own costs a prepared statement behind the scenes for each query.
#[tokio::test]
async fn columns_and_parameters_are_of_built_in_types() {
    let found = names(
        "SELECT format('%s.%s is %s', c.relname, a.attname, t.typname)
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'edgegate'::regnamespace AND c.relkind = 'r'
        JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attnum > 0 AND t.typnamespace <> 'pg_catalog'::regnamespace",
    )
    .await;
    assert_eq!(found, Vec::<String>::new());
    let own = names(
        "SELECT typname::text FROM pg_type WHERE typnamespace = 'edgegate'::regnamespace AND typtype IN ('e', 'd', 'r') ",
    )
    .await;
    assert_eq!(own, Vec::<String>::new());
}

#[tokio::test]
async fn every_foreign_key_has_an_index_to_follow_it_back() {
    let found = names(
        "SELECT conrelid::regclass::text || ' ' || conname
        FROM pg_constraint k
        WHERE contype = 'f' AND connamespace = 'edgegate'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1])",
    )
    .await;
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test]
async fn nothing_of_ours_is_outside_our_schema() {
    let found = names(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v', 'S') AND n.nspname NOT IN ('edgegate', 'pg_catalog', 'information_schema', 'pg_toast')",
    )
    .await;
    assert_eq!(found, Vec::<String>::new());
    let extensions = names("SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql'").await;
    assert_eq!(extensions, Vec::<String>::new(), "an extension may not be to be had at a provider");
}
