//! DNS over HTTPS against a resolver that speaks it. And the fake that all other tests ask is held
//! to the same.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use edgegate::domain::policy;
use edgegate::integrations::dns_over_https::{self, DnsAnswer, RecordType, Resolver, ResolverError};
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use crate::support::Mailbox;
use crate::support::dns::{DohServer, FakeDns, NO_SECONDS};
use crate::support::http::{FakeHttp, ReqwestHttp, raw_server};
use crate::support::kv::FaultMode;

const EVERY_TYPE: [RecordType; 3] = [RecordType::Mx, RecordType::A, RecordType::Aaaa];

/// The adapter and the fake, behind one face.
enum Dns {
    Adapter(DohServer, Arc<FakeDns>),
    Fake(Arc<FakeDns>),
}

impl Dns {
    async fn both() -> [Self; 2] {
        let served = Arc::<FakeDns>::default();
        [Self::Adapter(DohServer::start(served.clone()).await, served), Self::Fake(Arc::default())]
    }

    fn names(&self) -> &FakeDns {
        match self {
            Self::Adapter(_, dns) | Self::Fake(dns) => dns,
        }
    }

    async fn lookup(&self, domain: &str, record_type: RecordType) -> Result<DnsAnswer, ResolverError> {
        match self {
            Self::Adapter(server, _) => lookup(&server.url, domain, record_type).await,
            Self::Fake(dns) => {
                let http = FakeHttp::new(Arc::<Mailbox>::default(), dns.clone());
                let url = "https://dns.example/dns-query".parse().expect("a URL");
                Resolver { http: &http, url: &url }.lookup(domain, record_type).await
            }
        }
    }
}

/// Asks a real server.
async fn lookup(url: &Url, domain: &str, record_type: RecordType) -> Result<DnsAnswer, ResolverError> {
    Resolver { http: &ReqwestHttp::default(), url }.lookup(domain, record_type).await
}

#[expect(clippy::unnecessary_wraps, reason = "read beside `failed`")]
fn found(ttl_seconds: u32, values: &[&str]) -> Result<DnsAnswer, ResolverError> {
    Ok(DnsAnswer { exists: true, values: values.iter().map(|value| (*value).to_owned()).collect(), ttl_seconds })
}

fn failed(cause: &str) -> Result<DnsAnswer, ResolverError> {
    Err(ResolverError(cause.to_owned()))
}

#[tokio::test]
async fn records_come_with_the_time_for_which_they_hold() {
    for dns in Dns::both().await {
        let records = [
            (RecordType::Mx, "10 one.mail.example."),
            (RecordType::Mx, "20 two.mail.example."),
            (RecordType::A, "192.0.2.1"),
            (RecordType::Aaaa, "2001:db8::1"),
        ];
        dns.names().enter("shop.example", 300, &records);
        let mx = dns.lookup("shop.example", RecordType::Mx).await;
        assert_eq!(mx, found(300, &["one.mail.example.", "two.mail.example."]));
        assert_eq!(dns.lookup("shop.example", RecordType::A).await, found(300, &["192.0.2.1"]));
        assert_eq!(dns.lookup("shop.example", RecordType::Aaaa).await, found(300, &["2001:db8::1"]));
    }
}

#[tokio::test]
async fn a_domain_that_wants_no_mail_names_nobody() {
    for dns in Dns::both().await {
        dns.names().enter("shop.example", 60, &[(RecordType::Mx, "0 .")]);
        assert_eq!(dns.lookup("shop.example", RecordType::Mx).await, found(60, &["."]));
    }
}

#[tokio::test]
async fn a_name_without_such_records_is_told_from_no_such_name() {
    for dns in Dns::both().await {
        dns.names().enter("shop.example", 60, &[]);
        for record_type in EVERY_TYPE {
            assert_eq!(dns.lookup("shop.example", record_type).await, found(NO_SECONDS, &[]));
            let nobody = DnsAnswer { exists: false, values: Vec::new(), ttl_seconds: NO_SECONDS };
            assert_eq!(dns.lookup("nobody.example", record_type).await, Ok(nobody));
        }
    }
}

#[tokio::test]
async fn a_resolver_that_fails_is_told_from_a_name_that_is_not_there() {
    for dns in Dns::both().await {
        dns.names().becomes(FaultMode::Failing);
        for record_type in EVERY_TYPE {
            assert_eq!(dns.lookup("shop.example", record_type).await, failed("the answer has the code 2"));
        }
    }
}

#[tokio::test]
async fn the_question_is_the_one_that_resolvers_document() {
    let server = DohServer::start(Arc::default()).await;
    for record_type in EVERY_TYPE {
        lookup(&server.url, "xn--e1afmkfd.example", record_type).await.expect("an answer");
    }
    assert_eq!(
        server.queries(),
        ["MX", "A", "AAAA"].map(|name| format!("xn--e1afmkfd.example {name} application/dns-json"))
    );
}

#[tokio::test]
async fn whatever_else_the_resolver_says_is_no_answer_and_quoted_nowhere() {
    let server = DohServer::start(Arc::default()).await;
    for (status, body, cause) in [
        (500, "shop.example", "the resolver answered 500"),
        (429, "", "the resolver answered 429"),
        (404, "{\"Status\":3}", "the resolver answered 404"),
        (200, "", "the answer is malformed"),
        (200, "<html>shop.example</html>", "the answer is malformed"),
        (200, "{}", "the answer is malformed"),
        (200, "{\"Status\":\"shop.example\"}", "the answer is malformed"),
        (200, "{\"Status\":-1}", "the answer is malformed"),
        (200, "{\"Status\":0,\"Answer\":{}}", "the answer is malformed"),
        (200, "{\"Status\":5}", "the answer has the code 5"),
    ] {
        server.answers(status, body);
        let answer = lookup(&server.url, "shop.example", RecordType::Mx).await;
        assert_eq!(answer, failed(cause), "{body}");
    }
}

#[tokio::test]
async fn nobody_there_is_no_answer() {
    // Port 9 is `discard`, which nobody runs.
    let url = "http://127.0.0.1:9/dns-query".parse().expect("a URL");
    let answer = lookup(&url, "shop.example", RecordType::Mx).await;
    assert_eq!(answer, failed("the resolver did not answer"));
}

#[tokio::test]
async fn a_redirect_leads_to_no_other_resolver() {
    let (elsewhere, asked) = raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{\"Status\":3}".to_vec()).await;
    let answer = format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}/dns-query\r\ncontent-length: 0\r\n\r\n");
    let (url, _) = raw_server(answer.into_bytes()).await;
    let answer = lookup(&url.parse().expect("a URL"), "shop.example", RecordType::Mx).await;
    assert_eq!(answer, failed("the resolver redirects: is DNS_OVER_HTTPS_URL right?"));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_never_ends_is_none() {
    let (url, _) = raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"Status\":".to_vec()).await;
    let answer = lookup(&url.parse().expect("a URL"), "shop.example", RecordType::Mx).await;
    assert_eq!(answer, failed("the resolver did not answer"));
    let server = DohServer::start(Arc::default()).await;
    for (bytes, cause) in [(0, "the answer is malformed"), (1, "the answer is too long")] {
        server.answers(200, &" ".repeat(policy::DNS_ANSWER_MAX_BYTES + bytes));
        assert_eq!(lookup(&server.url, "shop.example", RecordType::Mx).await, failed(cause));
    }
}

fn read(record_type: RecordType, message: &Value) -> Result<DnsAnswer, ResolverError> {
    dns_over_https::read(record_type, message.to_string().as_bytes())
}

#[test]
fn aliases_on_the_way_are_skipped_and_shorten_the_time() {
    let alias = json!({ "name": "shop.example.", "type": 5, "TTL": 30, "data": "other.example." });
    let mx = json!({ "name": "other.example.", "type": 15, "TTL": 300, "data": "5 mail.example." });
    let soa = json!({ "type": 6, "TTL": 20, "data": "a. b. 1 2 3 4 10" });
    let answer = read(RecordType::Mx, &json!({ "Status": 0, "Answer": [alias, mx], "Authority": [soa] }));
    assert_eq!(answer, found(30, &["mail.example."]));
    let answer = read(RecordType::Mx, &json!({ "Status": 0, "Answer": [alias], "Authority": [soa] }));
    assert_eq!(answer, found(10, &[]));
    let answer = read(RecordType::Mx, &json!({ "Status": 3, "Answer": [alias] }));
    assert_eq!(answer, Ok(DnsAnswer { exists: false, values: Vec::new(), ttl_seconds: 30 }));
}

#[test]
fn a_no_holds_as_long_as_the_zone_says_in_either_place() {
    for (ttl, data, seconds) in [
        (600_u32, "a. b. 1 2 3 4 900", 600),
        (900, "a. b. 1 2 3 4 600", 600),
        (900, "a. b.", 900),
        (900, "", 900),
        (4_294_967_295, "a. b. 1 2 3 4 99999999999", 4_294_967_295),
    ] {
        let soa = json!({ "type": 6, "TTL": ttl, "data": data });
        assert_eq!(read(RecordType::Mx, &json!({ "Status": 0, "Authority": [soa] })), found(seconds, &[]), "{data}");
    }
    assert_eq!(read(RecordType::Mx, &json!({ "Status": 0 })), found(0, &[]));
}

#[test]
fn an_answer_cut_short_is_one_only_if_something_is_left_of_it() {
    let mx = json!([{ "type": 15, "TTL": 300, "data": "5 mail.example." }]);
    assert_eq!(read(RecordType::Mx, &json!({ "Status": 0, "TC": true, "Answer": mx })), found(300, &["mail.example."]));
    assert_eq!(read(RecordType::Mx, &json!({ "Status": 0, "TC": true })), failed("the answer is cut short"));
}

#[test]
fn records_that_are_none_make_the_answer_malformed() {
    for (record_type, code, data) in [
        (RecordType::Mx, 15, ""),
        (RecordType::Mx, 15, "0"),
        (RecordType::Mx, 15, "mail.example."),
        (RecordType::Mx, 15, "-1 mail.example."),
        (RecordType::Mx, 15, "65536 mail.example."),
        (RecordType::Mx, 15, "10 mail.example. more"),
        (RecordType::Mx, 15, "\\# 4 000a0161"),
        (RecordType::A, 1, ""),
        (RecordType::A, 1, "192.0.2.256"),
        (RecordType::A, 1, "2001:db8::1"),
        (RecordType::Aaaa, 28, "192.0.2.1"),
        (RecordType::Aaaa, 28, "2001:db8::g"),
    ] {
        let answer = json!([{ "type": code, "TTL": 300, "data": data }]);
        assert_eq!(
            read(record_type, &json!({ "Status": 0, "Answer": answer })),
            failed("the answer is malformed"),
            "{data}"
        );
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic_and_no_value_has_a_space(
        status in 0_u16..5,
        code in prop_oneof![Just(15_u16), Just(1), Just(28), Just(6), Just(5)],
        ttl in any::<u32>(),
        data in "\\PC{0,20}|[0-9]{1,6} [a-z.]{0,10}|[0-9.:a-f]{1,12}",
        garbage in any::<Vec<u8>>(),
    ) {
        for record_type in EVERY_TYPE {
            prop_assert!(dns_over_https::read(record_type, &garbage).is_err());
            let record = json!({ "type": code, "TTL": ttl, "data": data });
            if let Ok(answer) = read(record_type, &json!({ "Status": status, "Answer": [record], "Authority": [record] })) {
                prop_assert!([0, 3].contains(&status));
                prop_assert_eq!(answer.exists, status == 0);
                prop_assert!(answer.values.iter().all(|value| !value.is_empty() && !value.contains(' ')));
            }
        }
    }
}
