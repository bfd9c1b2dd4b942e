//! Requests through the front door.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use edgegate::endpoints;
use serde_json::Value;
use tower::ServiceExt;

use super::answer::Answer;
use super::app::TestApp;

impl TestApp {
    /// `GET` of a path under the base path.
    pub fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, &format!("/auth/v1{path}"))
    }

    /// `POST` of a JSON body to a path under the base path.
    #[expect(clippy::needless_pass_by_value, reason = "calls read better without a borrow")]
    pub fn post(&self, path: &str, body: Value) -> Call<'_> {
        self.call(Method::POST, &format!("/auth/v1{path}"))
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    /// `POST` of form fields to a path under the base path, as the page's own form sends them.
    pub fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Call<'_> {
        self.call(Method::POST, &format!("/auth/v1{path}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(serde_urlencoded::to_string(fields).expect("fields are text"))
    }

    /// Any request, of any path.
    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        let request = Request::builder().method(method).uri(path).header("cf-connecting-ip", "192.0.2.7");
        Call { app: self, request, body: Body::empty() }
    }
}

/// A request about to be sent.
pub struct Call<'a> {
    app: &'a TestApp,
    request: axum::http::request::Builder,
    body: Body,
}

impl Call<'_> {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Replaces the address that the edge vouches for.
    pub fn caller_ip(mut self, ip: &str) -> Self {
        if let Some(headers) = self.request.headers_mut() {
            headers.insert("cf-connecting-ip", ip.parse().expect("an address"));
        }
        self
    }

    /// Adds an access token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds a cookie, as `name=value`.
    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    /// Takes a header away.
    pub fn without(mut self, name: &str) -> Self {
        if let Some(headers) = self.request.headers_mut() {
            headers.remove(name);
        }
        self
    }

    /// Sends this body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the request, waits for the answer and for the work it left behind.
    pub async fn send(self) -> Answer {
        let app = self.app;
        let answer = self.send_only().await;
        app.settle().await;
        answer
    }

    /// Sends the request and waits for the answer; what it leaves behind is held.
    pub async fn send_only(self) -> Answer {
        let mut request = self.request.body(self.body).expect("a valid request");
        request.extensions_mut().insert(Arc::clone(&self.app.app));
        let path = request.uri().path().to_owned();
        let method = request.method().clone();
        let router = endpoints::router(self.app.app.config());
        let Ok(response) = router.oneshot(request).await;
        let answer = Answer::read(response).await;
        answer.assert_documented(&method, &path);
        answer
    }
}

impl<'a> IntoFuture for Call<'a> {
    type Output = Answer;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
