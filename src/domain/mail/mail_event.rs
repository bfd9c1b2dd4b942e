//! What became of a mail that the provider took: the reports after which an address is not mailed
//! again.
//!
//! Not here: reports that change nothing (delivered, opened, delayed, a mailbox that is full),
//! which are passed over where they are read (`integrations/mail_provider`).

use chrono::{DateTime, Utc};

use crate::domain::account::email_address::EmailAddress;
use crate::domain::policy;
use crate::domain::redacted::redacted_debug;

/// Why an address is not mailed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The provider itself no longer mails it, for what happened before or because somebody there
    /// said so.
    Refused,
    /// A mail came back for good: there is no such mailbox.
    Bounced,
    /// The mailbox's reader called a mail spam.
    Complained,
}

impl Cause {
    /// Every cause, the weakest first: a stronger one replaces a weaker one.
    pub const ALL: [Self; 3] = [Self::Refused, Self::Bounced, Self::Complained];

    /// As in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }
}

/// The provider's own name of a cause, such as `Permanent/General` or `5.1.1`. Never an address,
/// nor a mail server's own words, which tend to quote one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail(String);

impl Detail {
    /// Takes a name of the provider's, cut to [`policy::MAIL_EVENT_DETAIL_MAX_CHARS`]. `None` for a
    /// text that is empty or has characters that names do not have.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" ./_-:".contains(&byte));
        let name = name.trim();
        let cut = name.get(..policy::MAIL_EVENT_DETAIL_MAX_CHARS).unwrap_or(name);
        (!name.is_empty() && is_name(name)).then(|| Self(cut.to_owned()))
    }

    /// As in the database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One report about one address.
#[derive(Clone, PartialEq, Eq)]
pub struct MailEvent {
    /// Whose.
    pub address: EmailAddress,
    /// What happened.
    pub cause: Cause,
    /// What the provider calls it.
    pub detail: Option<Detail>,
    /// When it happened, as the provider says.
    pub happened_at: DateTime<Utc>,
}

redacted_debug!(MailEvent);
