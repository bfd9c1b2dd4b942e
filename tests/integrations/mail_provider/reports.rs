//! What providers report: which of it ends mailing to an address, and that nothing in it is a
//! surprise.

use chrono::{DateTime, Utc};
use edgegate::domain::mail::mail_event::{Cause, Detail, MailEvent};
use edgegate::integrations::mail_provider::{NotAuthentic, Reports, read_reports};
use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::{Value, json};

use crate::support::configuration;
use crate::support::webhooks::{SENDERS, Sender};

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().expect("a time")
}

/// What is read of a body that the sender signed.
fn read(sender: Sender, body: &[u8]) -> Result<Reports, NotAuthentic> {
    let config = configuration(&[("MAIL_PROVIDER", sender.name()), ("MAIL_WEBHOOK_SECRET", &sender.secret())]);
    let config = config.unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut headers = HeaderMap::new();
    for (name, value) in sender.headers(body, now().timestamp()) {
        headers.append(HeaderName::from_static(name), value.parse().expect("a value"));
    }
    read_reports(config.mail.webhook_key.as_ref().expect("a key"), &headers, body, now())
}

/// Address, cause, detail and time of a report.
type Fact = (String, Cause, Option<String>, String);

/// The facts of each report, and how many reports made no sense.
fn facts(sender: Sender, body: &Value) -> (Vec<Fact>, usize) {
    let reports = read(sender, body.to_string().as_bytes()).expect("signed");
    let fact = |event: MailEvent| {
        let detail = event.detail.map(|detail| detail.as_str().to_owned());
        (event.address.as_str().to_owned(), event.cause, detail, event.happened_at.to_rfc3339())
    };
    (reports.events.into_iter().map(fact).collect(), reports.unreadable)
}

/// The one report in a body, as cause and detail; `None` if it changes nothing.
fn verdict(sender: Sender, body: &Value) -> Option<(Cause, String)> {
    let (events, unreadable) = facts(sender, body);
    assert!(events.len() <= 1 && unreadable == 0, "{body}");
    events.into_iter().next().map(|(address, cause, detail, _)| {
        assert_eq!(address, "ada@example.com");
        (cause, detail.unwrap_or_default())
    })
}

#[expect(clippy::needless_pass_by_value, reason = "calls read better without a borrow")]
fn resend(kind: &str, more: Value) -> Value {
    let mut data = json!({ "to": ["ada@example.com"] });
    data.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    json!({ "type": kind, "created_at": "2026-11-22T11:59:30Z", "data": data })
}

#[test]
fn a_bounce_is_told_with_its_address_its_time_and_the_providers_name_for_it() {
    for (sender, detail) in [
        (Sender::Resend, "Permanent/General"),
        (Sender::Postmark, "HardBounce"),
        (Sender::SendGrid, "5.1.1 Invalid Address"),
    ] {
        let (events, unreadable) = facts(sender, &sender.bounce("Ada@EXAMPLE.com"));
        assert_eq!(unreadable, 0);
        let [(address, cause, told, at)] = events.as_slice() else { panic!("{sender:?}: {events:?}") };
        assert_eq!((address.as_str(), *cause, told.as_deref()), ("ada@example.com", Cause::Bounced, Some(detail)));
        assert!(at.starts_with("2026-11-22T11:59:30"), "{at}");
    }
}

#[test]
fn of_resends_events_those_count_after_which_it_mails_no_more() {
    let bounce = |kind: &str| resend("email.bounced", json!({ "bounce": { "type": kind, "subType": "X" } }));
    for (event, expected) in [
        (bounce("Permanent"), Some((Cause::Bounced, "Permanent/X"))),
        (bounce("Transient"), None),
        (bounce("Undetermined"), None),
        (resend("email.bounced", json!({})), None),
        (resend("email.complained", json!({})), Some((Cause::Complained, "email.complained"))),
        (
            resend("email.suppressed", json!({ "suppressed": { "type": "OnAccountSuppressionList" } })),
            Some((Cause::Refused, "suppressed/OnAccountSuppressionList")),
        ),
        (
            resend("suppression.added", json!({ "email": "ada@example.com", "origin": "bounce" })),
            Some((Cause::Bounced, "suppression/bounce")),
        ),
        (
            resend("suppression.added", json!({ "email": "ada@example.com", "origin": "complaint" })),
            Some((Cause::Complained, "suppression/complaint")),
        ),
        (
            resend("suppression.added", json!({ "email": "ada@example.com", "origin": "manual" })),
            Some((Cause::Refused, "suppression/manual")),
        ),
        (resend("suppression.removed", json!({ "email": "ada@example.com" })), None),
        (resend("email.delivered", json!({})), None),
        (resend("email.delivery_delayed", json!({})), None),
        (resend("email.opened", json!({})), None),
        (resend("email.complained", json!({ "to": ["ada@example.com", "bob@example.com"] })), None),
        (resend("email.complained", json!({ "to": "ada@example.com" })), Some((Cause::Complained, "email.complained"))),
    ] {
        let expected = expected.map(|(cause, detail)| (cause, detail.to_owned()));
        assert_eq!(verdict(Sender::Resend, &event), expected, "{event}");
    }
}

#[test]
fn of_postmarks_events_those_count_after_which_it_mails_no_more() {
    let bounce = |kind: &str, inactive: bool| json!({ "RecordType": "Bounce", "Type": kind, "Inactive": inactive, "Email": "ada@example.com" });
    let change = |reason: &str, suppress: bool| json!({ "RecordType": "SubscriptionChange", "Recipient": "ada@example.com", "SuppressSending": suppress, "SuppressionReason": reason });
    for (event, expected) in [
        (bounce("HardBounce", true), Some((Cause::Bounced, "HardBounce"))),
        (bounce("BadEmailAddress", true), Some((Cause::Bounced, "BadEmailAddress"))),
        (bounce("SoftBounce", false), None),
        (bounce("Transient", false), None),
        (bounce("AutoResponder", false), None),
        (bounce("SpamNotification", false), None),
        (bounce("Blocked", true), Some((Cause::Refused, "Blocked"))),
        (
            json!({ "RecordType": "SpamComplaint", "Type": "SpamComplaint", "Inactive": true, "Email": "ada@example.com" }),
            Some((Cause::Complained, "SpamComplaint")),
        ),
        (change("HardBounce", true), Some((Cause::Bounced, "HardBounce"))),
        (change("SpamComplaint", true), Some((Cause::Complained, "SpamComplaint"))),
        (change("ManualSuppression", true), Some((Cause::Refused, "ManualSuppression"))),
        (change("HardBounce", false), None),
        (json!({ "RecordType": "Delivery", "Recipient": "ada@example.com" }), None),
        (json!({ "RecordType": "Open", "Recipient": "ada@example.com" }), None),
    ] {
        let expected = expected.map(|(cause, detail)| (cause, detail.to_owned()));
        assert_eq!(verdict(Sender::Postmark, &event), expected, "{event}");
    }
}

#[test]
fn of_sendgrids_events_those_count_after_which_it_mails_no_more() {
    let event = |more: Value| {
        let mut event = json!({ "email": "ada@example.com", "timestamp": 1_795_348_770 });
        event.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!([event])
    };
    for (event, expected) in [
        (event(json!({ "event": "bounce", "type": "bounce", "status": "5.1.1" })), Some((Cause::Bounced, "5.1.1"))),
        (event(json!({ "event": "bounce", "type": "blocked", "status": "5.7.1" })), None),
        (event(json!({ "event": "deferred" })), None),
        (event(json!({ "event": "delivered" })), None),
        (event(json!({ "event": "spamreport" })), Some((Cause::Complained, "spamreport"))),
        (
            event(json!({ "event": "dropped", "reason": "Bounced Address" })),
            Some((Cause::Refused, "dropped: Bounced Address")),
        ),
        (event(json!({ "event": "dropped", "reason": "Invalid" })), Some((Cause::Refused, "dropped: Invalid"))),
        (event(json!({ "event": "dropped", "reason": "Spam Content (if Spam Checker app is enabled)" })), None),
        (event(json!({ "event": "dropped", "reason": "Recipient List over Package Quota" })), None),
        (event(json!({ "event": "unsubscribe" })), None),
    ] {
        let expected = expected.map(|(cause, detail)| (cause, detail.to_owned()));
        assert_eq!(verdict(Sender::SendGrid, &event), expected, "{event}");
    }
}

#[test]
fn a_thousand_events_in_one_body_are_all_read_and_the_bad_ones_are_counted() {
    let good = |n| Sender::SendGrid.bounce(&format!("ada{n}@example.com"))[0].clone();
    let mut list: Vec<Value> = (0..1000).map(good).collect();
    list.extend([json!(null), json!(7), json!([]), json!("x"), json!({})]);
    for address in [
        json!("no address"),
        json!(7),
        json!(null),
        json!(["ada@example.com"]),
        json!("a@b.example\r\nBcc: c@d.example"),
    ] {
        let mut event = good(0);
        event["email"] = address;
        list.push(event);
    }
    let (events, unreadable) = facts(Sender::SendGrid, &json!(list));
    assert_eq!((events.len(), unreadable), (1000, 9), "an empty object is an event that says nothing");
}

#[test]
fn a_time_that_cannot_be_is_now() {
    for at in [json!(-1), json!(0), json!(i64::MAX), json!("soon"), json!(1_795_348_801), json!(null)] {
        let mut event = Sender::SendGrid.bounce("ada@example.com");
        event[0]["timestamp"] = at.clone();
        let (events, _) = facts(Sender::SendGrid, &event);
        assert_eq!(events[0].3, now().to_rfc3339(), "{at}");
    }
}

/// A mail server's own words tend to quote the address.
#[test]
fn a_name_with_other_characters_than_names_have_is_not_kept_and_a_long_one_is_cut() {
    for name in ["", " ", "550 ada@example.com unknown", "<b>", "a\nb", "é", "\u{0}"] {
        assert_eq!(Detail::from_name(name), None, "{name:?}");
    }
    assert_eq!(Detail::from_name(&"x".repeat(300)).expect("a name").as_str(), "x".repeat(200));
    let mut event = Sender::SendGrid.bounce("ada@example.com");
    event[0]["status"] = json!("550 ada@example.com");
    assert_eq!(facts(Sender::SendGrid, &event).0[0].2, None);
}

/// SendGrid's own fixture, from its libraries: <https://github.com/sendgrid/sendgrid-nodejs>,
/// `eventwebhook.spec.js`.
#[test]
fn sendgrids_published_example_is_read() {
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    let body = concat!(
        r#"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","#,
        r#""sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","#,
        r#""sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","#,
        r#""smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"#,
        "\r\n"
    );
    let config = configuration(&[("MAIL_PROVIDER", "sendgrid"), ("MAIL_WEBHOOK_SECRET", key)]);
    let config = config.unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut headers = HeaderMap::new();
    headers.insert("x-twilio-email-event-webhook-timestamp", "1600112502".parse().expect("a value"));
    let signature = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    headers.insert("x-twilio-email-event-webhook-signature", signature.parse().expect("a value"));
    let key = config.mail.webhook_key.as_ref().expect("a key");
    let at = DateTime::from_timestamp(1_600_112_502, 0).expect("a time");
    let reports = read_reports(key, &headers, body.as_bytes(), at).expect("authentic");
    assert_eq!(reports.events.len(), 1);
    assert_eq!((reports.events[0].address.as_str(), reports.events[0].cause), ("hello@world.com", Cause::Refused));
    assert!(read_reports(key, &headers, body.trim_end().as_bytes(), at).is_err(), "the line break is signed too");
}

proptest! {
    #[test]
    fn whatever_stands_in_a_signed_body_is_read_without_a_panic(body: Vec<u8>) {
        for sender in SENDERS {
            prop_assert!(read(sender, &body).is_ok());
        }
    }

    /// Every member of a report replaced by something else, one at a time.
    #[test]
    fn whatever_stands_in_a_report_is_read_without_a_panic(text: String, number: i64, place in 0..40_usize) {
        for sender in SENDERS {
            for value in [json!(text), json!(number), json!(null), json!([text]), json!({ "type": text })] {
                let mut body = sender.bounce("ada@example.com");
                replace(&mut body, &mut { place }, &value);
                prop_assert!(read(sender, body.to_string().as_bytes()).is_ok());
            }
        }
    }
}

/// Replaces the value at a place, counted in the order of the text.
fn replace(body: &mut Value, place: &mut usize, value: &Value) {
    if *place == 0 {
        *body = value.clone();
    }
    *place = place.wrapping_sub(1);
    match body {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, place, value)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, place, value)),
        _ => {}
    }
}
