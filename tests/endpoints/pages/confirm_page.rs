//! `GET /verify`: the page behind a mailed link.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn in_the_browser_that_signed_up_it_is_one_button() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let page = app.get(&format!("/verify?token={}&type=signup", link.token)).cookie(&link.cookie.expect("one")).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type").as_deref(), Some("text/html; charset=utf-8"));
    let html = page.text();
    assert_eq!(html.matches("<button").count(), 1, "{html}");
    assert!(html.contains("action=\"https://auth.example.com/auth/v1/verify/confirm\""), "{html}");
    assert!(html.contains(&format!("name=\"token\" value=\"{}\"", link.token)));
    assert!(!html.contains("type=\"password\""));
    assert!(html.contains("a•••@example.com") && !html.contains("ada@example.com"), "{html}");
    assert_eq!(page.header("set-cookie"), None);
}

#[tokio::test]
async fn in_another_browser_it_asks_for_the_password_too() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let path = format!("/verify?token={}&type=signup", link.token);
    let other = app.sign_up("eve@example.com").await.cookie.expect("a cookie");
    for cookie in [None, Some(other.as_str()), Some("__Host-edgegate-browser=junk"), Some("a=b; c")] {
        let call = app.get(&path);
        let page = match cookie {
            Some(cookie) => call.cookie(cookie).await,
            None => call.await,
        };
        assert_eq!(page.status, 200);
        let html = page.text();
        assert_eq!(html.matches("type=\"password\"").count(), 1, "{cookie:?}: {html}");
        assert!(html.contains("value=\"chosen\" checked") && html.contains("value=\"new\""));
    }
}

#[tokio::test]
async fn the_cookie_counts_among_others_and_in_any_cookie_header() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let cookie = link.cookie.expect("a cookie");
    let path = format!("/verify?token={}", link.token);
    let page = app.get(&path).cookie("theme=dark").cookie(&format!("x=1; {cookie}; y=2")).await;
    assert!(!page.text().contains("type=\"password\""));
}

/// Mail scanners and link previews open links too.
#[tokio::test]
async fn looking_at_the_page_uses_nothing_up() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let before = app.database.contents().await;
    let path = format!("/auth/v1/verify?token={}&type=signup", link.token);
    for round in 0..10 {
        for method in [Method::GET, Method::HEAD] {
            let call =
                app.call(method.clone(), &path).header("purpose", "prefetch").header("user-agent", "Scanner/1.0");
            let call = if round % 2 == 0 { call.cookie(link.cookie.as_deref().expect("one")) } else { call };
            let answer = call.await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.body.is_empty(), method == Method::HEAD);
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
    assert_eq!(app.database.contents().await, before);
    assert_eq!(app.press_button(&link, link.cookie.as_deref()).await.status, 303);
}

#[tokio::test]
async fn a_link_that_never_was_is_dead() {
    let app = TestApp::start().await;
    let stranger = "A".repeat(43);
    let long = "A".repeat(5000);
    for query in [
        "",
        "?",
        "?token=",
        "?token=x",
        "?type=signup",
        &format!("?token={stranger}"),
        &format!("?token={stranger}="),
        &format!("?token={long}"),
        "?token=%00",
        "?token=%ff%fe",
        "?token=a&token=b",
        "?token[]=a",
    ] {
        let page = app.get(&format!("/verify{query}")).header("accept", "text/html").await;
        assert!([400, 410].contains(&page.status.as_u16()), "{query}: {page:?}");
        assert_eq!(page.header("content-type").as_deref(), Some("text/html; charset=utf-8"), "{query}");
    }
    let page = app.get(&format!("/verify?token={stranger}")).await;
    assert_eq!(page.status, 410);
    assert!(page.text().contains("This link no longer works"));
    assert!(page.text().contains("href=\"https://app.example.com/\""));
}

#[tokio::test]
async fn a_used_replaced_expired_or_banned_link_is_dead_and_looks_like_one_that_never_was() {
    let app = TestApp::start().await;
    let stranger = app.get(&format!("/verify?token={}", "A".repeat(43))).await;
    let nonce = |html: &str| {
        html.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    };
    let page_of = |html: String| html.replace(&nonce(&html), "NONCE");

    let used = app.sign_up("used@example.com").await;
    app.enter_code("used@example.com", &used.code).await.succeeded();
    let replaced = app.sign_up("replaced@example.com").await;
    let banned = app.sign_up("banned@example.com").await;
    app.database
        .change("UPDATE edgegate.users SET banned_until = '2030-01-01' WHERE email = 'banned@example.com'")
        .await;
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/resend", json!({ "type": "signup", "email": "replaced@example.com" })).await.succeeded();
    let gone = app.sign_up("gone@example.com").await;
    app.database.change("DELETE FROM edgegate.users WHERE email = 'gone@example.com'").await;
    for link in [&used, &replaced, &banned, &gone] {
        let page = app.get(&format!("/verify?token={}", link.token)).await;
        assert_eq!(page.status, 410);
        assert_eq!(page_of(page.text()), page_of(stranger.text()));
        assert_eq!(app.press_button(link, link.cookie.as_deref()).await.status, 410);
    }
}

#[tokio::test]
async fn a_link_works_for_twenty_four_hours() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let path = format!("/verify?token={}", link.token);
    app.clock.advance(TimeDelta::hours(24) - TimeDelta::milliseconds(1));
    assert_eq!(app.get(&path).await.status, 200);
    app.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(app.get(&path).await.status, 410);
    assert_eq!(app.press_button(&link, link.cookie.as_deref()).await.status, 410);
}

#[tokio::test]
async fn the_page_is_in_the_browsers_language() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let page = app.get(&format!("/verify?token={}", link.token)).header("accept-language", "ru").await;
    assert!(page.text().contains("<html lang=\"ru\"") && page.text().contains("Подтвердите"), "{}", page.text());
    assert!(page.header("vary").expect("vary").contains("Accept-Language"));
}

#[tokio::test]
async fn nothing_from_the_request_is_reflected_unescaped() {
    let app = TestApp::start().await;
    let payloads = [
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "%22%20onload%3Dalert(1)%20x%3D%22",
        "%27%3E%3Cimg%20src%3Dx%3E",
        "%7B%7B7*7%7D%7D",
    ];
    let body =
        json!({ "email": "a'b&c`@example.com", "password": PASSWORD, "data": { "name": "<script>alert(1)</script>" } });
    app.post("/signup", body).await.succeeded();
    let link = app.mailbox.link_to("a'b&c`@example.com");
    for payload in payloads {
        for path in [
            format!("/verify?token={payload}&type={payload}&redirect_to={payload}"),
            format!("/verify?token={}&type={payload}&redirect_to={payload}&{payload}={payload}", link.token),
        ] {
            let page = app.get(&path).header("accept-language", "<script>").await;
            let html = page.text();
            for trace in ["alert(1)", "src=x", "onload=alert", "7*7", ">49<"] {
                assert!(!html.contains(trace), "{path}: {trace} in {html}");
            }
        }
    }
    for payload in ["<script>alert(1)</script>", "\" onfocus=alert(1) x=\"", "{{7*7}}"] {
        let fields = [("token", payload), ("type", payload), ("password", payload), ("password_is", payload)];
        let fields_with_token =
            [("token", link.token.as_str()), ("type", payload), ("password", payload), ("password_is", payload)];
        for fields in [fields, fields_with_token] {
            let html = app.submit("/verify/confirm", &fields).await.text();
            assert!(!html.contains("alert(1)") && !html.contains("7*7"), "{html}");
        }
    }
}

#[tokio::test]
async fn its_policy_lets_the_form_lead_to_the_redirects_origin_and_nowhere_else() {
    let app =
        TestApp::with(&[("REDIRECT_ALLOW_LIST", "https://other.example.net/app,com.example.app://callback")]).await;
    for (redirect_to, origin) in [
        (None, "https://app.example.com"),
        (Some("https://other.example.net/app/welcome"), "https://other.example.net"),
        (Some("com.example.app://callback"), "com.example.app:"),
        (Some("https://evil.example/"), "https://app.example.com"),
    ] {
        let address = "ada@example.com";
        let query = redirect_to.map(|url| format!("?redirect_to={url}")).unwrap_or_default();
        app.post(&format!("/signup{query}"), json!({ "email": address, "password": PASSWORD })).await.succeeded();
        let page = app.get(&format!("/verify?token={}", app.mailbox.link_to(address).token)).await;
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.contains(&format!("form-action 'self' {origin};")), "{policy}");
        for directive in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'"] {
            assert!(policy.contains(directive), "{policy}");
        }
        app.clock.advance(TimeDelta::minutes(1));
    }
}

#[tokio::test]
async fn scripts_and_styles_carry_a_nonce_that_is_new_each_time() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let mut nonces = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let page = app.get(&format!("/verify?token={}", link.token)).await;
        let policy = page.header("content-security-policy").expect("a policy");
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        assert!(page.text().contains(&format!("nonce=\"{nonce}\"")));
        assert!(!policy.contains("unsafe"));
        nonces.insert(nonce);
    }
    assert_eq!(nonces.len(), 3);
}
