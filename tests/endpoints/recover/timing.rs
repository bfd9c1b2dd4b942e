//! How long asking for a mail takes, by what the address is: a measurement for people, not a test, since it depends on the machine.
//! `npm test -- rust -- --ignored --nocapture timing` prints one line a sample: call, state, microseconds.

use std::time::Instant;

use chrono::TimeDelta;
use serde_json::json;

use super::super::client::{Client, ban};
use crate::support::TestApp;

const ROUNDS: usize = 400;

#[tokio::test]
#[ignore = "a measurement"]
async fn timing_of_known_unknown_unconfirmed_and_banned_addresses() {
    let app =
        TestApp::with(&[("SIGN_IN_BY_EMAIL", "true"), ("MAILS_PER_NETWORK_HOUR", "0"), ("MAILS_PER_HOUR", "0")]).await;
    Client::new(&app, "known@example.com").await;
    app.sign_up("unconfirmed@example.com").await;
    let banned = Client::new(&app, "banned@example.com").await;
    ban(&app, banned.user, &json!("87600h")).await.succeeded();
    let states = ["known", "unknown", "unconfirmed", "banned"];
    for round in 0..ROUNDS {
        // An hour is the longest wait of a recipient.
        app.clock.advance(TimeDelta::minutes(61));
        for (path, body) in [("/recover", json!({})), ("/otp", json!({ "create_user": false }))] {
            for n in 0..states.len() {
                let state = states[(n + round) % states.len()];
                let mut body = body.clone();
                body["email"] = json!(format!("{state}@example.com"));
                let call = app.post(path, body);
                let began = Instant::now();
                call.send_only().await.succeeded();
                println!("sample,{path},{state},{}", began.elapsed().as_micros());
                app.settle().await;
            }
        }
    }
}
