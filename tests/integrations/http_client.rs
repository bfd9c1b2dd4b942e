//! HTTP by reqwest against a real server. And the fake that all other tests send by is held to the
//! same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use edgegate::host::{BodyError, Http, HttpError, HttpRequest, HttpResponse};
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

use crate::support::http::{FakeHttp, Page, ReqwestHttp, raw_server};

/// Longer than any answer here.
const LONG: usize = 1024 * 1024;

/// A request as it arrived: method, path and query, one header, body.
type Arrived = (Method, String, Option<String>, Vec<u8>);

/// A server that answers by path.
#[derive(Default)]
struct Server {
    pages: Mutex<BTreeMap<String, Page>>,
    arrived: Mutex<Vec<Arrived>>,
}

async fn serve(State(server): State<Arc<Server>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().expect("a path").as_str().to_owned();
    let body = to_bytes(body, LONG).await.expect("a body").to_vec();
    server.arrived.lock().expect("unpoisoned").push((parts.method, path.clone(), key(&parts.headers), body));
    let page = server.pages.lock().expect("unpoisoned").get(&path).cloned();
    match page {
        Some(Page { status, headers, body }) => (status, headers, Body::from(body)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn key(headers: &HeaderMap) -> Option<String> {
    headers.get("idempotency-key").map(|value| value.to_str().expect("ASCII").to_owned())
}

/// One of the two, and where it leads.
enum Way {
    Real(ReqwestHttp, Url, Arc<Server>),
    Fake(FakeHttp),
}

impl Way {
    async fn both() -> [Self; 2] {
        let server = Arc::<Server>::default();
        let router = Router::new().fallback(serve).with_state(server.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("bound")).parse().expect("a URL");
        tokio::spawn(async move { axum::serve(listener, router).await });
        [Self::Real(ReqwestHttp::default(), base, server), Self::Fake(FakeHttp::default())]
    }

    fn url(&self, path: &str) -> Url {
        match self {
            Self::Real(_, base, _) => base.join(path).expect("a URL"),
            Self::Fake(_) => format!("https://api.example.com{path}").parse().expect("a URL"),
        }
    }

    /// From now on the path is answered like that.
    fn enter(&self, path: &str, status: u16, headers: &[(header::HeaderName, &str)], body: impl Into<Vec<u8>>) {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value"))).collect();
        let page = Page { status: StatusCode::from_u16(status).expect("a status"), headers, body: body.into() };
        match self {
            Self::Real(_, _, server) => drop(server.pages.lock().expect("unpoisoned").insert(path.to_owned(), page)),
            Self::Fake(http) => http.enter(self.url(path), page),
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        match self {
            Self::Real(http, ..) => http.send(request).await,
            Self::Fake(http) => http.send(request).await,
        }
    }

    async fn get(&self, path: &str, answer_max_bytes: usize) -> Result<HttpResponse, HttpError> {
        self.send(HttpRequest::new(Method::GET, self.url(path), answer_max_bytes)).await
    }

    fn arrived(&self) -> Vec<Arrived> {
        match self {
            Self::Real(_, _, server) => server.arrived.lock().expect("unpoisoned").clone(),
            Self::Fake(http) => {
                let path = |url: &Url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
                let sent = http.sent().into_iter();
                sent.map(|request| (request.method, path(&request.url), key(&request.headers), request.body)).collect()
            }
        }
    }
}

#[tokio::test]
async fn every_status_but_a_redirect_is_an_answer() {
    for way in Way::both().await {
        for status in [200, 201, 400, 401, 403, 404, 409, 418, 422, 429, 500, 502, 503] {
            way.enter("/page", status, &[], "text");
            let answer = way.get("/page", LONG).await.expect("an answer");
            assert_eq!((answer.status.as_u16(), answer.body), (status, Ok(b"text".to_vec())));
        }
        way.enter("/page", 204, &[], "");
        assert_eq!(way.get("/page", LONG).await.expect("an answer").body, Ok(Vec::new()));
    }
}

#[tokio::test]
async fn headers_come_with_the_answer_also_those_that_come_twice() {
    for way in Way::both().await {
        let headers = [(header::RETRY_AFTER, "7"), (header::SET_COOKIE, "a=1"), (header::SET_COOKIE, "b=2")];
        way.enter("/page", 429, &headers, "");
        let answer = way.get("/page", LONG).await.expect("an answer");
        assert_eq!(answer.headers[header::RETRY_AFTER], "7");
        let cookies: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
    }
}

#[tokio::test]
async fn method_path_headers_and_body_arrive_as_they_were_sent() {
    for way in Way::both().await {
        let name = header::HeaderName::from_static("idempotency-key");
        let post = HttpRequest::new(Method::POST, way.url("/page?a=1&b=%20"), LONG);
        let post = post.header(name, "the key").and_then(|post| post.json(&json!({ "a": "Ж" }))).expect("writable");
        way.enter("/page?a=1&b=%20", 200, &[], "");
        way.enter("/other", 200, &[], "");
        way.send(post).await.expect("an answer");
        way.get("/other", LONG).await.expect("an answer");
        assert_eq!(
            way.arrived(),
            [
                (
                    Method::POST,
                    "/page?a=1&b=%20".to_owned(),
                    Some("the key".to_owned()),
                    "{\"a\":\"Ж\"}".as_bytes().to_vec()
                ),
                (Method::GET, "/other".to_owned(), None, Vec::new()),
            ]
        );
    }
}

#[tokio::test]
async fn an_answer_is_read_as_far_as_the_request_says_and_no_further() {
    for way in Way::both().await {
        for (bytes, limit, expected) in [
            (1000, 1000, Ok(vec![b'x'; 1000])),
            (1001, 1000, Err(BodyError::TooLong)),
            (LONG, 1000, Err(BodyError::TooLong)),
            (LONG, LONG, Ok(vec![b'x'; LONG])),
            (0, 0, Ok(Vec::new())),
            (1, 0, Err(BodyError::TooLong)),
        ] {
            way.enter("/page", 503, &[], vec![b'x'; bytes]);
            let answer = way.get("/page", limit).await.expect("an answer");
            assert_eq!(answer.status, 503, "known all the same");
            assert!(answer.body == expected, "{bytes} of {limit}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for way in Way::both().await {
        way.enter("/elsewhere", 200, &[], "secret");
        for status in [300, 301, 302, 303, 307, 308] {
            let elsewhere = way.url("/elsewhere");
            way.enter("/page", status, &[(header::LOCATION, elsewhere.as_str())], "");
            assert_eq!(way.get("/page", LONG).await, Err(HttpError::Redirected), "{status}");
        }
        assert!(way.arrived().iter().all(|(_, path, ..)| path == "/page"));
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_does_not_answer() {
    for way in Way::both().await {
        // Port 9 is `discard`, which nobody runs.
        let nobody = "http://127.0.0.1:9/page".parse().expect("a URL");
        let answer = way.send(HttpRequest::new(Method::GET, nobody, LONG)).await;
        assert_eq!(answer, Err(HttpError::Unanswered));
    }
}

/// The errors of the client quote URLs; ours do not.
#[test]
fn an_error_says_nothing_of_what_was_sent() {
    for error in [HttpError::NotWritable, HttpError::Unanswered, HttpError::Redirected] {
        assert!(!error.to_string().contains(['/', '1']), "{error}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_the_status() {
    let (url, _) = raw_server(b"HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\nhalf".to_vec()).await;
    let request = HttpRequest::new(Method::GET, url.parse().expect("a URL"), LONG);
    let answer = ReqwestHttp::default().send(request).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.body), (503, Err(BodyError::BrokenOff)));
}

#[tokio::test]
async fn a_body_without_end_is_left_at_the_limit() {
    let mut endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    endless.extend(b"3e8\r\n".iter().chain(&[b'x'; 1000]).chain(b"\r\n").cycle().take(1_000_000));
    let (url, _) = raw_server(endless).await;
    let request = HttpRequest::new(Method::GET, url.parse().expect("a URL"), 1500);
    let answer = ReqwestHttp::default().send(request).await.expect("an answer");
    assert_eq!(answer.body, Err(BodyError::TooLong));
}
