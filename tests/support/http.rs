//! The ways to other services: reqwest, which really sends, and a fake that answers by itself.
//! `tests/integrations/http_client.rs` holds both to the same.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, Method, StatusCode};
use edgegate::host::{BodyError, BoxFuture, Http, HttpError, HttpRequest, HttpResponse};
use edgegate::integrations::http_client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use super::Mailbox;
use super::dns::FakeDns;
use super::mail_api::{self, MailProvider};

/// Sends by reqwest.
pub struct ReqwestHttp(reqwest::Client);

impl Default for ReqwestHttp {
    fn default() -> Self {
        Self(http_client::client())
    }
}

impl Http for ReqwestHttp {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpError>> {
        Box::pin(http_client::exchange(&self.0, request))
    }
}

/// Answers every connection with these bytes and closes it. Returns its URL and how often it was
/// asked.
pub async fn raw_server(answer: Vec<u8>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let mut request = vec![0; 64 * 1024];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    });
    (url, asked)
}

/// What a server answers, before limits apply.
#[derive(Clone)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// The mail provider, DNS, and pages that a test enters. Everything else is a server that is not
/// there.
pub struct FakeHttp {
    mail: Arc<dyn MailProvider>,
    dns: Arc<FakeDns>,
    pages: Mutex<BTreeMap<Url, Page>>,
    sent: Mutex<Vec<HttpRequest>>,
}

impl Default for FakeHttp {
    fn default() -> Self {
        Self::new(Arc::<Mailbox>::default(), Arc::default())
    }
}

impl FakeHttp {
    /// Leads to this mail provider and this DNS.
    pub fn new(mail: Arc<dyn MailProvider>, dns: Arc<FakeDns>) -> Self {
        Self { mail, dns, pages: Mutex::default(), sent: Mutex::default() }
    }

    /// From now on this URL is answered by this page.
    pub fn enter(&self, url: Url, page: Page) {
        self.pages.lock().expect("unpoisoned").insert(url, page);
    }

    /// What was sent, oldest first.
    pub fn sent(&self) -> Vec<HttpRequest> {
        self.sent.lock().expect("unpoisoned").clone()
    }

    async fn answer(&self, request: &HttpRequest) -> Result<Page, HttpError> {
        if let Some(mail) = mail_api::read(request) {
            return mail_api::answer(self.mail.take(&mail).await);
        }
        if request.method == Method::GET && request.url.path() == "/dns-query" {
            let (status, body) = self.dns.serve(request.url.query().unwrap_or_default(), &request.headers).await;
            return Ok(Page { status, headers: HeaderMap::new(), body: body.into_bytes() });
        }
        self.pages.lock().expect("unpoisoned").get(&request.url).cloned().ok_or(HttpError::Unanswered)
    }
}

impl Http for FakeHttp {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpError>> {
        self.sent.lock().expect("unpoisoned").push(request.clone());
        Box::pin(async move {
            let Page { status, headers, body } = self.answer(&request).await?;
            if status.is_redirection() {
                return Err(HttpError::Redirected);
            }
            let body = if body.len() > request.answer_max_bytes { Err(BodyError::TooLong) } else { Ok(body) };
            Ok(HttpResponse { status, headers, body })
        })
    }
}
