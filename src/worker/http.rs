//! Other services, by `fetch`.

use edgegate::host::{BoxFuture, Http, HttpError, HttpRequest, HttpResponse};
use edgegate::integrations::http_client;
use worker::send::SendFuture;

/// Sends requests from this Worker.
pub struct FetchHttp {
    client: reqwest::Client,
}

impl FetchHttp {
    /// One that is ready to send.
    pub fn new() -> Self {
        Self { client: http_client::client() }
    }
}

impl Http for FetchHttp {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpError>> {
        Box::pin(SendFuture::new(http_client::exchange(&self.client, request)))
    }
}
