//! Guessing passwords: one account's, or many accounts' from one network; also many at once.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use crate::endpoints::token::sign_in::wrong;
use crate::support::{Answer, Call, PASSWORD, TestApp};

const GUESS: &str = "not the password";

fn guess<'a>(app: &'a TestApp, email: &str, ip: &str) -> Call<'a> {
    app.post("/token?grant_type=password", json!({ "email": email, "password": GUESS })).caller_ip(ip)
}

fn has_to_wait(answer: &Answer, seconds: &str) {
    assert_eq!(answer.refusal(), (429, "over_request_rate_limit".to_owned()));
    assert_eq!(answer.header("retry-after").as_deref(), Some(seconds));
    assert_eq!(answer.json()["msg"], format!("Request rate limit reached, try again in {seconds} seconds"));
}

#[tokio::test]
async fn after_the_fifth_wrong_password_the_wait_grows_from_thirty_seconds_to_an_hour() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    for _ in 0..4 {
        assert_eq!(app.sign_in("ada@example.com", GUESS).await.refusal(), wrong());
    }
    for seconds in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
        assert_eq!(app.sign_in("ada@example.com", GUESS).await.refusal(), wrong());
        has_to_wait(&app.sign_in("ada@example.com", GUESS).await, &seconds.to_string());
        app.clock.advance(TimeDelta::seconds(seconds - 1));
        has_to_wait(&app.sign_in("ada@example.com", GUESS).await, "1");
        app.clock.advance(TimeDelta::seconds(1));
    }
}

#[tokio::test]
async fn while_waiting_the_right_password_is_refused_by_the_same_answer() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    for _ in 0..5 {
        app.sign_in("ada@example.com", GUESS).await;
    }
    let (right, guessed) =
        (app.sign_in("ada@example.com", PASSWORD).await, app.sign_in("ada@example.com", GUESS).await);
    has_to_wait(&right, "30");
    assert_eq!((right.refusal(), right.text()), (guessed.refusal(), guessed.text()));
    app.clock.advance(TimeDelta::seconds(30));
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200, "nobody is locked out for good");
}

#[tokio::test]
async fn a_success_ends_the_streak() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(app.sign_in("ada@example.com", GUESS).await.refusal(), wrong());
        }
        assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn a_streak_is_forgotten_after_twenty_five_quiet_hours() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    for _ in 0..5 {
        app.sign_in("ada@example.com", GUESS).await;
    }
    app.clock.advance(TimeDelta::hours(25));
    for _ in 0..5 {
        assert_eq!(app.sign_in("ada@example.com", GUESS).await.refusal(), wrong());
    }
    has_to_wait(&app.sign_in("ada@example.com", GUESS).await, "30");
}

#[tokio::test]
async fn an_unknown_account_waits_just_as_long() {
    let app = TestApp::start().await;
    for _ in 0..5 {
        assert_eq!(app.sign_in("nobody@example.com", GUESS).await.refusal(), wrong());
    }
    has_to_wait(&app.sign_in("Nobody@example.com", GUESS).await, "30");
}

#[tokio::test]
async fn guessing_from_many_networks_is_one_streak_that_waits_shortly() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    for n in 1..=20 {
        assert_eq!(guess(&app, "ada@example.com", &format!("203.0.113.{n}")).await.refusal(), wrong());
    }
    has_to_wait(&guess(&app, "ada@example.com", "203.0.113.21").await, "30");
    assert_eq!(app.sign_in("bob@example.com", GUESS).await.refusal(), wrong(), "others are not hindered");
}

/// A stranger must never lock an owner out.
#[tokio::test]
async fn a_stranger_who_has_to_wait_does_not_hold_up_the_owner_elsewhere() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    for _ in 0..5 {
        assert_eq!(guess(&app, "ada@example.com", "203.0.113.1").await.refusal(), wrong());
    }
    has_to_wait(&guess(&app, "ada@example.com", "203.0.113.1").await, "30");
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn one_password_tried_on_many_accounts_is_stopped_by_network() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    for n in 0..100 {
        let answer = guess(&app, &format!("user{n}@example.com"), "203.0.113.1").await;
        assert_eq!(answer.refusal(), wrong(), "{n}");
    }
    has_to_wait(&guess(&app, "user100@example.com", "203.0.113.1").await, "900");
    let right = json!({ "email": "ada@example.com", "password": PASSWORD });
    has_to_wait(&app.post("/token?grant_type=password", right.clone()).caller_ip("203.0.113.1").await, "900");
    assert_eq!(app.post("/token?grant_type=password", right.clone()).caller_ip("203.0.113.2").await.status, 200);
    app.clock.advance(TimeDelta::minutes(15));
    assert_eq!(app.post("/token?grant_type=password", right).caller_ip("203.0.113.1").await.status, 200);
}

#[tokio::test]
async fn right_passwords_do_not_count_against_a_network() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    for n in 0..120 {
        assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200, "{n}");
    }
}

/// Statements that set 99 wrong attempts of a network in one go are not there, so the calls are
/// made.
#[tokio::test]
async fn a_network_is_an_ipv4_address_or_the_sixty_four_of_an_ipv6_address() {
    let app = TestApp::start().await;
    for n in 0..100 {
        guess(&app, &format!("user{n}@example.com"), &format!("2001:db8:1:2:{n:x}::{n:x}")).await;
    }
    has_to_wait(&guess(&app, "a@example.com", "2001:db8:1:2:ffff:ffff:ffff:ffff").await, "900");
    assert_eq!(guess(&app, "b@example.com", "2001:db8:1:3::1").await.refusal(), wrong());
    for n in 0..100 {
        let ip = if n % 2 == 0 { "198.51.100.7" } else { "::ffff:198.51.100.7" };
        guess(&app, &format!("other{n}@example.com"), ip).await;
    }
    has_to_wait(&guess(&app, "c@example.com", "198.51.100.7").await, "900");
    assert_eq!(guess(&app, "d@example.com", "198.51.100.8").await.refusal(), wrong());
}

#[tokio::test]
async fn a_header_that_the_client_sets_does_not_make_another_network() {
    let app = TestApp::start().await;
    for n in 0..100 {
        guess(&app, &format!("user{n}@example.com"), "203.0.113.1")
            .header("x-forwarded-for", &format!("10.0.0.{n}"))
            .await;
    }
    let evading = guess(&app, "a@example.com", "203.0.113.1")
        .header("x-forwarded-for", "198.51.100.1")
        .header("x-real-ip", "198.51.100.2")
        .header("true-client-ip", "198.51.100.3")
        .header("forwarded", "for=198.51.100.4");
    has_to_wait(&evading.await, "900");
}

#[tokio::test]
async fn callers_without_an_address_share_one_counter() {
    let app = TestApp::start().await;
    for n in 0..100 {
        let call = guess(&app, &format!("user{n}@example.com"), "203.0.113.1").without("cf-connecting-ip");
        let call = if n % 2 == 0 { call } else { call.header("cf-connecting-ip", "not an address") };
        assert_eq!(call.await.refusal(), wrong());
    }
    has_to_wait(&guess(&app, "a@example.com", "203.0.113.1").without("cf-connecting-ip").await, "900");
}

/// CVE-2023-47111, CVE-2024-4629: guesses at once must not outrun the counter.
#[tokio::test]
async fn of_thirty_two_guesses_at_once_five_are_checked() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    let answers = join_all((0..32).map(|_| app.sign_in("ada@example.com", GUESS))).await;
    let checked = answers.iter().filter(|answer| answer.status == 400).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((checked, refused), (5, 27));
    has_to_wait(&app.sign_in("ada@example.com", PASSWORD).await, "30");
}

#[tokio::test]
async fn of_thirty_two_guesses_at_different_accounts_at_once_all_are_counted() {
    let app = TestApp::start().await;
    let addresses: Vec<String> = (0..32).map(|n| format!("user{n}@example.com")).collect();
    let answers = join_all(addresses.iter().map(|address| app.sign_in(address, GUESS))).await;
    assert!(answers.iter().all(|answer| answer.status == 400));
    assert_eq!(app.database.value::<i32>("SELECT max(count) FROM edgegate.throttles").await, 32);
}

#[tokio::test]
async fn right_and_wrong_passwords_at_once_never_deadlock() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    app.signed_in("bob@example.com").await;
    let calls = (0..32).map(|n| {
        let address = if n % 2 == 0 { "ada@example.com" } else { "bob@example.com" };
        app.sign_in(address, if n % 4 < 2 { PASSWORD } else { GUESS })
    });
    for answer in join_all(calls).await {
        assert!([200, 400, 429].contains(&answer.status.as_u16()), "{answer:?}");
    }
}

#[tokio::test]
async fn the_table_of_counters_names_nobody() {
    let app = TestApp::start().await;
    guess(&app, "ada@example.com", "203.0.113.77").await;
    let rows: String = app.database.value("SELECT string_agg(a::text, ',') FROM edgegate.throttles a").await;
    assert!(!rows.contains("ada") && !rows.contains("203.0.113"), "{rows}");
}

#[tokio::test]
async fn an_edge_whose_clock_is_a_little_behind_refuses_nobody_for_that() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    app.clock.advance(TimeDelta::seconds(2));
    assert_eq!(app.sign_in("ada@example.com", GUESS).await.refusal(), wrong());
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200);
    let behind = TestApp::on(app.database.clone(), &[]);
    assert_eq!(behind.sign_in("bob@example.com", GUESS).await.refusal(), wrong());
    assert_eq!(behind.sign_in("ada@example.com", PASSWORD).await.status, 200);
}
