//! The answer to a statement gets lost between us and PostgreSQL, after it was carried out there.
//! It is sent once more, over a fresh connection, and the outcome is that of sending it once.

mod of_accounts;
mod of_administration;
mod of_sessions;

use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestApp, TestDatabase};

/// Everything that the call left in the database, but for what is random or a counter of attempts.
async fn left_behind(database: &TestDatabase) -> Value {
    database
        .value(
            "SELECT jsonb_build_object(
                'users', (SELECT jsonb_agg(jsonb_build_array(email, email_confirmed_at, last_sign_in_at) ORDER BY email) FROM edgegate.users),
                'links', (SELECT jsonb_agg(jsonb_build_array(kind, consumed_at, code_failures)) FROM edgegate.one_time_tokens),
                'sessions', (SELECT jsonb_agg(jsonb_build_array(amr, generation, revoked_at) ORDER BY generation, revoked_at) FROM edgegate.sessions),
                'revocations', (SELECT count(*) FROM edgegate.revocations),
                'mails', (SELECT jsonb_agg(jsonb_build_array(kind, attempts, sent_at) ORDER BY created_at) FROM edgegate.outbox),
                'audit', (SELECT jsonb_agg(action ORDER BY action) FROM edgegate.audit_events),
                'attempts', (SELECT jsonb_agg(jsonb_build_array(count, blocked_until) ORDER BY count, blocked_until) FROM edgegate.throttles)
            )",
        )
        .await
}

/// The call as it is, and the call whose statement number `statement` (from 0) is answered into the
/// void: same status, same traces, same mails.
async fn is_the_same(
    name: &str,
    statements: u32,
    changes: &[(&'static str, &str)],
    call: impl AsyncFn(&TestApp) -> Answer,
) {
    let undisturbed = TestApp::with(changes).await;
    let expected = call(&undisturbed).await;
    assert!(!expected.status.is_server_error(), "{name}: {expected:?}");
    let (traces, mails) = (left_behind(&undisturbed.database).await, undisturbed.mailbox.mails().len());
    for statement in 0..statements {
        let app = TestApp::with(changes).await;
        LOSE.with(|lose| lose.set(Some(statement)));
        let answer = call(&app).await;
        assert_eq!(LOSE.with(std::cell::Cell::take), None, "{name}: the call never asked for the loss");
        assert!(!app.database.is_losing(), "{name}: statement {statement} was never sent");
        assert_eq!(answer.status, expected.status, "{name}, statement {statement}: {answer:?}");
        assert_eq!(left_behind(&app.database).await, traces, "{name}, statement {statement}");
        assert_eq!(app.mailbox.mails().len(), mails, "{name}, statement {statement}");
    }
}

thread_local! {
    /// Which statement of the call under test is to lose its answer.
    static LOSE: std::cell::Cell<Option<u32>> = const { std::cell::Cell::new(None) };
}

/// Said by a call under test when its set-up is done.
fn from_here(app: &TestApp) {
    if let Some(statement) = LOSE.with(std::cell::Cell::take) {
        app.database.lose_answer(statement);
    }
}

fn sign_up() -> Value {
    json!({ "email": "ada@example.com", "password": PASSWORD })
}

#[tokio::test]
async fn signing_up() {
    // The second statement records that the mail was sent.
    is_the_same("sign up", 2, &[], async |app: &TestApp| {
        from_here(app);
        app.post("/signup", sign_up()).await
    })
    .await;
}

#[tokio::test]
async fn signing_up_again_unconfirmed_and_confirmed() {
    for confirmed in [false, true] {
        is_the_same("sign up again", 2, &[], async |app: &TestApp| {
            if confirmed {
                app.signed_in("ada@example.com").await;
            } else {
                app.sign_up("ada@example.com").await;
            }
            app.clock.advance(chrono::TimeDelta::minutes(1));
            from_here(app);
            app.post("/signup", sign_up()).await
        })
        .await;
    }
}

#[tokio::test]
async fn signing_up_where_no_confirmation_is_needed() {
    is_the_same("autoconfirm", 1, &[("MAILER_AUTOCONFIRM", "true")], async |app: &TestApp| {
        from_here(app);
        app.post("/signup", sign_up()).await
    })
    .await;
}

#[tokio::test]
async fn asking_for_another_mail() {
    is_the_same("resend", 2, &[], async |app: &TestApp| {
        app.sign_up("ada@example.com").await;
        app.clock.advance(chrono::TimeDelta::minutes(1));
        from_here(app);
        app.post("/resend", json!({ "type": "signup", "email": "ada@example.com" })).await
    })
    .await;
}

#[tokio::test]
async fn the_code_right_and_wrong() {
    for right in [true, false] {
        is_the_same("code", 1, &[], async |app: &TestApp| {
            let link = app.sign_up("ada@example.com").await;
            let wrong = if link.code == "000000" { "000001" } else { "000000" };
            from_here(app);
            app.enter_code("ada@example.com", if right { &link.code } else { wrong }).await
        })
        .await;
    }
}

#[tokio::test]
async fn the_button() {
    is_the_same("button", 1, &[], async |app: &TestApp| {
        let link = app.sign_up("ada@example.com").await;
        from_here(app);
        app.press_button(&link, link.cookie.as_deref()).await
    })
    .await;
}

#[tokio::test]
async fn the_button_with_a_password() {
    for password_is in ["chosen", "new"] {
        is_the_same("button with a password", 2, &[], async |app: &TestApp| {
            let link = app.sign_up("ada@example.com").await;
            from_here(app);
            let fields = [("token", link.token.as_str()), ("password_is", password_is), ("password", PASSWORD)];
            app.submit("/verify/confirm", &fields).await
        })
        .await;
    }
}

#[tokio::test]
async fn the_links_token() {
    is_the_same("token hash", 1, &[], async |app: &TestApp| {
        let link = app.sign_up("ada@example.com").await;
        from_here(app);
        app.post("/verify", json!({ "type": "signup", "token_hash": link.token })).await
    })
    .await;
}

#[tokio::test]
async fn signing_in() {
    is_the_same("sign in", 2, &[], async |app: &TestApp| {
        app.signed_in("ada@example.com").await;
        for _ in 0..3 {
            app.sign_in("ada@example.com", "not the password").await;
        }
        from_here(app);
        app.sign_in("ada@example.com", PASSWORD).await
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password() {
    is_the_same("wrong password", 1, &[], async |app: &TestApp| {
        app.signed_in("ada@example.com").await;
        from_here(app);
        app.sign_in("ada@example.com", "not the password").await
    })
    .await;
}

#[tokio::test]
async fn asking_who_i_am() {
    is_the_same("user", 1, &[], async |app: &TestApp| {
        let session = app.signed_in("ada@example.com").await;
        from_here(app);
        app.get("/user").bearer(session["access_token"].as_str().expect("a token")).await
    })
    .await;
}

#[tokio::test]
async fn lost_with_no_connection_to_be_had_again_it_is_a_fault_and_nobody_is_signed_in_unawares() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    app.database.lose_answer(0);
    app.database.refuse_after_next();
    let answer = app.enter_code("ada@example.com", &link.code).await;
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
}
