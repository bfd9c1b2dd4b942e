//! Mirrors `src/mail_provider.rs`, against the local mailbox, which is as strict as the provider. And the fake that all other
//! tests mail with is held to the same.

use edgegate::config::{MailProvider, MailSettings};
use edgegate::host::{Mail, MailError, Mailer};
use edgegate::mail_provider;
use serde_json::{Value, json};

use crate::support::mailbox_server::{API_KEY, MailboxServer};
use crate::support::{Mailbox, configuration};

fn mail(key: &str, text: &str) -> Mail {
    Mail {
        idempotency_key: key.to_owned(),
        to: "ada@example.com".to_owned(),
        subject: "Подтвердите адрес ✉".to_owned(),
        text: text.to_owned(),
        html: format!("<p>{text}</p>"),
    }
}

fn temporary(reason: &str) -> MailError {
    MailError::Temporary { reason: reason.to_owned(), retry_after: None }
}

fn permanent(reason: &str) -> MailError {
    MailError::Permanent { reason: reason.to_owned() }
}

fn settings(api_url: &str, api_key: &str) -> MailSettings {
    MailSettings {
        provider: MailProvider::Resend,
        api_url: api_url.parse().expect("a URL"),
        api_key: api_key.to_owned(),
        from: "Edgeville <no-reply@example.com>".to_owned(),
        stream: "outbound".to_owned(),
        webhook_key: None,
    }
}

/// The adapter and the fake, behind one face.
enum Provider {
    Adapter(MailboxServer, Box<MailSettings>),
    Fake(Box<Mailbox>),
}

impl Provider {
    fn both() -> [Self; 2] {
        let server = MailboxServer::start();
        let settings = settings(&server.url, API_KEY);
        [Self::Adapter(server, Box::new(settings)), Self::Fake(Box::default())]
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        match self {
            Self::Adapter(_, settings) => mail_provider::send(&reqwest::Client::new(), settings, mail).await,
            Self::Fake(mailbox) => mailbox.send(mail).await,
        }
    }

    /// The texts of the mails to Ada, oldest first.
    async fn accepted(&self) -> Vec<String> {
        match self {
            Self::Adapter(server, _) => {
                let text = |mail: Value| mail["text"].as_str().unwrap_or_default().to_owned();
                server.to("ada@example.com").await.into_iter().rev().map(text).collect()
            }
            Self::Fake(mailbox) => mailbox.to("ada@example.com").into_iter().map(|mail| mail.text).collect(),
        }
    }

    /// The next send fails: by this rule of the mailbox, which is this error to us.
    async fn fail_next(&self, mut rule: Value, error: MailError) {
        match self {
            Self::Adapter(server, _) => {
                rule["times"] = json!(1);
                server.fail(rule).await;
            }
            Self::Fake(mailbox) => mailbox.fail_next([error]),
        }
    }
}

#[tokio::test]
async fn a_mail_is_accepted() {
    for provider in Provider::both() {
        assert_eq!(provider.send(&mail("1", "hello")).await, Ok(()));
        assert_eq!(provider.accepted().await, ["hello"]);
    }
}

#[tokio::test]
async fn the_same_mail_sent_twice_is_one_mail_and_one_answer() {
    for provider in Provider::both() {
        assert_eq!(provider.send(&mail("1", "hello")).await, Ok(()));
        assert_eq!(provider.send(&mail("1", "hello")).await, Ok(()));
        assert_eq!(provider.send(&mail("2", "hello")).await, Ok(()));
        assert_eq!(provider.accepted().await, ["hello", "hello"]);
    }
}

/// Its earlier attempt was accepted, so it counts as sent.
#[tokio::test]
async fn another_text_under_a_key_that_was_used_sends_nothing_and_counts_as_sent() {
    for provider in Provider::both() {
        assert_eq!(provider.send(&mail("1", "hello")).await, Ok(()));
        assert_eq!(provider.send(&mail("1", "hello in other words")).await, Ok(()));
        assert_eq!(provider.accepted().await, ["hello"]);
    }
}

#[tokio::test]
async fn whatever_the_provider_answers_is_classified_and_accepts_nothing() {
    let busy =
        |seconds| MailError::Temporary { reason: "429 rate_limit_exceeded".to_owned(), retry_after: Some(seconds) };
    for provider in Provider::both() {
        for (n, (rule, error)) in [
            (json!({ "status": 500 }), temporary("500 application_error")),
            (json!({ "status": 502, "body": "<html>Bad gateway</html>" }), temporary("502")),
            (json!({ "status": 503, "body": "" }), temporary("503")),
            (json!({ "status": 408, "body": {} }), temporary("408")),
            (json!({ "status": 429, "headers": { "retry-after": "7" } }), busy(7)),
            (
                json!({ "status": 429, "headers": { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" } }),
                temporary("429 rate_limit_exceeded"),
            ),
            (json!({ "status": 401, "body": { "name": "missing_api_key" } }), temporary("401 missing_api_key")),
            (json!({ "status": 403, "body": { "name": "invalid_permissions" } }), temporary("403 invalid_permissions")),
            (
                json!({ "status": 409, "body": { "name": "concurrent_idempotent_requests" } }),
                temporary("409 concurrent_idempotent_requests"),
            ),
            (json!({ "status": 422, "body": { "name": "validation_error" } }), permanent("422 validation_error")),
            (json!({ "status": 422, "body": "{\"name\": 7}" }), permanent("422")),
            (json!({ "status": 400, "body": "\u{0}\u{1}garbled" }), permanent("400")),
            (json!({ "status": 404, "body": { "name": "ada@example.com <b>\nno" } }), permanent("404")),
            (json!({ "drop": true }), temporary("the provider did not answer")),
        ]
        .into_iter()
        .enumerate()
        {
            let mail = mail(&format!("key {n}"), &format!("text {n}"));
            provider.fail_next(rule.clone(), error.clone()).await;
            assert_eq!(provider.send(&mail).await, Err(error), "{rule}");
            assert!(!provider.accepted().await.contains(&mail.text), "{rule}");
            assert_eq!(provider.send(&mail).await, Ok(()), "the next attempt: {rule}");
            assert!(provider.accepted().await.contains(&mail.text), "{rule}");
        }
    }
}

#[tokio::test]
async fn an_answer_lost_after_the_mail_was_accepted_is_made_good_by_the_next_attempt() {
    let server = MailboxServer::start();
    let adapter = settings(&server.url, API_KEY);
    server.fail(json!({ "drop_after_accept": true, "times": 1 })).await;
    let client = reqwest::Client::new();
    let mail = mail("1", "hello");
    assert_eq!(mail_provider::send(&client, &adapter, &mail).await, Err(temporary("the provider did not answer")));
    assert_eq!(mail_provider::send(&client, &adapter, &mail).await, Ok(()));
    assert_eq!(server.to("ada@example.com").await.len(), 1);
}

#[tokio::test]
async fn a_slow_provider_is_waited_for_by_the_adapter_itself() {
    let server = MailboxServer::start();
    server.fail(json!({ "delay_ms": 300, "times": 1 })).await;
    let sent = mail_provider::send(&reqwest::Client::new(), &settings(&server.url, API_KEY), &mail("1", "hello")).await;
    assert_eq!(sent, Ok(()));
}

#[tokio::test]
async fn success_with_a_body_that_is_none_is_success() {
    let server = MailboxServer::start();
    server.fail(json!({ "status": 200, "body": "garbled" })).await;
    let sent = mail_provider::send(&reqwest::Client::new(), &settings(&server.url, API_KEY), &mail("1", "hello")).await;
    assert_eq!(sent, Ok(()));
}

#[tokio::test]
async fn the_request_is_what_the_provider_documents() {
    let server = MailboxServer::start();
    mail_provider::send(&reqwest::Client::new(), &settings(&server.url, API_KEY), &mail("the key", "hello"))
        .await
        .expect("sent");
    let message = server.to("ada@example.com").await.remove(0);
    let message = server.message(&message["id"]).await;
    assert_eq!(message["idempotency_key"], "the key");
    assert_eq!(
        message["request"]["body"],
        json!({
            "from": "Edgeville <no-reply@example.com>", "to": ["ada@example.com"], "subject": "Подтвердите адрес ✉",
            "html": "<p>hello</p>", "text": "hello",
        })
    );
    let agent = message["request"]["headers"]["user-agent"].as_str().unwrap_or_default();
    assert!(agent.starts_with("edgegate/"), "without one the provider's edge refuses: {agent}");
}

/// The operator repairs the key while the mail waits.
#[tokio::test]
async fn a_refused_key_is_worth_another_try() {
    let server = MailboxServer::start();
    let sent =
        mail_provider::send(&reqwest::Client::new(), &settings(&server.url, "re_wrong"), &mail("1", "hello")).await;
    assert!(matches!(&sent, Err(MailError::Temporary { reason, .. }) if reason.starts_with("40")), "{sent:?}");
    assert!(server.to("ada@example.com").await.is_empty());
}

#[tokio::test]
async fn what_the_provider_refuses_for_its_content_is_permanent() {
    let server = MailboxServer::start();
    let settings = settings(&server.url, API_KEY);
    for broken in [
        Mail { to: "not an address".to_owned(), ..mail("1", "hello") },
        Mail { subject: String::new(), ..mail("2", "hello") },
        Mail { subject: "a\r\nBcc: eve@example.com".to_owned(), ..mail("3", "hello") },
        Mail { idempotency_key: "x".repeat(257), ..mail("4", "hello") },
    ] {
        let sent = mail_provider::send(&reqwest::Client::new(), &settings, &broken).await;
        assert!(matches!(&sent, Err(MailError::Permanent { .. })), "{sent:?}");
    }
    assert!(server.to("ada@example.com").await.is_empty() && server.to("eve@example.com").await.is_empty());
}

#[tokio::test]
async fn nobody_there_is_worth_another_try() {
    // Port 9 is `discard`, which nobody runs.
    let settings = settings("http://127.0.0.1:9", API_KEY);
    let sent = mail_provider::send(&reqwest::Client::new(), &settings, &mail("1", "hello")).await;
    assert_eq!(sent, Err(temporary("the provider did not answer")));
}

#[tokio::test]
async fn the_settings_lead_to_the_providers_own_api_unless_they_say_otherwise() {
    let config = configuration(&[]).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(config.mail.api_url.as_str(), "https://api.resend.com/");
    assert_eq!(
        (config.mail.api_key.as_str(), config.mail.from.as_str()),
        ("re_test", "Edgeville <no-reply@example.com>")
    );
}

/// A base URL with a path of its own, as a proxy in front of the provider has.
#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let server = MailboxServer::start();
    let sent = mail_provider::send(
        &reqwest::Client::new(),
        &settings(&format!("{}/proxy/", server.url), API_KEY),
        &mail("1", "hello"),
    )
    .await;
    assert!(matches!(&sent, Err(MailError::Permanent { reason }) if reason.starts_with("404")), "{sent:?}");
}
