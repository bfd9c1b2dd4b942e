//! What edgegate needs from the outside world, one trait each. `src/worker` implements them on
//! Cloudflare's platform, `tests/support` with a frozen clock, seeded randomness and a real
//! PostgreSQL.
//!
//! Not here: anything that knows why it is needed. A trait that grows a second method is probably
//! two traits.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use url::Url;
use uuid::Uuid;

/// A future in a box, as object-safe traits need it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where time comes from. Handlers read it once and pass the value down.
pub trait Clock: Send + Sync {
    /// The current time, UTC.
    fn now(&self) -> DateTime<Utc>;

    /// Completes after `duration`. Bounds how long we wait for others; never decides anything.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// Where randomness comes from: a cryptographically secure generator in production, a seeded one in
/// tests.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with fresh random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// Fresh random bytes as an array.
pub fn random<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// A fresh random (version 4) UUID.
pub fn random_id(entropy: &dyn Entropy) -> Uuid {
    uuid::Builder::from_random_bytes(random(entropy)).into_uuid()
}

/// Why there is no connection to PostgreSQL. The text names the cause and no secret.
#[derive(Debug, thiserror::Error)]
#[error("cannot connect to the database: {0}")]
pub struct ConnectError(pub String);

/// A way to a PostgreSQL server, direct or through a transaction-mode pooler.
pub trait Database: Send + Sync {
    /// Opens one connection for this request and drives it in the background.
    ///
    /// # Errors
    /// [`ConnectError`] if the server cannot be reached or refuses us.
    fn connect(&self) -> BoxFuture<'_, Result<DatabaseClient, ConnectError>>;
}

/// A client of PostgreSQL, whose connection is open until this is dropped.
pub struct DatabaseClient {
    client: tokio_postgres::Client,
    /// Dropped after the client.
    _in_use: Box<dyn std::any::Any + Send + Sync>,
}

impl DatabaseClient {
    /// A client with what is dropped after it, by which the driver of its connection hears that
    /// it is not needed any more.
    pub fn new(client: tokio_postgres::Client, in_use: impl Send + Sync + 'static) -> Self {
        Self { client, _in_use: Box::new(in_use) }
    }
}

impl std::ops::Deref for DatabaseClient {
    type Target = tokio_postgres::Client;

    fn deref(&self) -> &Self::Target {
        &self.client
    }
}

/// One HTTP request to another service.
///
/// Headers, body and URL may hold keys, tokens and addresses of people, so `Debug` prints none of
/// them.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The whole URL; what follows `#` is not sent.
    pub url: Url,
    /// The headers. `User-Agent` is among them where the service wants one.
    pub headers: HeaderMap,
    /// The body; an empty one is not sent.
    pub body: Vec<u8>,
    /// The longest answer that is read, in bytes.
    pub answer_max_bytes: usize,
}

impl HttpRequest {
    /// A request without headers and body, whose answer is read up to `answer_max_bytes`.
    #[must_use]
    pub fn new(method: Method, url: Url, answer_max_bytes: usize) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Vec::new(), answer_max_bytes }
    }

    /// Adds a header.
    ///
    /// # Errors
    /// [`HttpError::NotWritable`] if no header can have this value: a line break in it would begin
    /// another header.
    pub fn header(mut self, name: HeaderName, value: &str) -> Result<Self, HttpError> {
        let value = HeaderValue::from_str(value).map_err(|_| HttpError::NotWritable)?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Adds a body of JSON, and says so.
    ///
    /// # Errors
    /// [`HttpError::NotWritable`] if `value` cannot be written as JSON.
    pub fn json(mut self, value: &impl Serialize) -> Result<Self, HttpError> {
        self.body = serde_json::to_vec(value).map_err(|_| HttpError::NotWritable)?;
        self.header(header::CONTENT_TYPE, "application/json")
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HttpRequest({} {}/..)", self.method, self.url.origin().ascii_serialization())
    }
}

/// The answer to an [`HttpRequest`], from where it was sent to. `Debug` prints the status alone.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status, never 3xx.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body. Without it an adapter still knows the status and may make do with that.
    pub body: Result<Vec<u8>, BodyError>,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HttpResponse({} ..)", self.status.as_u16())
    }
}

/// Why an HTTP request has no answer. The text names the cause, and never what was sent or to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The request was not sent: HTTP cannot say it.
    #[error("the request cannot be written")]
    NotWritable,
    /// The server cannot be reached, hung up, or does not speak HTTP. It may have got the request.
    #[error("the server did not answer")]
    Unanswered,
    /// The answer is a redirect, or comes from where one led: nobody knows who got the request.
    #[error("the server redirects")]
    Redirected,
}

/// Why the body of an answer is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The connection ended before the body did.
    #[error("the answer breaks off")]
    BrokenOff,
    /// Longer than [`HttpRequest::answer_max_bytes`].
    #[error("the answer is too long")]
    TooLong,
}

/// A way to other services by HTTP.
///
/// An adapter in `integrations` is a function of `&dyn Http`, of its settings and of what is asked:
/// it makes an [`HttpRequest`], sends it, and reads status, headers and body into types of its own.
/// Its errors name the cause in its own words and say whether another attempt may succeed; keys,
/// addresses and texts of the other side are not in them. The time limit belongs to the caller, who
/// stops waiting by [`Clock::sleep`] and drops the request.
pub trait Http: Send + Sync {
    /// Sends a request once, and reads the answer. No redirect is answered by another request where
    /// the platform allows that to be said.
    ///
    /// # Errors
    /// [`HttpError`] if no answer came. Every status but 3xx is an answer.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpError>>;
}

/// Why the list of revoked sessions gave no answer. The text names the cause and no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the revocation list failed: {0}")]
pub struct RevocationListError(pub String);

/// The list of revoked sessions (Workers KV). Eventually consistent: what is on it is revoked, what
/// is not may be, too.
pub trait RevocationList: Send + Sync {
    /// Whether the session is on the list, as far as it is known here.
    fn contains(&self, session_id: Uuid) -> BoxFuture<'_, Result<bool, RevocationListError>>;

    /// Puts the session on the list for `lifetime`, at least 60 seconds. Doing so twice is no harm.
    fn add(&self, session_id: Uuid, lifetime: TimeDelta) -> BoxFuture<'_, Result<(), RevocationListError>>;
}

/// Runs work after the response has left (`waitUntil`).
pub trait Background: Send + Sync {
    /// Takes over `task` and keeps the Worker alive until it ends.
    fn run(&self, task: BoxFuture<'static, ()>);
}

/// Where log lines go.
pub trait Log: Send + Sync {
    /// Writes one finished line.
    fn write(&self, level: Level, line: &str);
}

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Normal operation.
    Info,
    /// Refused or degraded, and worth a look if it grows.
    Warn,
    /// A fault of ours or of our configuration.
    Error,
}

impl Level {
    /// As written in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}
