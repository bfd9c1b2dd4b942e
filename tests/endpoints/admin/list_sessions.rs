//! `GET /admin/users/{id}/sessions`.

use chrono::TimeDelta;
use serde_json::Value;

use super::listed_sessions;
use crate::support::TestApp;
use crate::support::client::{ADA, BOB, Client};

#[tokio::test]
async fn sessions_are_listed_as_their_user_sees_them_but_for_which_is_the_current_one() {
    let app = TestApp::start().await;
    let first = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::seconds(1));
    Client::another(&app, ADA).await;
    Client::new(&app, BOB).await;
    let mut own = first.get(&app, "/sessions").await.json().as_array().expect("a list").clone();
    for session in &mut own {
        session.as_object_mut().expect("an object").remove("current");
    }
    assert_eq!(listed_sessions(&app, first.user).await, own);
    assert_eq!(own.len(), 2);
    app.clock.advance(TimeDelta::days(7));
    assert_eq!(listed_sessions(&app, first.user).await, Vec::<Value>::new(), "they are over");
}
