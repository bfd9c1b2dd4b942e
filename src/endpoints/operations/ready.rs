//! `GET /health/ready`: whether this Worker can do its job: configuration, database, migrations, no
//! cache in between. It names what is wrong and shows no secret.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Error;
use crate::db::operations::health;
use crate::http::call::Call;
use crate::http::error::Failure;
use crate::log::Event;

/// How this call can fail of itself, besides answering 503 with the report.
pub const FAILURES: &[Failure] = &[];

/// What was checked. Everything is `ok` or says what to do.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// Whether all of it is in order.
    ready: bool,
    /// Vars and secrets. A Worker with a wrong one answers every call with 500 and lists the
    /// problems in its log.
    configuration: &'static str,
    /// PostgreSQL answers.
    database: &'static str,
    /// The newest migration is applied.
    migrations: &'static str,
    /// Hyperdrive does not answer from a cache.
    caching: &'static str,
    /// How many calls hash a password in this isolate, or wait to.
    hash_slots: HashSlotsTaken,
}

/// The places for calls that hash a password, in the isolate that answers.
#[derive(Serialize, ToSchema)]
pub struct HashSlotsTaken {
    /// By calls under way.
    taken: usize,
    /// How many there are, as `PASSWORD_HASHES_IN_FLIGHT` says.
    limit: usize,
}

const OK: &str = "ok";
const UNKNOWN: &str = "not known while the database does not answer";

/// Checks everything a call depends on. Two statements: both read a number that the Cron Trigger
/// raises each minute, the second in a way that Hyperdrive would cache.
#[utoipa::path(
    get, path = "/auth/v1/health/ready", tag = "Operation", summary = "Can it do its job",
    responses(
        (status = 200, description = "It can", body = Readiness, example = json!({
            "ready": true, "configuration": "ok", "database": "ok", "migrations": "ok", "caching": "ok",
            "hash_slots": { "taken": 2, "limit": 24 },
        })),
        (status = 503, description = "It cannot, and here is why", body = Readiness, example = json!({
            "ready": false, "configuration": "ok", "database": "ok", "migrations": "ok",
            "caching": "on: create the Hyperdrive configuration with --caching-disabled",
            "hash_slots": { "taken": 0, "limit": 24 },
        })),
    ),
)]
pub async fn handle(call: Call) -> Response {
    let report = match check(&call).await {
        Ok(report) => report,
        Err(fault) => {
            call.log(Event::error("not_ready").field("error.cause", fault.to_string()));
            let (database, migrations) = match fault {
                Error::Connect(_) => {
                    ("does not answer: check the Hyperdrive binding and its connection string", UNKNOWN)
                }
                fault if fault.is_missing_schema() => (OK, "missing: run `npm run migrate`"),
                _ => ("answers with a fault: see the log", UNKNOWN),
            };
            Readiness {
                ready: false,
                configuration: OK,
                database,
                migrations,
                caching: UNKNOWN,
                hash_slots: hash_slots(&call),
            }
        }
    };
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(report)).into_response()
}

async fn check(call: &Call) -> Result<Readiness, Error> {
    let mut db = call.connect().await?;
    let report = health::report(&mut db).await?;
    let fresh = health::read_probe(&mut db).await? >= report.probe;
    Ok(Readiness {
        ready: report.migrated && fresh,
        configuration: OK,
        database: OK,
        migrations: if report.migrated { OK } else { "behind this build: run `npm run migrate`" },
        caching: if fresh { OK } else { "on: create the Hyperdrive configuration with --caching-disabled" },
        hash_slots: hash_slots(call),
    })
}

fn hash_slots(call: &Call) -> HashSlotsTaken {
    let app = &call.app;
    HashSlotsTaken { taken: app.parts.hash_slots.taken(call.now), limit: app.config().passwords.hashes_in_flight }
}
