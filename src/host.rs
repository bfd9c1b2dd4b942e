//! What edgegate needs from the outside world, one trait each. `src/worker` implements them on
//! Cloudflare's platform, `tests/support` with a frozen clock, seeded randomness and a real
//! PostgreSQL.
//!
//! Not here: anything that knows why it is needed. A trait that grows a second method is probably
//! two traits.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
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
    fn connect(&self) -> BoxFuture<'_, Result<tokio_postgres::Client, ConnectError>>;
}

/// One mail, ready to leave.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The same for every attempt to send this mail, so that the provider sends it once.
    pub idempotency_key: String,
    /// Recipient address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text body.
    pub text: String,
    /// HTML body.
    pub html: String,
}

/// Why a mail did not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Worth another try: provider down, slow, busy or unreachable.
    #[error("{reason}")]
    Temporary {
        /// As the provider names it, or what the connection did.
        reason: String,
        /// Seconds the provider asked us to wait (`Retry-After`).
        retry_after: Option<u32>,
    },
    /// The provider will never take this mail.
    #[error("{reason}")]
    Permanent {
        /// As the provider names it.
        reason: String,
    },
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

/// The records of a domain that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordType {
    /// Who takes mail for the domain.
    Mx,
    /// An IPv4 address.
    A,
    /// An IPv6 address.
    Aaaa,
}

/// What DNS says of one name and record type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsAnswer {
    /// Whether the name exists, with records of this type or without. If not, that is `NXDOMAIN`.
    pub exists: bool,
    /// For [`RecordType::Mx`] the names of the mail hosts, `.` for "nobody"; else addresses.
    pub values: Vec<String>,
    /// Seconds for which the answer holds, as DNS says; 0 where it says nothing.
    pub ttl_seconds: u32,
}

/// Why DNS gave no answer. The text names the cause, and never the domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("DNS: {0}")]
pub struct ResolverError(pub String);

/// Asks DNS.
pub trait Resolver: Send + Sync {
    /// The records of `domain`, which is in ASCII. As long as it takes: whoever asks sets the
    /// limit.
    fn lookup<'a>(
        &'a self,
        domain: &'a str,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<DnsAnswer, ResolverError>>;
}

/// Hands mails to the mail provider.
pub trait Mailer: Send + Sync {
    /// Sends one mail; `Ok` means that the provider accepted it.
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>>;
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
