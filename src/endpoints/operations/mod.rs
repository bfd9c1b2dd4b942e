//! For the operator of this Worker: its health, and what the mail provider reports.

use crate::endpoints::table::routes;

pub mod health;
pub mod mail_events;
pub mod ready;

routes! {
    post   "/mail/events"  webhook => mail_events,
    get    "/health"       anybody => health,
    get    "/health/ready" anybody => ready,
}
