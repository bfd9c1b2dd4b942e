//! `PUT /user` by somebody who found a device unlocked, and not the password. NIST SP 800-63B-4
//! §3.2.2.

use chrono::TimeDelta;
use futures_util::future::join_all;

use crate::endpoints::user::update_user::{NEW, wrong};
use crate::support::client::{ADA, Client};
use crate::support::{Answer, PASSWORD, TestApp};

const GUESS: &str = "not the password";

fn has_to_wait(answer: &Answer, seconds: &str) {
    assert_eq!(answer.refusal(), (429, "over_request_rate_limit".to_owned()));
    assert_eq!(answer.header("retry-after").as_deref(), Some(seconds));
}

#[tokio::test]
async fn after_the_fifth_wrong_password_even_the_right_one_has_to_wait() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let other = Client::another(&app, ADA).await;
    for _ in 0..5 {
        assert_eq!(ada.change_password(&app, GUESS, NEW).await.refusal(), wrong());
    }
    let before = app.database.contents().await;
    let (guessed, right) =
        (ada.change_password(&app, GUESS, NEW).await, ada.change_password(&app, PASSWORD, NEW).await);
    has_to_wait(&right, "30");
    assert_eq!((guessed.refusal(), guessed.text()), (right.refusal(), right.text()), "nobody learns which is right");
    assert_eq!(app.database.contents().await, before);
    app.clock.advance(TimeDelta::seconds(29));
    has_to_wait(&ada.change_password(&app, PASSWORD, NEW).await, "1");
    app.clock.advance(TimeDelta::seconds(1));
    other.goes_on(&app).await;
    assert_eq!(ada.change_password(&app, PASSWORD, NEW).await.status, 200);
    assert_eq!(app.sign_in(ADA, NEW).await.status, 200);
}

#[tokio::test]
async fn the_wait_grows() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    for _ in 0..4 {
        assert_eq!(ada.change_password(&app, GUESS, NEW).await.refusal(), wrong());
    }
    for seconds in [30, 60, 120] {
        assert_eq!(ada.change_password(&app, GUESS, NEW).await.refusal(), wrong());
        has_to_wait(&ada.change_password(&app, GUESS, NEW).await, &seconds.to_string());
        app.clock.advance(TimeDelta::seconds(seconds));
    }
}

/// A thief of one session's tokens is held up wherever they are, and nobody else is.
#[tokio::test]
async fn the_count_is_the_sessions_whatever_the_network() {
    let app = TestApp::start().await;
    let stolen = Client::new(&app, ADA).await;
    let other = Client::another(&app, ADA).await;
    for n in 0..5 {
        let call = stolen.change_password(&app, GUESS, NEW).caller_ip(&format!("203.0.113.{n}"));
        assert_eq!(call.await.refusal(), wrong());
    }
    has_to_wait(&stolen.change_password(&app, PASSWORD, NEW).caller_ip("2001:db8::1").await, "30");
    let again = Client::another(&app, ADA).await;
    assert_eq!(
        again.change_password(&app, GUESS, NEW).await.refusal(),
        wrong(),
        "whoever signs in anew is not held up"
    );
    assert_eq!(other.change_password(&app, PASSWORD, NEW).await.status, 200, "nor are others");
}

#[tokio::test]
async fn a_change_ends_the_streak() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let passwords = [PASSWORD, NEW, "yet another horse battery", "and one more horse battery"];
    for pair in passwords.windows(2) {
        for _ in 0..4 {
            assert_eq!(ada.change_password(&app, GUESS, pair[1]).await.refusal(), wrong());
        }
        assert_eq!(ada.change_password(&app, pair[0], pair[1]).await.status, 200);
    }
}

#[tokio::test]
async fn of_sixteen_guesses_at_once_five_are_checked() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let answers = join_all((0..16).map(|_| ada.change_password(&app, GUESS, NEW).send())).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(400), count(429)), (5, 11));
}

/// Whoever knows the password and stumbles over the policy is no guesser.
#[tokio::test]
async fn right_passwords_with_new_ones_that_may_not_be_chosen_do_not_add_up_to_a_wait() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    for new in ["short", "shorter", ADA, PASSWORD, ""] {
        assert_eq!(ada.change_password(&app, PASSWORD, new).await.status, 422, "{new}");
    }
    assert_eq!(ada.change_password(&app, PASSWORD, NEW).await.status, 200);
}
