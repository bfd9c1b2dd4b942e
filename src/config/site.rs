//! The site: what the app is called, where it and this Worker are, and whose pages may call.

use url::Url;

use super::reader::Reader;
use crate::domain::redirect::RedirectPolicy;

/// Where this instance runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// A laptop: pretty logs, links to the local mailbox.
    Development,
    /// As production, for trying things out.
    Staging,
    /// The real thing.
    Production,
}

/// Where the app and this Worker are.
pub struct SiteSettings {
    /// Where this instance runs.
    pub environment: Environment,
    /// What the app is called, in mails and pages; also refused as a password.
    pub app_name: String,
    /// The app's own URL: where people go after confirming.
    pub site_url: Url,
    /// Where this Worker is reached. Links in mails start with it; request headers never decide
    /// that.
    pub external_url: Url,
    /// Where people may be sent after confirming.
    pub redirects: RedirectPolicy,
    /// Origins whose pages may call the API from a browser.
    pub cors_origins: Vec<String>,
    /// Path under which the API is served, e.g. `/auth/v1`.
    pub base_path: String,
}

impl SiteSettings {
    /// The URL of a path under the API's base path, on our own external URL.
    #[must_use]
    pub fn api_url(&self, path: &str) -> Url {
        let mut url = self.external_url.clone();
        url.set_path(&format!("{}{path}", self.base_path));
        url
    }
}

impl Reader<'_> {
    pub(super) fn site(&mut self) -> Option<SiteSettings> {
        let environment = self.environment();
        let app_name = self.text("APP_NAME").unwrap_or_else(|| "edgegate".to_owned());
        let site_url = self.required("SITE_URL", Self::web_url);
        let external_url = match self.text("API_EXTERNAL_URL") {
            Some(text) => {
                self.web_url("API_EXTERNAL_URL", &text).filter(|url| self.has_no_path("API_EXTERNAL_URL", url))
            }
            None => site_url.clone(),
        };
        let allowed = self.list(
            "REDIRECT_ALLOW_LIST",
            "absolute URLs without wildcard, query or fragment (plain http for localhost only), separated by commas",
            RedirectPolicy::parse_allowed,
        );
        let cors = self.list(
            "CORS_ALLOWED_ORIGINS",
            "origins such as https://app.example.com (plain http for localhost only), separated by commas",
            |text| {
                RedirectPolicy::parse_allowed(text)
                    .map(|url| url.origin())
                    .filter(|origin| origin.ascii_serialization() == text.trim_end_matches('/'))
            },
        );
        let base_path = self.base_path();

        let (site_url, external_url) = (site_url?, external_url?);
        let redirects = RedirectPolicy { site_url: site_url.clone(), allowed };
        let mut cors_origins = vec![site_url.origin().ascii_serialization()];
        cors_origins.extend(cors.iter().map(url::Origin::ascii_serialization));
        Some(SiteSettings { environment, app_name, site_url, external_url, redirects, cors_origins, base_path })
    }

    fn environment(&mut self) -> Environment {
        self.choice(
            "ENVIRONMENT",
            Environment::Production,
            &[
                ("development", Environment::Development),
                ("staging", Environment::Staging),
                ("production", Environment::Production),
            ],
        )
    }

    fn base_path(&mut self) -> String {
        let base_path = self.text("API_BASE_PATH").unwrap_or_else(|| "/auth/v1".to_owned());
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
        if !base_path.starts_with('/')
            || base_path.ends_with('/')
            || base_path.contains("//")
            || !base_path.chars().all(plain)
        {
            self.wrong("API_BASE_PATH", "must be a path such as /auth/v1, without a slash at its end");
        }
        base_path
    }
}
