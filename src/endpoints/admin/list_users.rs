//! `GET /admin/users`: the accounts, page by page, searched and sorted.

use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::db::admin::listing;
use crate::db::admin::listing::{Order, Search, Sort, Status};
use crate::domain::account::email_address::EmailAddress;
use crate::domain::policy;
use crate::domain::token::api_key::Scope;
use crate::http::administrator::Administrator;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::{Query, given};
use crate::http::objects;
use crate::http::paging::Paging;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[Code::EmailAddressInvalid.failure()];

/// The query as it came. Empty is the same as leaving a parameter out, as client libraries expect.
#[derive(Deserialize)]
pub struct Parameters {
    page: Option<String>,
    per_page: Option<String>,
    sort: Option<String>,
    filter: Option<String>,
    email: Option<String>,
    email_prefix: Option<String>,
    status: Option<String>,
}

/// Lists accounts.
///
/// 1. [`Administrator`] has verified the caller; the query is checked.
/// 2. One statement finds the page and counts the rest.
#[utoipa::path(
    get, path = "/auth/v1/admin/users", tag = "Administration", summary = "The accounts",
    description = "The header `X-Total-Count` says how many match, `Link` where the next and the \
        last page are. Accounts that are deleted softly are among them, with `deleted_at`. \
        `identities` is null: `GET /admin/users/{id}` has them. Takes the scope `users:read`.",
    params(
        ("page" = Option<u32>, Query, description = "From 1",
            format = Int64, minimum = 1, maximum = 4_294_967_295u32, example = 1),
        ("per_page" = Option<u32>, Query, description = "50 if left out", minimum = 1, maximum = 1000, example = 50),
        ("sort" = Option<String>, Query,
            description = "`created_at`, `updated_at`, `last_sign_in_at` or `email`, and `asc` or \
                `desc` after it; `created_at desc` if left out",
            example = "created_at desc"),
        ("filter" = Option<String>, Query,
            description = "Part of the address, or of `full_name` in the user's metadata, in any case"),
        ("email" = Option<String>, Query, description = "The whole address"),
        ("email_prefix" = Option<String>, Query, description = "How the address begins, in any case"),
        ("status" = Option<String>, Query,
            description = "`confirmed`, `unconfirmed`, `banned`, `anonymous` or `deleted`"),
    ),
    responses((status = 200, description = "A page; one beyond the last is empty", body = objects::UserList,
        example = json!({ "users": [], "aud": "authenticated" }))),
)]
pub async fn handle(administrator: Administrator, Query(parameters): Query<Parameters>) -> Result<Response, Error> {
    let (app, now) = (&administrator.call.app, administrator.call.now);
    // 1
    administrator.require(Scope::UsersRead)?;
    let paging = Paging::read(parameters.page.as_deref(), parameters.per_page.as_deref())?;
    let search = search(&parameters, paging)?;

    // 2
    let mut db = administrator.connect(Scope::UsersRead).await?;
    let found = listing::list(&mut db, &search, now).await?;
    let audience = &app.config().tokens.audience;
    let users = found.users.iter().map(|user| objects::User::in_list(user, audience, now)).collect();
    let body = axum::Json(objects::UserList { users, aud: audience.clone() });
    let path = format!("{}/admin/users", app.config().site.base_path);
    let others = [
        ("sort", parameters.sort.as_deref()),
        ("filter", parameters.filter.as_deref()),
        ("email", parameters.email.as_deref()),
        ("email_prefix", parameters.email_prefix.as_deref()),
        ("status", parameters.status.as_deref()),
    ];
    Ok((paging.headers(&path, &others, found.total), body).into_response())
}

fn search(parameters: &Parameters, paging: Paging) -> Result<Search, Error> {
    let (sort, order) = sorting(given(parameters.sort.as_deref()).unwrap_or("created_at"))?;
    let status =
        match given(parameters.status.as_deref()) {
            None => None,
            Some(text) => Some(Status::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| {
                Error::invalid("status must be confirmed, unconfirmed, banned, anonymous or deleted")
            })?),
        };
    Ok(Search {
        email_key: match given(parameters.email.as_deref()) {
            Some(email) => Some(EmailAddress::parse(email)?.key().to_owned()),
            None => None,
        },
        email_prefix: searched("email_prefix", parameters.email_prefix.as_deref())?
            .map(|prefix| prefix.to_ascii_lowercase()),
        contained: searched("filter", parameters.filter.as_deref())?,
        status,
        sort,
        order,
        per_page: paging.per_page,
        offset: paging.offset(),
    })
}

fn sorting(text: &str) -> Result<(Sort, Order), Error> {
    let (column, direction) = text.split_once(' ').map_or((text, None), |(column, rest)| (column, Some(rest)));
    let sort = match column {
        "created_at" => Sort::CreatedAt,
        "updated_at" => Sort::UpdatedAt,
        "last_sign_in_at" => Sort::LastSignInAt,
        "email" => Sort::Email,
        _ => return Err(Error::invalid("sort must be created_at, updated_at, last_sign_in_at or email")),
    };
    let order = match direction {
        None if sort == Sort::Email => Order::Ascending,
        None | Some("desc") => Order::Descending,
        Some("asc") => Order::Ascending,
        Some(_) => return Err(Error::invalid("After the column of sort there may be asc or desc")),
    };
    Ok((sort, order))
}

/// A text to search for, if it can be in an account at all.
fn searched(name: &str, parameter: Option<&str>) -> Result<Option<String>, Error> {
    let Some(text) = given(parameter) else { return Ok(None) };
    if text.contains('\0') || text.len() > policy::SEARCHED_MAX_BYTES {
        let most = policy::SEARCHED_MAX_BYTES;
        return Err(Error::invalid(format!("{name} must be at most {most} bytes, without U+0000")));
    }
    Ok(Some(text.to_owned()))
}
