//! What tests stand on: the whole application behind its router, a PostgreSQL database of its own,
//! a frozen clock, seeded randomness, a mailbox. Tests go through the front door: requests in,
//! answers and mails out.

mod answer;
mod api_keys;
pub mod client;
pub mod dns;
mod host;
pub mod kv;
pub mod mailbox_server;
mod postgres;
pub mod tokens;
pub mod webhooks;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use edgegate::app::{App, Parts};
use edgegate::config::Config;
use edgegate::domain::credential::password_hash::{PasswordHasher, Scheme};
use edgegate::endpoints;
use edgegate::flows::scheduled;
use edgegate::host::Mailer;
use edgegate::render::Renderer;
use futures_util::FutureExt;
use serde_json::{Value, json};
use tower::ServiceExt;

pub use answer::Answer;
use dns::FakeDns;
pub use host::{FrozenClock, Mailbox, RecordedLog};
use kv::Kv;
pub use postgres::TestDatabase;

/// A password that every policy accepts.
pub const PASSWORD: &str = "correct horse battery staple";

/// Settings that work, for tests to change.
pub fn settings() -> Vec<(&'static str, String)> {
    let keys = json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "test", "key_ops": ["sign"],
        // RFC 7515 appendix A.3.1: a published key, good for nothing but tests.
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    }]});
    vec![
        ("ENVIRONMENT", "production".to_owned()),
        ("SITE_URL", "https://app.example.com".to_owned()),
        ("API_EXTERNAL_URL", "https://auth.example.com".to_owned()),
        ("APP_NAME", "Edgeville".to_owned()),
        ("AUTH_SECRET", "bm90LWEtc2VjcmV0LW9ubHktZm9yLXRlc3RzLTAxMjM".to_owned()),
        ("JWT_KEYS", keys.to_string()),
        // Tells a right password from a wrong one before the address is confirmed, which tests want
        // to know.
        ("SIGN_IN_TELLS_UNCONFIRMED", "true".to_owned()),
        // Room for tests that hash in parallel.
        ("PASSWORD_HASHES_IN_FLIGHT", "64".to_owned()),
        ("MAIL_API_KEY", "re_test".to_owned()),
        ("MAIL_FROM", "Edgeville <no-reply@example.com>".to_owned()),
    ]
}

/// The configuration of [`settings`] with some of them changed. An empty value takes a setting
/// away.
pub fn configuration(changes: &[(&'static str, &str)]) -> Result<Config, Vec<edgegate::config::ConfigError>> {
    let mut all = settings();
    for (name, value) in changes {
        all.retain(|(other, _)| other != name);
        all.push((name, (*value).to_owned()));
    }
    Config::read(|name| all.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone()))
}

/// A scheme at a fraction of its cost: most tests are about something else.
fn cheap(scheme: Scheme) -> Scheme {
    match scheme {
        Scheme::Pbkdf2Sha512 { .. } => Scheme::Pbkdf2Sha512 { iterations: 100 },
        Scheme::Argon2id { .. } => Scheme::Argon2id { memory_kib: 64, passes: 1, lanes: 1 },
    }
}

/// The application under test.
pub struct TestApp {
    /// As the router gets it.
    pub app: Arc<App>,
    /// Stands still until a test moves it.
    pub clock: Arc<FrozenClock>,
    /// What the application mailed.
    pub mailbox: Arc<Mailbox>,
    /// What the application logged.
    pub log: Arc<RecordedLog>,
    /// The database of this test.
    pub database: Arc<TestDatabase>,
    /// Where revocations spread, as this location sees it.
    pub kv: Arc<Kv>,
    /// What DNS says.
    pub dns: Arc<FakeDns>,
    background: Arc<host::Held>,
}

impl TestApp {
    /// The application with the settings of [`settings`].
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The application with some settings changed.
    pub async fn with(changes: &[(&'static str, &str)]) -> Self {
        Self::on(TestDatabase::create().await, changes)
    }

    /// The application with some settings changed, on a database that another one uses too.
    pub fn on(database: Arc<TestDatabase>, changes: &[(&'static str, &str)]) -> Self {
        let clock = Arc::<FrozenClock>::default();
        let kv = Kv::new(clock.clone());
        Self::assemble(database, clock, kv, Arc::default(), changes, cheap)
    }

    /// The same application after a deployment with some settings changed: same database, mailbox
    /// and time.
    pub fn redeployed(&self, changes: &[(&'static str, &str)]) -> Self {
        let Self { database, clock, kv, mailbox, .. } = self;
        Self::assemble(database.clone(), clock.clone(), kv.clone(), mailbox.clone(), changes, cheap)
    }

    /// The same application at another location: same database, mailbox and time, and its own view
    /// of KV.
    pub fn elsewhere(&self) -> Self {
        let Self { database, clock, kv, mailbox, .. } = self;
        Self::assemble(database.clone(), clock.clone(), kv.elsewhere(), mailbox.clone(), &[], cheap)
    }

    /// The application with password hashes that cost what they cost in production.
    pub async fn at_full_cost(changes: &[(&'static str, &str)]) -> Self {
        let clock = Arc::<FrozenClock>::default();
        let kv = Kv::new(clock.clone());
        Self::assemble(TestDatabase::create().await, clock, kv, Arc::default(), changes, |scheme| scheme)
    }

    /// The same on a database that another application uses too.
    pub fn full_cost_on(database: &Arc<TestDatabase>) -> Self {
        let clock = Arc::<FrozenClock>::default();
        let kv = Kv::new(clock.clone());
        Self::assemble(database.clone(), clock, kv, Arc::default(), &[], |scheme| scheme)
    }

    fn assemble(
        database: Arc<TestDatabase>,
        clock: Arc<FrozenClock>,
        kv: Arc<Kv>,
        mailbox: Arc<Mailbox>,
        changes: &[(&'static str, &str)],
        cost: fn(Scheme) -> Scheme,
    ) -> Self {
        let config = configuration(changes).unwrap_or_else(|problems| panic!("configuration: {problems:?}"));
        let log = Arc::new(RecordedLog::default());
        let background = Arc::new(host::Held::default());
        let dns = Arc::<FakeDns>::default();
        let mut parts = Parts::new(config);
        // The words that tests look for are edgegate's own, whatever the operator of this checkout
        // put in their place.
        parts.renderer = Renderer::with_templates(&parts.config.app_name, &[]);
        parts.hasher = PasswordHasher::new(cost(parts.config.password_scheme), &parts.config.auth_secrets);
        let app = Arc::new(App {
            parts: Arc::new(parts),
            clock: clock.clone(),
            entropy: Arc::new(host::Seeded::new(database.next_seed())),
            database: database.clone(),
            revocations: kv.clone(),
            mailer: mailbox.clone(),
            resolver: dns.clone(),
            background: background.clone(),
            log: log.clone(),
        });
        Self { app, clock, mailbox, log, database, kv, dns, background }
    }

    /// The same application with another mail provider.
    pub fn mailing_by(mut self, mailer: Arc<dyn Mailer>) -> Self {
        let App { parts, clock, entropy, database, revocations, resolver, background, log, .. } = self.app.as_ref();
        self.app = Arc::new(App {
            parts: parts.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            database: database.clone(),
            revocations: revocations.clone(),
            mailer,
            resolver: resolver.clone(),
            background: background.clone(),
            log: log.clone(),
        });
        self
    }

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

    /// Signs up, and returns what came with the mail.
    pub async fn sign_up(&self, email: &str) -> MailedLink {
        let answer = self.post("/signup", json!({ "email": email, "password": PASSWORD })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.cookie();
        MailedLink { cookie: Some(cookie), ..self.mailbox.link_to(email) }
    }

    /// Signs up and confirms, and returns the session.
    pub async fn signed_in(&self, email: &str) -> Value {
        let link = self.sign_up(email).await;
        let answer = self.post("/verify", json!({ "type": "signup", "token": link.code, "email": email })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Confirms by the link in a browser that has this cookie, or none.
    pub fn press_button(&self, link: &MailedLink, cookie: Option<&str>) -> Call<'_> {
        let call = self.submit("/verify/confirm", &[("token", &link.token), ("type", "signup")]);
        match cookie {
            Some(cookie) => call.cookie(cookie),
            None => call,
        }
    }

    /// `POST /verify` with the code.
    pub fn enter_code(&self, email: &str, code: &str) -> Call<'_> {
        self.post("/verify", json!({ "type": "signup", "token": code, "email": email }))
    }

    /// `POST /token?grant_type=password`.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/token?grant_type=password", json!({ "email": email, "password": password })).await
    }

    /// `POST /token?grant_type=refresh_token`.
    pub async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/token?grant_type=refresh_token", json!({ "refresh_token": refresh_token })).await
    }

    /// `POST /introspect`, as a program of the operator's.
    pub async fn introspect(&self, token: &str) -> Answer {
        self.submit("/introspect", &[("token", token)]).bearer(&tokens::service()).await
    }

    /// Runs what the Cron Trigger runs.
    pub async fn sweep(&self) {
        scheduled::run(&self.app).await;
    }

    /// Waits for the work that responses left behind.
    pub async fn settle(&self) {
        for task in self.background.take() {
            task.await;
        }
    }

    /// Lets the work that responses left behind begin, and kills it where it first has to wait.
    pub fn kill_background_work(&self) {
        for task in self.background.take() {
            assert!(task.now_or_never().is_none(), "the work was done before it could be killed");
        }
    }

    /// Kills the work that responses left behind before it begins.
    pub fn kill_before_sending(&self) {
        drop(self.background.take());
    }

    /// From now on work left behind by responses is lost, as if the Worker were killed after each.
    pub fn lose_background_work(&self) {
        self.background.lose();
    }
}

/// What a confirmation mail brought, and the cookie of the browser that signed up.
#[derive(Debug, Clone)]
pub struct MailedLink {
    /// The whole link.
    pub url: String,
    /// Its token.
    pub token: String,
    /// The 6 digits.
    pub code: String,
    /// `name=value`.
    pub cookie: Option<String>,
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
