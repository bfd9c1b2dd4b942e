//! Many administrators at once.

use axum::http::Method;
use futures_util::future::{join, join_all};
use serde_json::json;
use uuid::Uuid;

use super::{call, change, create, created, send};
use crate::support::client::{ADA, Client, no_error_was_logged, nothing_is_pending};
use crate::support::{PASSWORD, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn of_32_accounts_for_one_address_one_is_made() {
    let app = TestApp::start().await;
    let answers = join_all((0..32).map(|_| create(&app, json!({ "email": ADA })).send())).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(200), count(422)), (1, 31), "{answers:?}");
    assert_eq!((app.database.count("users").await, app.database.count("audit_events").await), (1, 1));
    no_error_was_logged(&app);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_16_accounts_with_one_id_one_is_made() {
    let app = TestApp::start().await;
    let id = Uuid::from_u128(0x5f0e_4f8a_6c1d_4a3e_9a58_0d3f_6a1b_2c4d);
    let body = |n: i32| json!({ "id": id, "email": format!("user{n}@example.com") });
    let answers = join_all((0..16).map(|n| create(&app, body(n)).send())).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(200), count(409)), (1, 15), "{answers:?}");
    assert_eq!(app.database.count("users").await, 1);
    no_error_was_logged(&app);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_and_an_administrator_make_one_account_for_an_address() {
    let app = TestApp::start().await;
    for round in 0..8 {
        let email = format!("user{round}@example.com");
        let sign_up = app.post("/signup", json!({ "email": email, "password": PASSWORD }));
        let made = create(&app, json!({ "email": email, "email_confirm": true }));
        let (signed_up, made) = join(sign_up.send(), made.send()).await;
        assert_eq!(signed_up.status, 200, "{signed_up:?}");
        assert!([200, 422].contains(&made.status.as_u16()), "{made:?}");
        assert_eq!(app.database.count("users").await, round + 1);
    }
    no_error_was_logged(&app);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_race_for_one_address_leave_it_to_one_of_them() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for n in 0..8 {
        ids.push(created(&app, &format!("user{n}@example.com")).await);
    }
    let answers = join_all(ids.iter().map(|id| change(&app, *id, json!({ "email": ADA })).send())).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(200), count(422)), (1, 7), "{answers:?}");
    no_error_was_logged(&app);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_are_set_at_once_are_all_there() {
    let app = TestApp::start().await;
    let id = created(&app, ADA).await;
    let body = |n: i32| json!({ "app_metadata": { format!("m{n}"): n } });
    let answers = join_all((0..16).map(|n| change(&app, id, body(n)).send())).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let members: i64 = app.database.value("SELECT count(*) FROM edgegate.users, jsonb_object_keys(app_metadata)").await;
    assert_eq!(members, 18, "with provider and providers");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_changed_and_deleted_at_once_is_gone_with_its_sessions() {
    let app = TestApp::start().await;
    for round in 0..6 {
        let email = format!("user{round}@example.com");
        let ada = Client::new(&app, &email).await;
        let softly = round % 2 == 0;
        let delete = send(&app, &Method::DELETE, &format!("/{}", ada.user), &json!({ "should_soft_delete": softly }));
        let body = json!({ "password": "another horse battery staple", "user_metadata": { "name": "Lovelace" } });
        let changes = join_all((0..3).map(|_| change(&app, ada.user, body.clone()).send()));
        let signing_in = join_all((0..3).map(|_| app.sign_in(&email, PASSWORD)));
        let (deleted, (answers, _)) = join(delete.send(), join(changes, signing_in)).await;
        assert_eq!(deleted.status, 200, "{deleted:?}");
        for answer in answers {
            assert!([200, 404].contains(&answer.status.as_u16()), "{answer:?}");
        }
        let alive = "SELECT count(*) FROM edgegate.sessions WHERE revoked_at IS NULL";
        assert_eq!(app.database.value::<i64>(alive).await, 0, "round {round}");
        let traces = "SELECT count(*) FROM edgegate.users WHERE password_hash IS NOT NULL OR user_metadata <> '{}' OR email IS NOT NULL";
        assert_eq!(app.database.value::<i64>(traces).await, 0, "round {round}");
        call(&app, &Method::DELETE, &format!("/{}", ada.user)).await;
    }
    nothing_is_pending(&app).await;
    no_error_was_logged(&app);
}
