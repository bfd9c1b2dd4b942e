//! Configuration: read once per isolate from the Worker's vars and secrets, typed, with every
//! problem reported at once. An error names the setting and what it should be, never the value it
//! has.

mod addresses;
mod reader;

use std::fmt;

pub use addresses::AddressSettings;
use reader::Reader;
use url::Url;

use crate::domain::credential::password::PasswordPolicy;
use crate::domain::credential::password_hash::Scheme;
use crate::domain::mail::webhook_key::{BasicCredentials, SendGridKey, SvixKey, WebhookKey, WebhookKeyError};
use crate::domain::policy;
use crate::domain::redirect::RedirectPolicy;
use crate::domain::token::access_token::SigningKeys;
use crate::domain::token::auth_secret::AuthSecrets;

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

/// What `CONFIRM_SAME_BROWSER` asks of a link that an app's own page hands to `POST /verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmSameBrowser {
    /// It confirms and signs in, as the wire protocol says.
    Wire,
    /// It confirms; it signs in only if the password chosen at sign-up comes with it.
    Strict,
}

/// Which HTTP mail provider sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailProvider {
    /// <https://resend.com/docs/api-reference/emails/send-email>
    Resend,
    /// <https://postmarkapp.com/developer/api/email-api>
    Postmark,
    /// <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>
    SendGrid,
}

impl MailProvider {
    const ALL: [Self; 3] = [Self::Resend, Self::Postmark, Self::SendGrid];

    /// As in `MAIL_PROVIDER` and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Postmark => "postmark",
            Self::SendGrid => "sendgrid",
        }
    }

    /// Where its API is.
    const fn api_url(self) -> &'static str {
        match self {
            Self::Resend => "https://api.resend.com",
            Self::Postmark => "https://api.postmarkapp.com",
            Self::SendGrid => "https://api.sendgrid.com",
        }
    }

    /// Reads the secret of its webhooks.
    fn webhook_key(self, text: &str) -> Result<WebhookKey, WebhookKeyError> {
        match self {
            Self::Resend => SvixKey::parse(text).map(WebhookKey::Svix),
            Self::Postmark => BasicCredentials::parse(text).map(WebhookKey::Postmark),
            Self::SendGrid => SendGridKey::parse(text).map(WebhookKey::SendGrid),
        }
    }
}

/// How mail leaves.
pub struct MailSettings {
    /// Which API is spoken.
    pub provider: MailProvider,
    /// Base URL of that API.
    pub api_url: Url,
    /// The provider's API key. A secret.
    pub api_key: String,
    /// `Name <address>` or an address.
    pub from: String,
    /// Postmark's message stream; the others have none.
    pub stream: String,
    /// How the provider proves that a webhook is its own. `None`: webhooks are not taken.
    pub webhook_key: Option<WebhookKey>,
}

/// Everything that can be set. No `Debug`: it holds the keys to the kingdom.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that an operator sets by its name")]
pub struct Config {
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
    /// The secret(s) that everything symmetric is derived from.
    pub auth_secrets: AuthSecrets,
    /// Keys that sign and verify access tokens.
    pub signing_keys: SigningKeys,
    /// Claim `iss`.
    pub issuer: String,
    /// Claim `aud`.
    pub audience: String,
    /// Lifetime of an access token, seconds.
    pub access_token_seconds: i64,
    /// Absolute lifetime of a session.
    pub session_lifetime: chrono::TimeDelta,
    /// A session not refreshed for so long is over.
    pub session_inactivity: chrono::TimeDelta,
    /// How long the refresh token before the current one still gets the current one.
    pub refresh_reuse_interval: chrono::TimeDelta,
    /// How many sessions an account may have; then the oldest ends.
    pub sessions_per_user: i32,
    /// What a password must be.
    pub password_policy: PasswordPolicy,
    /// How new passwords are hashed.
    pub password_scheme: Scheme,
    /// How many calls may hash, or wait to hash, at once in one isolate.
    pub hashes_in_flight: usize,
    /// Which addresses may be used.
    pub addresses: AddressSettings,
    /// Whether an address counts as confirmed without a mail.
    pub autoconfirm: bool,
    /// Whether new accounts are refused.
    pub signup_disabled: bool,
    /// Whether a right password for an unconfirmed address is answered with `email_not_confirmed`.
    pub tell_unconfirmed: bool,
    /// What a link needs besides itself.
    pub confirm_same_browser: ConfirmSameBrowser,
    /// Whether a mailed link or code signs in without a password, and makes accounts that have
    /// none.
    pub sign_in_by_email: bool,
    /// Whether people may sign in without telling who they are.
    pub anonymous_sign_ins: bool,
    /// How many anonymous accounts one network may make in an hour; 0 for any number.
    pub anonymous_per_network_hour: u32,
    /// How long an account that its owner deletes can be kept by signing in again. Zero: it is gone
    /// at once.
    pub deletion_grace: chrono::TimeDelta,
    /// Whether the owner of an account is told of a sign-in from a device it has not seen.
    pub notify_new_device: bool,
    /// How many mails one network may ask for in an hour; 0 for any number.
    pub mails_per_network_hour: u32,
    /// How many mails all callers together may ask for in an hour; 0 for any number.
    pub mails_per_hour: u32,
    /// How mail leaves.
    pub mail: MailSettings,
}

/// One thing wrong with the configuration. Prints the setting's name and what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Name of the var or secret.
    pub name: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.problem)
    }
}

impl Config {
    /// Reads the configuration through `get`, which looks up a var or secret by name.
    ///
    /// # Errors
    /// Every problem there is, in the order of the settings.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<ConfigError>> {
        let mut reader = Reader { get: &get, errors: Vec::new() };
        let read = reader.settings();
        match read {
            Some(config) if reader.errors.is_empty() => Ok(config),
            _ => Err(reader.errors),
        }
    }

    /// The URL of a path under the API's base path, on our own external URL.
    #[must_use]
    pub fn api_url(&self, path: &str) -> Url {
        let mut url = self.external_url.clone();
        url.set_path(&format!("{}{path}", self.base_path));
        url
    }
}

impl Reader<'_> {
    #[expect(clippy::too_many_lines, reason = "a list, one setting after the other")]
    fn settings(&mut self) -> Option<Config> {
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
        let auth_secrets = self.auth_secrets();
        let signing_keys = self.required("JWT_KEYS", |reader, name, text| match SigningKeys::from_jwks(text) {
            Ok(keys) => Some(keys),
            Err(problems) => {
                for problem in problems {
                    reader.wrong(name, &problem.to_string());
                }
                None
            }
        });
        let issuer = self.text("JWT_ISSUER");
        let audience = self.text("JWT_AUDIENCE").unwrap_or_else(|| "authenticated".to_owned());
        let access_token_seconds =
            self.number("ACCESS_TOKEN_SECONDS", policy::ACCESS_TOKEN_SECONDS, 5..=policy::ACCESS_TOKEN_MAX_SECONDS);
        let session_days = self.number("SESSION_MAX_DAYS", policy::SESSION_MAX_DAYS, 1..=365);
        let inactive_days = self.number("SESSION_INACTIVITY_DAYS", policy::SESSION_INACTIVITY_DAYS, 1..=365);
        let reuse_seconds = self.number("REFRESH_REUSE_INTERVAL", policy::REFRESH_REUSE_SECONDS, 0..=300);
        let sessions_per_user = self.number("SESSIONS_PER_USER", policy::SESSIONS_PER_USER, 1..=1_000);
        let min_chars = self.number(
            "PASSWORD_MIN_LENGTH",
            policy::PASSWORD_MIN_CHARS,
            policy::PASSWORD_MIN_CHARS..=policy::PASSWORD_MIN_CHARS_LIMIT,
        );
        let password_scheme = self.choice(
            "PASSWORD_HASH",
            Scheme::PBKDF2_SHA512,
            &[("pbkdf2-sha512", Scheme::PBKDF2_SHA512), ("argon2id", Scheme::ARGON2ID)],
        );
        let hashes_in_flight = self.number("PASSWORD_HASHES_IN_FLIGHT", policy::HASHES_IN_FLIGHT, 1..=1_000);
        let addresses = self.addresses();
        let autoconfirm = self.switch("MAILER_AUTOCONFIRM", false);
        let signup_disabled = self.switch("DISABLE_SIGNUP", false);
        let tell_unconfirmed = self.switch("SIGN_IN_TELLS_UNCONFIRMED", false);
        let confirm_same_browser = self.choice(
            "CONFIRM_SAME_BROWSER",
            ConfirmSameBrowser::Wire,
            &[("wire", ConfirmSameBrowser::Wire), ("strict", ConfirmSameBrowser::Strict)],
        );
        let sign_in_by_email = self.switch("SIGN_IN_BY_EMAIL", environment != Environment::Production);
        let anonymous_sign_ins = self.switch("ANONYMOUS_SIGN_INS", false);
        let anonymous_per_network_hour =
            self.number("ANONYMOUS_PER_NETWORK_HOUR", policy::ANONYMOUS_PER_NETWORK_HOUR, 0..=100_000);
        let grace_days = self.number("ACCOUNT_DELETION_GRACE_DAYS", 0, 0..=policy::DELETION_GRACE_MAX_DAYS);
        let notify_new_device = self.switch("NOTIFY_NEW_DEVICE", true);
        let mails_per_network_hour =
            self.number("MAILS_PER_NETWORK_HOUR", policy::MAILS_PER_NETWORK_HOUR, 0..=1_000_000);
        let mails_per_hour = self.number("MAILS_PER_HOUR", policy::MAILS_PER_HOUR, 0..=10_000_000);
        let mail = self.mail();

        let (site_url, external_url) = (site_url?, external_url?);
        let redirects = RedirectPolicy { site_url: site_url.clone(), allowed };
        let mut cors_origins = vec![site_url.origin().ascii_serialization()];
        cors_origins.extend(cors.iter().map(url::Origin::ascii_serialization));
        Some(Config {
            environment,
            password_policy: PasswordPolicy { min_chars, context_words: vec![app_name.clone()] },
            app_name,
            issuer: issuer.unwrap_or_else(|| format!("{}{base_path}", external_url.origin().ascii_serialization())),
            site_url,
            external_url,
            redirects,
            cors_origins,
            base_path,
            auth_secrets: auth_secrets?,
            signing_keys: signing_keys?,
            audience,
            access_token_seconds,
            session_lifetime: chrono::TimeDelta::days(session_days),
            session_inactivity: chrono::TimeDelta::days(inactive_days),
            refresh_reuse_interval: chrono::TimeDelta::seconds(reuse_seconds),
            sessions_per_user,
            password_scheme,
            hashes_in_flight,
            addresses: addresses?,
            autoconfirm,
            signup_disabled,
            tell_unconfirmed,
            confirm_same_browser,
            sign_in_by_email,
            anonymous_sign_ins,
            anonymous_per_network_hour,
            deletion_grace: chrono::TimeDelta::days(grace_days),
            notify_new_device,
            mails_per_network_hour,
            mails_per_hour,
            mail: mail?,
        })
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

    fn auth_secrets(&mut self) -> Option<AuthSecrets> {
        let previous = self.text("AUTH_SECRET_PREVIOUS").unwrap_or_default();
        let previous: Vec<&str> = previous.split(',').map(str::trim).filter(|text| !text.is_empty()).collect();
        self.required("AUTH_SECRET", |reader, name, current| match AuthSecrets::parse(current, &previous) {
            Ok(secrets) => Some(secrets),
            Err(problem) => {
                reader.wrong(name, &problem.to_string());
                None
            }
        })
    }

    fn mail(&mut self) -> Option<MailSettings> {
        let choices = MailProvider::ALL.map(|provider| (provider.as_str(), provider));
        let provider = self.choice("MAIL_PROVIDER", MailProvider::Resend, &choices);
        let api_url = match self.text("MAIL_API_URL") {
            Some(text) => self.web_url("MAIL_API_URL", &text),
            None => Url::parse(provider.api_url()).ok(),
        };
        let api_key = self.required("MAIL_API_KEY", |_, _, text| Some(text.to_owned()));
        let from = self.required("MAIL_FROM", |reader, name, text| {
            let sound = text.contains('@') && !text.chars().any(char::is_control);
            if !sound {
                reader.wrong(name, "must be an address, or a name and an address: My App <no-reply@example.com>");
            }
            sound.then(|| text.to_owned())
        });
        let stream = self.text("MAIL_STREAM").unwrap_or_else(|| "outbound".to_owned());
        if stream.len() > 30 || !stream.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            self.wrong("MAIL_STREAM", "must be the id of a message stream, such as outbound");
        }
        let webhook_key = self.text("MAIL_WEBHOOK_SECRET").and_then(|text| {
            let key = provider.webhook_key(&text);
            key.map_err(|problem| self.wrong("MAIL_WEBHOOK_SECRET", &problem.to_string())).ok()
        });
        Some(MailSettings { provider, api_url: api_url?, api_key: api_key?, from: from?, stream, webhook_key })
    }
}
