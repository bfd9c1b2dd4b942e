//! Somebody else asks for the change: with a stolen access token, or the owner mistypes and a
//! stranger gets the mail. The new mailbox alone gets nothing, and the owner keeps everything.

use chrono::TimeDelta;
use serde_json::json;

use crate::endpoints::across::email_change::{NEW, address, asked, enter, half_done};
use crate::support::client::{ADA, BOB, Client};
use crate::support::{Answer, MailedLink, PASSWORD, TestApp};

const THIEFS: &str = "a thief's own password";

/// The page's form in the thief's browser, with a password.
async fn type_password(app: &TestApp, link: &MailedLink, password_is: &str, password: &str) -> Answer {
    let fields = [("token", link.token.as_str()), ("password_is", password_is), ("password", password)];
    app.submit("/verify/confirm", &fields).await
}

#[tokio::test]
async fn the_new_mailbox_sets_no_password_before_the_current_one_has_agreed() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (_, new) = asked(&app, &ada, NEW).await;
    let page = app.get(&format!("/verify?token={}", new.token)).await.text();
    assert!(!page.contains("value=\"new\""), "{page}");
    assert!(page.contains("name=\"password\""), "{page}");
    let before = app.database.contents().await;
    let answer = type_password(&app, &new, "new", THIEFS).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(answer.text().contains("before your present address has agreed"), "{}", answer.text());
    assert_eq!(app.database.contents().await, before);
    ada.goes_on(&app).await;
    assert_eq!(app.sign_in(ADA, THIEFS).await.code(), "invalid_credentials");
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn nor_does_it_where_the_browser_that_asked_opens_the_link_or_an_app_holds_the_verifier() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (_, new) = asked(&app, &ada, NEW).await;
    let fields = [("token", new.token.as_str()), ("password_is", "new"), ("password", THIEFS)];
    let answer = app.submit("/verify/confirm", &fields).cookie(new.cookie.as_deref().expect("one")).await;
    assert_eq!(answer.status, 422);
    app.clock.advance(TimeDelta::minutes(1));
    let body = json!({ "email": BOB, "code_challenge": "x".repeat(43), "code_challenge_method": "plain" });
    ada.update(&app, body).await.succeeded();
    let new = app.mailbox.link_to(BOB);
    let page = app.get(&format!("/verify?token={}", new.token)).await.text();
    assert!(page.contains("<details") && !page.contains("value=\"new\""), "{page}");
    assert_eq!(type_password(&app, &new, "new", THIEFS).await.status, 422);
    ada.goes_on(&app).await;
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_account_without_a_password_gets_none_by_it_either() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    app.post("/otp", json!({ "email": ADA })).await.succeeded();
    let body = json!({ "type": "magiclink", "email": ADA, "token": app.mailbox.link_to(ADA).code });
    let ada = Client::of(&app.post("/verify", body).await.succeeded().json());
    let (old, new) = asked(&app, &ada, NEW).await;
    for password_is in ["new", "chosen"] {
        assert_eq!(type_password(&app, &new, password_is, THIEFS).await.status, 422, "{password_is}");
    }
    assert_eq!(app.sign_in(ADA, THIEFS).await.code(), "invalid_credentials");
    enter(&app, ADA, &old.code).await.succeeded();
    assert_eq!(type_password(&app, &new, "new", THIEFS).await.status, 200, "both have agreed");
}

#[tokio::test]
async fn with_the_password_of_the_account_the_new_mailbox_confirms_first_and_nothing_else_changes() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (old, new) = asked(&app, &ada, NEW).await;
    assert_eq!(type_password(&app, &new, "chosen", PASSWORD).await.status, 200);
    assert_eq!(address(&app, &ada).await, ADA);
    ada.goes_on(&app).await;
    enter(&app, ADA, &old.code).await.succeeded();
    assert_eq!(address(&app, &ada).await, NEW);
}

#[tokio::test]
async fn a_new_password_that_completes_the_change_is_told_at_the_old_address() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (old, new) = asked(&app, &ada, NEW).await;
    assert!(half_done(&enter(&app, ADA, &old.code).await));
    assert_eq!(type_password(&app, &new, "new", "another horse battery staple").await.status, 200);
    ada.has_ended(&app).await;
    let told = app.mailbox.to(ADA).pop().expect("a mail");
    assert!(told.subject.to_lowercase().contains("password"), "{}", told.subject);
}

#[tokio::test]
async fn guesses_at_the_password_behind_links_are_counted_for_the_account_whichever_link_they_come_with() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (_, new) = asked(&app, &ada, NEW).await;
    for _ in 0..3 {
        assert_eq!(type_password(&app, &new, "chosen", THIEFS).await.status, 422);
    }
    let (_, newer) = asked(&app, &ada, NEW).await;
    for _ in 0..2 {
        assert_eq!(type_password(&app, &newer, "chosen", THIEFS).await.status, 422);
    }
    for password in [THIEFS, PASSWORD] {
        let refused = type_password(&app, &newer, "chosen", password).await;
        assert_eq!(refused.refusal(), (429, "over_request_rate_limit".to_owned()), "{password}");
        assert_eq!(refused.header("retry-after").as_deref(), Some("30"));
    }
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200, "the owner is not held up");
    app.clock.advance(TimeDelta::seconds(30));
    assert_eq!(type_password(&app, &newer, "chosen", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn strict_confirmation_counts_guesses_too() {
    let app = TestApp::with(&[("CONFIRM_SAME_BROWSER", "strict")]).await;
    let link = app.sign_up(ADA).await;
    let verify = |password: &str| {
        app.post("/verify", json!({ "type": "signup", "token_hash": link.token, "password": password }))
    };
    for _ in 0..5 {
        assert_eq!(verify(THIEFS).await.refusal(), (403, "otp_expired".to_owned()));
    }
    assert_eq!(verify(PASSWORD).await.refusal(), (429, "over_request_rate_limit".to_owned()));
    app.clock.advance(TimeDelta::seconds(30));
    verify(PASSWORD).await.succeeded();
}

/// Whoever wants a stranger's address for accounts of their own gets no more tries by having more
/// accounts.
#[tokio::test]
async fn five_wrong_codes_are_all_for_one_new_address_however_many_accounts_want_it() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let bob = Client::new(&app, BOB).await;
    let (_, first) = asked(&app, &ada, NEW).await;
    app.clock.advance(TimeDelta::minutes(1));
    bob.update(&app, json!({ "email": NEW })).await.succeeded();
    let second = app.mailbox.link_to(NEW);
    let dead = (403, "otp_expired".to_owned());
    assert_eq!(enter(&app, NEW, &first.code).await.refusal(), dead, "only the newest code of an address is looked at");
    let wrong = if second.code == "000000" { "111111" } else { "000000" };
    for _ in 0..4 {
        assert_eq!(enter(&app, NEW, wrong).await.refusal(), dead);
    }
    assert_eq!(enter(&app, NEW, &second.code).await.refusal(), dead, "five tries were made");
    let eve = Client::new(&app, "eve@example.com").await;
    app.clock.advance(TimeDelta::minutes(1));
    eve.update(&app, json!({ "email": NEW })).await.succeeded();
    assert_eq!(enter(&app, NEW, &app.mailbox.link_to(NEW).code).await.refusal(), dead, "nor has another account more");
    app.clock.advance(TimeDelta::days(1));
    eve.refreshed(&app).await.update(&app, json!({ "email": NEW })).await.succeeded();
    assert!(half_done(&enter(&app, NEW, &app.mailbox.link_to(NEW).code).await));
}

/// Both want one address. Bob is the first to confirm it, and so has its mailbox; what comes there
/// for Ada's account is not his to use.
#[tokio::test]
async fn whoever_confirmed_the_address_meanwhile_changes_nothing_of_the_account_that_wanted_it() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (old, new) = asked(&app, &ada, NEW).await;
    enter(&app, ADA, &old.code).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    let bob = app.sign_up(NEW).await;
    app.enter_code(NEW, &bob.code).await.succeeded();
    let answer = type_password(&app, &new, "new", THIEFS).await;
    assert_eq!(answer.header("location"), None, "{answer:?}");
    ada.goes_on(&app).await;
    assert_eq!(address(&app, &ada).await, ADA);
    assert_eq!(app.sign_in(ADA, THIEFS).await.code(), "invalid_credentials");
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}
