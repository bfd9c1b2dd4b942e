//! `PUT /user` while the same account does other things, and with answers of the database lost.

use futures_util::future::{join, join_all};

use serde_json::json;

use crate::endpoints::user::update_user::NEW;
use crate::support::client::{
    ADA, Client, audited, ban, no_error_was_logged, nothing_is_pending, one_right_after_the_other, session_is_over,
};
use crate::support::{PASSWORD, TestApp};

/// Whoever knows the old password must not slip in while it is changed.
#[tokio::test(flavor = "multi_thread")]
async fn no_sign_in_with_the_old_password_under_way_escapes() {
    let app = TestApp::start().await;
    for round in 0..8 {
        let email = format!("ada{round}@example.com");
        let ada = Client::new(&app, &email).await;
        let sign_ins = join_all((0..4).map(|_| app.sign_in(&email, PASSWORD)));
        let change = ada.change_password(&app, PASSWORD, NEW).send();
        let (changed, signed_in) = if round % 2 == 0 {
            join(change, sign_ins).await
        } else {
            let (signed_in, changed) = join(sign_ins, change).await;
            (changed, signed_in)
        };
        assert_eq!(changed.status, 200, "{changed:?}");
        for answer in signed_in {
            assert!([200, 400].contains(&answer.status.as_u16()), "{answer:?}");
            if answer.status == 200 {
                Client::of(&answer.json()).has_ended(&app).await;
            }
        }
        ada.goes_on(&app).await;
    }
    nothing_is_pending(&app).await;
    no_error_was_logged(&app);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_at_once_one_wins_and_the_callers_session_lives() {
    for _ in 0..4 {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        let passwords: Vec<String> = (0..4).map(|n| format!("{NEW} {n}")).collect();
        let calls = passwords.iter().map(|new| ada.change_password(&app, PASSWORD, new).send());
        let answers = join_all(calls).await;
        let won: Vec<usize> = (0..4).filter(|n| answers[*n].status == 200).collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "{answers:?}");
        ada.goes_on(&app).await;
        assert_eq!(app.sign_in(ADA, &passwords[won[0]]).await.status, 200);
        // Clients take `session_not_found` for the end of their session, and this one lives.
        assert!(answers.iter().all(|answer| answer.code() != "session_not_found"), "{answers:?}");
    }
}

/// Two sessions of an account: the owner's, and one of somebody who knows the password too.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_sessions_that_change_it_at_once_one_is_left() {
    for _ in 0..6 {
        let app = TestApp::start().await;
        let (ada, thief) = (Client::new(&app, ADA).await, Client::another(&app, ADA).await);
        let (first, second) = join(
            ada.change_password(&app, PASSWORD, NEW).send(),
            thief.change_password(&app, PASSWORD, "the thief's own password").send(),
        )
        .await;
        assert_ne!(first.status == 200, second.status == 200, "{first:?} {second:?}");
        let (winner, loser) = if first.status == 200 { (ada, thief) } else { (thief, ada) };
        winner.goes_on(&app).await;
        loser.has_ended(&app).await;
        no_error_was_logged(&app);
    }
}

#[tokio::test]
async fn an_answer_of_the_database_that_is_lost_changes_nothing_about_it() {
    for statement in 0..3 {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        let other = Client::another(&app, ADA).await;
        app.database.lose_answer(statement);
        assert_eq!(ada.change_password(&app, PASSWORD, NEW).await.status, 200, "statement {statement}");
        assert!(!app.database.is_losing(), "statement {statement} was never sent");
        ada.goes_on(&app).await;
        other.has_ended(&app).await;
        nothing_is_pending(&app).await;
        assert_eq!(audited(&app, "password_changed").await.as_array().map(Vec::len), Some(1));
        assert_eq!(app.sign_in(ADA, NEW).await.status, 200);
    }
}

/// What `edgegate.update_user` promises: nothing is changed if the caller's session ended in the
/// meantime.
#[tokio::test]
async fn a_session_that_is_signed_out_meanwhile_changes_nothing() {
    let app = TestApp::start().await;
    let (ada, thief) = (Client::new(&app, ADA).await, Client::another(&app, ADA).await);
    let calls = (ada.sign_out(&app, "?scope=others"), thief.change_password(&app, PASSWORD, NEW));
    let (first, second) = one_right_after_the_other(&app, calls.0, calls.1).await;
    assert_eq!(first.status, 204);
    assert_eq!(second.refusal(), session_is_over(), "{second:?}");
    ada.goes_on(&app).await;
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_account_that_is_banned_meanwhile_changes_nothing() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let duration = json!("1h");
    let calls = (ban(&app, ada.user, &duration), ada.change_password(&app, PASSWORD, NEW));
    let (first, second) = one_right_after_the_other(&app, calls.0, calls.1).await;
    assert_eq!(first.status, 200);
    assert!([401, 403].contains(&second.status.as_u16()), "{second:?}");
    ban(&app, ada.user, &json!("none")).await.succeeded();
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

/// The other way round: the change is first, so whoever signs in with the old password comes too
/// late.
#[tokio::test]
async fn a_sign_in_whose_password_was_verified_before_the_change_is_refused_after_it() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let body = json!({ "email": ADA, "password": PASSWORD });
    let calls = (ada.change_password(&app, PASSWORD, NEW), app.post("/token?grant_type=password", body));
    let (first, second) = one_right_after_the_other(&app, calls.0, calls.1).await;
    assert_eq!((first.status.as_u16(), second.refusal()), (200, (400, "invalid_credentials".to_owned())));
    assert_eq!(app.database.count("sessions").await, 1);
}

#[tokio::test]
async fn a_sign_in_that_was_first_ends_with_the_change() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let body = json!({ "email": ADA, "password": PASSWORD });
    let calls = (app.post("/token?grant_type=password", body), ada.change_password(&app, PASSWORD, NEW));
    let (first, second) = one_right_after_the_other(&app, calls.0, calls.1).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
    Client::of(&first.json()).has_ended(&app).await;
    ada.goes_on(&app).await;
}

/// Both count the mail and lock the account, in the same order; else PostgreSQL ends one of them
/// after a second.
#[tokio::test]
async fn a_change_of_address_and_other_mails_of_the_account_at_once_do_not_deadlock() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    let ada = Client::new(&app, ADA).await;
    for round in 0..6 {
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let mut calls = vec![ada.get(&app, "/reauthenticate").send_only()];
        for n in 0..6 {
            calls.push(ada.update(&app, json!({ "email": format!("ada{round}{n}@example.org") })).send_only());
            calls.push(app.post("/recover", json!({ "email": ADA })).send_only());
            calls.push(app.post("/otp", json!({ "email": ADA })).send_only());
            calls.push(app.post("/resend", json!({ "type": "email_change", "email": ADA })).send_only());
        }
        for answer in futures_util::future::join_all(calls).await {
            assert!([200, 429].contains(&answer.status.as_u16()), "{answer:?}");
        }
        app.settle().await;
    }
    no_error_was_logged(&app);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(app.database.value::<i64>(deadlocks).await, 0);
}
