//! Guessing codes: how many tries there are, and what does not give more.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use crate::endpoints::links::verify::dead;
use crate::support::{PASSWORD, TestApp};

/// Another code than this one.
fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn five_wrong_tries_kill_a_code_and_not_the_link() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    for _ in 0..5 {
        assert_eq!(app.enter_code("ada@example.com", wrong(&link.code)).await.refusal(), dead());
    }
    assert_eq!(app.enter_code("ada@example.com", &link.code).await.refusal(), dead());
    assert_eq!(app.press_button(&link, link.cookie.as_deref()).await.status, 303);
}

#[tokio::test]
async fn after_four_wrong_tries_the_right_code_works() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    for _ in 0..4 {
        app.enter_code("ada@example.com", wrong(&link.code)).await;
    }
    assert_eq!(app.enter_code("ada@example.com", &link.code).await.status, 200);
}

#[tokio::test]
async fn a_new_code_does_not_reset_the_count() {
    let app = TestApp::start().await;
    let first = app.sign_up("ada@example.com").await;
    for _ in 0..3 {
        app.enter_code("ada@example.com", wrong(&first.code)).await;
    }
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/resend", json!({ "type": "signup", "email": "ada@example.com" })).await.succeeded();
    let second = app.mailbox.link_to("ada@example.com");
    app.enter_code("ada@example.com", wrong(&second.code)).await;
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/signup", json!({ "email": "ada@example.com", "password": PASSWORD })).await.succeeded();
    let third = app.mailbox.link_to("ada@example.com");
    app.enter_code("ada@example.com", wrong(&third.code)).await;
    assert_eq!(app.enter_code("ada@example.com", &third.code).await.refusal(), dead());
}

#[tokio::test]
async fn codes_work_again_a_day_after_the_first_wrong_try() {
    let app = TestApp::start().await;
    let first = app.sign_up("ada@example.com").await;
    for _ in 0..5 {
        app.enter_code("ada@example.com", wrong(&first.code)).await;
    }
    app.clock.advance(TimeDelta::hours(12));
    app.post("/resend", json!({ "type": "signup", "email": "ada@example.com" })).await.succeeded();
    let second = app.mailbox.link_to("ada@example.com");
    app.clock.advance(TimeDelta::hours(12) - TimeDelta::seconds(1));
    assert_eq!(app.enter_code("ada@example.com", &second.code).await.refusal(), dead());
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(app.enter_code("ada@example.com", &second.code).await.status, 200);
}

#[tokio::test]
async fn a_day_later_there_are_five_more_tries_and_no_sixth() {
    let app = TestApp::start().await;
    let first = app.sign_up("ada@example.com").await;
    for _ in 0..5 {
        app.enter_code("ada@example.com", wrong(&first.code)).await;
    }
    app.clock.advance(TimeDelta::hours(24));
    app.post("/resend", json!({ "type": "signup", "email": "ada@example.com" })).await.succeeded();
    let second = app.mailbox.link_to("ada@example.com");
    for _ in 0..5 {
        app.enter_code("ada@example.com", wrong(&second.code)).await;
    }
    assert_eq!(app.enter_code("ada@example.com", &second.code).await.refusal(), dead());
}

#[tokio::test]
async fn parallel_guesses_get_no_more_tries() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let guesses: Vec<String> = (0..32).map(|n| format!("{n:06}")).filter(|guess| *guess != link.code).collect();
    let answers = join_all(guesses.iter().map(|guess| app.enter_code("ada@example.com", guess).send())).await;
    assert!(answers.iter().all(|answer| answer.refusal() == dead()));
    assert_eq!(app.database.value::<i32>("SELECT code_failures FROM edgegate.one_time_tokens").await, 5);
    let tried: i64 = app.database.value("SELECT count(*) FROM edgegate.audit_events WHERE action = 'wrong_code'").await;
    assert_eq!(tried, 5);
    assert_eq!(app.enter_code("ada@example.com", &link.code).await.refusal(), dead());
}

#[tokio::test]
async fn the_answer_to_a_guess_is_the_same_whatever_the_account() {
    let app = TestApp::start().await;
    app.signed_in("confirmed@example.com").await;
    let link = app.sign_up("unconfirmed@example.com").await;
    let guess = wrong(&link.code);
    let mut bodies = std::collections::BTreeSet::new();
    for address in ["confirmed@example.com", "unconfirmed@example.com", "nobody@example.com"] {
        let answer = app.enter_code(address, guess).await;
        bodies.insert((answer.refusal(), answer.text()));
    }
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

/// Randomness is seeded here, so this says only that the digits are distributed evenly over what
/// the generator gives.
#[tokio::test]
async fn codes_are_spread_over_all_digits() {
    let app = TestApp::start().await;
    let mut counts = [0_u32; 10];
    let mut codes = std::collections::BTreeSet::new();
    for n in 0..60 {
        let link = app.sign_up(&format!("ada{n}@example.com")).await;
        link.code.bytes().for_each(|digit| counts[usize::from(digit - b'0')] += 1);
        codes.insert(link.code);
    }
    assert!(counts.iter().all(|count| (15..=60).contains(count)), "{counts:?}");
    assert!(codes.len() >= 59);
}
