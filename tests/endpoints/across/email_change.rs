//! `PUT /user` with a new address: both mailboxes agree, in either order, and the old one can take
//! it back. `takeover` has somebody else asking for it, `undo` more than one change.

mod takeover;
mod undo;

use chrono::TimeDelta;
use serde_json::json;

use crate::support::client::{ADA, BOB, Client};
use crate::support::{Answer, Call, MailedLink, PASSWORD, TestApp};

const NEW: &str = "ada@example.org";

/// Asks for the change, and reads both mails: to the current address and to the new one.
async fn asked(app: &TestApp, client: &Client, new: &str) -> (MailedLink, MailedLink) {
    app.clock.advance(TimeDelta::minutes(1));
    let answer = client.update(app, json!({ "email": new })).await.succeeded();
    assert_eq!(answer.json()["new_email"], new);
    let cookie = Some(answer.cookie());
    (app.mailbox.link_to(ADA), MailedLink { cookie, ..app.mailbox.link_to(new) })
}

fn enter<'a>(app: &'a TestApp, email: &str, code: &str) -> Call<'a> {
    app.post("/verify", json!({ "type": "email_change", "token": code, "email": email }))
}

/// The link in the mail to the current address that takes the change back.
fn undo_link(app: &TestApp) -> MailedLink {
    let mail =
        app.mailbox.to(ADA).into_iter().rev().find(|mail| mail.text.contains("email_change_undo")).expect("a mail");
    let url =
        mail.text.split_whitespace().find(|word| word.contains("type=email_change_undo")).expect("a link").to_owned();
    let token = url.split("token=").nth(1).and_then(|rest| rest.split('&').next()).expect("a token").to_owned();
    MailedLink { url, token, code: String::new(), cookie: None }
}

async fn address(app: &TestApp, client: &Client) -> String {
    client.get(app, "/user").await.succeeded().json()["email"].as_str().expect("an address").to_owned()
}

fn half_done(answer: &Answer) -> bool {
    answer.status == 200 && answer.json()["code"] == "200" && answer.json()["msg"].is_string()
}

#[tokio::test]
async fn by_codes_in_either_order_the_second_changes_the_address_and_signs_in() {
    for current_first in [true, false] {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        let (old, new) = asked(&app, &ada, NEW).await;
        let (first, second) = if current_first {
            (enter(&app, ADA, &old.code), enter(&app, NEW, &new.code))
        } else {
            (enter(&app, NEW, &new.code), enter(&app, ADA, &old.code))
        };
        let answer = first.await;
        assert!(half_done(&answer), "{answer:?}");
        assert_eq!(address(&app, &ada).await, ADA, "not before both agree");
        assert_eq!(app.sign_in(NEW, PASSWORD).await.code(), "invalid_credentials");
        let session = second.await.succeeded().json();
        assert_eq!((&session["user"]["email"], &session["user"]["new_email"]), (&json!(NEW), &json!(null)));
        assert!(session["access_token"].is_string());
        ada.goes_on(&app).await;
        assert_eq!(app.sign_in(NEW, PASSWORD).await.status, 200);
        assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials");
    }
}

#[tokio::test]
async fn by_links_pages_say_what_has_happened_and_nobody_is_signed_in() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (old, new) = asked(&app, &ada, NEW).await;
    let agreed = app.submit("/verify/confirm", &[("token", &old.token)]).await;
    assert_eq!((agreed.status.as_u16(), agreed.header("location")), (200, None));
    let sessions = app.database.count("sessions").await;
    let confirmed = app.press_button(&new, new.cookie.as_deref()).await;
    assert_eq!((confirmed.status.as_u16(), confirmed.header("location")), (200, None));
    assert_eq!(app.database.count("sessions").await, sessions);
    assert_eq!(address(&app, &ada).await, NEW);
}

#[tokio::test]
async fn a_click_elsewhere_hands_nothing_over_without_the_password_or_a_new_one() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (old, new) = asked(&app, &ada, NEW).await;
    enter(&app, ADA, &old.code).await.succeeded();
    for fields in [vec![], vec![("password", "not the password"), ("password_is", "chosen")]] {
        let fields: Vec<_> = [("token", new.token.as_str())].into_iter().chain(fields).collect();
        assert_eq!(app.submit("/verify/confirm", &fields).await.status, 422);
    }
    assert_eq!(address(&app, &ada).await, ADA);
    let fields = [("token", new.token.as_str()), ("password", "another horse battery staple"), ("password_is", "new")];
    assert_eq!(app.submit("/verify/confirm", &fields).await.status, 200);
    ada.has_ended(&app).await;
    assert_eq!(app.sign_in(NEW, "another horse battery staple").await.status, 200);
}

#[tokio::test]
async fn the_old_mailbox_takes_a_change_back_that_is_under_way() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (old, new) = asked(&app, &ada, NEW).await;
    let undo = undo_link(&app);
    assert_eq!(app.get(&format!("/verify?token={}", undo.token)).await.status, 200);
    assert_eq!(app.submit("/verify/confirm", &[("token", &undo.token)]).await.status, 200);
    ada.has_ended(&app).await;
    assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials", "the password is void");
    assert_eq!(enter(&app, NEW, &new.code).await.code(), "otp_expired");
    assert_eq!(enter(&app, ADA, &old.code).await.code(), "otp_expired");
    assert_eq!(app.submit("/verify/confirm", &[("token", &undo.token)]).await.status, 410);
    app.post("/recover", json!({ "email": ADA })).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    let body = json!({ "type": "recovery", "token": link.code, "email": ADA });
    assert_eq!(app.post("/verify", body).await.succeeded().json()["user"]["email"], ADA);
}

#[tokio::test]
async fn the_old_mailbox_takes_a_change_back_for_a_week_after_it_was_made() {
    for (days, seconds, answer) in [(7, -61, 200), (7, 0, 410)] {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        let (old, new) = asked(&app, &ada, NEW).await;
        enter(&app, ADA, &old.code).await.succeeded();
        enter(&app, NEW, &new.code).await.succeeded();
        let undo = undo_link(&app);
        ada.change_password(&app, PASSWORD, "a thief's own password").await.succeeded();
        app.clock.advance(TimeDelta::days(days) + TimeDelta::seconds(seconds));
        assert_eq!(app.submit("/verify/confirm", &[("token", &undo.token)]).await.status, answer);
        let expected = if answer == 200 { ADA } else { NEW };
        assert_eq!(app.database.value::<String>("SELECT email FROM edgegate.users").await, expected);
    }
}

#[tokio::test]
async fn an_address_that_has_an_account_is_answered_alike_and_only_its_owner_is_told() {
    let app = TestApp::start().await;
    let (ada, bob) = (Client::new(&app, ADA).await, Client::new(&app, BOB).await);
    app.clock.advance(TimeDelta::minutes(1));
    let before = app.database.traffic();
    let taken = ada.update(&app, json!({ "email": BOB })).send_only().await.succeeded();
    let cost = app.database.traffic();
    app.settle().await;
    assert_eq!((cost.0 - before.0, cost.1 - before.1), (1, 1));
    assert_eq!(taken.json()["new_email"], BOB);
    let told = app.mailbox.to(BOB).pop().expect("a mail");
    assert!(!told.text.contains("/verify?token="), "{}", told.text);
    let export = ada.get(&app, "/user/export").await.text();
    assert!(!export.contains("already_registered"), "{export}");
    let old = app.mailbox.link_to(ADA);
    assert!(half_done(&enter(&app, ADA, &old.code).await));
    assert_eq!(address(&app, &ada).await, ADA);
    bob.goes_on(&app).await;
}

#[tokio::test]
async fn an_account_that_nobody_confirmed_gives_the_address_up() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.sign_up(NEW).await;
    let (old, new) = asked(&app, &ada, NEW).await;
    enter(&app, ADA, &old.code).await.succeeded();
    assert_eq!(enter(&app, NEW, &new.code).await.succeeded().json()["user"]["id"], json!(ada.user));
    assert_eq!(app.database.count("users").await, 1);
}

#[tokio::test]
async fn an_address_that_was_confirmed_by_somebody_else_meanwhile_stays_theirs() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (old, new) = asked(&app, &ada, NEW).await;
    enter(&app, ADA, &old.code).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    let other = Client::new(&app, NEW).await;
    let link = MailedLink { url: String::new(), token: String::new(), ..new };
    assert_eq!(enter(&app, NEW, &link.code).await.refusal(), (403, "otp_expired".to_owned()));
    assert_eq!(address(&app, &ada).await, ADA);
    other.goes_on(&app).await;
}

#[tokio::test]
async fn of_two_accounts_that_race_for_one_address_one_gets_it() {
    let app = TestApp::start().await;
    let (ada, bob) = (Client::new(&app, ADA).await, Client::new(&app, BOB).await);
    let (old_ada, new_ada) = asked(&app, &ada, NEW).await;
    app.clock.advance(TimeDelta::minutes(1));
    bob.update(&app, json!({ "email": NEW })).await.succeeded();
    let (old_bob, new_bob) = (app.mailbox.link_to(BOB), app.mailbox.link_to(NEW));
    enter(&app, ADA, &old_ada.code).await.succeeded();
    enter(&app, BOB, &old_bob.code).await.succeeded();
    let answers = futures_util::future::join(
        enter(&app, NEW, &new_ada.code).send_only(),
        enter(&app, NEW, &new_bob.code).send_only(),
    )
    .await;
    let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
}

#[tokio::test]
async fn the_mails_come_again_and_the_earlier_ones_die() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (old, new) = asked(&app, &ada, NEW).await;
    enter(&app, ADA, &old.code).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    let mails = app.mailbox.to(ADA).len();
    app.post("/resend", json!({ "type": "email_change", "email": ADA })).await.succeeded();
    assert_eq!(app.mailbox.to(ADA).len(), mails, "who has agreed is not asked again");
    let again = app.mailbox.link_to(NEW);
    assert_eq!(enter(&app, NEW, &new.code).await.code(), "otp_expired");
    enter(&app, NEW, &again.code).await.succeeded();
    assert_eq!(address(&app, &ada).await, NEW);
}

#[tokio::test]
async fn asking_for_the_own_address_changes_nothing_and_another_one_starts_anew() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let mails = app.mailbox.mails().len();
    let answer = ada.update(&app, json!({ "email": ADA.to_uppercase() })).await.succeeded().json();
    assert_eq!((answer.get("new_email"), app.mailbox.mails().len()), (None, mails));
    let (old, _) = asked(&app, &ada, NEW).await;
    enter(&app, ADA, &old.code).await.succeeded();
    let (old, new) = asked(&app, &ada, "ada@example.net").await;
    assert!(half_done(&enter(&app, "ada@example.net", &new.code).await), "the consent was for the other address");
    enter(&app, ADA, &old.code).await.succeeded();
    assert_eq!(address(&app, &ada).await, "ada@example.net");
}

#[tokio::test]
async fn a_new_password_ends_a_change_that_is_under_way() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (old, new) = asked(&app, &ada, NEW).await;
    ada.change_password(&app, PASSWORD, "another horse battery staple").await.succeeded();
    assert_eq!(enter(&app, ADA, &old.code).await.code(), "otp_expired");
    assert_eq!(enter(&app, NEW, &new.code).await.code(), "otp_expired");
    assert_eq!(ada.get(&app, "/user").await.json().get("new_email"), None);
}

#[tokio::test]
async fn pkce_says_half_done_and_then_signs_in() {
    let app = TestApp::with(&[("REDIRECT_ALLOW_LIST", "https://app.example.com/in")]).await;
    let verifier = "a-verifier-of-at-least-forty-three-characters";
    let exchange = async |link: &MailedLink| {
        let answer = app.submit("/verify/confirm", &[("token", &link.token)]).await;
        let place = answer.header("location").expect("a place");
        let code = place.split("code=").nth(1).expect("a code").to_owned();
        app.post("/token?grant_type=pkce", json!({ "auth_code": code, "code_verifier": verifier })).await
    };
    for again in [false, true] {
        let ada = Client::new(&app, &format!("ada{again}@example.com")).await;
        let (current, new) = (format!("ada{again}@example.com"), format!("new{again}@example.com"));
        app.clock.advance(TimeDelta::minutes(1));
        let body = json!({ "email": new, "code_challenge": verifier, "code_challenge_method": "plain" });
        ada.update(&app, body).await.succeeded();
        if again {
            app.clock.advance(TimeDelta::minutes(1));
            app.post("/resend", json!({ "type": "email_change", "email": current })).await.succeeded();
        }
        let (old, link) = (app.mailbox.link_to(&current), app.mailbox.link_to(&new));
        assert!(half_done(&exchange(&link).await), "{again}");
        assert_eq!(address(&app, &ada).await, current);
        assert_eq!(app.submit("/verify/confirm", &[("token", &old.token)]).await.status, 200);
        assert_eq!(address(&app, &ada).await, new);
    }
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::minutes(1));
    let body = json!({ "email": NEW, "code_challenge": verifier, "code_challenge_method": "plain" });
    ada.update(&app, body).await.succeeded();
    enter(&app, ADA, &app.mailbox.link_to(ADA).code).await.succeeded();
    let session = exchange(&app.mailbox.link_to(NEW)).await.succeeded().json();
    assert_eq!(session["user"]["email"], NEW);
}

#[tokio::test]
async fn each_mailbox_gets_one_mail_a_minute_whoever_asks() {
    let app = TestApp::start().await;
    let limit = (429, "over_email_send_rate_limit".to_owned());
    let (ada, bob) = (Client::new(&app, ADA).await, Client::new(&app, BOB).await);
    app.clock.advance(TimeDelta::minutes(1));
    ada.update(&app, json!({ "email": NEW })).await.succeeded();
    let again = ada.update(&app, json!({ "email": NEW })).await;
    assert_eq!((again.refusal(), again.header("retry-after").as_deref()), (limit.clone(), Some("60")));
    assert_eq!(ada.update(&app, json!({ "email": "other@example.org" })).await.refusal(), limit, "the current mailbox");
    assert_eq!(bob.update(&app, json!({ "email": NEW })).await.refusal(), limit, "the new one, whoever asks");
    let resend = |email: &str| app.post("/resend", json!({ "type": "email_change", "email": email }));
    assert_eq!(resend(ADA).await.refusal(), limit);
    app.clock.advance(TimeDelta::minutes(1));
    bob.update(&app, json!({ "email": NEW })).await.succeeded();
    let mails = app.mailbox.mails().len();
    assert_eq!(resend(ADA).await.succeeded().json(), json!({}), "that the new mailbox had one just now is not told");
    assert_eq!(app.mailbox.mails().len(), mails);
    app.clock.advance(TimeDelta::minutes(1));
    resend(ADA).await.succeeded();
    assert_eq!(app.mailbox.mails().len(), mails + 2);
}

#[tokio::test]
async fn a_forbidden_place_to_go_to_is_replaced_by_the_apps_own() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::minutes(1));
    let put = app.call(axum::http::Method::PUT, "/auth/v1/user?redirect_to=https://evil.example/");
    let body = json!({ "email": NEW, "code_challenge": "x".repeat(43), "code_challenge_method": "plain" });
    put.bearer(&ada.access).header("content-type", "application/json").body(body.to_string()).await.succeeded();
    let answer = app.submit("/verify/confirm", &[("token", &app.mailbox.link_to(NEW).token)]).await;
    let place = answer.header("location").expect("a place");
    assert!(place.starts_with("https://app.example.com/?code="), "{place}");
}
