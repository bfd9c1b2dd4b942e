//! `POST /verify/confirm`: the button of the page behind a mailed link.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Answer, MailedLink, PASSWORD, TestApp, tokens};

/// The page's form with a password typed in.
async fn type_password(app: &TestApp, link: &MailedLink, password_is: &str, password: &str) -> Answer {
    app.submit("/verify/confirm", &[("token", &link.token), ("password_is", password_is), ("password", password)]).await
}

#[tokio::test]
async fn in_the_browser_that_signed_up_it_confirms_signs_in_and_leads_on() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let answer = app.press_button(&link, link.cookie.as_deref()).await;
    assert_eq!(answer.status, 303);
    let (place, fragment) = answer.redirect();
    assert_eq!(place, "https://app.example.com/");
    assert_eq!(fragment["expires_in"], "600");
    assert_eq!(fragment["expires_at"], "1795349400");
    assert_eq!(fragment["token_type"], "bearer");
    assert_eq!(fragment["type"], "signup");
    assert!(fragment.contains_key("refresh_token"));
    let user = app.get("/user").bearer(&fragment["access_token"]).await.succeeded().json();
    assert_eq!(user["email"], "ada@example.com");
    assert_eq!(user["email_confirmed_at"], "2026-11-22T12:00:00.000000Z");
    assert!(answer.body.is_empty());
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn its_session_says_how_it_was_proved() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let (_, fragment) = app.press_button(&link, link.cookie.as_deref()).await.redirect();
    let claims = tokens::claims(&fragment["access_token"]);
    assert_eq!(claims["amr"], json!([{ "method": "otp", "timestamp": 1_795_348_800 }]));
    assert_eq!(
        (&claims["aal"], &claims["role"], &claims["aud"]),
        (&json!("aal1"), &json!("authenticated"), &json!("authenticated"))
    );
    assert_eq!(claims["iss"], "https://auth.example.com/auth/v1");
}

#[tokio::test]
async fn the_browsers_cookie_goes() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let answer = app.press_button(&link, link.cookie.as_deref()).await;
    let gone = "__Host-edgegate-browser=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0";
    assert_eq!(answer.header("set-cookie").as_deref(), Some(gone));
}

#[tokio::test]
async fn it_leads_where_sign_up_asked_to_go_if_that_is_allowed() {
    let app =
        TestApp::with(&[("REDIRECT_ALLOW_LIST", "https://other.example.net/app,com.example.app://callback")]).await;
    for (n, (asked, place)) in [
        ("https://app.example.com/welcome?x=1", "https://app.example.com/welcome?x=1"),
        ("https://other.example.net/app/welcome", "https://other.example.net/app/welcome"),
        ("com.example.app://callback", "com.example.app://callback"),
        ("https://other.example.net/elsewhere", "https://app.example.com/"),
        ("https://evil.example/", "https://app.example.com/"),
        ("https://app.example.com.evil.example/", "https://app.example.com/"),
        ("https://app.example.com@evil.example/", "https://app.example.com/"),
        ("https://app.example.com:8443/", "https://app.example.com/"),
        ("http://app.example.com/", "https://app.example.com/"),
        ("//evil.example/", "https://app.example.com/"),
        ("javascript:alert(1)", "https://app.example.com/"),
        ("/welcome", "https://app.example.com/"),
        ("", "https://app.example.com/"),
    ]
    .into_iter()
    .enumerate()
    {
        let address = format!("ada{n}@example.com");
        let query = serde_urlencoded::to_string([("redirect_to", asked)]).expect("text");
        let body = json!({ "email": address, "password": PASSWORD });
        let cookie = app.post(&format!("/signup?{query}"), body).await.succeeded().cookie();
        let answer = app.press_button(&app.mailbox.link_to(&address), Some(&cookie)).await;
        assert_eq!(answer.redirect().0, place, "{asked}");
    }
}

#[tokio::test]
async fn the_form_itself_cannot_say_where_to_go() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let fields = [("token", link.token.as_str()), ("redirect_to", "https://evil.example/")];
    let answer = app
        .submit("/verify/confirm?redirect_to=https://evil.example/", &fields)
        .cookie(&link.cookie.expect("one"))
        .header("referer", "https://evil.example/")
        .await;
    assert_eq!(answer.redirect().0, "https://app.example.com/");
}

#[tokio::test]
async fn elsewhere_the_button_alone_brings_the_page_again() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let before = app.database.contents().await;
    for cookie in [None, Some("__Host-edgegate-browser=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
        let page = app.press_button(&link, cookie).await;
        assert_eq!(page.status, 422);
        assert!(page.text().contains("Enter a password."), "{}", page.text());
        assert_eq!(page.header("set-cookie"), None);
    }
    assert_eq!(type_password(&app, &link, "chosen", "").await.status, 422);
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn elsewhere_the_password_chosen_at_sign_up_signs_in() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let answer = type_password(&app, &link, "chosen", PASSWORD).await;
    let (_, fragment) = answer.redirect();
    assert_eq!(app.get("/user").bearer(&fragment["access_token"]).await.status, 200);
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200);
    assert_eq!(app.press_button(&link, link.cookie.as_deref()).await.status, 410, "used");
}

#[tokio::test]
async fn a_wrong_password_brings_the_page_again_and_uses_nothing_up() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let before = app.database.contents_besides("throttles").await;
    for password in ["some other password", "Correct horse battery staple", &"x".repeat(5000)] {
        let page = type_password(&app, &link, "chosen", password).await;
        assert_eq!(page.status, 422);
        assert!(page.text().contains("role=\"alert\""), "{}", page.text());
        assert!(!page.text().contains(password));
    }
    assert_eq!(app.database.contents_besides("throttles").await, before);
    assert_eq!(type_password(&app, &link, "chosen", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_new_password_replaces_the_one_chosen_at_sign_up() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    assert_eq!(type_password(&app, &link, "new", "a brand new passphrase").await.status, 303);
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.refusal(), (400, "invalid_credentials".to_owned()));
    assert_eq!(app.sign_in("ada@example.com", "a brand new passphrase").await.status, 200);
}

#[tokio::test]
async fn a_weak_new_password_brings_the_page_again_and_uses_nothing_up() {
    let app = TestApp::start().await;
    let link = app.sign_up("lovelace-ada@example.com").await;
    let before = app.database.contents().await;
    for (password, problem) in [
        ("short", "The new password is too short."),
        ("password1", "This password is too easy to guess. Choose another one."),
        ("lovelace-ada", "This password is too easy to guess. Choose another one."),
        ("Edgeville", "This password is too easy to guess. Choose another one."),
        (&"x".repeat(4097), "This password is too long. Choose a shorter one."),
    ] {
        let page = type_password(&app, &link, "new", password).await;
        assert_eq!(page.status, 422);
        assert!(page.text().contains(problem), "{}", page.text());
        assert!(page.text().contains("value=\"new\" checked"), "what was selected stays selected");
    }
    assert_eq!(app.database.contents().await, before);
    assert_eq!(type_password(&app, &link, "new", "a brand new passphrase").await.status, 303);
}

#[tokio::test]
async fn in_the_browser_that_signed_up_a_typed_password_counts_all_the_same() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let fields = [("token", link.token.as_str()), ("password_is", "chosen"), ("password", "not the password")];
    let page = app.submit("/verify/confirm", &fields).cookie(&link.cookie.expect("one")).await;
    assert_eq!(page.status, 422);
}

#[tokio::test]
async fn a_link_works_once() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    assert_eq!(app.press_button(&link, link.cookie.as_deref()).await.status, 303);
    let before = app.database.contents().await;
    let again = app.press_button(&link, link.cookie.as_deref()).await;
    assert_eq!(again.status, 410);
    assert!(again.text().contains("This link no longer works"));
    assert_eq!(type_password(&app, &link, "chosen", PASSWORD).await.status, 410);
    assert_eq!(type_password(&app, &link, "new", "a brand new passphrase").await.status, 410);
    assert_eq!(app.enter_code("ada@example.com", &link.code).await.refusal(), (403, "otp_expired".to_owned()));
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn of_thirty_two_presses_at_once_one_signs_in() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let calls = (0..32).map(|_| app.press_button(&link, link.cookie.as_deref()).send());
    let statuses: Vec<u16> = join_all(calls).await.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 410).count(), 31, "{statuses:?}");
    assert_eq!(app.database.count("sessions").await, 1);
}

#[tokio::test]
async fn of_many_new_passwords_at_once_exactly_one_is_set() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let passwords: Vec<String> = (0..16).map(|n| format!("a brand new passphrase {n}")).collect();
    let answers = join_all(passwords.iter().map(|password| type_password(&app, &link, "new", password))).await;
    let winners: Vec<usize> = (0..16).filter(|n| answers[*n].status == 303).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(app.database.count("sessions").await, 1);
    assert_eq!(app.sign_in("ada@example.com", &passwords[winners[0]]).await.status, 200);
}

/// SECURITY.md T-65: another site's page must not sign anybody in to an account of its own choice.
#[tokio::test]
async fn a_form_that_another_site_sent_is_refused() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let cookie = link.cookie.clone().expect("a cookie");
    let before = app.database.contents().await;
    for (site, origin) in [
        (Some("cross-site"), None),
        (Some("cross-site"), Some("https://auth.example.com")),
        (Some("same-site"), None),
        (Some("none"), None),
        (Some(""), Some("https://auth.example.com")),
        (None, Some("https://evil.example")),
        (None, Some("https://app.example.com")),
        (None, Some("https://auth.example.com.evil.example")),
        (None, Some("http://auth.example.com")),
        (None, Some("null")),
        (None, None),
    ] {
        let mut call = app.press_button(&link, Some(&cookie)).without("sec-fetch-site");
        if let Some(site) = site {
            call = call.header("sec-fetch-site", site);
        }
        if let Some(origin) = origin {
            call = call.header("origin", origin);
        }
        assert_eq!(call.await.refusal(), (403, "cross_site_request".to_owned()), "{site:?} {origin:?}");
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn an_older_browser_is_known_by_its_origin() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let call = app.press_button(&link, link.cookie.as_deref()).without("sec-fetch-site");
    assert_eq!(call.header("origin", "https://auth.example.com").await.status, 303);
}

#[tokio::test]
async fn a_refusal_is_a_page_for_people_and_json_for_scripts() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let cross = || app.press_button(&link, None).without("sec-fetch-site");
    let page = cross().header("accept", "text/html,application/xhtml+xml").await;
    assert_eq!(page.header("content-type").as_deref(), Some("text/html; charset=utf-8"));
    assert!(page.text().contains("This form was sent from another site"), "{}", page.text());
    assert_eq!(cross().await.json()["error_code"], "cross_site_request");
}

#[tokio::test]
async fn a_form_without_its_fields_or_with_one_twice_is_refused() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let before = app.database.contents().await;
    let twice = format!("token={}&token={}", link.token, link.token);
    let password_twice = format!("token={}&password=a&password=b", link.token);
    for body in ["", "type=signup", &twice, &password_twice] {
        let answer = app.submit("/verify/confirm", &[]).body(body.to_owned()).await;
        assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()), "{body}");
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn a_password_is_hashed_only_while_there_is_room() {
    let app = TestApp::with(&[("PASSWORD_HASHES_IN_FLIGHT", "1")]).await;
    let link = app.sign_up("ada@example.com").await;
    let _taken = app.hash_slot().expect("a free place");
    let answer = type_password(&app, &link, "chosen", PASSWORD).await;
    assert_eq!(answer.refusal(), (503, "over_capacity".to_owned()));
    assert_eq!(app.press_button(&link, link.cookie.as_deref()).await.status, 303, "which hashes nothing");
}

#[tokio::test]
async fn the_password_may_change_between_look_and_press_and_then_the_old_one_is_no_proof() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/signup", json!({ "email": "ada@example.com", "password": "another fine passphrase" })).await.succeeded();
    let newest = app.mailbox.link_to("ada@example.com");
    assert_eq!(type_password(&app, &newest, "chosen", PASSWORD).await.status, 422);
    assert_eq!(type_password(&app, &link, "chosen", PASSWORD).await.status, 410);
    assert_eq!(type_password(&app, &newest, "chosen", "another fine passphrase").await.status, 303);
}
