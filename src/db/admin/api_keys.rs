//! The statement that looks an API key up. They are made and revoked by `npm run admin -- key`
//! (`dev/api_keys.mjs`).

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::domain::token::api_key::{ApiKeyDigest, Scope};

/// A key that is good.
pub struct ApiKey {
    /// Names it in the audit trail.
    pub id: Uuid,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

const USE: &str = "
    WITH key AS MATERIALIZED (
        SELECT
            k.id,
            k.scopes,
            k.last_used_at
        FROM edgegate.api_keys k
        WHERE k.key_digest = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)
    ), used AS (
        -- To the minute: a key in heavy use must not become a row that everybody waits for.
        UPDATE edgegate.api_keys k SET last_used_at = $2
        FROM key
        WHERE k.id = key.id AND (key.last_used_at IS NULL OR key.last_used_at < $2 - interval '1 minute')
    )
    SELECT key.id, key.scopes FROM key";

/// The key with this digest, if it is good at `now`; notes that it was used.
///
/// # Errors
/// [`Error`].
pub async fn use_key(
    db: &mut Connection<'_>,
    digest: &ApiKeyDigest,
    now: DateTime<Utc>,
) -> Result<Option<ApiKey>, Error> {
    let row = db.row(USE, &[(&digest.as_bytes().as_slice(), Type::BYTEA), (&now, Type::TIMESTAMPTZ)]).await?;
    let Some(row) = row else { return Ok(None) };
    let scopes: Vec<String> = row.try_get("scopes")?;
    Ok(Some(ApiKey { id: row.try_get("id")?, scopes: scopes.iter().filter_map(|scope| Scope::parse(scope)).collect() }))
}
