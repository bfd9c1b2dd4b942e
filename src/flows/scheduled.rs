//! What the Cron Trigger does each minute: removes rows that are of no use any more, tells KV
//! of revocations, and sends mail that is due. Each part goes on where an earlier one failed.

use crate::app::App;
use crate::db::operations::housekeeping;
use crate::db::{Connection, Error};
use crate::flows::mail::sweep;
use crate::flows::revocation;
use crate::log::Event;

/// One run.
pub async fn run(app: &App) {
    let mut db = match Connection::open(app.database.as_ref()).await {
        Ok(db) => db,
        Err(fault) => return failed(app, "connect", &fault),
    };
    // First: it notes the sessions that it removes as ended, and the next part sees that KV
    // need not hear of them.
    let removed = housekeeping::sweep(&mut db, app.clock.now()).await.unwrap_or_else(|fault| {
        failed(app, "housekeeping", &fault);
        0
    });
    let revocations = revocation::sweep(app, &mut db).await.unwrap_or_else(|fault| {
        failed(app, "revocations", &fault);
        0
    });
    let mails = sweep::sweep(app, &mut db).await.unwrap_or_else(|fault| {
        failed(app, "mail", &fault);
        0
    });
    if revocations > 0 || mails > 0 || removed > 0 {
        app.log(
            Event::info("cron_run")
                .field("revocation.count", revocations)
                .field("mail.count", mails)
                .field("rows.removed", removed),
        );
    }
}

fn failed(app: &App, part: &str, fault: &Error) {
    app.log(Event::error("cron_run_failed").field("sweep.part", part).field("error.cause", fault.to_string()));
}
