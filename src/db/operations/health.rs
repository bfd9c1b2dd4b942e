//! Statements of the readiness check.

use tokio_postgres::types::Type;

use crate::db::{Connection, Error};

/// The newest file in `migrations/`; a test keeps it so. A database behind it is not ready for this
/// build.
pub const NEWEST_MIGRATION: &str = "20261129000002";

/// What the database says of itself.
pub struct Report {
    /// Whether every migration this build needs was applied.
    pub migrated: bool,
    /// What the cache probe stands at.
    pub probe: i64,
}

const REPORT: &str = "
    SELECT
        EXISTS (SELECT FROM edgegate.schema_migrations WHERE version = $1) AS migrated,
        p.value AS probe,
        now() AS asked_at -- volatile: no cache may answer this
    FROM edgegate.cache_probe p";

/// Asks for the state of the schema and the cache probe.
///
/// # Errors
/// [`Error`], in particular while no migration was ever applied.
pub async fn report(db: &mut Connection<'_>) -> Result<Report, Error> {
    let row = db.only_row(REPORT, &[(&NEWEST_MIGRATION, Type::TEXT)]).await?;
    Ok(Report { migrated: row.try_get("migrated")?, probe: row.try_get("probe")? })
}

/// Written so that Hyperdrive would cache it, were caching on: no volatile function. The one such
/// read there is.
const READ_PROBE: &str = "SELECT value FROM edgegate.cache_probe";

/// Reads the cache probe by a statement that may be answered from a cache: less than
/// [`Report::probe`], read before, means it was. The Cron Trigger raises it each minute and a cache
/// holds for 75 seconds, so that shows soon.
///
/// # Errors
/// [`Error`].
pub async fn read_probe(db: &mut Connection<'_>) -> Result<i64, Error> {
    let row = db.only_row(READ_PROBE, &[]).await?;
    Ok(row.try_get("value")?)
}
