//! `GET /`: what a person sees who opens this Worker itself in a browser. Where `SITE_URL` points
//! here, as in development, it is also where a confirmed sign-up arrives, and shows who is signed
//! in.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::config::Environment;
use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::page::page;
use crate::render::{Page, WelcomeLink, WelcomeLinkTo};

/// Shows that it runs, and where to look next.
///
/// # Errors
/// [`Error::unexpected`] if a template is broken.
pub async fn handle(call: Call, headers: HeaderMap) -> Result<Response, Error> {
    let config = call.app.config();
    let api = |path| config.site.api_url(path).to_string();
    let mut links = vec![
        WelcomeLink { to: WelcomeLinkTo::ApiDocs, href: "/docs/".to_owned() },
        WelcomeLink { to: WelcomeLinkTo::Health, href: api("/health") },
        WelcomeLink { to: WelcomeLinkTo::Settings, href: api("/settings") },
        WelcomeLink { to: WelcomeLinkTo::Jwks, href: api("/.well-known/jwks.json") },
        WelcomeLink { to: WelcomeLinkTo::ApiDocument, href: api("/openapi.json") },
    ];
    if config.site.environment == Environment::Development {
        links.insert(0, WelcomeLink { to: WelcomeLinkTo::Mailbox, href: config.mail.api_url.to_string() });
        links.insert(2, WelcomeLink { to: WelcomeLinkTo::Ready, href: api("/health/ready") });
    }
    let content = Page::Welcome { api_base: config.site.base_path.clone(), links };
    page(&call.app, StatusCode::OK, &content, &headers, None)
}
