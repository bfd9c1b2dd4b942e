//! The whole application on a database of its own, with everything outside it held still.

use std::sync::Arc;

use edgegate::app::{App, HashSlot, Parts};
use edgegate::domain::credential::password_hash::{PasswordHasher, Scheme};
use edgegate::flows::scheduled;
use edgegate::host::Clock;
use edgegate::render::Renderer;
use futures_util::FutureExt;

use super::clock::FrozenClock;
use super::dns::FakeDns;
use super::host;
use super::host::{Mailbox, RecordedLog};
use super::http::FakeHttp;
use super::kv::Kv;
use super::mail_api::MailProvider;
use super::postgres::TestDatabase;
use super::settings::configuration;

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
        parts.renderer = Renderer::with_templates(&parts.config.site.app_name, &[]);
        parts.hasher = PasswordHasher::new(cost(parts.config.passwords.scheme), &parts.config.tokens.auth_secrets);
        let app = Arc::new(App {
            parts: Arc::new(parts),
            clock: clock.clone(),
            entropy: Arc::new(host::Seeded::new(database.next_seed())),
            database: database.clone(),
            revocations: kv.clone(),
            http: Arc::new(FakeHttp::new(mailbox.clone(), dns.clone())),
            background: background.clone(),
            log: log.clone(),
            request_id: None,
        });
        Self { app, clock, mailbox, log, database, kv, dns, background }
    }

    /// The same application with another mail provider.
    pub fn mailing_by(mut self, provider: Arc<dyn MailProvider>) -> Self {
        let http = Arc::new(FakeHttp::new(provider, self.dns.clone()));
        self.app = Arc::new(App { http, ..self.app.as_ref().clone() });
        self
    }

    /// A place among the calls that hash, held by somebody from another network; `None` if there is
    /// none.
    pub fn hash_slot(&self) -> Option<HashSlot> {
        let limit = self.app.config().passwords.hashes_in_flight;
        self.app.parts.hash_slots.take("198.51.100.200", 1, limit, self.clock.now()).ok()
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
