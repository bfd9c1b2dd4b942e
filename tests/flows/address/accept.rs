//! Which addresses may become an account's, through the front door: the operator's domains,
//! disposable ones, and those that take no mail. Syntax is in `endpoints/sign_up/input.rs`.

use edgegate::flows::address;
use edgegate::host::Level;
use edgegate::integrations::dns_over_https::RecordType;
use serde_json::json;

use crate::support::kv::FaultMode;
use crate::support::{Answer, PASSWORD, TestApp};

const NOT_AUTHORIZED: &str = "Email addresses of this domain cannot be used here";
const DISPOSABLE: &str = "Disposable email addresses cannot be used here";
const NO_MAIL: &str = "Unable to validate email address: its domain does not take mail";

async fn sign_up(app: &TestApp, email: &str) -> Answer {
    app.post("/signup", json!({ "email": email, "password": PASSWORD })).await
}

async fn accepted(app: &TestApp, email: &str) {
    assert_eq!(sign_up(app, email).await.status, 200, "{email}");
}

/// Refused with this code and text, before there was a connection, and with nothing of the address
/// in the log.
async fn refused(app: &TestApp, email: &str, code: &str, message: &str) {
    let state = || (app.database.traffic(), app.mailbox.mails().len());
    let before = state();
    let answer = sign_up(app, email).await;
    assert_eq!(answer.refusal(), (400, code.to_owned()), "{email}");
    assert_eq!(answer.json()["msg"], message, "{email}");
    assert_eq!(state(), before, "{email} reached the database or a mailbox");
    assert_unseen(app, email);
}

fn assert_unseen(app: &TestApp, email: &str) {
    let domain = email.split('@').nth(1).expect("a domain").to_lowercase();
    assert!(!app.log.text().to_lowercase().contains(&domain), "{}", app.log.text());
}

#[tokio::test]
async fn without_settings_any_domain_will_do_and_dns_is_not_asked() {
    let app = TestApp::start().await;
    for email in ["ada@example.com", "ada@mailinator.com", "ada@nobody.example"] {
        accepted(&app, email).await;
    }
    assert!(app.dns.asked().is_empty());
}

#[tokio::test]
async fn only_allowed_domains_are_taken() {
    let app = TestApp::with(&[("EMAIL_DOMAINS_ALLOWED", "example.com, *.bücher.example")]).await;
    accepted(&app, "ada@Example.com").await;
    accepted(&app, "ada@shop.xn--bcher-kva.example").await;
    for email in ["ada@sub.example.com", "ada@example.org", "ada@xn--bcher-kva.example", "ada@evilexample.com"] {
        refused(&app, email, "email_address_not_authorized", NOT_AUTHORIZED).await;
    }
}

#[tokio::test]
async fn denied_domains_are_refused_even_among_the_allowed() {
    let app = TestApp::with(&[
        ("EMAIL_DOMAINS_ALLOWED", "*.example.com"),
        ("EMAIL_DOMAINS_DENIED", "bad.example.com,*.bad.example.com"),
    ])
    .await;
    accepted(&app, "ada@good.example.com").await;
    for email in ["ada@bad.example.com", "ada@worse.BAD.example.com"] {
        refused(&app, email, "email_address_not_authorized", NOT_AUTHORIZED).await;
    }
}

#[tokio::test]
async fn disposable_domains_are_refused_where_that_is_set() {
    let app = TestApp::with(&[("EMAIL_REFUSE_DISPOSABLE", "true")]).await;
    accepted(&app, "ada@example.com").await;
    for email in ["ada@mailinator.com", "ada@sub.mailinator.com"] {
        refused(&app, email, "email_address_not_authorized", DISPOSABLE).await;
    }
}

#[tokio::test]
async fn domains_that_take_no_mail_are_refused_where_that_is_set() {
    let app = TestApp::with(&[("EMAIL_CHECK_MX", "true")]).await;
    app.dns.enter("example.com", 300, &[(RecordType::Mx, "10 mail.example.com.")]);
    app.dns.enter("silent.example", 300, &[(RecordType::Mx, "0 .")]);
    app.dns.enter("xn--bcher-kva.example", 300, &[(RecordType::A, "192.0.2.1")]);
    accepted(&app, "ada@EXAMPLE.com").await;
    accepted(&app, "ada@bücher.example").await;
    for email in ["ada@silent.example", "ada@exampel.com"] {
        refused(&app, email, "email_address_invalid", NO_MAIL).await;
    }
    assert_eq!(app.log.newest("request")["error.cause"], "the domain does not take mail");
}

/// The answer is one of the address alone: that it has an account changes nothing.
#[tokio::test]
async fn whether_there_is_an_account_makes_no_difference() {
    let app = TestApp::start().await;
    app.signed_in("ada@nobody.example").await;
    let strict = app.redeployed(&[("EMAIL_CHECK_MX", "true"), ("EMAIL_DOMAINS_DENIED", "bad.example")]);
    refused(&strict, "ada@nobody.example", "email_address_invalid", NO_MAIL).await;
    refused(&strict, "eve@nobody.example", "email_address_invalid", NO_MAIL).await;
    assert_eq!(strict.sign_in("ada@nobody.example", PASSWORD).await.status, 200, "and who has one may still sign in");
}

#[tokio::test]
async fn dns_is_asked_last_and_once_for_a_domain_in_each_isolate() {
    let app = TestApp::with(&[("EMAIL_CHECK_MX", "true"), ("EMAIL_REFUSE_DISPOSABLE", "true")]).await;
    refused(&app, "ada@mailinator.com", "email_address_not_authorized", DISPOSABLE).await;
    assert_eq!(sign_up(&app, "ada@nobody.example\n").await.status, 400);
    assert!(app.dns.asked().is_empty());
    for email in ["ada@nobody.example", "bob@NOBODY.example"] {
        refused(&app, email, "email_address_invalid", NO_MAIL).await;
    }
    assert_eq!(app.dns.asked().len(), 1);
}

#[tokio::test]
async fn an_address_passes_when_dns_does_not_say_and_that_is_logged_once() {
    let app = TestApp::with(&[("EMAIL_CHECK_MX", "true")]).await;
    app.dns.becomes(FaultMode::Failing);
    accepted(&app, "ada@nobody.example").await;
    let warnings: Vec<_> = app.log.lines().into_iter().filter(|(level, _)| *level == Level::Warn).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(app.log.newest("deliverability_unknown")["error.cause"], "DNS: the answer has the code 2");
    assert_unseen(&app, "ada@nobody.example");
}

#[tokio::test]
async fn an_address_passes_when_dns_is_silent() {
    let app = TestApp::with(&[("EMAIL_CHECK_MX", "true")]).await;
    app.dns.becomes(FaultMode::Hanging);
    app.clock.let_limits_run_out();
    let taken = address::accept(&app.app, "ada@nobody.example").await.expect("let pass");
    assert_eq!(taken.as_str(), "ada@nobody.example");
    assert_eq!(app.log.newest("deliverability_unknown")["error.cause"], "DNS: took too long");
    assert_unseen(&app, "ada@nobody.example");
}
