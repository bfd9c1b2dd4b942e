//! Lost answers in the life of an account after its sign-up: to mails asked for, links used,
//! changes, deletion.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::endpoints::across::lost_answers::{from_here, is_the_same};
use crate::support::{Call, PASSWORD, TestApp};

const ADA: &str = "ada@example.com";
const NEW: &str = "ada@example.org";
const VERIFIER: &str = "a-verifier-of-forty-three-characters-exactly";

const SETTINGS: &[(&str, &str)] = &[("SIGN_IN_BY_EMAIL", "true"), ("ANONYMOUS_SIGN_INS", "true")];

/// Somebody signed in, a minute ago.
async fn signed_in(app: &TestApp) -> String {
    app.signed_in(ADA).await;
    app.clock.advance(TimeDelta::minutes(1));
    app.sign_in(ADA, PASSWORD).await.access_token()
}

fn put<'a>(app: &'a TestApp, token: &str, body: &Value) -> Call<'a> {
    let call = app.call(Method::PUT, "/auth/v1/user").header("content-type", "application/json");
    call.bearer(token).body(body.to_string())
}

fn verify<'a>(app: &'a TestApp, kind: &str, email: &str, code: &str) -> Call<'a> {
    app.post("/verify", json!({ "type": kind, "token": code, "email": email }))
}

#[tokio::test]
async fn asking_for_mails() {
    for path in ["/recover", "/otp", "/magiclink"] {
        is_the_same(path, 2, SETTINGS, async |app: &TestApp| {
            signed_in(app).await;
            from_here(app);
            app.post(path, json!({ "email": ADA })).await
        })
        .await;
    }
    is_the_same("otp of a new address", 2, SETTINGS, async |app: &TestApp| {
        from_here(app);
        app.post("/otp", json!({ "email": ADA })).await
    })
    .await;
    is_the_same("reauthenticate", 2, SETTINGS, async |app: &TestApp| {
        let token = signed_in(app).await;
        from_here(app);
        app.get("/reauthenticate").bearer(&token).await
    })
    .await;
}

#[tokio::test]
async fn using_codes_and_links() {
    for (path, kind) in [("/recover", "recovery"), ("/otp", "email")] {
        for right in [true, false] {
            // A recovery ends a session, of which KV is told.
            let statements = if right && kind == "recovery" { 2 } else { 1 };
            is_the_same(kind, statements, SETTINGS, async |app: &TestApp| {
                signed_in(app).await;
                app.post(path, json!({ "email": ADA })).await.succeeded();
                let code = app.mailbox.link_to(ADA).code;
                let wrong = if code == "000000" { "000001" } else { "000000" };
                app.clock.advance(TimeDelta::minutes(1));
                from_here(app);
                verify(app, kind, ADA, if right { &code } else { wrong }).await
            })
            .await;
        }
    }
    // Look, use, tell KV, record the mail.
    is_the_same("the page that recovers", 4, SETTINGS, async |app: &TestApp| {
        signed_in(app).await;
        app.post("/recover", json!({ "email": ADA })).await.succeeded();
        let token = app.mailbox.link_to(ADA).token;
        app.clock.advance(TimeDelta::minutes(1));
        from_here(app);
        app.submit("/verify/confirm", &[("token", &token), ("password", "another horse battery staple")]).await
    })
    .await;
}

#[tokio::test]
async fn trading_a_link_and_exchanging_its_code() {
    let prepared = async |app: &TestApp| {
        let body = json!({ "email": ADA, "code_challenge": VERIFIER, "code_challenge_method": "plain" });
        app.post("/otp", body).await.succeeded();
        app.mailbox.link_to(ADA).token
    };
    is_the_same("trade", 2, SETTINGS, async |app: &TestApp| {
        let token = prepared(app).await;
        from_here(app);
        app.submit("/verify/confirm", &[("token", &token)]).await
    })
    .await;
    is_the_same("exchange", 1, SETTINGS, async |app: &TestApp| {
        let token = prepared(app).await;
        let location = app.submit("/verify/confirm", &[("token", &token)]).await.header("location").expect("a place");
        let code = location.split("code=").nth(1).expect("a code").to_owned();
        from_here(app);
        app.post("/token?grant_type=pkce", json!({ "auth_code": code, "code_verifier": VERIFIER })).await
    })
    .await;
}

#[tokio::test]
async fn changing_the_account() {
    is_the_same("metadata", 1, SETTINGS, async |app: &TestApp| {
        let token = signed_in(app).await;
        from_here(app);
        put(app, &token, &json!({ "data": { "a": 1 } })).await
    })
    .await;
    // The last one records both mails.
    is_the_same("address", 2, SETTINGS, async |app: &TestApp| {
        let token = signed_in(app).await;
        from_here(app);
        put(app, &token, &json!({ "email": NEW })).await
    })
    .await;
    for right in [true, false] {
        // Right: tell KV of the other session, record the mail.
        is_the_same("password by nonce", if right { 3 } else { 1 }, SETTINGS, async |app: &TestApp| {
            let token = signed_in(app).await;
            app.get("/reauthenticate").bearer(&token).await.succeeded();
            let mail = app.mailbox.to(ADA).pop().expect("a mail");
            let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
            let code = mail.text.split_whitespace().find(is_code).expect("a code").to_owned();
            let wrong = if code == "000000" { "000001" } else { "000000" };
            app.clock.advance(TimeDelta::minutes(1));
            let nonce = if right { &code } else { wrong };
            from_here(app);
            put(app, &token, &json!({ "password": "another horse battery staple", "nonce": nonce })).await
        })
        .await;
    }
}

#[tokio::test]
async fn agreeing_to_a_new_address_and_taking_it_back() {
    for second in [false, true] {
        is_the_same("consent", 1, SETTINGS, async |app: &TestApp| {
            let token = signed_in(app).await;
            put(app, &token, &json!({ "email": NEW })).await.succeeded();
            let (old, new) = (app.mailbox.link_to(ADA), app.mailbox.link_to(NEW));
            app.clock.advance(TimeDelta::minutes(1));
            if second {
                verify(app, "email_change", NEW, &new.code).await.succeeded();
            }
            from_here(app);
            verify(app, "email_change", ADA, &old.code).await
        })
        .await;
    }
    // Look, use, tell KV.
    is_the_same("undo", 3, SETTINGS, async |app: &TestApp| {
        let token = signed_in(app).await;
        put(app, &token, &json!({ "email": NEW })).await.succeeded();
        let text = app.mailbox.to(ADA).pop().expect("a mail").text;
        let undo = text.split_whitespace().find(|word| word.contains("email_change_undo")).expect("a link").to_owned();
        let token = undo.split("token=").nth(1).and_then(|rest| rest.split('&').next()).expect("a token").to_owned();
        app.clock.advance(TimeDelta::minutes(1));
        from_here(app);
        app.submit("/verify/confirm", &[("token", &token)]).await
    })
    .await;
    // Read where to, ask again, record both mails.
    is_the_same("resend", 3, SETTINGS, async |app: &TestApp| {
        let token = signed_in(app).await;
        put(app, &token, &json!({ "email": NEW })).await.succeeded();
        app.clock.advance(TimeDelta::minutes(1));
        from_here(app);
        app.post("/resend", json!({ "type": "email_change", "email": ADA })).await
    })
    .await;
}

#[tokio::test]
async fn coming_anonymously_and_going_for_good() {
    is_the_same("anonymous", 1, SETTINGS, async |app: &TestApp| {
        from_here(app);
        app.post("/signup", json!({})).await
    })
    .await;
    for grace in ["0", "7"] {
        // Tell KV, record the mail.
        let settings = [("ACCOUNT_DELETION_GRACE_DAYS", grace)];
        is_the_same("deletion", 3, &settings, async |app: &TestApp| {
            let token = signed_in(app).await;
            from_here(app);
            let answer = app.call(Method::DELETE, "/auth/v1/user").bearer(&token).await;
            assert_eq!(app.database.count("revocations").await, 0, "KV was told at once");
            answer
        })
        .await;
    }
    is_the_same("export", 1, SETTINGS, async |app: &TestApp| {
        let token = signed_in(app).await;
        from_here(app);
        app.get("/user/export").bearer(&token).await
    })
    .await;
}
