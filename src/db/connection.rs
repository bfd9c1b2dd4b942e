//! The one connection a request has. Sends a statement, and sends it once more over a fresh
//! connection when the first answer was lost on the way.

use serde::Serialize;
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};

use crate::host::{ConnectError, Database, DatabaseClient};

/// What can go wrong between us and PostgreSQL. Always unexpected: callers pass it up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The statement failed, or its answer was lost twice.
    #[error("statement failed: {}", describe(.0))]
    Statement(tokio_postgres::Error),
    /// A column holds what its Rust type cannot: a fault of ours, which asking again does not mend.
    #[error("unreadable answer: {0}")]
    Unreadable(#[from] tokio_postgres::Error),
    /// The answer is not what the statement promises.
    #[error("unexpected answer: {0}")]
    Answer(&'static str),
}

impl Error {
    /// Whether PostgreSQL could not be reached, or not long enough to answer: the same call may
    /// work in a moment.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Connect(_) => true,
            Self::Statement(error) => may_work_again(error),
            Self::Unreadable(_) | Self::Answer(_) => false,
        }
    }

    /// Whether our schema, or a part of it, is not there: no migration, or too few, were applied.
    #[must_use]
    pub fn is_missing_schema(&self) -> bool {
        let Self::Statement(error) = self else { return false };
        let missing = [
            SqlState::UNDEFINED_TABLE,
            SqlState::INVALID_SCHEMA_NAME,
            SqlState::UNDEFINED_COLUMN,
            SqlState::UNDEFINED_FUNCTION,
        ];
        error.code().is_some_and(|code| missing.contains(code))
    }
}

/// PostgreSQL's own words without the `DETAIL`, which quotes values.
fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(refusal) => format!("{} {}", refusal.code().code(), refusal.message()),
        None => error.to_string(),
    }
}

/// A parameter with its type, as `query_typed` wants it.
pub type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// An open connection, and the way to a new one.
pub struct Connection<'a> {
    database: &'a dyn Database,
    client: DatabaseClient,
}

impl<'a> Connection<'a> {
    /// Connects. This is most of the cost of a call that runs one statement, so refuse what can be
    /// refused first.
    ///
    /// # Errors
    /// [`Error::Connect`].
    pub async fn open(database: &'a dyn Database) -> Result<Connection<'a>, Error> {
        let client = database.connect().await?;
        Ok(Self { database, client })
    }

    /// Goes on with a connection opened earlier in the same invocation.
    #[must_use]
    pub fn resume(database: &'a dyn Database, client: DatabaseClient) -> Connection<'a> {
        Self { database, client }
    }

    /// Gives the connection up, for [`Self::resume`].
    #[must_use]
    pub fn into_client(self) -> DatabaseClient {
        self.client
    }

    /// Runs one statement that answers with at most one row: one round trip.
    ///
    /// # Errors
    /// [`Error::Statement`]; a lost connection or a pooler's fault is tried once more first.
    pub(in crate::db) async fn row(&mut self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Option<Row>, Error> {
        match self.client.query_typed(sql, parameters).await {
            Ok(rows) => Ok(rows.into_iter().next()),
            Err(error) if may_work_again(&error) => {
                self.client = self.database.connect().await?;
                let rows = self.client.query_typed(sql, parameters).await.map_err(Error::Statement)?;
                Ok(rows.into_iter().next())
            }
            Err(error) => Err(Error::Statement(error)),
        }
    }

    /// As [`Self::row`], for a statement that always answers with a row.
    ///
    /// # Errors
    /// As [`Self::row`], and [`Error::Answer`] if there was none.
    pub(in crate::db) async fn only_row(&mut self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Row, Error> {
        self.row(sql, parameters).await?.ok_or(Error::Answer("no row where one is promised"))
    }
}

/// Lost or garbled answers (no error from PostgreSQL itself), a server going down, and victims of a
/// deadlock.
fn may_work_again(error: &tokio_postgres::Error) -> bool {
    let Some(code) = error.code() else { return true };
    [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::CONNECTION_FAILURE,
        SqlState::PROTOCOL_VIOLATION,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
    ]
    .contains(code)
}

/// A value as a `jsonb` parameter.
pub(in crate::db) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|_| Error::Answer("a value that is no JSON"))
}
