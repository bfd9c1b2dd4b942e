//! The refusals of Postmark and SendGrid, and which of them an operator can repair while the mail
//! waits. Those of Resend are in the file above, since the fake gives them too.

use edgegate::config::MailProvider;
use edgegate::integrations::mail_provider::MailError;
use serde_json::{Value, json};

use crate::integrations::mail_provider::{mail, permanent, send, settings, temporary};
use crate::support::mailbox_server::{API_KEY, MailboxServer};

/// Each answer of the provider is this error to us, and the attempt after it is accepted.
async fn are_classified(provider: MailProvider, answers: Vec<(Value, MailError)>) {
    let server = MailboxServer::start();
    let settings = settings(provider, &server.url, API_KEY);
    for (n, (mut rule, error)) in answers.into_iter().enumerate() {
        rule["times"] = json!(1);
        server.fail(rule.clone()).await;
        let mail = mail(&format!("key {n}"), "hello");
        assert_eq!(send(&settings, &mail).await, Err(error), "{provider:?} {rule}");
        assert_eq!(server.to("ada@example.com").await.len(), n, "{provider:?} {rule}");
        assert_eq!(send(&settings, &mail).await, Ok(()), "the next attempt: {rule}");
    }
}

fn busy(reason: &str, seconds: u32) -> MailError {
    MailError::Temporary { reason: reason.to_owned(), retry_after: Some(seconds) }
}

#[tokio::test]
async fn whatever_postmark_answers_is_classified_and_accepts_nothing() {
    let refused =
        |code: i64, message: &str| json!({ "status": 422, "body": { "ErrorCode": code, "Message": message } });
    let mut answers = vec![
        (json!({ "status": 500 }), temporary("500 500")),
        (json!({ "status": 502, "body": "<html>Bad gateway</html>" }), temporary("502")),
        (json!({ "status": 503 }), temporary("503 100")),
        (json!({ "status": 408, "body": "" }), temporary("408")),
        (json!({ "status": 429, "headers": { "retry-after": "7" } }), busy("429 429", 7)),
        (json!({ "status": 401 }), temporary("401 10")),
        (json!({ "status": 404, "body": "no" }), permanent("404")),
        (json!({ "status": 422, "body": "\u{0}\u{1}garbled" }), permanent("422")),
        (json!({ "status": 422, "body": { "ErrorCode": "406", "Message": 7 } }), permanent("422")),
        (refused(406, "Found inactive addresses: ada@example.com."), permanent("422 406")),
        (refused(300, "Invalid 'To' address: 'ada@example.com'."), permanent("422 300")),
        (refused(300, "Invalid 'From' address: 'x'."), temporary("422 300")),
        (json!({ "status": 200, "body": { "ErrorCode": 406, "Message": "" } }), permanent("200 406")),
    ];
    for repairable in [400, 401, 405, 412, 413, 1235] {
        answers.push((refused(repairable, "no"), temporary(&format!("422 {repairable}"))));
    }
    are_classified(MailProvider::Postmark, answers).await;
}

#[tokio::test]
async fn whatever_sendgrid_answers_is_classified_and_accepts_nothing() {
    let refused = |status: u16, field: Value| json!({ "status": status, "body": { "errors": [{ "message": "to ada@example.com", "field": field, "help": null }] } });
    are_classified(
        MailProvider::SendGrid,
        vec![
            (json!({ "status": 500 }), temporary("500")),
            (json!({ "status": 502, "body": "<html>Bad gateway</html>" }), temporary("502")),
            (json!({ "status": 503, "body": "" }), temporary("503")),
            (json!({ "status": 408, "body": {} }), temporary("408")),
            (json!({ "status": 429, "headers": { "retry-after": "7" } }), busy("429", 7)),
            (json!({ "status": 401 }), temporary("401")),
            (refused(403, json!("from")), temporary("403 from")),
            (refused(400, json!("from.email")), temporary("400 from.email")),
            (refused(400, json!("personalizations.0.to.0.email")), permanent("400 personalizations.0.to.0.email")),
            (refused(400, json!("ada@example.com")), permanent("400")),
            (refused(400, json!("fromage")), permanent("400 fromage")),
            (refused(413, Value::Null), permanent("413")),
            (json!({ "status": 400, "body": "\u{0}\u{1}garbled" }), permanent("400")),
            (json!({ "status": 400, "body": { "errors": "no" } }), permanent("400")),
            (json!({ "status": 404, "body": "no" }), permanent("404")),
        ],
    )
    .await;
}

/// Against the answer's own date, whatever the time is here.
#[tokio::test]
async fn the_time_to_wait_is_read_in_every_form_that_providers_use() {
    let at = "Wed, 21 Oct 2026 07:28:00 GMT";
    for (headers, seconds) in [
        (json!({ "retry-after": "0" }), Some(0)),
        (json!({ "retry-after": " 90 " }), Some(90)),
        (json!({ "date": at, "retry-after": "Wed, 21 Oct 2026 07:30:05 GMT" }), Some(125)),
        (json!({ "date": at, "retry-after": at }), Some(0)),
        (json!({ "date": at, "retry-after": "Wed, 21 Oct 2026 07:27:59 GMT" }), None),
        (json!({ "date": "today", "retry-after": at }), None),
        (json!({ "date": at, "x-ratelimit-reset": "1792567700" }), Some(20)),
        (json!({ "date": at, "x-ratelimit-reset": "1792567600" }), None),
        (json!({ "date": at, "x-ratelimit-reset": "soon" }), None),
        (json!({ "retry-after": "-1" }), None),
        (json!({ "retry-after": "4294967296" }), None),
        (json!({ "retry-after": "1.5" }), None),
        (json!({ "retry-after": "soon", "x-ratelimit-reset": "1792567700" }), None),
    ] {
        for provider in crate::integrations::mail_provider::PROVIDERS {
            let server = MailboxServer::start();
            server.fail(json!({ "status": 503, "body": "", "headers": headers, "times": 1 })).await;
            let sent = send(&settings(provider, &server.url, API_KEY), &mail("1", "hello")).await;
            let expected = MailError::Temporary { reason: "503".to_owned(), retry_after: seconds };
            assert_eq!(sent, Err(expected), "{provider:?} {headers}");
        }
    }
}
