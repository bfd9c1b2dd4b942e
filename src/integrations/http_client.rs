//! Sends an [`HttpRequest`] by reqwest, which is a client of its own natively and `fetch` in a
//! Worker. What implements [`crate::host::Http`] calls this: `src/worker/http.rs` and the tests.
//!
//! Not here: time limits, which are the caller's, and what an answer means.

use std::pin::pin;

use futures_util::StreamExt;
use reqwest::{Client, Response, Url};

use crate::host::{BodyError, HttpError, HttpRequest, HttpResponse};

/// The client to send by. It follows no redirect where that can be said. (In a Worker `fetch`
/// follows; then the answer comes from elsewhere and counts as none.)
#[must_use]
pub fn client() -> Client {
    #[cfg(not(target_arch = "wasm32"))]
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap_or_default();
    #[cfg(target_arch = "wasm32")]
    let client = Client::new();
    client
}

/// Sends a request, and reads the answer no further than the request says.
///
/// # Errors
/// [`HttpError`]. The text of reqwest's own errors goes nowhere: it quotes the URL.
pub async fn exchange(client: &Client, request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let HttpRequest { method, url, headers, body, answer_max_bytes } = request;
    let mut builder = client.request(method, url.clone()).headers(headers);
    if !body.is_empty() {
        builder = builder.body(body);
    }
    let response = builder.send().await.map_err(|problem| not_sent(&problem))?;
    let status = response.status();
    if status.is_redirection() || !is_same_place(response.url(), &url) {
        return Err(HttpError::Redirected);
    }
    let headers = response.headers().clone();
    Ok(HttpResponse { status, headers, body: read(response, answer_max_bytes).await })
}

async fn read(response: Response, max_bytes: usize) -> Result<Vec<u8>, BodyError> {
    let mut chunks = pin!(response.bytes_stream());
    let mut body = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| BodyError::BrokenOff)?;
        if body.len() + chunk.len() > max_bytes {
            return Err(BodyError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn not_sent(problem: &reqwest::Error) -> HttpError {
    if problem.is_builder() { HttpError::NotWritable } else { HttpError::Unanswered }
}

fn is_same_place(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin() && one.path() == other.path()
}
