//! The link that takes a change of address back, when more than one change is made.

use chrono::TimeDelta;
use serde_json::json;

use crate::endpoints::across::email_change::{NEW, address, asked, enter, undo_link};
use crate::support::client::{ADA, Client};
use crate::support::{MailedLink, PASSWORD, TestApp};

const THIRD: &str = "ada@example.net";

async fn press(app: &TestApp, undo: &MailedLink) -> u16 {
    app.submit("/verify/confirm", &[("token", &undo.token)]).await.status.as_u16()
}

/// The newest link in a mail to `email` that takes a change back.
fn undo_sent_to(app: &TestApp, email: &str) -> MailedLink {
    let mails = app.mailbox.to(email);
    let mut words = mails.iter().rev().flat_map(|mail| mail.text.split_whitespace());
    let url = words.find(|word| word.contains("type=email_change_undo")).expect("a link").to_owned();
    let token = url.split("token=").nth(1).and_then(|rest| rest.split('&').next()).expect("a token").to_owned();
    MailedLink { url, token, code: String::new(), cookie: None }
}

/// A change to [`NEW`] that is made.
async fn changed(app: &TestApp, ada: &Client) -> MailedLink {
    let (old, new) = asked(app, ada, NEW).await;
    enter(app, ADA, &old.code).await.succeeded();
    enter(app, NEW, &new.code).await.succeeded();
    undo_link(app)
}

#[tokio::test]
async fn the_owners_link_outlives_whatever_the_thief_asks_for_next() {
    for completes in [false, true] {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        let owners = changed(&app, &ada).await;
        let thief = ada.refreshed(&app).await;
        app.clock.advance(TimeDelta::minutes(1));
        thief.update(&app, json!({ "email": THIRD })).await.succeeded();
        let thiefs = undo_sent_to(&app, NEW);
        if completes {
            let consent = app.mailbox.link_to(NEW);
            enter(&app, NEW, &consent.code).await.succeeded();
            enter(&app, THIRD, &app.mailbox.link_to(THIRD).code).await.succeeded();
        }
        app.clock.advance(TimeDelta::days(6));
        assert_eq!(press(&app, &owners).await, 200);
        assert_eq!(app.database.value::<String>("SELECT email FROM edgegate.users").await, ADA);
        assert_eq!(press(&app, &thiefs).await, 410, "what came after it is dead");
        assert_eq!(app.database.value::<String>("SELECT email FROM edgegate.users").await, ADA);
        assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials");
    }
}

#[tokio::test]
async fn of_two_requests_from_one_address_the_newer_mails_link_counts() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    asked(&app, &ada, NEW).await;
    let first = undo_link(&app);
    asked(&app, &ada, THIRD).await;
    assert_eq!(press(&app, &first).await, 410);
    assert_eq!(press(&app, &undo_link(&app)).await, 200);
    assert_eq!(app.database.value::<String>("SELECT email FROM edgegate.users").await, ADA);
}

#[tokio::test]
async fn an_old_address_that_somebody_else_has_confirmed_since_is_not_taken_from_them() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let undo = changed(&app, &ada).await;
    app.clock.advance(TimeDelta::minutes(1));
    let other = Client::new(&app, ADA).await;
    assert_eq!(press(&app, &undo).await, 410);
    assert_eq!(address(&app, &other).await, ADA);
    ada.has_ended(&app).await;
    assert_eq!(app.sign_in(NEW, PASSWORD).await.code(), "invalid_credentials", "the password is void all the same");
}
