//! How often each call connects, and how many statements it sends: each call's budget of round
//! trips.

use axum::http::Method;
use edgegate::domain::policy;
use serde_json::{Value, json};

use crate::support::{Call, PASSWORD, TestApp, tokens};

/// Connections and statements of one call, up to its answer.
async fn cost(app: &TestApp, call: Call<'_>, status: u16) -> (u32, u32) {
    let before = app.database.traffic();
    let answer = call.send_only().await;
    assert_eq!(answer.status, status, "{answer:?}");
    let after = app.database.traffic();
    app.settle().await;
    (after.0 - before.0, after.1 - before.1)
}

#[tokio::test]
async fn each_call_keeps_to_its_budget() {
    let app = TestApp::start().await;
    let sign_up = |email: &str| app.post("/signup", json!({ "email": email, "password": PASSWORD }));
    assert_eq!(cost(&app, sign_up("ada@example.com"), 200).await, (1, 1));
    let link = app.mailbox.link_to("ada@example.com");
    assert_eq!(cost(&app, app.enter_code("ada@example.com", &link.code), 200).await, (1, 1));

    let bob = app.sign_up("bob@example.com").await;
    let page = app.get(&format!("/verify?token={}", bob.token));
    assert_eq!(cost(&app, page, 200).await, (1, 1));
    assert_eq!(cost(&app, app.press_button(&bob, bob.cookie.as_deref()), 303).await, (1, 2));

    let eve = app.sign_up("eve@example.com").await;
    let typed = app.submit("/verify/confirm", &[("token", &eve.token), ("password", PASSWORD)]);
    assert_eq!(cost(&app, typed, 303).await, (1, 2));

    let sam = app.sign_up("sam@example.com").await;
    let by_hash = app.post("/verify", json!({ "type": "signup", "token_hash": sam.token }));
    assert_eq!(cost(&app, by_hash, 200).await, (1, 1));

    let credentials = json!({ "email": "ada@example.com", "password": PASSWORD });
    let token = app.sign_in("ada@example.com", PASSWORD).await.access_token();
    assert_eq!(cost(&app, app.post("/token?grant_type=password", credentials), 200).await, (1, 2));
    assert_eq!(cost(&app, app.get("/user").bearer(&token), 200).await, (1, 1));
    let resend = app.post("/resend", json!({ "type": "signup", "email": "ada@example.com" }));
    app.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(cost(&app, resend, 200).await, (1, 1));
    assert_eq!(cost(&app, app.get("/health/ready"), 200).await, (1, 2));
}

#[tokio::test]
async fn each_call_on_sessions_keeps_to_its_budget() {
    let app = TestApp::start().await;
    let first = app.signed_in("ada@example.com").await;
    let token = |session: &Value, name: &str| session[name].as_str().expect("a token").to_owned();
    let grant =
        |refresh_token: String| app.post("/token?grant_type=refresh_token", json!({ "refresh_token": refresh_token }));
    assert_eq!(cost(&app, grant(token(&first, "refresh_token")), 200).await, (1, 1));
    assert_eq!(cost(&app, grant(token(&first, "refresh_token")), 200).await, (1, 1), "again");
    app.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(cost(&app, grant(token(&first, "refresh_token")), 400).await, (1, 1), "a replay");
    app.clock.advance(policy::REVOCATION_CACHE);
    assert_eq!(cost(&app, grant(token(&first, "refresh_token")), 400).await, (0, 0), "KV knows by now");

    let mine = app.sign_in("ada@example.com", PASSWORD).await.json();
    let access_token = token(&mine, "access_token");
    assert_eq!(cost(&app, app.get("/sessions").bearer(&access_token), 200).await, (1, 1));
    let introspect = app.submit("/introspect", &[("token", &access_token)]).bearer(&tokens::service());
    assert_eq!(cost(&app, introspect, 200).await, (0, 0));
    let change = json!({ "password": "another horse battery staple", "current_password": PASSWORD });
    let put = |path: &str| app.call(Method::PUT, path).header("content-type", "application/json");
    assert_eq!(cost(&app, put("/auth/v1/user").bearer(&access_token).body(change.to_string()), 200).await, (1, 2));
    assert_eq!(cost(&app, app.post("/logout", json!({})).bearer(&access_token), 204).await, (1, 1));

    let path = format!("/auth/v1/admin/users/{}", mine["user"]["id"].as_str().expect("an id"));
    let ban = put(&path).bearer(&tokens::service()).body(json!({ "ban_duration": "24h" }).to_string());
    assert_eq!(cost(&app, ban, 200).await, (1, 1));
    let delete = app.call(Method::DELETE, &path).bearer(&tokens::service());
    assert_eq!(cost(&app, delete, 200).await, (1, 1));
}

#[tokio::test]
async fn each_call_of_the_admin_api_keeps_to_its_budget_and_an_api_key_costs_one_more() {
    let app = TestApp::start().await;
    let key = app.whole_api_key().await;
    for (token, more) in [(tokens::service(), 0), (key, 1)] {
        let call = |method: Method, path: &str| app.call(method, &format!("/auth/v1/admin/users{path}")).bearer(&token);
        let send = |method: Method, path: &str, body: Value| {
            call(method, path).header("content-type", "application/json").body(body.to_string())
        };
        let body = json!({ "email": format!("user{more}@example.com"), "password": PASSWORD, "email_confirm": true });
        assert_eq!(cost(&app, send(Method::POST, "", body), 200).await, (1, 1 + more));
        let found: String = app.database.value("SELECT id::text FROM edgegate.users WHERE deleted_at IS NULL").await;
        let path = format!("/{found}");
        assert_eq!(cost(&app, call(Method::GET, "?filter=user"), 200).await, (1, 1 + more));
        assert_eq!(cost(&app, call(Method::GET, &path), 200).await, (1, 1 + more));
        assert_eq!(cost(&app, call(Method::GET, &format!("{path}/sessions")), 200).await, (1, 1 + more));
        assert_eq!(cost(&app, call(Method::DELETE, &format!("{path}/sessions")), 204).await, (1, 1 + more));
        assert_eq!(cost(&app, call(Method::GET, &format!("{path}/factors")), 200).await, (1, 1 + more));
        let both = json!({ "email": format!("new{more}@example.com"), "password": "another horse battery staple" });
        assert_eq!(cost(&app, send(Method::PUT, &path, both), 200).await, (1, 1 + more));
        let password = json!({ "password": PASSWORD });
        assert_eq!(
            cost(&app, send(Method::PUT, &path, password), 200).await,
            (1, 2 + more),
            "it may not be the address"
        );
        let softly = json!({ "should_soft_delete": true });
        assert_eq!(cost(&app, send(Method::DELETE, &path, softly), 200).await, (1, 1 + more));
        // What is refused costs no more than the look at the key.
        let connections = more;
        assert_eq!(cost(&app, call(Method::GET, "?page=0"), 400).await, (connections, more));
        assert_eq!(cost(&app, send(Method::POST, "", json!({})), 400).await, (connections, more));
    }
}

#[tokio::test]
async fn sending_the_mail_takes_one_more_statement_on_the_same_connection() {
    let app = TestApp::start().await;
    let before = app.database.traffic();
    app.sign_up("ada@example.com").await;
    let after = app.database.traffic();
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 2));
}

/// What is refused early costs no connection.
#[tokio::test]
async fn what_needs_no_database_opens_none() {
    let app = TestApp::start().await;
    let calls = [
        (app.get("/health"), 200),
        (app.get("/settings"), 200),
        (app.get("/openapi.json"), 200),
        (app.get("/user"), 401),
        (app.get("/user").bearer("x"), 401),
        (app.get("/verify?token=x"), 410),
        (app.post("/signup", json!({ "email": "a@b", "password": PASSWORD })), 400),
        (app.post("/signup", json!({ "email": "a@b.example", "password": "short" })), 422),
        (app.post("/verify", json!({ "type": "signup", "token_hash": "x" })), 403),
        (app.post("/verify", json!({ "type": "signup", "token": "12345", "email": "a@b.example" })), 403),
        (app.post("/token?grant_type=password", json!({ "email": "a@b", "password": PASSWORD })), 400),
        (app.post("/resend", json!({ "type": "signup", "email": "a@b" })), 400),
        (app.post("/token?grant_type=refresh_token", json!({ "refresh_token": "x" })), 400),
        (app.post("/logout", json!({})), 401),
        (app.get("/sessions").bearer("x"), 401),
        (app.submit("/introspect", &[("token", "x")]), 401),
        (app.submit("/introspect", &[("token", "x")]).bearer(&tokens::service()), 200),
        (app.call(Method::DELETE, "/auth/v1/admin/users/x").bearer("x"), 401),
    ];
    for (call, status) in calls {
        assert_eq!(cost(&app, call, status).await, (0, 0));
    }
}

#[tokio::test]
async fn each_call_in_the_life_of_an_account_keeps_to_its_budget() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true"), ("ACCOUNT_DELETION_GRACE_DAYS", "14")]).await;
    let (ada, new) = ("ada@example.com", "ada@example.org");
    app.signed_in(ada).await;
    let verifier = "x".repeat(43);
    let pkce = |email: &str| json!({ "email": email, "code_challenge": verifier, "code_challenge_method": "plain" });
    let put = |token: &str, body: Value| {
        let call = app.call(Method::PUT, "/auth/v1/user").header("content-type", "application/json");
        call.bearer(token).body(body.to_string())
    };
    let press = |token: &str| app.submit("/verify/confirm", &[("token", token)]);
    let minute = || app.clock.advance(chrono::TimeDelta::minutes(1));

    minute();
    assert_eq!(cost(&app, app.post("/recover", pkce(ada)), 200).await, (1, 1));
    let link = app.mailbox.link_to(ada);
    let before = app.database.traffic();
    let place = press(&link.token).await.header("location").expect("a place");
    let after = app.database.traffic();
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 2), "the page trades the link");
    let exchange = json!({ "auth_code": place.split("code=").nth(1), "code_verifier": verifier });
    assert_eq!(cost(&app, app.post("/token?grant_type=pkce", exchange), 200).await, (1, 1));

    minute();
    app.post("/recover", json!({ "email": ada })).await.succeeded();
    let link = app.mailbox.link_to(ada);
    let fields = [("token", link.token.as_str()), ("password", "another horse battery staple")];
    assert_eq!(cost(&app, app.submit("/verify/confirm", &fields), 303).await, (1, 2));
    minute();
    app.post("/recover", json!({ "email": ada })).await.succeeded();
    let code = json!({ "type": "recovery", "email": ada, "token": app.mailbox.link_to(ada).code });
    assert_eq!(cost(&app, app.post("/verify", code), 200).await, (1, 1));
    minute();
    assert_eq!(cost(&app, app.post("/otp", json!({ "email": ada })), 200).await, (1, 1));

    let token = app.sign_in(ada, "another horse battery staple").await.access_token();
    minute();
    assert_eq!(cost(&app, put(&token, json!({ "email": new })), 200).await, (1, 1));
    minute();
    let resend = app.post("/resend", json!({ "type": "email_change", "email": ada }));
    assert_eq!(cost(&app, resend, 200).await, (1, 2));
    assert_eq!(cost(&app, press(&app.mailbox.link_to(ada).token), 200).await, (1, 2));
    let code = json!({ "type": "email_change", "email": new, "token": app.mailbox.link_to(new).code });
    assert_eq!(cost(&app, app.post("/verify", code), 200).await, (1, 1));
    let undo = app.mailbox.to(ada).into_iter().rev().find_map(|mail| {
        let url = mail.text.split_whitespace().find(|word| word.contains("type=email_change_undo"))?.to_owned();
        url.split("token=").nth(1)?.split('&').next().map(str::to_owned)
    });
    assert_eq!(cost(&app, press(&undo.expect("a link")), 200).await, (1, 2));

    let bob = app.signed_in("bob@example.com").await["access_token"].as_str().expect("a token").to_owned();
    let nonce = async || {
        minute();
        assert_eq!(cost(&app, app.get("/reauthenticate").bearer(&bob), 200).await, (1, 1));
        let text = app.mailbox.to("bob@example.com").pop().expect("a mail").text;
        let digits = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        text.split_whitespace().find(digits).expect("a code").to_owned()
    };
    let change = json!({ "password": "another horse battery staple", "nonce": nonce().await });
    assert_eq!(cost(&app, put(&bob, change), 200).await, (1, 1));
    assert_eq!(cost(&app, app.get("/user/export").bearer(&bob), 200).await, (1, 1));
    let delete = |token: &str, body: Value| {
        let call = app.call(Method::DELETE, "/auth/v1/user").header("content-type", "application/json");
        call.bearer(token).body(body.to_string())
    };
    let by_nonce = json!({ "nonce": nonce().await });
    assert_eq!(cost(&app, delete(&bob, by_nonce), 200).await, (1, 1));
    let eve = app.signed_in("eve@example.com").await["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(cost(&app, delete(&eve, json!({ "current_password": PASSWORD })), 200).await, (1, 2));

    let strict = app.redeployed(&[("CONFIRM_SAME_BROWSER", "strict")]);
    let link = strict.sign_up("sam@example.com").await;
    let body = json!({ "type": "signup", "token_hash": link.token, "password": PASSWORD });
    assert_eq!(cost(&strict, strict.post("/verify", body), 200).await, (1, 2));
    let auto = app.redeployed(&[("MAILER_AUTOCONFIRM", "true")]);
    let sign_up = auto.post("/signup", json!({ "email": "kim@example.com", "password": PASSWORD }));
    assert_eq!(cost(&auto, sign_up, 200).await, (1, 1));
}
