//! `GET /admin/audit`: what happened to which account, and who did it.

use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::db::admin::audit;
use crate::db::admin::audit::AuditFilter;
use crate::domain::policy;
use crate::domain::token::api_key::Scope;
use crate::http::administrator::Administrator;
use crate::http::error::{Error, Failure};
use crate::http::extract::{Query, given};
use crate::http::objects;
use crate::http::paging::Paging;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[];

/// The query as it came.
#[derive(Deserialize)]
pub struct Parameters {
    page: Option<String>,
    per_page: Option<String>,
    query: Option<String>,
}

/// Lists the audit trail.
///
/// 1. [`Administrator`] has verified the caller; the query is checked.
/// 2. One statement finds the page and counts the rest.
#[utoipa::path(
    get, path = "/auth/v1/admin/audit", tag = "Administration", summary = "The audit trail",
    description = "The newest first. The header `X-Total-Count` says how many there are, `Link` \
        where the next and the last page are. Takes the scope `audit:read`.",
    params(
        ("page" = Option<u32>, Query, description = "From 1",
            format = Int64, minimum = 1, maximum = 4_294_967_295u32, example = 1),
        ("per_page" = Option<u32>, Query, description = "50 if left out", minimum = 1, maximum = 1000, example = 50),
        ("query" = Option<String>, Query,
            description = "`author:` and the id of an account or the name of a program, as \
                `payload` has them; `action:` and what happened; `type:account` for what users \
                did, `type:team` for what programs of the operator's did",
            example = "action:signed_in"),
    ),
    responses((status = 200, description = "A page; one beyond the last is empty", body = [objects::AuditEvent])),
)]
pub async fn handle(administrator: Administrator, Query(parameters): Query<Parameters>) -> Result<Response, Error> {
    let app = &administrator.call.app;
    // 1
    administrator.require(Scope::AuditRead)?;
    let paging = Paging::read(parameters.page.as_deref(), parameters.per_page.as_deref())?;
    let filter = given(parameters.query.as_deref()).map_or(Ok(AuditFilter::All), filter)?;

    // 2
    let mut db = administrator.connect(Scope::AuditRead).await?;
    let found = audit::list(&mut db, &filter, paging.per_page, paging.offset()).await?;
    let body: Vec<objects::AuditEvent> = found.events.into_iter().map(objects::AuditEvent::new).collect();
    let path = format!("{}/admin/audit", app.config().site.base_path);
    let headers = paging.headers(&path, &[("query", parameters.query.as_deref())], found.total);
    Ok((headers, axum::Json(body)).into_response())
}

fn filter(query: &str) -> Result<AuditFilter, Error> {
    let sound = query.len() <= policy::SEARCHED_MAX_BYTES && !query.contains('\0');
    match query.split_once(':').filter(|_| sound) {
        Some(("author", author)) => Ok(AuditFilter::Author(author.to_owned())),
        Some(("action", action)) => Ok(AuditFilter::Action(action.to_owned())),
        Some(("type", "account")) => Ok(AuditFilter::ByUsers),
        Some(("type", "team")) => Ok(AuditFilter::ByAdministrators),
        _ => Err(Error::invalid("query must be author:…, action:…, type:account or type:team")),
    }
}
