//! What the Cron Trigger does each minute: removes what nobody needs any more, tells KV of
//! revocations, and sends mail that is due. Each part goes on where an earlier one failed.

use crate::app::App;
use crate::db::operations::housekeeping;
use crate::db::{Connection, Error};
use crate::domain::policy;
use crate::flows::mail::sweep;
use crate::flows::revocation;
use crate::log::Event;

/// One run.
pub async fn run(app: &App) {
    let mut db = match Connection::open(app.database.as_ref()).await {
        Ok(db) => db,
        Err(fault) => return failed(app, "connect", &fault),
    };
    // First: it notes the sessions that it removes as ended, and the next part sees that nobody
    // needs to hear of them.
    let removed = housekeeping(app, &mut db).await;
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

/// Removes rows until there are none to remove or [`policy::HOUSEKEEPING_BUDGET`] is spent. Returns
/// how many went.
async fn housekeeping(app: &App, db: &mut Connection<'_>) -> i64 {
    let until = app.clock.now() + policy::HOUSEKEEPING_BUDGET;
    let mut removed = 0;
    loop {
        match housekeeping::sweep(db, app.clock.now()).await {
            Ok(swept) => {
                removed += swept.removed;
                if !swept.is_full || app.clock.now() >= until {
                    return removed;
                }
            }
            Err(fault) => {
                failed(app, "housekeeping", &fault);
                return removed;
            }
        }
    }
}

fn failed(app: &App, part: &str, fault: &Error) {
    app.log(Event::error("cron_run_failed").field("sweep.part", part).field("error.cause", fault.to_string()));
}
