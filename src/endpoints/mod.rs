//! The API: a folder for each resource, whose `mod.rs` is its route table, with who may ask. A new
//! endpoint is one file, its `mod` line and its line in the table beside it, which feeds the
//! router, the list of routes and the OpenAPI document. What the protocol has besides is refused by
//! `disabled.rs`.

#[cfg(not(target_arch = "wasm32"))]
use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::config::{Config, ConfigError};
use crate::http::answer::{API_VERSION, ERROR_CODE, answer, default_headers};
use crate::http::error::{Code, Error};
#[cfg(not(target_arch = "wasm32"))]
pub use table::{EVERYWHERE, Route};

use openapi::serve;
use pages::welcome;
use service::jwks;

pub mod account;
pub mod admin;
pub mod disabled;
pub mod factors;
pub mod links;
pub mod openapi;
pub mod operations;
pub mod pages;
pub mod service;
pub mod session;
mod table;
pub mod token;
pub mod user;

/// Collects the tables of the folders.
macro_rules! folders {
    ($($folder:ident)*) => {
        fn api() -> Router {
            Router::new()$(.merge($folder::router()))*
        }

        #[cfg(not(target_arch = "wasm32"))]
        static ROUTES: LazyLock<Vec<Route>> =
            LazyLock::new(|| [$($folder::routes()),*].into_iter().flatten().collect());
    };
}

folders! {
    account links token session user factors
    service operations pages admin openapi
    disabled
}

/// Every route under the base path: those that are offered, and those that answer that they are
/// not.
#[cfg(not(target_arch = "wasm32"))]
pub fn routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter()
}

/// The whole application. It is made once, since that takes longer than most calls; so it knows the
/// configuration alone, and each request brings its [`App`](crate::app::App) along, as an extension
/// of type `Arc<App>`. At the root of the origin there is only what standards put there, and pages
/// to look at; Swagger UI itself is a static asset (src/docs), which never gets here.
pub fn router(config: &Config) -> Router {
    let mut router = Router::new()
        .nest(&config.site.base_path, api())
        .route("/.well-known/jwks.json", axum::routing::get(jwks::handle));
    if config.site.base_path != "/docs" {
        // Else it is there already.
        router = router.route(serve::BESIDE_THE_DOCS, axum::routing::get(serve::handle));
    }
    if config.site.site_url.origin() == config.site.external_url.origin() {
        router = router.route("/", axum::routing::get(welcome::handle));
    }
    router
        .fallback(async || Error::from(Code::NotFound))
        .method_not_allowed_fallback(async || Error::from(Code::MethodNotAllowed))
        .layer(cors(config))
        .layer(from_fn(answer))
}

/// The answer to every call while the configuration is wrong: all problems, by the names of the
/// settings.
#[must_use]
pub fn misconfigured(problems: &[ConfigError]) -> Response {
    let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let message = format!("edgegate is not configured: {}", list.join("; "));
    let body = json!({ "code": 500, "error_code": "unexpected_failure", "msg": message });
    let code = HeaderValue::from_static(Code::UnexpectedFailure.as_str());
    let mut response = (StatusCode::INTERNAL_SERVER_ERROR, [(ERROR_CODE, code)], axum::Json(body)).into_response();
    default_headers(response.headers_mut());
    response
}

/// Which pages of other origins may call the API: those of the app, and what `CORS_ALLOWED_ORIGINS`
/// lists. Exact matches only. Source: OWASP ASVS 5.0 3.4.2.
fn cors(config: &Config) -> CorsLayer {
    let origins: Vec<HeaderValue> = config.site.cors_origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("apikey"),
            HeaderName::from_static("x-client-info"),
            API_VERSION,
        ])
        .expose_headers([
            API_VERSION,
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("x-total-count"),
            header::LINK,
            header::RETRY_AFTER,
        ])
        .max_age(std::time::Duration::from_hours(1))
}
