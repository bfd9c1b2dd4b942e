//! Which domains an address may be of: the operator's lists and the list of disposable ones. Of the
//! address alone, so that a refusal says nothing about accounts. Not here: whether the domain takes
//! mail, which DNS knows (`integrations/mail_domains.rs`).

use thiserror::Error;

use crate::domain::account::disposable_domains;
use crate::domain::account::email_address::{EmailAddress, EmailAddressError, ascii_domain};

/// Why addresses of a domain are refused. The text may be shown to the person.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum DomainRefusal {
    /// On the operator's list of refused domains, or not on the list of the only ones.
    #[error("Email addresses of this domain cannot be used here")]
    NotAuthorized,
    /// On the list of disposable domains.
    #[error("Disposable email addresses cannot be used here")]
    Disposable,
}

/// An entry of the operator's lists: `example.com` is that domain alone, `*.example.com` every
/// domain below it and not itself, at any depth. Both written in any script, as addresses may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainPattern {
    /// That domain.
    Exactly(String),
    /// Every domain that ends so; begins with a dot.
    Below(String),
}

impl DomainPattern {
    /// Reads an entry.
    ///
    /// # Errors
    /// [`EmailAddressError::Domain`] if no address could be of such a domain.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        match text.strip_prefix("*.") {
            // A whole top-level domain may be meant, `*.edu`: with a label before it, it is like
            // any other.
            Some(parent) => {
                let below = ascii_domain(&format!("x.{parent}"))?;
                Ok(Self::Below(below.trim_start_matches('x').to_owned()))
            }
            None => Ok(Self::Exactly(ascii_domain(text)?)),
        }
    }

    /// Whether a domain in lower-case ASCII is meant.
    #[must_use]
    pub fn covers(&self, domain: &str) -> bool {
        match self {
            Self::Exactly(own) => domain == own,
            Self::Below(end) => domain.ends_with(end.as_str()),
        }
    }
}

/// What the operator set. All of it has to agree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainPolicy {
    /// The only domains that are taken; empty for all.
    pub allow: Vec<DomainPattern>,
    /// Domains that are refused, also among those allowed.
    pub deny: Vec<DomainPattern>,
    /// Whether disposable domains are refused, also among those allowed.
    pub refuse_disposable: bool,
}

impl DomainPolicy {
    /// Whether an address of this domain may be used.
    ///
    /// # Errors
    /// [`DomainRefusal`].
    pub fn check(&self, address: &EmailAddress) -> Result<(), DomainRefusal> {
        let domain = address.domain();
        let listed = |patterns: &[DomainPattern]| patterns.iter().any(|pattern| pattern.covers(domain));
        if listed(&self.deny) || (!self.allow.is_empty() && !listed(&self.allow)) {
            return Err(DomainRefusal::NotAuthorized);
        }
        if self.refuse_disposable && disposable_domains::contains(domain) {
            return Err(DomainRefusal::Disposable);
        }
        Ok(())
    }
}
