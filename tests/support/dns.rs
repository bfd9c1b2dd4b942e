//! DNS in which exists only what a test enters: behind the fake of HTTP, and served by a real
//! server. `tests/integrations/dns_over_https.rs` holds both to the same answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use edgegate::integrations::dns_over_https::RecordType;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use super::kv::FaultMode;

/// How long "no such name" holds here, and "no such records".
pub const NO_SECONDS: u32 = 900;

/// Records of one name, with their time to live in seconds.
struct Name {
    ttl_seconds: u32,
    records: Vec<(RecordType, String)>,
}

/// The names that there are, and how answering goes.
pub struct FakeDns {
    names: Mutex<BTreeMap<String, Name>>,
    asked: Mutex<Vec<(String, RecordType)>>,
    fault_mode: Mutex<FaultMode>,
}

impl Default for FakeDns {
    fn default() -> Self {
        Self { names: Mutex::default(), asked: Mutex::default(), fault_mode: Mutex::new(FaultMode::Well) }
    }
}

impl FakeDns {
    /// Makes a name exist, with these records alone, written as in a zone: `10 mail.example.com.`.
    pub fn enter(&self, domain: &str, ttl_seconds: u32, records: &[(RecordType, &str)]) {
        let records = records.iter().map(|(record_type, data)| (*record_type, (*data).to_owned())).collect();
        self.names.lock().expect("unpoisoned").insert(domain.to_owned(), Name { ttl_seconds, records });
    }

    /// From now on DNS behaves like that.
    pub fn becomes(&self, fault_mode: FaultMode) {
        *self.fault_mode.lock().expect("unpoisoned") = fault_mode;
    }

    /// What was asked, oldest first.
    pub fn asked(&self) -> Vec<(String, RecordType)> {
        self.asked.lock().expect("unpoisoned").clone()
    }

    fn records(&self, domain: &str, record_type: RecordType) -> Option<(u32, Vec<String>)> {
        let names = self.names.lock().expect("unpoisoned");
        let name = names.get(domain)?;
        let wanted = name.records.iter().filter(|(other, _)| *other == record_type);
        let data: Vec<String> = wanted.map(|(_, data)| data.clone()).collect();
        Some((if data.is_empty() { NO_SECONDS } else { name.ttl_seconds }, data))
    }

    fn fault_mode(&self) -> FaultMode {
        *self.fault_mode.lock().expect("unpoisoned")
    }

    /// Answers the query of a URL as a resolver does.
    pub async fn serve(&self, query: &str, headers: &HeaderMap) -> (StatusCode, String) {
        let refused = (StatusCode::BAD_REQUEST, String::new());
        let Ok(question) = serde_urlencoded::from_str::<Question>(query) else { return refused };
        // As Cloudflare does: without this, the answer would be in the binary form.
        if accepted(headers) != "application/dns-json" {
            return refused;
        }
        let (record_type, code) = match question.record_type.as_str() {
            "MX" => (RecordType::Mx, 15),
            "A" => (RecordType::A, 1),
            "AAAA" => (RecordType::Aaaa, 28),
            _ => return refused,
        };
        self.asked.lock().expect("unpoisoned").push((question.name.clone(), record_type));
        match self.fault_mode() {
            FaultMode::Well => {}
            FaultMode::Failing => return (StatusCode::OK, json!({ "Status": 2 }).to_string()),
            FaultMode::Hanging => std::future::pending().await,
        }
        let authority = json!([{ "name": "example", "type": 6, "TTL": 86_400, "data": format!("ns.example. x.example. 1 2 3 4 {NO_SECONDS}") }]);
        let message = match self.records(&question.name, record_type) {
            None => json!({ "Status": 3, "TC": false, "RD": true, "Authority": authority }),
            Some((_, data)) if data.is_empty() => {
                json!({ "Status": 0, "TC": false, "RD": true, "Authority": authority })
            }
            Some((ttl, data)) => {
                let record = |data| json!({ "name": question.name, "type": code, "TTL": ttl, "data": data });
                let records: Vec<Value> = data.into_iter().map(record).collect();
                json!({ "Status": 0, "TC": false, "RD": true, "Answer": records })
            }
        };
        (StatusCode::OK, message.to_string())
    }
}

#[derive(Deserialize)]
struct Question {
    name: String,
    #[serde(rename = "type")]
    record_type: String,
}

fn accepted(headers: &HeaderMap) -> &str {
    headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A resolver that serves a [`FakeDns`] over HTTP. Gone with the test's runtime.
pub struct DohServer {
    /// Where it is asked.
    pub url: Url,
    behind: Arc<Behind>,
}

struct Behind {
    dns: Arc<FakeDns>,
    garbled: Mutex<Option<(u16, String)>>,
    queries: Mutex<Vec<String>>,
}

impl DohServer {
    /// Starts one on a free port.
    pub async fn start(dns: Arc<FakeDns>) -> Self {
        let behind = Arc::new(Behind { dns, garbled: Mutex::default(), queries: Mutex::default() });
        let router = Router::new().route("/dns-query", get(answer)).with_state(Arc::clone(&behind));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: format!("http://{address}/dns-query").parse().expect("a URL"), behind }
    }

    /// From now on every answer is this one.
    pub fn answers(&self, status: u16, body: &str) {
        *self.behind.garbled.lock().expect("unpoisoned") = Some((status, body.to_owned()));
    }

    /// The queries as they came, and what they said they accept.
    pub fn queries(&self) -> Vec<String> {
        self.behind.queries.lock().expect("unpoisoned").clone()
    }
}

async fn answer(State(behind): State<Arc<Behind>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let question: Question = serde_urlencoded::from_str(&query).expect("a name and a type");
    let line = format!("{} {} {}", question.name, question.record_type, accepted(&headers));
    behind.queries.lock().expect("unpoisoned").push(line);
    if let Some((status, body)) = behind.garbled.lock().expect("unpoisoned").clone() {
        return (StatusCode::from_u16(status).expect("a status"), body).into_response();
    }
    let (status, body) = behind.dns.serve(&query, &headers).await;
    (status, [("content-type", "application/dns-json")], body).into_response()
}
