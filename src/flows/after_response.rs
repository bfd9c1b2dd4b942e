//! What is left to do once the answer has gone out, over the connection that made the answer: tell
//! KV which sessions ended, send the mails that were queued. Whatever is not done here, the Cron
//! Trigger does.

use std::sync::Arc;

use uuid::Uuid;

use crate::app::App;
use crate::db::Connection;
use crate::flows::mail::deliver;
use crate::flows::mail::deliver::Delivery;
use crate::flows::revocation;

/// Does it after the response. The sessions first: somebody may still be using them.
pub fn in_background(app: &Arc<App>, db: Connection<'_>, ended: Vec<Uuid>, mails: Vec<Delivery>) {
    if ended.is_empty() && mails.is_empty() {
        return;
    }
    let client = db.into_client();
    let worker = Arc::clone(app);
    app.background.run(Box::pin(async move {
        let mut db = Connection::resume(worker.database.as_ref(), client);
        if !ended.is_empty() {
            revocation::publish(&worker, &mut db, ended).await;
        }
        deliver::deliver(&worker, &mut db, mails).await;
    }));
}
