//! `PUT /admin/users/{id}/factors/{factor_id}`: there is no such factor, since second factors are not offered.

use crate::domain::api_key::Scope;
use crate::http::administrator::Administrator;
use crate::http::error::{Code, Error};
use crate::http::extract::Ids;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJwt,
    Code::InvalidApiKey,
    Code::InvalidId,
    Code::MfaFactorNotFound,
    Code::NoAuthorization,
    Code::NotAdmin,
];

/// Refuses, whoever's it is said to be: nobody has one.
#[utoipa::path(
    put, path = "/auth/v1/admin/users/{id}/factors/{factor_id}", tag = "Administration", summary = "Change a second factor of a user",
    description = "Refused: second factors are not offered, so there is none. Takes the scope `users:write`.",
    security(("service" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "Of the account"),
        ("factor_id" = uuid::Uuid, Path, description = "Of the factor"),
    ),
    responses((status = 200, description = "Never so far: there is none")),
)]
pub async fn handle(administrator: Administrator, Ids(..): Ids) -> Error {
    match administrator.require(Scope::UsersWrite) {
        Ok(()) => Code::MfaFactorNotFound.into(),
        Err(refusal) => refusal,
    }
}
