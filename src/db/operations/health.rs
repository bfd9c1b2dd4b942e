//! Statements of the readiness check.

use tokio_postgres::types::Type;

use crate::db::{Connection, Error};

/// The newest file in `migrations/`; a test keeps it so. A database behind it is not ready for this
/// build.
pub const NEWEST_MIGRATION: &str = "20261130000007";

/// The digest of `src/db/**/*.sql` as this build was made with it, in hex. `npm run migrate` writes
/// the same of what it installs.
pub const FUNCTIONS: &str = env!("EDGEGATE_FUNCTIONS");

/// What the database says of itself.
pub struct SchemaReport {
    /// Whether every migration this build needs was applied, and its functions or newer ones were
    /// installed.
    pub migrated: bool,
    /// What the cache probe stands at.
    pub probe: i64,
}

// Functions are newer than ours where they were first installed after ours: so a Worker stays ready
// from the moment its database is migrated for the next one, and is not ready on a database that
// went back.
const REPORT: &str = "
    WITH installs AS (
        SELECT
            i.digest,
            min(i.id) AS first_id,
            max(i.id) AS newest_id
        FROM edgegate.function_installs i
        GROUP BY i.digest
    )
    SELECT
        EXISTS (SELECT FROM edgegate.schema_migrations WHERE version = $1) AND EXISTS (
            SELECT
            FROM installs ours
            JOIN installs there ON there.first_id >= ours.first_id
            WHERE ours.digest = $2 AND there.newest_id = (SELECT max(i.id) FROM edgegate.function_installs i)
        ) AS migrated,
        p.value AS probe,
        now() AS asked_at -- volatile: no cache may answer this
    FROM edgegate.cache_probe p";

/// Asks for the state of the schema and the cache probe.
///
/// # Errors
/// [`Error`], in particular while no migration was ever applied.
pub async fn report(db: &mut Connection<'_>) -> Result<SchemaReport, Error> {
    let row = db.only_row(REPORT, &[(&NEWEST_MIGRATION, Type::TEXT), (&FUNCTIONS, Type::TEXT)]).await?;
    Ok(SchemaReport { migrated: row.try_get("migrated")?, probe: row.try_get("probe")? })
}

/// Written so that Hyperdrive would cache it, were caching on: no volatile function. The one such
/// read there is.
const READ_PROBE: &str = "SELECT value FROM edgegate.cache_probe";

/// Reads the cache probe by a statement that may be answered from a cache: less than
/// [`SchemaReport::probe`], read before, means it was. The Cron Trigger raises it each minute and a
/// cache holds for 75 seconds, so that shows soon.
///
/// # Errors
/// [`Error`].
pub async fn read_probe(db: &mut Connection<'_>) -> Result<i64, Error> {
    let row = db.only_row(READ_PROBE, &[]).await?;
    Ok(row.try_get("value")?)
}
