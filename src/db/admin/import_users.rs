//! The statement that makes a batch of accounts which come from another system.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio_postgres::types::{Json, Type};

use crate::db::audit::AuditContext;
use crate::db::connection::json;
use crate::db::{Connection, Error};
use crate::domain::account::imported_user::ImportedUser;

/// What became of a batch.
#[derive(Deserialize)]
pub struct Imported {
    /// Accounts that were made.
    pub imported: usize,
    /// Those that were there already, the same ones.
    pub unchanged: usize,
    /// Those there is no room for, by their line.
    pub refused: Vec<RefusedUser>,
}

/// A line whose account cannot be made beside those that are there.
#[derive(Deserialize)]
pub struct RefusedUser {
    /// Which line of the batch, from 0.
    pub index: usize,
    /// What is in its way.
    pub obstacle: Obstacle,
}

/// What is in the way of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// Another account has the address.
    EmailExists,
    /// Another account has the id.
    IdExists,
    /// An account that was deleted had the id.
    IdWasDeleted,
}

const IMPORT: &str = "SELECT edgegate.import_users($1, $2, $3) AS answer";

/// Makes those accounts for which there is room. Sent again it finds what it made, and calls it
/// unchanged.
///
/// # Errors
/// [`Error`].
pub async fn import(
    db: &mut Connection<'_>,
    users: &[ImportedUser],
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<Imported, Error> {
    let row = db
        .only_row(IMPORT, &[(&json(users)?, Type::JSONB), (&json(audit)?, Type::JSONB), (&now, Type::TIMESTAMPTZ)])
        .await?;
    Ok(row.try_get::<_, Json<Imported>>("answer")?.0)
}
