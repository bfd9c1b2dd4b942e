//! `POST /signup`: what is refused, and that it leaves nothing behind.

use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestApp};

/// Refused, and neither database nor mailbox shows a trace.
async fn refused(app: &TestApp, body: Value) -> Answer {
    let answer = app.post("/signup", body.clone()).await;
    assert!(answer.status.is_client_error(), "{body} got {answer:?}");
    for table in ["users", "outbox", "one_time_tokens", "audit_events", "throttles", "sessions"] {
        assert_eq!(app.database.count(table).await, 0, "{body} left a row in {table}");
    }
    assert!(app.mailbox.mails().is_empty());
    answer
}

#[tokio::test]
async fn addresses_that_a_mail_header_could_misread_are_refused() {
    let app = TestApp::start().await;
    let long_local = format!("{}@example.com", "a".repeat(65));
    let long = format!("a@{}example.com", "abcdefgh.".repeat(30));
    for address in [
        "a@b.example\r\nBcc: x@evil.example",
        "a@b.example\nBcc: x@evil.example",
        "a%0d%0a@b.example\r",
        "\"a\nb\"@c.example",
        "\"quoted\"@c.example",
        "<a@b.example>",
        "Ada <a@b.example>",
        "a@b.example,c@d.example",
        "a@b.example;c@d.example",
        "a@b.example c@d.example",
        "a@b@c.example",
        "a(comment)@b.example",
        "a@localhost",
        "a@127.0.0.1",
        "a@[127.0.0.1]",
        "a@[IPv6:::1]",
        "a@0x7f000001",
        "a@b.example.",
        "a@.b.example",
        "a@b..example",
        "a..b@c.example",
        ".a@b.example",
        "a @b.example",
        "a@ b.example",
        "a\u{0}@b.example",
        "a\u{202e}@b.example",
        "a\u{ff20}b.example",
        "ada",
        "@b.example",
        "a@",
        "@",
        &long_local,
        &long,
    ] {
        let answer = refused(&app, json!({ "email": address, "password": PASSWORD })).await;
        assert_eq!(answer.refusal(), (400, "email_address_invalid".to_owned()), "{address:?}");
        assert_eq!(answer.json()["msg"], "Unable to validate email address: invalid format");
    }
}

#[tokio::test]
async fn international_domains_are_stored_in_ascii() {
    let app = TestApp::start().await;
    let user = app.post("/signup", json!({ "email": "ada@bücher.example", "password": PASSWORD })).await.succeeded();
    assert_eq!(user.json()["email"], "ada@xn--bcher-kva.example");
    assert_eq!(app.mailbox.mails()[0].to, "ada@xn--bcher-kva.example");
}

#[tokio::test]
async fn weak_passwords_are_refused_with_the_reason() {
    let app = TestApp::start().await;
    for (password, message, reason) in [
        ("seven77", "Password should be at least 8 characters", "length"),
        ("пароль7", "Password should be at least 8 characters", "length"),
        ("👩‍👩‍👧‍👦", "Password should be at least 8 characters", "length"),
        ("password", "Password is too common and easy to guess, please choose a different one", "pwned"),
        ("PassWord1", "Password is too common and easy to guess, please choose a different one", "pwned"),
        (
            "lovelace-ada",
            "Password must not be your e-mail address or the name of this service, please choose a different one",
            "pwned",
        ),
        (
            "Lovelace-Ada@Example.com",
            "Password must not be your e-mail address or the name of this service, please choose a different one",
            "pwned",
        ),
        (
            "EDGEVILLE",
            "Password must not be your e-mail address or the name of this service, please choose a different one",
            "pwned",
        ),
    ] {
        let answer = refused(&app, json!({ "email": "lovelace-ada@example.com", "password": password })).await;
        assert_eq!(answer.refusal(), (422, "weak_password".to_owned()), "{password}");
        assert_eq!(
            answer.json(),
            json!({ "code": 422, "error_code": "weak_password", "msg": message, "weak_password": { "reasons": [reason] } })
        );
    }
}

#[tokio::test]
async fn newer_clients_get_the_reasons_too() {
    let app = TestApp::start().await;
    let body = json!({ "email": "ada@example.com", "password": "short" });
    let answer = app.post("/signup", body).header("x-supabase-api-version", "2024-01-01").await;
    assert_eq!(
        answer.json(),
        json!({
            "code": "weak_password", "message": "Password should be at least 8 characters",
            "weak_password": { "reasons": ["length"] },
        })
    );
}

#[tokio::test]
async fn the_least_length_is_a_setting() {
    let app = TestApp::with(&[("PASSWORD_MIN_LENGTH", "15")]).await;
    let answer = refused(&app, json!({ "email": "ada@example.com", "password": "fourteen chars" })).await;
    assert_eq!(answer.json()["msg"], "Password should be at least 15 characters");
    let fits = json!({ "email": "ada@example.com", "password": "fifteen chars !" });
    assert_eq!(app.post("/signup", fits).await.status, 200);
}

#[tokio::test]
async fn a_password_that_is_too_long_is_refused_and_never_cut() {
    let app = TestApp::start().await;
    let answer = refused(&app, json!({ "email": "ada@example.com", "password": "x".repeat(4097) })).await;
    assert_eq!(answer.json()["msg"], "Password cannot be longer than 4096 bytes");
    let emoji = json!({ "email": "ada@example.com", "password": "🦀".repeat(100_000) });
    assert_eq!(refused(&app, emoji).await.refusal(), (422, "weak_password".to_owned()));
}

#[tokio::test]
async fn every_character_of_a_long_password_counts() {
    let app = TestApp::start().await;
    let long = "long ".repeat(800);
    let body = json!({ "email": "ada@example.com", "password": format!("{long}A") });
    app.post("/signup", body).await.succeeded();
    app.enter_code("ada@example.com", &app.mailbox.link_to("ada@example.com").code).await.succeeded();
    assert_eq!(app.sign_in("ada@example.com", &format!("{long}B")).await.status, 400);
    assert_eq!(app.sign_in("ada@example.com", &format!("{long}A")).await.status, 200);
}

#[tokio::test]
async fn a_password_typed_in_another_unicode_form_is_the_same() {
    let app = TestApp::start().await;
    let body = json!({ "email": "ada@example.com", "password": "cafe\u{301} au lait" });
    app.post("/signup", body).await.succeeded();
    app.enter_code("ada@example.com", &app.mailbox.link_to("ada@example.com").code).await.succeeded();
    assert_eq!(app.sign_in("ada@example.com", "caf\u{e9} au lait").await.status, 200);
}

#[tokio::test]
async fn nothing_to_sign_up_with_is_named_in_the_words_that_clients_match() {
    let app = TestApp::start().await;
    for (body, status, code, message) in [
        (json!({}), 422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled"),
        (json!({ "password": PASSWORD }), 422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled"),
        (json!({ "email": null, "data": {} }), 422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled"),
        (
            json!({ "email": "", "password": PASSWORD }),
            422,
            "anonymous_provider_disabled",
            "Anonymous sign-ins are disabled",
        ),
        (
            json!({ "phone": "+123456789", "password": PASSWORD }),
            400,
            "phone_provider_disabled",
            "Phone signups are disabled",
        ),
        (json!({ "email": "ada@example.com" }), 400, "validation_failed", "Signup requires a valid password"),
        (
            json!({ "email": "ada@example.com", "password": "" }),
            400,
            "validation_failed",
            "Signup requires a valid password",
        ),
        (
            json!({ "email": "ada@example.com", "password": null }),
            400,
            "validation_failed",
            "Signup requires a valid password",
        ),
    ] {
        let answer = refused(&app, body.clone()).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{body}");
        assert_eq!(answer.json()["msg"], message);
    }
}

#[tokio::test]
async fn null_is_the_same_as_leaving_a_member_out() {
    let app = TestApp::start().await;
    let body =
        json!({ "email": "ada@example.com", "password": PASSWORD, "data": null, "phone": null, "channel": null });
    assert_eq!(app.post("/signup", body).await.succeeded().json()["user_metadata"], json!({}));
}

#[tokio::test]
async fn too_much_data_is_refused() {
    let app = TestApp::start().await;
    let data =
        |size: usize| json!({ "email": "ada@example.com", "password": PASSWORD, "data": { "a": "x".repeat(size) } });
    let answer = refused(&app, data(16 * 1024)).await;
    assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()));
    assert_eq!(answer.json()["msg"], "data is larger than 16 KiB");
    assert_eq!(app.post("/signup", data(16 * 1024 - 9)).await.status, 200);
    let link = app.mailbox.link_to("ada@example.com");
    let session = app.enter_code("ada@example.com", &link.code).await.succeeded();
    assert_eq!(app.get("/user").bearer(&session.access_token()).await.status, 200, "its token still works");
}

#[tokio::test]
async fn data_that_postgresql_cannot_store_is_refused() {
    let app = TestApp::start().await;
    for data in [json!({ "a": "b\u{0}c" }), json!({ "\u{0}": 1 }), json!({ "deep": [[{ "x": ["\u{0}"] }]] })] {
        let answer = refused(&app, json!({ "email": "ada@example.com", "password": PASSWORD, "data": data })).await;
        assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()), "{data}");
    }
}

/// Metadata is no part of a mail, and the product's name stays one line.
#[tokio::test]
async fn what_people_give_as_data_never_reaches_a_mail() {
    let app = TestApp::start().await;
    let data =
        json!({ "name": "{{7*7}} ${7*7} <%= 7*7 %> <script>alert(1)</script>\r\nBcc: x@evil.example \u{202e}evil" });
    app.post("/signup", json!({ "email": "ada@example.com", "password": PASSWORD, "data": data })).await.succeeded();
    let mail = &app.mailbox.mails()[0];
    for part in [&mail.subject, &mail.text, &mail.html] {
        for trace in ["7*7", "alert(1)", "evil.example", "Bcc"] {
            assert!(!part.contains(trace), "{trace} in {part}");
        }
    }
    assert!(!mail.subject.contains(['\r', '\n']));
}

#[tokio::test]
async fn an_address_with_html_in_it_is_escaped_in_the_mail() {
    let app = TestApp::start().await;
    let address = "a&b'`{{7*7}}`@example.com";
    app.post("/signup", json!({ "email": address, "password": PASSWORD })).await.succeeded();
    let mail = &app.mailbox.mails()[0];
    assert!(mail.html.contains("a&amp;b&#39;`{{7*7}}`@example.com"), "{}", mail.html);
    assert!(!mail.html.contains("a&b"));
}

/// Ignoring it would answer a PKCE client with tokens where it waits for a code.
#[tokio::test]
async fn pkce_is_refused_until_it_is_offered() {
    let app = TestApp::start().await;
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "code_challenge": "x".repeat(43), "code_challenge_method": "s256" });
    assert_eq!(refused(&app, body).await.refusal(), (400, "validation_failed".to_owned()));
}
