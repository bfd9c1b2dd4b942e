//! What every statement on sessions shares, and the one that asks whether a session still lives. Opening one is
//! `edgegate.open_session` in the migrations, called by whatever signs somebody in; refreshing and ending have files of
//! their own.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use super::{Connection, Error};
use crate::domain::session::Session;
use crate::domain::user::{Caller, User};

/// A session about to be opened. Its ids come from the caller, so that a statement sent twice opens one.
pub struct NewSession<'a> {
    /// Its id, how the user proved who they are, and its absolute end.
    pub session: Session,
    /// Id of the audit record.
    pub audit_id: Uuid,
    /// Where from.
    pub caller: &'a Caller,
    /// Sessions not refreshed since then are over, and do not count.
    pub idle_since: DateTime<Utc>,
    /// How many the account may have, this one included: the oldest beyond that end.
    pub most: i32,
}

/// A session that was opened.
pub struct Opened {
    /// Whose it is.
    pub user: User,
    /// Sessions that had to end for it.
    pub ended: Vec<Uuid>,
}

impl Opened {
    /// Reads the columns `account` and `ended` (null where no session was to be opened).
    pub(super) fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self { user: account(row)?, ended: ended(row)? })
    }
}

/// The column `account` of a statement that always has one.
pub(super) fn account(row: &Row) -> Result<User, Error> {
    let Json(user) = row.try_get::<_, Json<User>>("account")?;
    Ok(user)
}

/// The column `ended`: the sessions that a statement ended.
pub(super) fn ended(row: &Row) -> Result<Vec<Uuid>, Error> {
    Ok(row.try_get::<_, Option<Vec<Uuid>>>("ended")?.unwrap_or_default())
}

/// Who makes a call that needs a signed-in user, and what its session is measured by.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn {
    /// The claim `sub`.
    pub user_id: Uuid,
    /// The claim `session_id`.
    pub session_id: Uuid,
    /// The current time.
    pub now: DateTime<Utc>,
    /// A session not refreshed since then is over.
    pub idle_since: DateTime<Utc>,
}

/// Why a session is not good for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The account is gone.
    NoUser,
    /// Ended, timed out or never was.
    NoSession,
    /// The account is banned.
    Banned,
}

/// Reads the column `standing`, which is what `edgegate.standing` said.
pub(super) fn standing(row: &Row) -> Result<Result<(), Refusal>, Error> {
    Ok(match row.try_get("standing")? {
        "good" => Ok(()),
        "no_user" => Err(Refusal::NoUser),
        "no_session" => Err(Refusal::NoSession),
        "banned" => Err(Refusal::Banned),
        _ => return Err(Error::Answer("a standing that is none")),
    })
}

const USER: &str = "
    SELECT
        edgegate.standing($1, $2, $3, $4, NULL) AS standing,
        (SELECT to_jsonb(u) - 'password_hash' FROM edgegate.users u WHERE u.id = $1) AS account,
        now() AS asked_at -- volatile: no cache may answer this";

/// The account behind a session that is good, or why it is not.
///
/// # Errors
/// [`Error`].
pub async fn user(db: &mut Connection<'_>, signed: &SignedIn) -> Result<Result<User, Refusal>, Error> {
    let row = db
        .only_row(
            USER,
            &[
                (&signed.user_id, Type::UUID),
                (&signed.session_id, Type::UUID),
                (&signed.now, Type::TIMESTAMPTZ),
                (&signed.idle_since, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    match standing(&row)? {
        Ok(()) => Ok(Ok(account(&row)?)),
        Err(refusal) => Ok(Err(refusal)),
    }
}
