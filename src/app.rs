//! The application: configuration and the outside world, as one value that every handler gets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use uuid::Uuid;

use crate::config::Config;
use crate::domain::credential::password_hash::PasswordHasher;
use crate::host::{Background, Clock, Database, Entropy, Http, Log, RevocationList};
use crate::integrations::dns_over_https::Resolver;
use crate::integrations::mail_domains::MailDomains;
use crate::log::Event;
use crate::render::Renderer;

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
    hashing: Arc<AtomicUsize>,
}

impl Parts {
    /// Makes the parts that `config` describes.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            hasher: PasswordHasher::new(config.passwords.scheme, &config.tokens.auth_secrets),
            renderer: Renderer::new(&config.site.app_name),
            mail_domains: MailDomains::default(),
            hashing: Arc::default(),
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
    /// Workers KV, where revocations spread.
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

    /// A place among the calls that hash a password, or `None` when all are taken. Hashing takes a
    /// quarter of a second of the isolate's one thread; without a bound, a burst of sign-ins would
    /// hold up everything else in it.
    #[must_use]
    pub fn hash_slot(&self) -> Option<HashSlots> {
        self.hash_slots(1)
    }

    /// The same for a call that hashes `count` times. Where nobody else hashes there is always
    /// room.
    #[must_use]
    pub fn hash_slots(&self, count: usize) -> Option<HashSlots> {
        let taken = &self.parts.hashing;
        let limit = self.config().passwords.hashes_in_flight;
        let take = |n: usize| (n == 0 || n + count <= limit).then_some(n + count);
        let took = taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, take);
        took.ok().map(|_| HashSlots { taken: Arc::clone(taken), count })
    }
}

/// One call's right to hash; given back when dropped.
pub struct HashSlots {
    taken: Arc<AtomicUsize>,
    count: usize,
}

impl HashSlots {
    /// Takes `more` places, whether they are free or not: what turns out to hash for longer keeps
    /// newcomers out for longer. It goes on itself, since its attempt is counted already.
    pub fn take_more(&mut self, more: usize) {
        self.taken.fetch_add(more, Ordering::AcqRel);
        self.count += more;
    }
}

impl Drop for HashSlots {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.count, Ordering::AcqRel);
    }
}
