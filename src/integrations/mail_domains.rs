//! Whether a domain takes mail, by what DNS says, remembered within one isolate.
//!
//! A mail host is named (MX), or the domain itself has an address and takes its mail (RFC 5321
//! §5.1), or it says that it takes none (RFC 7505). A domain that lists a bare address or a dead
//! host gets past this: the check catches slips of the finger, not liars. Not here: how DNS is
//! asked (`dns_over_https.rs`), and what becomes of an address whose domain takes none
//! (`flows/address/accept.rs`).

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{Either, select};

use crate::domain::bounded_memory::BoundedMemory;
use crate::domain::policy;
use crate::host::Clock;
use crate::integrations::dns_over_https::{RecordType, Resolver, ResolverError};

/// What DNS said of domains, and until when that holds. The oldest goes first when there are too
/// many.
pub struct MailDomains(BoundedMemory<String, Known>);

impl Default for MailDomains {
    fn default() -> Self {
        Self(BoundedMemory::new(policy::DNS_DOMAINS_KEPT))
    }
}

#[derive(Clone, Copy)]
struct Known {
    takes_mail: bool,
    until: DateTime<Utc>,
}

impl MailDomains {
    /// Whether the domain, in lower-case ASCII, takes mail. Waits for DNS for
    /// [`policy::DNS_TIMEOUT`] and no longer.
    ///
    /// # Errors
    /// [`ResolverError`] if DNS does not say, or not in time. That is not remembered.
    pub async fn take_mail(
        &self,
        resolver: Resolver<'_>,
        clock: &dyn Clock,
        domain: &str,
    ) -> Result<bool, ResolverError> {
        let now = clock.now();
        if let Some(known) = self.0.recall(domain)
            && now < known.until
        {
            return Ok(known.takes_mail);
        }
        let (takes_mail, ttl_seconds) =
            match select(Box::pin(ask(resolver, domain)), clock.sleep(policy::DNS_TIMEOUT)).await {
                Either::Left((answer, _)) => answer?,
                Either::Right(_) => return Err(ResolverError("took too long".to_owned())),
            };
        let ttl = TimeDelta::seconds(ttl_seconds.into());
        let until = now + ttl.clamp(policy::DNS_KEPT_AT_LEAST, policy::DNS_KEPT_AT_MOST);
        self.0.remember(domain.to_owned(), Known { takes_mail, until });
        Ok(takes_mail)
    }
}

/// Whether the domain takes mail, and for how many seconds that holds. One question for nearly
/// every domain there is.
async fn ask(resolver: Resolver<'_>, domain: &str) -> Result<(bool, u32), ResolverError> {
    let hosts = resolver.lookup(domain, RecordType::Mx).await?;
    if !hosts.exists {
        return Ok((false, hosts.ttl_seconds));
    }
    if !hosts.values.is_empty() {
        return Ok((hosts.values.iter().any(|host| host != "."), hosts.ttl_seconds));
    }
    let mut ttl_seconds = hosts.ttl_seconds;
    for record_type in [RecordType::A, RecordType::Aaaa] {
        let addresses = resolver.lookup(domain, record_type).await?;
        ttl_seconds = ttl_seconds.min(addresses.ttl_seconds);
        if !addresses.values.is_empty() {
            return Ok((true, ttl_seconds));
        }
    }
    Ok((false, ttl_seconds))
}
