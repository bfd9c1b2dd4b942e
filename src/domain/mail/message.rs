//! The messages edgegate sends, as data: who gets which message, and the secrets in it.
//!
//! Not here: the wording and the HTML (`src/templates/mail/`, `render/`) and the sending
//! (`flows/mail/deliver.rs`, `integrations/mail_provider`). A message waits in the outbox as sealed
//! JSON, so a field may be added only with `#[serde(default)]`: a message that an older version
//! queued must still be readable. A field that was taken away is passed over.

use std::fmt;
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::session::user_agent::Device;

/// Something that was done with an account, as its owner is told of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// What did it, by its own account.
    pub device: Device,
    /// From where.
    pub ip: Option<IpAddr>,
}

/// One message to one person. `link`, `undo_link` and `code` are credentials: never log a message,
/// never store it unsealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// To a new address: the link and the code that confirm it.
    ConfirmSignup {
        /// The new address.
        address: String,
        /// The whole link, on our own external URL; opening it shows a page with a button and
        /// changes nothing yet.
        link: String,
        /// Six digits, as text because of leading zeros.
        code: String,
    },
    /// To the owner of a confirmed address with which somebody signed up again. The answer to that
    /// sign-up is the answer to every sign-up, so this mail is the only place that tells, and it
    /// tells the owner only.
    AlreadyRegistered {
        /// The account's address.
        address: String,
        /// `SITE_URL`, where the owner can sign in.
        site_url: String,
    },
    /// To an address that asked to sign in without a password. It may be the first time: then
    /// signing in confirms it.
    SignIn {
        /// The address.
        address: String,
        /// As in `ConfirmSignup`; opening it shows a page with a button that signs in.
        link: String,
        /// Six digits.
        code: String,
    },
    /// To an address that the operator of the app invited: signs in to the account that was made
    /// for it.
    Invite {
        /// The address.
        address: String,
        /// As in `SignIn`.
        link: String,
        /// Six digits.
        code: String,
    },
    /// To an address whose password is to be set anew.
    Recovery {
        /// The address.
        address: String,
        /// As in `ConfirmSignup`; opening it shows a page that takes the new password.
        link: String,
        /// Six digits.
        code: String,
    },
    /// To the current address of an account that is to get another: asks for consent, and can
    /// refuse.
    EmailChangeCurrent {
        /// The address that it is to become.
        new_address: String,
        /// Agrees.
        link: String,
        /// Six digits that agree.
        code: String,
        /// "It was not me": ends the change, or takes it back for a week after it was made, and
        /// signs everybody out.
        undo_link: String,
    },
    /// To the new address of an account: confirms it.
    EmailChangeNew {
        /// The new address.
        address: String,
        /// Confirms it.
        link: String,
        /// Six digits that confirm it.
        code: String,
    },
    /// To the address of somebody signed in who has to prove once more who they are.
    Reauthentication {
        /// Six digits; there is no link.
        code: String,
    },
    /// To the owner of an account whose password was changed.
    PasswordChanged {
        /// When, by whom, from where.
        event: SecurityEvent,
        /// `SITE_URL`, where the owner can recover the account.
        site_url: String,
    },
    /// To the address that an account had until an administrator gave it another. Not which: the
    /// mailbox may be in other hands.
    EmailChanged {
        /// When.
        at: DateTime<Utc>,
        /// `SITE_URL`, where there is somebody to ask.
        site_url: String,
    },
    /// To the owner of an account that somebody signed in to from a device it has not seen.
    NewDevice {
        /// When, by what, from where.
        event: SecurityEvent,
        /// `SITE_URL`.
        site_url: String,
    },
    /// To the owner of an account that is going to be deleted.
    DeletionScheduled {
        /// When it was asked for, by what, from where.
        event: SecurityEvent,
        /// When the account goes for good. Signing in before then keeps it.
        delete_at: DateTime<Utc>,
        /// `SITE_URL`, where the owner can sign in.
        site_url: String,
    },
    /// To somebody who deleted their account, or whose account was: it is gone.
    AccountDeleted {
        /// `SITE_URL`.
        site_url: String,
    },
    /// To the owner of an account when a refresh token that had already been replaced was used
    /// again: a copy of it is in somebody else's hands, or an app misbehaved. The session has been
    /// ended. No address, because one statement decides whether this is sent at all, and it alone
    /// knows to whom.
    SessionReplayed {
        /// When the old token was used.
        at: DateTime<Utc>,
        /// What used it, by its own account: the owner's own device or the stranger's.
        device: Device,
        /// From where.
        ip: Option<IpAddr>,
        /// `SITE_URL`, where the owner can sign in.
        site_url: String,
    },
}

impl Message {
    /// The stable name of this kind of message: template file, outbox column, log field.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ConfirmSignup { .. } => "confirm_signup",
            Self::AlreadyRegistered { .. } => "already_registered",
            Self::SignIn { .. } => "sign_in",
            Self::Invite { .. } => "invite",
            Self::Recovery { .. } => "recovery",
            Self::EmailChangeCurrent { .. } => "email_change_current",
            Self::EmailChangeNew { .. } => "email_change_new",
            Self::Reauthentication { .. } => "reauthentication",
            Self::PasswordChanged { .. } => "password_changed",
            Self::EmailChanged { .. } => "email_changed",
            Self::NewDevice { .. } => "new_device",
            Self::DeletionScheduled { .. } => "deletion_scheduled",
            Self::AccountDeleted { .. } => "account_deleted",
            Self::SessionReplayed { .. } => "session_replayed",
        }
    }
}

/// Prints the kind only: the rest is either a secret or somebody's address.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("kind", &self.kind()).finish_non_exhaustive()
    }
}
