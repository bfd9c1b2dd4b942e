//! Structured logs: one event a line, JSON in production, readable in development.
//!
//! What may be written: ids, routes, codes, durations, causes. Never: an address, a token, a body,
//! a password.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

use crate::config::Environment;
use crate::host::{Level, Log};

/// One event. Field names are dotted and shared: `request.id`, `http.status`, `account.id`,
/// `error.cause`.
pub struct Event {
    level: Level,
    name: &'static str,
    fields: Map<String, Value>,
}

impl Event {
    /// An event that is part of normal operation.
    #[must_use]
    pub fn info(name: &'static str) -> Self {
        Self { level: Level::Info, name, fields: Map::new() }
    }

    /// A refusal or degradation worth a look.
    #[must_use]
    pub fn warn(name: &'static str) -> Self {
        Self { level: Level::Warn, ..Self::info(name) }
    }

    /// A fault of ours.
    #[must_use]
    pub fn error(name: &'static str) -> Self {
        Self { level: Level::Error, ..Self::info(name) }
    }

    /// Adds a field. `Null` is left out.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.fields.insert(name.to_owned(), value);
        }
        self
    }

    /// Writes the event as one line.
    pub fn write(self, log: &dyn Log, environment: Environment, now: DateTime<Utc>) {
        let line = match environment {
            Environment::Development => self.pretty(now),
            Environment::Staging | Environment::Production => self.json(now),
        };
        log.write(self.level, &without_controls(&line));
    }

    fn json(&self, now: DateTime<Utc>) -> String {
        let mut line = Map::new();
        line.insert("time".to_owned(), now.to_rfc3339_opts(SecondsFormat::Millis, true).into());
        line.insert("level".to_owned(), self.level.as_str().into());
        line.insert("event".to_owned(), self.name.into());
        line.extend(self.fields.clone());
        Value::Object(line).to_string()
    }

    /// `21:15:03.120 info  request  http.status=200 …`. Values are JSON, so that nothing in them
    /// can fake a line.
    fn pretty(&self, now: DateTime<Utc>) -> String {
        let mut line = format!("{} {:<5} {}", now.format("%H:%M:%S%.3f"), self.level.as_str(), self.name);
        for (name, value) in &self.fields {
            let plain = value.as_str().filter(|text| text.bytes().all(|b| b.is_ascii_graphic()));
            let _ = match plain {
                Some(text) => write!(line, "  {name}={text}"),
                None => write!(line, "  {name}={value}"),
            };
        }
        line
    }
}

/// The line with the control characters escaped that JSON lets through, U+007F to U+009F: terminals
/// obey some of them. They can only stand in a JSON string.
fn without_controls(line: &str) -> Cow<'_, str> {
    if !line.contains(char::is_control) {
        return Cow::Borrowed(line);
    }
    let mut escaped = String::with_capacity(line.len() + 5);
    for character in line.chars() {
        let _ = if character.is_control() {
            write!(escaped, "\\u{:04x}", u32::from(character))
        } else {
            escaped.write_char(character)
        };
    }
    Cow::Owned(escaped)
}
