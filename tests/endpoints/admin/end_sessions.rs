//! `DELETE /admin/users/{id}/sessions`.

use chrono::TimeDelta;
use serde_json::Value;

use super::{actions, end_sessions_of, listed_sessions};
use crate::support::TestApp;
use crate::support::client::{ADA, BOB, Client, nothing_is_pending};

#[tokio::test]
async fn all_sessions_end_and_nobody_elses() {
    let app = TestApp::start().await;
    let adas = [Client::new(&app, ADA).await, Client::another(&app, ADA).await];
    let bob = Client::new(&app, BOB).await;
    let answer = end_sessions_of(&app, &adas[0].user.to_string(), "").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (204, String::new()));
    nothing_is_pending(&app).await;
    for ada in &adas {
        ada.has_ended(&app).await;
    }
    bob.goes_on(&app).await;
    assert_eq!(listed_sessions(&app, adas[0].user).await, Vec::<Value>::new());
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(end_sessions_of(&app, &adas[0].user.to_string(), "").await.status, 204, "there was nothing to end");
    assert_eq!(actions(&app).await, ["sessions_ended"]);
    Client::another(&app, ADA).await.goes_on(&app).await;
}
