//! What the reports of all providers have in common: they come in JSON, and each is about one
//! address, or about nothing that matters here.

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use serde_json::Value;
use thiserror::Error;

use crate::domain::account::email_address::EmailAddress;
use crate::domain::mail::mail_event::{Cause, Detail, MailEvent};

/// The sender did not show that it is the provider.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("the webhook's signature is missing, wrong or too old")]
pub struct NotAuthentic;

/// What one call of the provider says.
#[derive(Debug, Default)]
pub struct Reports {
    /// The reports after which an address is not mailed again, in the order they came.
    pub events: Vec<MailEvent>,
    /// How many more there were of which no sense could be made: other than JSON, without an
    /// address, with one that is none.
    pub unreadable: usize,
}

/// One report, as far as it was read. The values are the provider's; nothing about them is known
/// yet.
pub(super) struct Report<'a> {
    pub address: &'a Value,
    pub cause: Cause,
    /// What the provider calls it.
    pub detail: String,
    /// When it says that this happened. Now counts instead of no time, and of one that cannot be.
    pub at: Option<DateTime<Utc>>,
}

/// Reads each of `items` by `read`, which answers `None` for a report that changes nothing.
pub(super) fn collect<'a>(
    items: &'a [Value],
    now: DateTime<Utc>,
    read: impl Fn(&'a Value) -> Option<Report<'a>>,
) -> Reports {
    let mut reports = Reports::default();
    for item in items {
        if !item.is_object() {
            reports.unreadable += 1;
        }
        let Some(report) = read(item) else { continue };
        match report.address.as_str().and_then(|address| EmailAddress::parse(address).ok()) {
            Some(address) => reports.events.push(MailEvent {
                address,
                cause: report.cause,
                detail: Detail::from_name(&report.detail),
                happened_at: report.at.filter(|at| DateTime::UNIX_EPOCH < *at && *at < now).unwrap_or(now),
            }),
            None => reports.unreadable += 1,
        }
    }
    reports
}

/// The reports in a body: the members of an array, or the one JSON value that it is.
pub(super) fn items(body: &[u8]) -> Vec<Value> {
    match serde_json::from_slice(body) {
        Ok(Value::Array(items)) => items,
        Ok(item) => vec![item],
        // Counts as one of which no sense could be made.
        Err(_) => vec![Value::Null],
    }
}

/// A header that came exactly once, as text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, NotAuthentic> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| NotAuthentic),
        _ => Err(NotAuthentic),
    }
}

/// A member as text; empty for anything else.
pub(super) fn text<'a>(item: &'a Value, member: &str) -> &'a str {
    item[member].as_str().unwrap_or_default()
}

/// A time as RFC 3339 has it.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}
