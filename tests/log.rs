//! Mirrors `src/log.rs`: what is logged, in which form, and what never is. Source: ASVS V16.

use axum::http::Method;
use edgegate::host::Level;
use edgegate::integrations::mail_provider::MailError;
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn each_request_is_one_line_of_json() {
    let app = TestApp::start().await;
    let answer = app.get("/settings").await;
    assert_eq!(app.log.lines().len(), 1);
    let (level, line) = app.log.lines().remove(0);
    assert_eq!(level, Level::Info);
    assert!(!line.contains('\n'));
    assert_eq!(
        serde_json::from_str::<Value>(&line).expect("JSON"),
        json!({
            "time": "2026-11-22T12:00:00.000Z", "level": "info", "event": "request", "duration_ms": 0,
            "request.id": answer.header("x-request-id"), "http.method": "GET", "http.route": "/auth/v1/settings", "http.status": 200,
        })
    );
}

#[tokio::test]
async fn a_refusal_says_its_code_and_cause() {
    let app = TestApp::start().await;
    app.get("/user").bearer("a.b.c").await;
    let event = app.log.newest("request");
    assert_eq!(
        (&event["level"], &event["error.code"], &event["error.cause"]),
        (&json!("warn"), &json!("bad_jwt"), &json!("malformed token"))
    );
}

#[tokio::test]
async fn a_call_of_a_known_account_says_whose() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    let id = &session["user"]["id"];
    assert_eq!(app.log.newest("request")["account.id"], *id);
    app.sign_in("ada@example.com", PASSWORD).await;
    assert_eq!(app.log.newest("request")["account.id"], *id);
    app.sign_in("ada@example.com", "not the password").await;
    let event = app.log.newest("request");
    assert_eq!(event["error.cause"], format!("wrong password for {}", id.as_str().expect("an id")));
}

#[tokio::test]
async fn the_route_is_logged_and_not_the_path() {
    let app = TestApp::start().await;
    app.get("/verify?token=canary&type=signup").await;
    assert_eq!(app.log.newest("request")["http.route"], "/auth/v1/verify");
    app.call(Method::GET, "/canary/path?canary=1").await;
    assert_eq!(app.log.newest("request").get("http.route"), None);
    assert!(!app.log.text().contains("canary"), "{}", app.log.text());
}

/// Everything secret or personal there is, through every endpoint, in good calls and bad ones.
#[tokio::test]
async fn no_address_password_token_code_or_link_is_ever_logged() {
    for environment in ["production", "development"] {
        let app = TestApp::with(&[("ENVIRONMENT", environment), ("CONFIRM_SAME_BROWSER", "strict")]).await;
        let mut secrets: Vec<String> =
            ["canary-ada@example.com", "canary-ada", "canary passphrase", "canary new passphrase", "canary-agent"]
                .map(str::to_owned)
                .to_vec();
        let address = "canary-ada@example.com";
        let sign_up = json!({ "email": address, "password": "canary passphrase", "data": { "name": "canary-ada" } });
        let answer = app
            .post("/signup?redirect_to=https://app.example.com/canary-ada", sign_up.clone())
            .header("user-agent", "canary-agent")
            .await;
        let cookie = answer.cookie();
        let first = app.mailbox.link_to(address);
        app.post("/signup", sign_up.clone()).await;
        app.clock.advance(chrono::TimeDelta::minutes(1));
        app.post("/resend", json!({ "type": "signup", "email": address })).await.succeeded();
        let second = app.mailbox.link_to(address);
        secrets.push(cookie.split('=').nth(1).expect("a value").to_owned());
        for link in [&first, &second] {
            secrets.extend([link.token.clone(), link.code.clone(), link.url.clone()]);
            app.get(&format!("/verify?token={}", link.token)).await;
            app.enter_code(address, "canary").await;
            let fields =
                [("token", link.token.as_str()), ("password", "canary passphrase 2"), ("password_is", "chosen")];
            app.submit("/verify/confirm", &fields).await;
            app.post("/verify", json!({ "type": "signup", "token_hash": link.token, "password": "canary" })).await;
        }
        let answer = app.press_button(&second, Some(&cookie)).await;
        let (_, fragment) = answer.redirect();
        secrets.extend([fragment["access_token"].clone(), fragment["refresh_token"].clone()]);
        let session = app.sign_in(address, "canary passphrase").await.succeeded().json();
        secrets.extend(
            ["access_token", "refresh_token"].map(|token| session[token].as_str().expect("a token").to_owned()),
        );
        app.sign_in(address, "canary new passphrase").await;
        app.sign_in("canary-ada@nowhere", "canary passphrase").await;
        app.get("/user").bearer(&fragment["access_token"]).header("apikey", "canary").await.succeeded();
        app.get("/user").bearer("canary.canary.canary").await;
        app.call(Method::POST, "/auth/v1/signup").header("content-type", "canary").body("canary").await;
        app.call(Method::POST, "/auth/v1/signup")
            .header("content-type", "application/json")
            .body("{\"canary\": canary")
            .await;
        app.clock.advance(chrono::TimeDelta::minutes(2));
        app.post("/signup", sign_up.clone()).await;
        // Faults of ours, too.
        app.clock.advance(chrono::TimeDelta::minutes(2));
        app.database.change("ALTER TABLE edgegate.outbox ADD CONSTRAINT fails CHECK (recipient <> 'canary-ada@example.com') NOT VALID").await;
        assert_eq!(app.post("/signup", sign_up.clone()).await.status, 500);
        app.database.go_down();
        assert_eq!(app.post("/signup", sign_up).await.status, 503);
        app.sweep().await;

        let log = app.log.text();
        for secret in secrets.iter().map(String::as_str).chain(["canary", "re_test", "bm90LWEtc2VjcmV0", "192.0.2.7"]) {
            assert!(!log.contains(secret), "{secret} in {log}");
        }
        assert!(log.lines().count() > 20);
    }
}

/// No secret is logged either of what becomes of an account after its sign-up.
#[tokio::test]
async fn nor_is_any_of_recovery_sign_in_by_mail_change_of_address_nonces_export_pkce_and_deletion() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    let (ada, new) = ("canary-ada@example.com", "canary-new@example.com");
    let session = app.signed_in(ada).await;
    let mut secrets = vec!["canary".to_owned(), "192.0.2.7".to_owned(), PASSWORD.to_owned()];
    let mut access = session["access_token"].as_str().expect("a token").to_owned();
    let put = |access: &str, body: Value| {
        let call = app.call(Method::PUT, "/auth/v1/user?redirect_to=https://app.example.com/canary");
        call.bearer(access).header("content-type", "application/json").body(body.to_string())
    };
    let verifier = "canary".repeat(8);
    for path in ["/recover", "/otp", "/magiclink"] {
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let body = json!({ "email": ada, "code_challenge": verifier, "code_challenge_method": "plain" });
        app.post(&format!("{path}?redirect_to=https://canary.example/"), body.clone()).await.succeeded();
        app.post(path, body).await;
        let link = app.mailbox.link_to(ada);
        app.post("/verify", json!({ "type": "recovery", "email": ada, "token": "canary" })).await;
        let place = app.submit("/verify/confirm", &[("token", &link.token)]).await.header("location").expect("a place");
        let code = place.split("code=").nth(1).expect("a code").to_owned();
        let exchange = |verifier: &str| json!({ "auth_code": code, "code_verifier": verifier });
        app.post("/token?grant_type=pkce", exchange(&"x".repeat(43))).await;
        let answer = app.post("/token?grant_type=pkce", exchange(&verifier)).await.succeeded().json();
        app.post("/token?grant_type=pkce", exchange(&verifier)).await;
        access = answer["access_token"].as_str().expect("a token").to_owned();
        let refresh = answer["refresh_token"].as_str().expect("a token").to_owned();
        secrets.extend([link.token, link.url, link.code, code, access.clone(), refresh]);
    }
    app.clock.advance(chrono::TimeDelta::minutes(1));
    put(&access, json!({ "email": new, "data": { "canary": "canary" } })).await.succeeded();
    put(&access, json!({ "email": "canary@", "nonce": "canary" })).await;
    app.post("/resend", json!({ "type": "email_change", "email": ada })).await;
    for email in [ada, new] {
        let link = app.mailbox.link_to(email);
        let fields = [("token", link.token.as_str()), ("password", "canary"), ("password_is", "new")];
        app.submit("/verify/confirm", &fields).await;
        app.post("/verify", json!({ "type": "email_change", "email": email, "token": link.code })).await;
        secrets.extend([link.token, link.url, link.code]);
    }
    app.get("/reauthenticate").bearer(&access).await;
    let (access, body) = {
        let session = app.sign_in(new, PASSWORD).await.succeeded().json();
        (session["access_token"].as_str().expect("a token").to_owned(), json!({ "nonce": "canary" }))
    };
    app.get("/reauthenticate").bearer(&access).await.succeeded();
    let nonce = app.mailbox.to(new).pop().expect("a mail").text;
    let digits = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    secrets.push(nonce.split_whitespace().find(digits).expect("a code").to_owned());
    app.get("/user/export").bearer(&access).await.succeeded();
    let delete = |body: &Value| {
        let call = app.call(Method::DELETE, "/auth/v1/user").header("content-type", "application/json");
        call.bearer(&access).body(body.to_string())
    };
    delete(&body).await;
    delete(&json!({ "current_password": "canary" })).await;
    delete(&json!({ "current_password": PASSWORD })).await.succeeded();
    let log = app.log.text();
    for secret in &secrets {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    assert!(log.lines().count() > 20);
}

#[tokio::test]
async fn every_line_of_a_production_log_is_an_object_with_time_level_and_event() {
    let app = TestApp::start().await;
    app.mailbox.fail_next([MailError::Permanent { reason: "422 no".to_owned() }]);
    app.post("/signup", json!({ "email": "ada@example.com", "password": PASSWORD })).await;
    app.get("/nowhere").await;
    app.database.go_down();
    app.get("/health/ready").await;
    app.sweep().await;
    for event in app.log.events() {
        for name in ["time", "level", "event"] {
            assert!(event[name].is_string(), "{event}");
        }
    }
    assert!(app.log.lines().len() >= 5);
}

#[tokio::test]
async fn in_development_a_line_is_made_for_people() {
    let app = TestApp::with(&[("ENVIRONMENT", "development")]).await;
    let answer = app.get("/settings").await;
    let id = answer.header("x-request-id").expect("an id");
    let (_, line) = app.log.lines().remove(0);
    let expected = format!(
        "12:00:00.000 info  request  duration_ms=0  http.method=GET  http.route=/auth/v1/settings  http.status=200  request.id={id}"
    );
    assert_eq!(line, expected);
}

/// Source: ASVS 16.4.1.
#[test]
fn no_value_can_fake_a_line_or_colour_the_terminal() {
    use edgegate::config::Environment;
    use edgegate::host::Log;
    use edgegate::log::Event;

    #[derive(Default)]
    struct Lines(std::sync::Mutex<Vec<String>>);
    impl Log for Lines {
        fn write(&self, _: Level, line: &str) {
            self.0.lock().expect("unpoisoned").push(line.to_owned());
        }
    }

    let now = "2026-11-22T12:00:00Z".parse().expect("a time");
    for environment in [Environment::Development, Environment::Production] {
        for value in [
            "a\r\n12:00:00.000 info  request  http.status=200",
            "\u{1b}[31mred",
            "a\u{2028}b",
            "a  x=1",
            "\u{85}",
            "\u{9b}31m",
        ] {
            let lines = Lines::default();
            Event::warn("test").field("value", value).write(&lines, environment, now);
            let lines = lines.0.into_inner().expect("unpoisoned");
            assert_eq!(lines.len(), 1);
            assert!(!lines[0].chars().any(char::is_control), "{:?}", lines[0]);
            if environment == Environment::Production {
                assert_eq!(serde_json::from_str::<Value>(&lines[0]).expect("JSON")["value"], value);
            } else {
                let quoted = lines[0].strip_prefix("12:00:00.000 warn  test  value=").expect("one field");
                assert_eq!(serde_json::from_str::<String>(quoted).expect("one JSON string"), value);
            }
        }
    }
}
