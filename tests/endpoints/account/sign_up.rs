//! `POST /signup`: a new address. `again` has addresses that signed up before, `autoconfirm`
//! instances without mail, `disputed` two people with one address, `races` what happens at the
//! same time.

mod again;
mod autoconfirm;
mod disputed;
mod input;
mod races;

use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};

fn sign_up(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

#[tokio::test]
async fn a_new_address_is_answered_with_a_user_to_be_confirmed() {
    let app = TestApp::start().await;
    let answer = app
        .post("/signup", json!({ "email": "Ada@Example.com", "password": PASSWORD, "data": { "name": "Ada" } }))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let id = answer.json()["id"].clone();
    assert_eq!(
        answer.json(),
        json!({
            "id": id,
            "aud": "authenticated",
            "role": "authenticated",
            "email": "ada@example.com",
            "phone": "",
            "confirmation_sent_at": "2026-11-22T12:00:00.000000Z",
            "app_metadata": { "provider": "email", "providers": ["email"] },
            "user_metadata": { "name": "Ada" },
            "identities": [{
                "identity_id": id,
                "id": id,
                "user_id": id,
                "identity_data": {
                    "name": "Ada", "sub": id, "email": "ada@example.com", "email_verified": false, "phone_verified": false,
                },
                "provider": "email",
                "created_at": "2026-11-22T12:00:00.000000Z",
                "updated_at": "2026-11-22T12:00:00.000000Z",
                "email": "ada@example.com",
            }],
            "created_at": "2026-11-22T12:00:00.000000Z",
            "updated_at": "2026-11-22T12:00:00.000000Z",
            "is_anonymous": false,
        })
    );
}

#[tokio::test]
async fn the_whole_way_from_sign_up_to_a_call_as_a_signed_in_user() {
    let app = TestApp::start().await;
    let signed_up = app.post("/signup", sign_up("ada@example.com")).await.succeeded();
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.refusal(), (400, "email_not_confirmed".to_owned()));
    let link = app.mailbox.link_to("ada@example.com");
    let confirmed = app.enter_code("ada@example.com", &link.code).await.succeeded();
    assert_eq!(confirmed.json()["user"]["id"], signed_up.json()["id"]);
    let user = app.get("/user").bearer(&confirmed.access_token()).await.succeeded();
    assert_eq!(user.json()["email"], "ada@example.com");
    assert_eq!(user.json()["email_confirmed_at"], "2026-11-22T12:00:00.000000Z");
    let session = app.sign_in("ada@example.com", PASSWORD).await.succeeded();
    assert_eq!(app.get("/user").bearer(&session.access_token()).await.status, 200);
}

#[tokio::test]
async fn the_mail_brings_a_link_of_ours_and_a_code() {
    let app = TestApp::start().await;
    app.post("/signup", sign_up("ada@example.com")).await.succeeded();
    let mails = app.mailbox.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "ada@example.com");
    assert_eq!(mails[0].subject, "Confirm your email address for Edgeville");
    let link = app.mailbox.link_to("ada@example.com");
    assert_eq!(link.url, format!("https://auth.example.com/auth/v1/verify?token={}&type=signup", link.token));
    assert_eq!((link.token.len(), link.code.len()), (43, 6));
    assert!(mails[0].html.contains(&link.token) && mails[0].html.contains(&link.code));
    assert!(!mails[0].subject.contains(&link.code), "subjects show on lock screens");
}

#[tokio::test]
async fn the_mail_is_in_the_language_that_data_names() {
    let app = TestApp::start().await;
    let russian = json!({ "email": "ada@example.com", "password": PASSWORD, "data": { "locale": "ru-RU" } });
    app.post("/signup", russian).header("accept-language", "en").await.succeeded();
    assert_eq!(app.mailbox.mails()[0].subject, "Edgeville: подтвердите адрес электронной почты");
}

#[tokio::test]
async fn else_the_mail_is_in_the_language_the_browser_asks_for() {
    let app = TestApp::start().await;
    for (address, language, subject) in [
        ("a@example.com", "ru-RU,ru;q=0.9,en;q=0.8", "Edgeville: подтвердите адрес электронной почты"),
        ("b@example.com", "en-GB,ru;q=0.8", "Confirm your email address for Edgeville"),
        ("c@example.com", "de, fr;q=0.5", "Confirm your email address for Edgeville"),
        ("d@example.com", "ru;q=NaN,;;,ru;q=9,*", "Confirm your email address for Edgeville"),
    ] {
        app.post("/signup", sign_up(address)).header("accept-language", language).await.succeeded();
        assert_eq!(app.mailbox.to(address)[0].subject, subject, "{language}");
    }
}

#[tokio::test]
async fn the_browser_gets_a_cookie_of_this_host_alone() {
    let app = TestApp::start().await;
    let answer = app.post("/signup", sign_up("ada@example.com")).await;
    let cookie = answer.header("set-cookie").expect("a cookie");
    let (value, attributes) = cookie.split_once(';').expect("attributes");
    let token = value.strip_prefix("__Host-edgegate-browser=").expect("its name");
    assert_eq!(token.len(), 43);
    assert_eq!(attributes, " HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=86400");
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
}

#[tokio::test]
async fn neither_password_nor_link_nor_code_nor_cookie_is_stored_as_it_is() {
    let app = TestApp::at_full_cost(&[]).await;
    let answer = app.post("/signup", sign_up("ada@example.com")).await;
    let link = app.mailbox.link_to("ada@example.com");
    let stored = app.database.contents().await;
    let cookie = answer.cookie();
    let (_, cookie) = cookie.split_once('=').expect("a value");
    for secret in [PASSWORD, &link.token, &link.code, cookie] {
        assert!(!stored.contains(secret), "{secret} in {stored}");
    }
    let hash: String = app.database.value("SELECT password_hash FROM edgegate.users").await;
    assert!(hash.starts_with("$pbkdf2-sha512$i=220000,l=32,k="), "{hash}");
}

#[tokio::test]
async fn the_address_may_be_given_back_only_to_whoever_knows_it() {
    let app = TestApp::start().await;
    let answer = app.post("/signup", sign_up("ada@example.com")).await;
    for (name, value) in &answer.headers {
        assert!(!value.to_str().unwrap_or_default().contains("ada@"), "{name}");
    }
}

#[tokio::test]
async fn an_instance_may_take_no_sign_ups() {
    let app = TestApp::with(&[("DISABLE_SIGNUP", "true")]).await;
    let answer = app.post("/signup", sign_up("ada@example.com")).await;
    assert_eq!(answer.refusal(), (422, "signup_disabled".to_owned()));
    assert_eq!(answer.json()["msg"], "Signups not allowed for this instance");
    assert_eq!((app.database.count("users").await, app.mailbox.mails().len()), (0, 0));
}

#[tokio::test]
async fn members_that_nobody_may_set_change_nothing() {
    let app = TestApp::start().await;
    let chosen = "00000000-0000-4000-8000-000000000001";
    let body = json!({
        "email": "ada@example.com", "password": PASSWORD, "id": chosen, "role": "service_role", "aud": "admin",
        "email_confirmed_at": "2020-01-01T00:00:00Z", "app_metadata": { "admin": true }, "aal": "aal2",
        "created_at": "2020-01-01T00:00:00Z", "banned_until": "2030-01-01T00:00:00Z", "__proto__": { "role": "admin" },
        "constructor": { "prototype": { "role": "admin" } }, "password_hash": "x", "is_anonymous": true,
    });
    let user = app.post("/signup", body).await.succeeded().json();
    assert_ne!(user["id"], chosen);
    assert_eq!(user["role"], "authenticated");
    assert_eq!(user["app_metadata"], json!({ "provider": "email", "providers": ["email"] }));
    assert_eq!(user["created_at"], "2026-11-22T12:00:00.000000Z");
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.refusal(), (400, "email_not_confirmed".to_owned()));
}

#[tokio::test]
async fn headers_that_a_client_can_set_do_not_change_the_link() {
    let app = TestApp::start().await;
    app.post("/signup", sign_up("ada@example.com"))
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http")
        .header("x-forwarded-port", "8080")
        .header("forwarded", "host=evil.example;proto=http")
        .header("x-original-url", "https://evil.example/")
        .header("origin", "https://evil.example")
        .header("referer", "https://evil.example/")
        .await
        .succeeded();
    let mail = &app.mailbox.mails()[0];
    assert!(app.mailbox.link_to("ada@example.com").url.starts_with("https://auth.example.com/auth/v1/verify?"));
    assert!(!mail.text.contains("evil.example") && !mail.html.contains("evil.example"));
}

#[tokio::test]
async fn an_audit_record_says_who_signed_up_from_where() {
    let app = TestApp::start().await;
    app.post("/signup", sign_up("ada@example.com"))
        .caller_ip("203.0.113.9")
        .header("user-agent", "Browser/1.0")
        .header("x-forwarded-for", "198.51.100.1")
        .header("x-real-ip", "198.51.100.2")
        .await
        .succeeded();
    let record: Value = app
        .database
        .value("SELECT to_jsonb(a) - 'id' - 'user_id' FROM edgegate.audit_events a JOIN edgegate.users u ON u.id = a.user_id")
        .await;
    assert_eq!(
        record,
        json!({
            "action": "signed_up", "actor": null, "ip": "203.0.113.9", "user_agent": "Browser/1.0",
            "created_at": "2026-11-22T12:00:00+00:00",
        })
    );
}

#[tokio::test]
async fn a_very_long_user_agent_is_cut_and_hinders_nobody() {
    let app = TestApp::start().await;
    app.post("/signup", sign_up("ada@example.com")).header("user-agent", &"x".repeat(5000)).await.succeeded();
    let length: i32 = app.database.value("SELECT length(user_agent) FROM edgegate.audit_events").await;
    assert_eq!(length, 512);
}
