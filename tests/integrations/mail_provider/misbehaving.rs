//! A server that is no provider: what comes back is no proper HTTP, or leads elsewhere. No mail is
//! lost and no key given away.

use std::sync::atomic::Ordering;

use edgegate::domain::policy;
use edgegate::integrations::mail_provider::MailError;

use crate::integrations::mail_provider::{PROVIDERS, mail, send, settings};
use crate::support::http::raw_server;

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_mail_waits() {
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let (elsewhere, asked) = raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
        let answer = format!("HTTP/1.1 {status}\r\nlocation: {elsewhere}/emails\r\ncontent-length: 0\r\n\r\n");
        let (url, _) = raw_server(answer.into_bytes()).await;
        for provider in PROVIDERS {
            let sent = send(&settings(provider, &url, "key"), &mail("1", "hello")).await;
            assert!(
                matches!(&sent, Err(MailError::Temporary { reason, .. }) if reason.contains("MAIL_API_URL")),
                "{provider:?} {status}: {sent:?}"
            );
        }
        assert_eq!(asked.load(Ordering::SeqCst), 0, "{status}");
    }
}

#[tokio::test]
async fn what_is_no_http_is_no_answer() {
    for answer in [
        &b""[..],
        b"\x00\x01\x02\xff",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nbroken\r\n\r\n",
    ] {
        let (url, _) = raw_server(answer.to_vec()).await;
        for provider in PROVIDERS {
            let sent = send(&settings(provider, &url, "key"), &mail("1", "hello")).await;
            assert_eq!(
                sent,
                Err(crate::integrations::mail_provider::temporary("the provider did not answer")),
                "{provider:?} {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_error_that_breaks_off_is_known_by_its_status() {
    let (url, _) = raw_server(b"HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\n{\"name\":".to_vec()).await;
    let (refusing, _) = raw_server(b"HTTP/1.1 422 No\r\ncontent-length: 100\r\n\r\n{\"name\":".to_vec()).await;
    for provider in PROVIDERS {
        assert_eq!(
            send(&settings(provider, &url, "key"), &mail("1", "hello")).await,
            Err(crate::integrations::mail_provider::temporary("503"))
        );
        assert_eq!(
            send(&settings(provider, &refusing, "key"), &mail("1", "x")).await,
            Err(crate::integrations::mail_provider::permanent("422"))
        );
    }
}

/// Only the status of such an answer counts.
#[tokio::test]
async fn an_answer_that_is_too_long_is_known_by_its_status() {
    let name = format!("{{\"name\": \"busy\"}}{}", " ".repeat(policy::MAIL_ANSWER_MAX_BYTES));
    for (status, expected) in [
        ("200 OK", Ok(())),
        ("503 Busy", Err(crate::integrations::mail_provider::temporary("503"))),
        ("422 No", Err(crate::integrations::mail_provider::permanent("422"))),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{name}", name.len());
        let (url, _) = raw_server(answer.into_bytes()).await;
        for provider in PROVIDERS {
            let sent = send(&settings(provider, &url, "key"), &mail("1", "hello")).await;
            assert_eq!(sent, expected, "{provider:?}");
        }
    }
}

/// A key with a line break would be a header of its own.
#[tokio::test]
async fn a_key_that_no_header_can_have_is_not_sent() {
    let (url, asked) = raw_server(Vec::new()).await;
    for provider in PROVIDERS {
        let sent = send(&settings(provider, &url, "key\r\nX-Evil: 1"), &mail("1", "hello")).await;
        assert!(matches!(&sent, Err(MailError::Temporary { .. })), "{provider:?}: {sent:?}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
