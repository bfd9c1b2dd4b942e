//! The application: configuration and the outside world, as one value that every handler gets.

use std::sync::Arc;

use uuid::Uuid;

use crate::config::Config;
use crate::domain::credential::password::Password;
use crate::domain::credential::password_hash::{PasswordHashError, PasswordHasher, Verification};
use crate::host::{Background, Clock, Database, Entropy, Http, Log, RevocationList};
use crate::integrations::dns_over_https::Resolver;
use crate::integrations::mail_domains::MailDomains;
use crate::log::Event;
use crate::render::Renderer;

mod hash_slots;

pub use hash_slots::{Full, HashSlot, HashSlots};

/// What lives as long as the isolate: made from the configuration once.
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// Hashes and verifies passwords.
    pub hasher: PasswordHasher,
    /// Turns messages and pages into text.
    pub renderer: Renderer,
    /// What DNS said of the domains of addresses.
    pub mail_domains: MailDomains,
    /// The places for calls that hash a password.
    pub hash_slots: HashSlots,
}

impl Parts {
    /// Makes the parts that `config` describes.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            hasher: PasswordHasher::new(config.passwords.scheme, &config.tokens.auth_secrets),
            renderer: Renderer::new(&config.site.app_name),
            mail_domains: MailDomains::default(),
            hash_slots: HashSlots::default(),
            config,
        }
    }
}

/// What a request, or a run of the Cron Trigger, works with. Cheap to make for each, since the
/// parts are shared.
#[derive(Clone)]
pub struct App {
    /// What lives as long as the isolate.
    pub parts: Arc<Parts>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// The way to PostgreSQL.
    pub database: Arc<dyn Database>,
    /// Workers KV, where revocations are published.
    pub revocations: Arc<dyn RevocationList>,
    /// The way to other services: the mail provider, DNS.
    pub http: Arc<dyn Http>,
    /// Work after the response.
    pub background: Arc<dyn Background>,
    /// Where log lines go.
    pub log: Arc<dyn Log>,
    /// Which request this is for: stands in every line of its log. None for the Cron Trigger.
    pub request_id: Option<Uuid>,
}

impl App {
    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.parts.config
    }

    /// The resolver that the configuration names.
    #[must_use]
    pub fn resolver(&self) -> Resolver<'_> {
        Resolver { http: self.http.as_ref(), url: &self.config().addresses.dns_over_https_url }
    }

    /// This application for one request.
    #[must_use]
    pub fn for_request(&self, request_id: Uuid) -> Self {
        Self { request_id: Some(request_id), ..self.clone() }
    }

    /// Writes a log event, with the id of the request if there is one.
    pub fn log(&self, event: Event) {
        let event = event.field("request.id", self.request_id.map(|id| id.to_string()));
        event.write(self.log.as_ref(), self.config().site.environment, self.clock.now());
    }

    /// Verifies a password under the place that its call has. A hash that takes longer than ours
    /// takes more of them.
    ///
    /// # Errors
    /// [`PasswordHashError`] if the stored hash cannot be read.
    pub fn verify_password(
        &self,
        slot: &mut HashSlot,
        password: &Password,
        hash: &str,
    ) -> Result<Verification, PasswordHashError> {
        slot.take_more(self.parts.hasher.extra_weight(hash));
        self.parts.hasher.verify(password, hash)
    }
}
