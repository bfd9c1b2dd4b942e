//! No statement reads all of a table that grows with the number of people: what it looks for has an
//! index, and so has what goes with a row that goes.
//!
//! Not here: the statements inside of functions.

use std::fmt::Write;

use super::functions::{Statement, statements};
use crate::support::TestDatabase;

/// Lists with parameters that may be left out are planned with their values each time. The one of
/// accounts also searches inside of texts.
const PLANNED_WITH_VALUES: [&str; 2] = ["listing.rs: list", "audit.rs: list"];

/// Tables that do not grow: a row, or one for each of a few things. The notes for KV are gone
/// within a minute.
const SMALL: [&str; 5] = ["api_keys", "cache_probe", "function_installs", "mail_pause", "revocations"];

#[tokio::test]
async fn no_statement_reads_a_whole_table() {
    let client = TestDatabase::template().await;
    client.batch_execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off").await.expect("settings");
    let mut found = String::new();
    for Statement { place, sql, types } in statements() {
        if PLANNED_WITH_VALUES.iter().any(|planned| place.ends_with(planned)) {
            continue;
        }
        let names: Vec<&str> = types.iter().map(tokio_postgres::types::Type::name).collect();
        let declared: Vec<String> = names
            .iter()
            .map(|name| name.strip_prefix('_').map_or_else(|| (*name).to_owned(), |item| format!("{item}[]")))
            .collect();
        let types = if declared.is_empty() { String::new() } else { format!("({})", declared.join(", ")) };
        let values =
            if declared.is_empty() { String::new() } else { format!("({})", vec!["NULL"; names.len()].join(", ")) };
        client
            .batch_execute(&format!("PREPARE looked_at{types} AS {sql}"))
            .await
            .unwrap_or_else(|error| panic!("{place}: {error:?}"));
        let rows = client.simple_query(&format!("EXPLAIN EXECUTE looked_at{values}")).await.expect("a plan");
        client.batch_execute("DEALLOCATE looked_at").await.expect("it was there");
        for row in rows {
            let tokio_postgres::SimpleQueryMessage::Row(row) = row else { continue };
            let line = row.get(0).unwrap_or_default();
            let Some((_, scanned)) = line.split_once("Seq Scan on ") else { continue };
            let table = scanned.split(' ').next().unwrap_or_default();
            if !SMALL.contains(&table) {
                writeln!(found, "{place}: {}", line.trim()).expect("memory");
            }
        }
    }
    assert!(found.is_empty(), "without an index for what they look for:\n{found}");
}

/// Without it, deleting an account reads all of the table that refers to it.
#[tokio::test]
async fn each_foreign_key_has_an_index() {
    let rows = TestDatabase::template()
        .await
        .query(
            "SELECT format('%s (%s)', c.conrelid::regclass, c.conname)
            FROM pg_constraint c
            WHERE c.contype = 'f' AND c.connamespace = 'edgegate'::regnamespace AND NOT EXISTS (
                SELECT FROM pg_index i
                WHERE i.indrelid = c.conrelid
                    AND i.indpred IS NULL
                    AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] = c.conkey
            )",
            &[],
        )
        .await
        .expect("a readable catalogue");
    let found: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(found, Vec::<String>::new());
}
