//! Asks DNS over HTTPS, the same way natively and at the edge: JSON, as Cloudflare and Google serve
//! it.
//! <https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/>
//!
//! Not here: what the records mean for mail, time limit and memory, which are `deliverability.rs`.

use reqwest::{Client, header};
use serde::Deserialize;
use url::Url;

use crate::host::{DnsAnswer, RecordType, ResolverError};

/// Asks the resolver at `url`.
///
/// # Errors
/// [`ResolverError`] if there is no answer, or none that can be relied on. Its text is ours alone:
/// the one of the HTTP client would quote the URL, and with it the domain.
pub async fn lookup(
    client: &Client,
    url: &Url,
    domain: &str,
    record_type: RecordType,
) -> Result<DnsAnswer, ResolverError> {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair("name", domain).append_pair("type", name(record_type));
    let no_answer = |_| ResolverError("the resolver did not answer".to_owned());
    let response = client.get(url).header(header::ACCEPT, "application/dns-json").send().await.map_err(no_answer)?;
    let status = response.status();
    if !status.is_success() {
        return Err(ResolverError(format!("the resolver answered {}", status.as_u16())));
    }
    read(record_type, &response.bytes().await.map_err(no_answer)?)
}

/// Codes that a resolver answers with. Source: RFC 1035 §4.1.1.
const NO_ERROR: u16 = 0;
const NXDOMAIN: u16 = 3;

/// The type of the record that says how long a "no" holds. Source: RFC 1035 §3.2.2, as are those of
/// [`code`].
const SOA: u16 = 6;

/// An answer in JSON. What else is in it does not matter to us.
#[derive(Deserialize)]
struct Message {
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
    let message: Message = serde_json::from_slice(body).map_err(|_| malformed())?;
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
