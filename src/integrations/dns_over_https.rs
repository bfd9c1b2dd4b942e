//! DNS over HTTPS, in JSON, as Cloudflare and Google serve it.
//! <https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/>
//!
//! Not here: what the records mean for mail, time limit and memory (`mail_domains.rs`).

use reqwest::{Method, header};
use serde::Deserialize;
use url::Url;

use crate::domain::policy;
use crate::host::{BodyError, Http, HttpError, HttpRequest};

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

/// A resolver, and the way to it.
#[derive(Clone, Copy)]
pub struct Resolver<'a> {
    /// The way.
    pub http: &'a dyn Http,
    /// Where it is asked.
    pub url: &'a Url,
}

impl Resolver<'_> {
    /// The records of `domain`, which is in ASCII. As long as it takes: the caller sets the limit.
    ///
    /// # Errors
    /// [`ResolverError`] if there is no answer, or none that can be relied on.
    pub async fn lookup(&self, domain: &str, record_type: RecordType) -> Result<DnsAnswer, ResolverError> {
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("name", domain).append_pair("type", name(record_type));
        let request = HttpRequest::new(Method::GET, url, policy::DNS_ANSWER_MAX_BYTES)
            .header(header::ACCEPT, "application/dns-json")
            .map_err(no_answer)?;
        let response = self.http.send(request).await.map_err(no_answer)?;
        if !response.status.is_success() {
            return Err(ResolverError(format!("the resolver answered {}", response.status.as_u16())));
        }
        read(record_type, &response.body.map_err(no_body)?)
    }
}

fn no_answer(error: HttpError) -> ResolverError {
    let cause = match error {
        HttpError::NotWritable => "the question cannot be written",
        HttpError::Unanswered => "the resolver did not answer",
        HttpError::Redirected => "the resolver redirects: is DNS_OVER_HTTPS_URL right?",
    };
    ResolverError(cause.to_owned())
}

fn no_body(error: BodyError) -> ResolverError {
    let cause = match error {
        BodyError::BrokenOff => "the resolver did not answer",
        BodyError::TooLong => "the answer is too long",
    };
    ResolverError(cause.to_owned())
}

/// Codes that a resolver answers with. Source: RFC 1035 §4.1.1.
const NO_ERROR: u16 = 0;
const NXDOMAIN: u16 = 3;

/// The type of the record that says how long a "no" holds. Source: RFC 1035 §3.2.2, as are those of
/// [`code`].
const SOA: u16 = 6;

/// An answer in JSON. What else is in it does not matter to us.
#[derive(Deserialize)]
struct DnsMessage {
    #[serde(rename = "Status")]
    status: u16,
    #[serde(rename = "TC", default)]
    truncated: bool,
    #[serde(rename = "Answer", default)]
    answer: Vec<Record>,
    #[serde(rename = "Authority", default)]
    authority: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "type")]
    code: u16,
    #[serde(rename = "TTL")]
    ttl: u32,
    data: String,
}

/// Reads the answer to a question for records of this type.
///
/// # Errors
/// [`ResolverError`] if the resolver says that it failed, or what it says makes no sense.
pub fn read(record_type: RecordType, body: &[u8]) -> Result<DnsAnswer, ResolverError> {
    let malformed = || ResolverError("the answer is malformed".to_owned());
    let message: DnsMessage = serde_json::from_slice(body).map_err(|_| malformed())?;
    if ![NO_ERROR, NXDOMAIN].contains(&message.status) {
        return Err(ResolverError(format!("the answer has the code {}", message.status)));
    }
    // Aliases on the way to the records are in the answer as well.
    let wanted = message.answer.iter().filter(|record| record.code == code(record_type));
    let values: Option<Vec<String>> = wanted.map(|record| value(record_type, &record.data)).collect();
    let values = values.ok_or_else(malformed)?;
    if values.is_empty() && message.truncated {
        return Err(ResolverError("the answer is cut short".to_owned()));
    }
    let answered = message.answer.iter().map(|record| record.ttl);
    let denied = message.authority.iter().filter(|record| record.code == SOA).map(negative_ttl);
    let ttl_seconds = if values.is_empty() { answered.chain(denied).min() } else { answered.min() };
    Ok(DnsAnswer { exists: message.status == NO_ERROR, values, ttl_seconds: ttl_seconds.unwrap_or(0) })
}

fn name(record_type: RecordType) -> &'static str {
    match record_type {
        RecordType::Mx => "MX",
        RecordType::A => "A",
        RecordType::Aaaa => "AAAA",
    }
}

fn code(record_type: RecordType) -> u16 {
    match record_type {
        RecordType::Mx => 15,
        RecordType::A => 1,
        RecordType::Aaaa => 28,
    }
}

/// The part of a record that we want: of `10 mail.example.com.` the host, of an address record all
/// of it.
fn value(record_type: RecordType, data: &str) -> Option<String> {
    let mut words = data.split_ascii_whitespace();
    if record_type == RecordType::Mx {
        let _preference: u16 = words.next()?.parse().ok()?;
    }
    let value = words.next()?;
    let sound = match record_type {
        RecordType::Mx => true,
        RecordType::A => value.parse::<std::net::Ipv4Addr>().is_ok(),
        RecordType::Aaaa => value.parse::<std::net::Ipv6Addr>().is_ok(),
    };
    (sound && words.next().is_none()).then(|| value.to_owned())
}

/// How long a "no" holds: the time of the SOA record or the last number in it, whichever is less.
/// Source: RFC 2308 §5.
fn negative_ttl(soa: &Record) -> u32 {
    let minimum = soa.data.split_ascii_whitespace().next_back().and_then(|number| number.parse().ok());
    minimum.map_or(soa.ttl, |minimum: u32| minimum.min(soa.ttl))
}
