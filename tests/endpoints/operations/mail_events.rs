//! `POST /mail/events`: the webhook of the mail provider, from its signature to the database.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::webhooks::{SENDERS, Sender};
use crate::support::{Call, TestApp, TestDatabase};

const PATH: &str = "/auth/v1/mail/events";

/// The application that this provider reports to.
async fn app_of(sender: Sender) -> TestApp {
    TestApp::with(&[("MAIL_PROVIDER", sender.name()), ("MAIL_WEBHOOK_SECRET", &sender.secret())]).await
}

/// A call of the provider's, proven to be one.
fn report<'a>(app: &'a TestApp, sender: Sender, body: &str) -> Call<'a> {
    let at = app.app.clock.now().timestamp();
    unsigned(app, body, sender.headers(body.as_bytes(), at))
}

/// A call with these headers.
fn unsigned<'a>(app: &'a TestApp, body: &str, headers: Vec<(&'static str, String)>) -> Call<'a> {
    let call = app.call(Method::POST, PATH).header("content-type", "application/json").body(body.to_owned());
    headers.into_iter().fold(call, |call, (name, value)| call.header(name, &value))
}

/// Every address that is not mailed again, with the cause, its name and who said so.
async fn suppressed(database: &TestDatabase) -> Value {
    database
        .value(
            "SELECT coalesce(jsonb_agg(jsonb_build_array(email_key, reason, detail, provider) ORDER BY email_key), '[]')
            FROM edgegate.mail_suppressions",
        )
        .await
}

async fn audited(database: &TestDatabase) -> i64 {
    database.value("SELECT count(*) FROM edgegate.audit_events WHERE action = 'mail_suppressed'").await
}

#[tokio::test]
async fn a_bounce_ends_the_mailing_of_the_address_and_the_owner_of_the_app_sees_why() {
    for (sender, detail) in [
        (Sender::Resend, "Permanent/General"),
        (Sender::Postmark, "HardBounce"),
        (Sender::SendGrid, "5.1.1 Invalid Address"),
    ] {
        let app = app_of(sender).await;
        app.sign_up("ada@example.com").await;
        let answer = report(&app, sender, &sender.bounce("Ada@example.com").to_string()).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0), "{answer:?}");
        assert_eq!(
            suppressed(&app.database).await,
            json!([["ada@example.com", "bounced", detail, sender.name()]]),
            "{sender:?}"
        );
        let audit: String = app
            .database
            .value(
                "SELECT u.email FROM edgegate.audit_events e JOIN edgegate.users u ON u.id = e.user_id
                WHERE e.action = 'mail_suppressed' AND e.ip IS NULL",
            )
            .await;
        assert_eq!(audit, "ada@example.com");
        let line = app.log.newest("mail_suppressed");
        assert_eq!((&line["mail.provider"], &line["mail.suppressed"]), (&json!(sender.name()), &json!(1)));
        assert!(!app.log.text().to_lowercase().contains("ada@"), "{}", app.log.text());
    }
}

#[tokio::test]
async fn an_address_without_an_account_is_marked_too() {
    let app = app_of(Sender::Resend).await;
    report(&app, Sender::Resend, &Sender::Resend.bounce("gone@example.com").to_string()).await.succeeded();
    assert_eq!(suppressed(&app.database).await[0][0], "gone@example.com");
    assert_eq!(audited(&app.database).await, 0);
}

#[tokio::test]
async fn without_the_secret_nothing_is_taken() {
    let app = TestApp::start().await;
    for sender in SENDERS {
        let answer = report(&app, sender, &sender.bounce("ada@example.com").to_string()).await;
        assert_eq!(answer.refusal(), (404, "feature_disabled".to_owned()));
    }
    let answer = app.call(Method::POST, PATH).header("content-type", "text/plain").body("x").await;
    assert_eq!(answer.refusal(), (404, "feature_disabled".to_owned()));
    assert_eq!(suppressed(&app.database).await, json!([]));
}

#[tokio::test]
async fn what_is_not_proven_to_come_from_the_provider_changes_nothing() {
    for sender in SENDERS {
        let app = app_of(sender).await;
        let body = sender.bounce("ada@example.com").to_string();
        let now = app.app.clock.now().timestamp();
        let headers = sender.headers(body.as_bytes(), now);
        let mut forged = vec![Vec::new()];
        for n in 0..headers.len() {
            let (name, value) = headers[n].clone();
            let missing = headers.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, header)| header.clone());
            forged.push(missing.collect());
            // Twice, the same or another: which of them counts is nothing to guess.
            forged.push([headers.clone(), vec![(name, value.clone())]].concat());
            forged.push([vec![(name, "x".to_owned())], headers.clone()].concat());
            let mut changed = headers.clone();
            changed[n].1 = format!("{value}x");
            forged.push(changed);
        }
        if sender != Sender::Postmark {
            forged.push(sender.headers(body.as_bytes(), now - 301));
            forged.push(sender.headers(body.as_bytes(), now + 301));
            forged.push(sender.headers(b"{}", now));
        }
        for other in SENDERS.into_iter().filter(|other| *other != sender) {
            forged.push(other.headers(body.as_bytes(), now));
        }
        for headers in forged {
            let answer = unsigned(&app, &body, headers.clone()).await;
            assert_eq!(answer.refusal(), (401, "webhook_not_authentic".to_owned()), "{sender:?} {headers:?}");
        }
        assert_eq!(app.database.traffic(), (0, 0), "no forgery reaches the database");
        report(&app, sender, &body).await.succeeded();
        assert_eq!(suppressed(&app.database).await.as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn a_body_that_was_tampered_with_is_refused() {
    for sender in [Sender::Resend, Sender::SendGrid] {
        let app = app_of(sender).await;
        let body = sender.bounce("ada@example.com").to_string();
        let headers = sender.headers(body.as_bytes(), app.app.clock.now().timestamp());
        for tampered in [body.replace("ada@", "eve@"), format!("{body} "), body[1..].to_owned(), String::new()] {
            let answer = unsigned(&app, &tampered, headers.clone()).await;
            assert_eq!(answer.status, 401, "{sender:?} {tampered}");
        }
        assert_eq!(suppressed(&app.database).await, json!([]));
    }
}

#[tokio::test]
async fn only_json_of_a_mebibyte_at_most_is_read() {
    for sender in SENDERS {
        let app = app_of(sender).await;
        let body = sender.bounce("ada@example.com").to_string();
        let headers = sender.headers(body.as_bytes(), app.app.clock.now().timestamp());
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
            let call = app.call(Method::POST, PATH).header("content-type", content_type).body(body.clone());
            let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
            assert_eq!(call.await.refusal(), (415, "unsupported_media_type".to_owned()), "{content_type}");
        }
        let huge = format!("{}{}", " ".repeat(1_048_577), body);
        assert_eq!(report(&app, sender, &huge).await.refusal(), (413, "request_entity_too_large".to_owned()));
        assert_eq!(suppressed(&app.database).await, json!([]));
        let large = format!("{}{body}", " ".repeat(1_048_576 - body.len()));
        report(&app, sender, &large).await.succeeded();
    }
}

#[tokio::test]
async fn what_says_nothing_about_bounces_or_complaints_is_taken_and_costs_no_statement() {
    for sender in SENDERS {
        let app = app_of(sender).await;
        for body in ["[]", "{}", r#"{"type":"email.delivered"}"#, r#"{"RecordType":"Open"}"#, r#"[{"event":"open"}]"#] {
            assert_eq!(report(&app, sender, body).await.status, 200, "{sender:?} {body}");
        }
        assert_eq!(app.database.traffic(), (0, 0));
        assert!(!app.log.text().contains("mail_report_unreadable"));
    }
}

/// Sent again it would be junk again; whoever runs this hears of it.
#[tokio::test]
async fn signed_junk_is_taken_and_told_in_the_log() {
    for sender in SENDERS {
        let app = app_of(sender).await;
        for body in ["", "no json", "7", "null", &sender.bounce("no address").to_string(), &"[".repeat(200_000)] {
            assert_eq!(report(&app, sender, body).await.status, 200, "{sender:?}");
            assert_eq!(app.log.newest("mail_report_unreadable")["mail.reports"], 1);
        }
        assert_eq!(app.database.traffic(), (0, 0));
    }
}

/// Or a bounce would be lost: providers send again what was not taken.
#[tokio::test]
async fn while_the_database_does_not_answer_the_provider_is_asked_to_come_again() {
    let app = app_of(Sender::Postmark).await;
    let body = Sender::Postmark.bounce("ada@example.com").to_string();
    app.database.go_down();
    let answer = report(&app, Sender::Postmark, &body).await;
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(answer.header("retry-after").as_deref(), Some("1"));
    assert!(!answer.text().contains("connection") && !app.log.text().contains("ada@"));
}

#[tokio::test]
async fn a_thousand_reports_in_one_body_are_one_statement() {
    let app = app_of(Sender::SendGrid).await;
    app.sign_up("ada7@example.com").await;
    let before = app.database.traffic();
    let one = |n: usize| Sender::SendGrid.bounce(&format!("ada{}@example.com", n % 900))[0].clone();
    let body = json!((0..1000).map(one).collect::<Vec<_>>()).to_string();
    report(&app, Sender::SendGrid, &body).await.succeeded();
    let after = app.database.traffic();
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 1));
    assert_eq!(app.database.count("mail_suppressions").await, 900);
    assert_eq!(audited(&app.database).await, 1);
    assert_eq!(app.log.newest("mail_suppressed")["mail.suppressed"], 900);
}

#[tokio::test]
async fn the_first_report_stays_until_a_stronger_one_comes() {
    let app = app_of(Sender::SendGrid).await;
    app.sign_up("ada@example.com").await;
    let event = |event: &str, more: Value| {
        let mut event = json!({ "email": "ada@example.com", "timestamp": 1_795_348_770, "event": event });
        event.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        event
    };
    let dropped = event("dropped", json!({ "reason": "Bounced Address" }));
    let bounce = |status: &str| event("bounce", json!({ "type": "bounce", "status": status }));
    let complaint = event("spamreport", json!({}));
    for (body, reason, detail, audit) in [
        (json!([dropped]), "refused", "dropped: Bounced Address", 1),
        (json!([dropped]), "refused", "dropped: Bounced Address", 1),
        (json!([bounce("5.1.1")]), "bounced", "5.1.1", 2),
        (json!([bounce("5.1.2"), dropped]), "bounced", "5.1.1", 2),
        (json!([dropped, complaint, bounce("5.1.3")]), "complained", "spamreport", 3),
        (json!([bounce("5.1.4")]), "complained", "spamreport", 3),
    ] {
        app.clock.advance(TimeDelta::seconds(1));
        report(&app, Sender::SendGrid, &body.to_string()).await.succeeded();
        let expected = json!([["ada@example.com", reason, detail, "sendgrid"]]);
        assert_eq!(suppressed(&app.database).await, expected, "{body}");
        assert_eq!(audited(&app.database).await, audit, "{body}");
    }
}

#[tokio::test]
async fn two_batches_at_once_with_the_same_addresses_do_not_get_in_each_others_way() {
    let app = app_of(Sender::SendGrid).await;
    for round in 0..10 {
        let one = |n: usize| Sender::SendGrid.bounce(&format!("ada{round}-{n}@example.com"))[0].clone();
        let forth = json!((0..200).map(one).collect::<Vec<_>>()).to_string();
        let back = json!((0..200).rev().map(one).collect::<Vec<_>>()).to_string();
        let both = futures_util::future::join(
            report(&app, Sender::SendGrid, &forth).send(),
            report(&app, Sender::SendGrid, &back).send(),
        );
        let (one, other) = both.await;
        assert_eq!((one.status.as_u16(), other.status.as_u16()), (200, 200), "{one:?} {other:?}");
    }
    assert_eq!(app.database.count("mail_suppressions").await, 2000);
}

/// The statement is sent twice; the outcome, audit record included, is that of once.
#[tokio::test]
async fn an_answer_of_the_database_that_gets_lost_changes_nothing_about_the_outcome() {
    let app = app_of(Sender::Resend).await;
    app.sign_up("ada@example.com").await;
    app.database.lose_answer(0);
    report(&app, Sender::Resend, &Sender::Resend.bounce("ada@example.com").to_string()).await.succeeded();
    assert!(!app.database.is_losing());
    assert_eq!(app.database.count("mail_suppressions").await, 1);
    assert_eq!(audited(&app.database).await, 1);
    assert_eq!(app.log.newest("mail_suppressed")["mail.suppressed"], 1);
}
