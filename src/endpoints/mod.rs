//! The API on one screen. A new endpoint is one file, its `mod` line and its line in the table
//! below, which feeds the router, the list of routes and the OpenAPI document. What the protocol
//! has besides is refused by `disabled.rs`.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::config::{Config, ConfigError};
use crate::http::answer::{API_VERSION, ERROR_CODE, answer, default_headers};
use crate::http::error::{Code, Error};
use account::sign_up;
use admin::{
    create_user as admin_create_user, delete_user as admin_delete_user, end_session as admin_end_session,
    end_sessions as admin_end_sessions, generate_link, get_user as admin_get_user, import_users as admin_import_users,
    invite, list_audit_events, list_factors as admin_list_factors, list_sessions as admin_list_sessions,
    list_users as admin_list_users, update_user as admin_update_user,
};
use factors::enroll_factor;
use links::{magic_link, otp, recover, resend, verify};
use openapi::serve;
use operations::{health, mail_events, ready};
use pages::{confirm_form, confirm_page, welcome};
use service::{introspect, jwks, settings};
use session::{end_session, list_sessions, sign_out};
use token::grant;
use user::{delete_account, export_user, get_user, reauthenticate, update_user};

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
pub mod token;
pub mod user;

/// One route, for documents and tests.
pub struct Route {
    /// Lower case.
    pub method: &'static str,
    /// Under the base path.
    pub path: &'static str,
    /// Every way it can fail, besides [`EVERYWHERE`].
    pub failures: &'static [Code],
}

/// How any call can fail.
pub const EVERYWHERE: &[Code] = &[Code::DatabaseUnavailable, Code::RequestTimeout, Code::UnexpectedFailure];

macro_rules! api {
    ($($method:ident $path:literal => $module:ident,)*) => {
        /// Every route under the base path that is offered.
        pub const ROUTES: &[Route] = &[$(Route {
            method: stringify!($method),
            path: $path,
            failures: $module::FAILURES,
        }),*];

        fn api() -> Router {
            Router::new()$(.route($path, axum::routing::$method($module::handle)))*
        }

        /// What utoipa read off each handler, in the order of [`routes`].
        #[cfg(not(target_arch = "wasm32"))]
        #[must_use]
        pub fn operations() -> Vec<utoipa::openapi::path::Operation> {
            let offered = vec![$({
                let mut operation = <$module::__path_handle as utoipa::Path>::operation();
                let tags = <$module::__path_handle as utoipa::__dev::Tags>::tags();
                operation.tags = Some(tags.into_iter().map(str::to_owned).collect());
                operation
            }),*];
            offered.into_iter().chain(disabled::operations()).collect()
        }
    };
}

api! {
    post   "/signup"                => sign_up,
    get    "/verify"                => confirm_page,
    post   "/verify"                => verify,
    post   "/verify/confirm"        => confirm_form,
    post   "/resend"                => resend,
    post   "/otp"                   => otp,
    post   "/magiclink"             => magic_link,
    post   "/recover"               => recover,
    post   "/token"                 => grant,
    post   "/logout"                => sign_out,
    get    "/user"                  => get_user,
    put    "/user"                  => update_user,
    delete "/user"                  => delete_account,
    get    "/user/export"           => export_user,
    get    "/reauthenticate"        => reauthenticate,
    get    "/sessions"              => list_sessions,
    delete "/sessions/{id}"         => end_session,
    post   "/introspect"            => introspect,
    post   "/mail/events"           => mail_events,
    post   "/invite"                => invite,
    post   "/admin/generate_link"   => generate_link,
    get    "/admin/audit"           => list_audit_events,
    get    "/admin/users"           => admin_list_users,
    post   "/admin/users"           => admin_create_user,
    post   "/admin/users/import"    => admin_import_users,
    get    "/admin/users/{id}"      => admin_get_user,
    put    "/admin/users/{id}"      => admin_update_user,
    delete "/admin/users/{id}"      => admin_delete_user,
    get    "/admin/users/{id}/sessions" => admin_list_sessions,
    delete "/admin/users/{id}/sessions" => admin_end_sessions,
    delete "/admin/users/{id}/sessions/{session_id}" => admin_end_session,
    get    "/admin/users/{id}/factors" => admin_list_factors,
    get    "/settings"              => settings,
    get    "/health"                => health,
    get    "/health/ready"          => ready,
    get    "/.well-known/jwks.json" => jwks,
    get    "/openapi.json"          => serve,
    post   "/factors"               => enroll_factor,
}

/// Every route: those of the table above, and those that answer that they are not offered.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().chain(disabled::ROUTES)
}

/// The whole application. It is made once, since that takes longer than most calls; so it knows the
/// configuration alone, and each request brings its [`App`](crate::app::App) along, as an extension
/// of type `Arc<App>`. At the root of the origin there is only what standards put there, and pages
/// to look at; Swagger UI itself is a static asset (src/docs), which never gets here.
pub fn router(config: &Config) -> Router {
    let mut router = Router::new()
        .nest(&config.site.base_path, api().merge(disabled::api()))
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
/// lists. Exact matches only. Source: WIRE.md §1, OWASP ASVS 5.0 3.4.2.
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
