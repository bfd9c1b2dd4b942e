//! Many refreshes at once, against real PostgreSQL. Those through several Workers are in
//! `tests/workerd/races.test.mjs`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::endpoints::token::refresh::{ADA, good, refresh_token};
use crate::support::{Answer, TestApp};

const CLIENTS: usize = 16;
const ROUNDS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_refreshes_of_one_token_all_hold_the_same_child() {
    let app = TestApp::start().await;
    let mut token = refresh_token(&app.signed_in(ADA).await);
    for round in 0..ROUNDS {
        let answers: Vec<Answer> = futures_util::future::join_all((0..CLIENTS).map(|_| app.refresh(&token))).await;
        let children: BTreeSet<String> = answers.into_iter().map(|answer| refresh_token(&good(answer))).collect();
        assert_eq!(children.len(), 1, "round {round}");
        token = children.into_iter().next().expect("one");
        let generation: Value = app.database.value("SELECT to_jsonb(generation) FROM edgegate.sessions").await;
        assert_eq!(generation, json!(round + 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_that_was_refreshed_during_a_sign_out_stays_alive() {
    let app = TestApp::start().await;
    app.signed_in(ADA).await;
    for round in 0..ROUNDS {
        let session = app.sign_in(ADA, crate::support::PASSWORD).await.json();
        let (token, access_token) = (refresh_token(&session), session["access_token"].as_str().unwrap());
        let refreshes = futures_util::future::join_all((0..CLIENTS).map(|_| app.refresh(&token)));
        let sign_out = app.post("/logout?scope=local", json!({})).bearer(access_token).send();
        let (answers, signed_out) = futures_util::future::join(refreshes, sign_out).await;
        assert_eq!(signed_out.status, 204);
        for answer in answers.iter().filter(|answer| answer.status == 200) {
            let next = answer.json();
            assert_eq!(app.refresh(&refresh_token(&next)).await.status, 400, "round {round}");
            assert_eq!(app.get("/user").bearer(next["access_token"].as_str().unwrap()).await.status, 401);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_replays_of_one_token_raise_one_alarm() {
    let app = TestApp::start().await;
    let first = app.signed_in(ADA).await;
    let second = good(app.refresh(&refresh_token(&first)).await);
    good(app.refresh(&refresh_token(&second)).await);
    let token = refresh_token(&first);
    let answers: Vec<Answer> = futures_util::future::join_all((0..CLIENTS).map(|_| app.refresh(&token))).await;
    assert!(answers.iter().all(|answer| answer.status == 400));
    let told = answers.iter().filter(|answer| answer.code() == "refresh_token_already_used").count();
    assert_eq!(told, 1);
    assert_eq!(app.mailbox.to(ADA).len(), 2);
}
