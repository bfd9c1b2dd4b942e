//! What becomes of what is stored when `AUTH_SECRET` or the way of hashing changes.

use serde_json::json;

use crate::support::{PASSWORD, TestApp};

/// The secret of the tests' settings.
const FIRST: &str = "bm90LWEtc2VjcmV0LW9ubHktZm9yLXRlc3RzLTAxMjM";
const SECOND: &str = "c2Vjb25kLXNlY3JldC1vbmx5LWZvci10ZXN0cy00NTY3";

async fn stored_hash(app: &TestApp) -> String {
    app.database.value("SELECT password_hash FROM edgegate.users").await
}

#[tokio::test]
async fn a_hash_of_another_scheme_is_replaced_at_sign_in_and_one_of_this_scheme_is_not() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    let pbkdf2 = stored_hash(&app).await;
    assert!(pbkdf2.starts_with("$pbkdf2-sha512$"), "{pbkdf2}");
    app.sign_in("ada@example.com", PASSWORD).await.succeeded();
    assert_eq!(stored_hash(&app).await, pbkdf2);

    let argon2 = app.redeployed(&[("PASSWORD_HASH", "argon2id")]);
    assert_eq!(argon2.sign_in("ada@example.com", "not the password").await.status, 400);
    assert_eq!(stored_hash(&app).await, pbkdf2, "a wrong password replaces nothing");
    argon2.sign_in("ada@example.com", PASSWORD).await.succeeded();
    assert!(stored_hash(&app).await.starts_with("$argon2id$v=19$"));

    app.sign_in("ada@example.com", PASSWORD).await.succeeded();
    let back = stored_hash(&app).await;
    assert!(back.starts_with("$pbkdf2-sha512$") && back != pbkdf2, "a new salt: {back}");
}

#[tokio::test]
async fn a_hash_of_fewer_iterations_is_replaced_at_sign_in() {
    let cheap = TestApp::start().await;
    cheap.signed_in("ada@example.com").await;
    assert!(stored_hash(&cheap).await.starts_with("$pbkdf2-sha512$i=100,"));
    let app = TestApp::full_cost_on(&cheap.database);
    app.sign_in("ada@example.com", PASSWORD).await.succeeded();
    assert!(stored_hash(&app).await.starts_with("$pbkdf2-sha512$i=220000,"));
    app.sign_in("ada@example.com", PASSWORD).await.succeeded();
}

#[tokio::test]
async fn the_standard_parameters_of_argon2id_are_owasps() {
    let app = TestApp::at_full_cost(&[("PASSWORD_HASH", "argon2id")]).await;
    app.sign_up("ada@example.com").await;
    assert!(stored_hash(&app).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1,k="));
}

#[tokio::test]
async fn after_a_rotation_passwords_still_verify_and_get_the_new_pepper() {
    let before = TestApp::start().await;
    before.signed_in("ada@example.com").await;
    let old = stored_hash(&before).await;
    let during = before.redeployed(&[("AUTH_SECRET", SECOND), ("AUTH_SECRET_PREVIOUS", FIRST)]);
    during.sign_in("ada@example.com", PASSWORD).await.succeeded();
    let new = stored_hash(&before).await;
    let key = |hash: &str| hash.split("k=").nth(1).and_then(|rest| rest.split('$').next()).map(str::to_owned);
    assert_ne!(key(&new), key(&old));
    let after = before.redeployed(&[("AUTH_SECRET", SECOND)]);
    after.sign_in("ada@example.com", PASSWORD).await.succeeded();
}

#[tokio::test]
async fn after_a_rotation_a_code_and_a_link_mailed_before_still_work() {
    let before = TestApp::start().await;
    let ada = before.sign_up("ada@example.com").await;
    let bob = before.sign_up("bob@example.com").await;
    let during = before.redeployed(&[("AUTH_SECRET", SECOND), ("AUTH_SECRET_PREVIOUS", FIRST)]);
    during.enter_code("ada@example.com", &ada.code).await.succeeded();
    assert_eq!(during.press_button(&bob, bob.cookie.as_deref()).await.status, 303);
    let again = json!({ "email": "eve@example.com", "password": PASSWORD });
    during.post("/signup", again).await.succeeded();
}

#[tokio::test]
async fn after_a_rotation_mail_queued_before_still_leaves() {
    let before = TestApp::start().await;
    before.lose_background_work();
    before.post("/signup", json!({ "email": "ada@example.com", "password": PASSWORD })).await.succeeded();
    let during = before.redeployed(&[("AUTH_SECRET", SECOND), ("AUTH_SECRET_PREVIOUS", FIRST)]);
    during.clock.advance(chrono::TimeDelta::minutes(5));
    during.sweep().await;
    let link = during.mailbox.link_to("ada@example.com");
    during.enter_code("ada@example.com", &link.code).await.succeeded();
}

#[tokio::test]
async fn a_secret_that_was_simply_replaced_lets_nobody_in_and_says_so_in_the_log() {
    let before = TestApp::start().await;
    before.signed_in("ada@example.com").await;
    let after = before.redeployed(&[("AUTH_SECRET", SECOND)]);
    let answer = after.sign_in("ada@example.com", PASSWORD).await;
    assert!(!answer.status.is_success(), "{answer:?}");
    assert!(!answer.text().contains("AUTH_SECRET"), "{answer:?}");
    assert!(after.log.text().contains("needs an AUTH_SECRET that is not configured"), "{}", after.log.text());
}
