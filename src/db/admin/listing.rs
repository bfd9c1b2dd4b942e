//! The statement that lists accounts, page by page.

use chrono::{DateTime, Utc};
use tokio_postgres::types::{Json, Type};

use crate::db::{Connection, Error};
use crate::domain::account::user::User;

/// What a list is sorted by. Accounts that are equal in it come in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// When the account was made.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// Its newest sign-in; accounts without one come last.
    LastSignInAt,
    /// The address, in lower case; accounts without one come last.
    Email,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// Which accounts are wanted: those in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The address is confirmed.
    Confirmed,
    /// Its address is not confirmed.
    Unconfirmed,
    /// A ban is in force.
    Banned,
    /// It has no address, since it came without.
    Anonymous,
    /// Deleted softly.
    Deleted,
}

impl Status {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Confirmed, Self::Unconfirmed, Self::Banned, Self::Anonymous, Self::Deleted];

    /// As in queries and in the statement.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Unconfirmed => "unconfirmed",
            Self::Banned => "banned",
            Self::Anonymous => "anonymous",
            Self::Deleted => "deleted",
        }
    }
}

/// Which accounts are wanted, and which of them this page has. All of `Search` must hold.
pub struct Search {
    /// `EmailAddress::key` of the one that has this address.
    pub email_key: Option<String>,
    /// Addresses that begin with this, in lower case.
    pub email_prefix: Option<String>,
    /// In the address or the `full_name` of the user's metadata, in any case.
    pub contained: Option<String>,
    /// In this state.
    pub status: Option<Status>,
    /// What comes first.
    pub sort: Sort,
    /// Which way.
    pub order: Order,
    /// How many are on a page.
    pub per_page: u32,
    /// How many come before it.
    pub offset: i64,
}

/// A page of the list.
pub struct UserPage {
    /// The accounts of this page.
    pub users: Vec<User>,
    /// How many there are on all pages.
    pub total: u64,
}

/// Planned anew each time with the values in it, so that what is not asked for costs nothing, and
/// an index is used for what is.
const WANTED: &str = "
        ($1::text IS NULL OR u.email_key = $1)
        AND ($2::text IS NULL OR u.email_key LIKE $2)
        AND ($3::text IS NULL OR u.email ILIKE $3 OR u.user_metadata ->> 'full_name' ILIKE $3)
        AND ($4::text IS NULL OR CASE $4
            WHEN 'confirmed' THEN u.email_confirmed_at IS NOT NULL
            WHEN 'unconfirmed' THEN u.email IS NOT NULL AND u.email_confirmed_at IS NULL
            WHEN 'banned' THEN u.banned_until > $5 AND u.deleted_at IS NULL
            WHEN 'anonymous' THEN u.is_anonymous AND u.deleted_at IS NULL
            WHEN 'deleted' THEN u.deleted_at IS NOT NULL
        END)";

/// The statement for an order: its text is made of what stands here alone.
fn statement(sort: Sort, order: Order) -> String {
    let direction = match order {
        Order::Ascending => "ASC NULLS LAST",
        Order::Descending => "DESC NULLS LAST",
    };
    let by = match (sort, order) {
        // As the index has it.
        (Sort::CreatedAt, Order::Descending) => "u.created_at DESC".to_owned(),
        (Sort::CreatedAt, Order::Ascending) => "u.created_at ASC".to_owned(),
        (Sort::UpdatedAt, _) => format!("u.updated_at {direction}"),
        (Sort::LastSignInAt, _) => format!("u.last_sign_in_at {direction}"),
        (Sort::Email, _) => format!("u.email_key {direction}"),
    };
    format!(
        "
    WITH page AS MATERIALIZED (
        SELECT
            edgegate.account(u) AS account,
            row_number() OVER (ORDER BY {by}, u.id) AS place
        FROM edgegate.users u
        WHERE {WANTED}
        ORDER BY {by}, u.id
        LIMIT $6 OFFSET $7
    )
    SELECT
        (SELECT count(*) FROM edgegate.users u WHERE {WANTED}) AS total,
        (SELECT coalesce(jsonb_agg(page.account ORDER BY page.place), '[]') FROM page) AS users,
        now() AS asked_at -- volatile: no cache may answer this"
    )
}

/// The accounts of a page, and how many there are in all.
///
/// # Errors
/// [`Error`].
pub async fn list(db: &mut Connection<'_>, search: &Search, now: DateTime<Utc>) -> Result<UserPage, Error> {
    let prefix = search.email_prefix.as_ref().map(|text| format!("{}%", literal(text)));
    let contained = search.contained.as_ref().map(|text| format!("%{}%", literal(text)));
    let row = db
        .only_row(
            &statement(search.sort, search.order),
            &[
                (&search.email_key, Type::TEXT),
                (&prefix, Type::TEXT),
                (&contained, Type::TEXT),
                (&search.status.map(Status::as_str), Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
                (&i64::from(search.per_page), Type::INT8),
                (&search.offset, Type::INT8),
            ],
        )
        .await?;
    let Json(users) = row.try_get("users")?;
    let total: i64 = row.try_get("total")?;
    Ok(UserPage { users, total: total.unsigned_abs() })
}

/// A text in a pattern of LIKE, where it stands for itself.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}
