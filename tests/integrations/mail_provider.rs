//! The mail providers against the local mailbox, which is as strict as they are. And the fake that
//! all other tests mail with is held to the same.

mod misbehaving;
mod refusals;
mod reports;

use std::sync::Arc;

use edgegate::config::{MailProvider, MailSettings};
use edgegate::integrations::mail_provider::{self, Mail, MailError};
use serde_json::{Value, json};

use crate::support::http::{FakeHttp, ReqwestHttp};
use crate::support::mailbox_server::{API_KEY, MailboxServer};
use crate::support::{Mailbox, configuration};

const PROVIDERS: [MailProvider; 3] = [MailProvider::Resend, MailProvider::Postmark, MailProvider::SendGrid];

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

fn settings(provider: MailProvider, api_url: &str, api_key: &str) -> MailSettings {
    MailSettings {
        provider,
        api_url: api_url.parse().expect("a URL"),
        api_key: api_key.to_owned(),
        from: "Edgeville <no-reply@example.com>".to_owned(),
        stream: "outbound".to_owned(),
        webhook_key: None,
        notify_new_device: true,
        per_network_hour: 0,
        per_hour: 0,
    }
}

/// Sends by the adapter.
async fn send(settings: &MailSettings, mail: &Mail) -> Result<(), MailError> {
    mail_provider::send(&ReqwestHttp::default(), settings, mail).await
}

/// The local mailbox or the fake, behind one face: the adapter sends to both.
enum Provider {
    Adapter(MailboxServer, Box<MailSettings>),
    Fake(Arc<Mailbox>),
}

impl Provider {
    fn adapter(provider: MailProvider) -> Self {
        let server = MailboxServer::start();
        let settings = settings(provider, &server.url, API_KEY);
        Self::Adapter(server, Box::new(settings))
    }

    /// The three adapters, and the fake.
    fn all() -> Vec<Self> {
        PROVIDERS.map(Self::adapter).into_iter().chain([Self::Fake(Arc::default())]).collect()
    }

    /// Those that know idempotency keys.
    fn with_keys() -> [Self; 2] {
        [Self::adapter(MailProvider::Resend), Self::Fake(Arc::default())]
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        match self {
            Self::Adapter(_, settings) => send(settings, mail).await,
            Self::Fake(mailbox) => {
                let http = FakeHttp::new(mailbox.clone(), Arc::default());
                let settings = settings(MailProvider::Resend, "https://api.resend.com", API_KEY);
                mail_provider::send(&http, &settings, mail).await
            }
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
    for provider in Provider::all() {
        assert_eq!(provider.send(&mail("1", "hello")).await, Ok(()));
        assert_eq!(provider.accepted().await, ["hello"]);
    }
}

#[tokio::test]
async fn the_same_mail_sent_twice_is_one_mail_and_one_answer() {
    for provider in Provider::with_keys() {
        assert_eq!(provider.send(&mail("1", "hello")).await, Ok(()));
        assert_eq!(provider.send(&mail("1", "hello")).await, Ok(()));
        assert_eq!(provider.send(&mail("2", "hello")).await, Ok(()));
        assert_eq!(provider.accepted().await, ["hello", "hello"]);
    }
}

/// Its earlier attempt was accepted, so it counts as sent.
#[tokio::test]
async fn another_text_under_a_key_that_was_used_sends_nothing_and_counts_as_sent() {
    for provider in Provider::with_keys() {
        assert_eq!(provider.send(&mail("1", "hello")).await, Ok(()));
        assert_eq!(provider.send(&mail("1", "hello in other words")).await, Ok(()));
        assert_eq!(provider.accepted().await, ["hello"]);
    }
}

#[tokio::test]
async fn whatever_the_provider_answers_is_classified_and_accepts_nothing() {
    let busy =
        |seconds| MailError::Temporary { reason: "429 rate_limit_exceeded".to_owned(), retry_after: Some(seconds) };
    for provider in Provider::with_keys() {
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
    for (provider, copies) in PROVIDERS.into_iter().zip([1, 2, 2]) {
        let server = MailboxServer::start();
        let adapter = settings(provider, &server.url, API_KEY);
        server.fail(json!({ "drop_after_accept": true, "times": 1 })).await;
        let mail = mail("1", "hello");
        assert_eq!(send(&adapter, &mail).await, Err(temporary("the provider did not answer")));
        assert_eq!(send(&adapter, &mail).await, Ok(()));
        assert_eq!(server.to("ada@example.com").await.len(), copies, "{provider:?}: only Resend knows the key");
    }
}

#[tokio::test]
async fn a_slow_provider_is_waited_for_by_the_adapter_itself() {
    for provider in PROVIDERS {
        let server = MailboxServer::start();
        server.fail(json!({ "delay_ms": 300, "times": 1 })).await;
        assert_eq!(send(&settings(provider, &server.url, API_KEY), &mail("1", "hello")).await, Ok(()));
    }
}

#[tokio::test]
async fn success_with_a_body_that_is_none_is_success() {
    for provider in PROVIDERS {
        let server = MailboxServer::start();
        server.fail(json!({ "status": 200, "body": "garbled" })).await;
        assert_eq!(send(&settings(provider, &server.url, API_KEY), &mail("1", "hello")).await, Ok(()));
    }
}

/// What the provider got for a mail with the key "the key".
async fn request_to(provider: MailProvider) -> Value {
    let server = MailboxServer::start();
    send(&settings(provider, &server.url, API_KEY), &mail("the key", "hello")).await.expect("sent");
    let message = server.to("ada@example.com").await.remove(0);
    let message = server.message(&message["id"]).await;
    assert_eq!(message["from"], "Edgeville <no-reply@example.com>");
    let agent = message["request"]["headers"]["user-agent"].as_str().unwrap_or_default();
    assert!(agent.starts_with("edgegate/"), "without one Resend's edge refuses: {agent}");
    message
}

#[tokio::test]
async fn the_request_to_resend_is_what_it_documents() {
    let message = request_to(MailProvider::Resend).await;
    assert_eq!(message["idempotency_key"], "the key");
    assert_eq!(
        message["request"]["body"],
        json!({
            "from": "Edgeville <no-reply@example.com>", "to": ["ada@example.com"], "subject": "Подтвердите адрес ✉",
            "html": "<p>hello</p>", "text": "hello",
        })
    );
}

#[tokio::test]
async fn the_request_to_postmark_is_what_it_documents_and_tracks_nothing() {
    let message = request_to(MailProvider::Postmark).await;
    assert_eq!(message["request"]["headers"]["accept"], "application/json");
    assert_eq!(
        message["request"]["body"],
        json!({
            "From": "Edgeville <no-reply@example.com>", "To": "ada@example.com", "Subject": "Подтвердите адрес ✉",
            "HtmlBody": "<p>hello</p>", "TextBody": "hello", "MessageStream": "outbound",
            "TrackLinks": "None", "TrackOpens": false, "Metadata": { "mail_id": "the key" },
        })
    );
}

#[tokio::test]
async fn the_request_to_sendgrid_is_what_it_documents_and_tracks_nothing() {
    let message = request_to(MailProvider::SendGrid).await;
    assert_eq!(
        message["request"]["body"],
        json!({
            "personalizations": [{ "to": [{ "email": "ada@example.com" }] }],
            "from": { "email": "no-reply@example.com", "name": "Edgeville" },
            "subject": "Подтвердите адрес ✉",
            "content": [
                { "type": "text/plain", "value": "hello" },
                { "type": "text/html", "value": "<p>hello</p>" },
            ],
            "custom_args": { "mail_id": "the key" },
            "tracking_settings": {
                "click_tracking": { "enable": false, "enable_text": false },
                "open_tracking": { "enable": false },
                "subscription_tracking": { "enable": false },
                "ganalytics": { "enable": false },
            },
        })
    );
}

#[tokio::test]
async fn every_form_of_the_sender_reaches_every_provider() {
    for provider in PROVIDERS {
        let server = MailboxServer::start();
        for (from, shown) in [
            ("no-reply@example.com", "no-reply@example.com"),
            ("Мой город <no-reply@example.com>", "Мой город <no-reply@example.com>"),
        ] {
            let settings = MailSettings { from: from.to_owned(), ..settings(provider, &server.url, API_KEY) };
            assert_eq!(send(&settings, &mail(from, "hello")).await, Ok(()), "{provider:?} {from}");
            assert_eq!(server.to("ada@example.com").await[0]["from"], shown, "{provider:?}");
        }
    }
}

/// The operator repairs the key while the mail waits.
#[tokio::test]
async fn a_refused_key_is_worth_another_try() {
    for provider in PROVIDERS {
        let server = MailboxServer::start();
        let sent = send(&settings(provider, &server.url, "wrong"), &mail("1", "hello")).await;
        let expected = "401";
        assert!(
            matches!(&sent, Err(MailError::Temporary { reason, .. }) if reason.starts_with(expected)),
            "{provider:?}: {sent:?}"
        );
        assert!(server.to("ada@example.com").await.is_empty());
    }
}

#[tokio::test]
async fn what_the_provider_refuses_for_its_content_is_permanent() {
    for provider in PROVIDERS {
        let server = MailboxServer::start();
        let settings = settings(provider, &server.url, API_KEY);
        for broken in [
            Mail { to: "not an address".to_owned(), ..mail("1", "hello") },
            Mail { subject: "a\r\nBcc: eve@example.com".to_owned(), ..mail("3", "hello") },
            Mail { idempotency_key: "x".repeat(10_001), ..mail("4", "hello") },
            Mail { text: String::new(), html: String::new(), ..mail("5", "hello") },
        ] {
            let sent = send(&settings, &broken).await;
            assert!(matches!(&sent, Err(MailError::Permanent { .. })), "{provider:?}: {sent:?}");
        }
        assert!(server.to("ada@example.com").await.is_empty() && server.to("eve@example.com").await.is_empty());
    }
}

#[tokio::test]
async fn nobody_there_is_worth_another_try() {
    for provider in PROVIDERS {
        // Port 9 is `discard`, which nobody runs.
        let sent = send(&settings(provider, "http://127.0.0.1:9", API_KEY), &mail("1", "hello")).await;
        assert_eq!(sent, Err(temporary("the provider did not answer")));
    }
}

#[tokio::test]
async fn the_settings_lead_to_the_providers_own_api_unless_they_say_otherwise() {
    for (name, provider, url) in [
        ("", MailProvider::Resend, "https://api.resend.com/"),
        ("resend", MailProvider::Resend, "https://api.resend.com/"),
        ("postmark", MailProvider::Postmark, "https://api.postmarkapp.com/"),
        ("sendgrid", MailProvider::SendGrid, "https://api.sendgrid.com/"),
    ] {
        let config = configuration(&[("MAIL_PROVIDER", name)]).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!((config.mail.provider, config.mail.api_url.as_str()), (provider, url));
        assert_eq!((config.mail.api_key.as_str(), config.mail.stream.as_str()), ("re_test", "outbound"));
        assert_eq!(config.mail.from, "Edgeville <no-reply@example.com>");
        assert!(config.mail.webhook_key.is_none());
    }
}

/// A base URL with a path of its own, as a proxy in front of the provider has.
#[tokio::test]
async fn a_base_url_may_have_a_path() {
    for provider in PROVIDERS {
        let server = MailboxServer::start();
        let sent = send(&settings(provider, &format!("{}/proxy/", server.url), API_KEY), &mail("1", "hello")).await;
        assert!(matches!(&sent, Err(MailError::Permanent { reason }) if reason.starts_with("404")), "{sent:?}");
    }
}
